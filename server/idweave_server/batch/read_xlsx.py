"""The first sheet of a workbook, or the one named, with its cells as the text that a person would type."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine

from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.row_batch import Column, RowBatch, empty_file, no_rows, require_columns, row_batch
from idweave_server.errors import InputError, MappingError

BATCH_ROWS = 1 << 16
UNPACKED_LIMIT = 1 << 30  # bytes; a workbook is read whole, so one that unpacks to more is refused
CELL_LIMIT = 1 << 26  # cells in the rectangle around those that are filled, 32 bytes each
SCANNED = 1 << 20  # bytes of a sheet at a time
REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")  # <c r="B17">, <row r="17">
UNREADABLE = (  # what calamine and zipfile raise for damaged files; RuntimeError and NotImplementedError are zipfile's for encryption
    python_calamine.CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def read_xlsx(file: SourceFile, columns: Sequence[Column], progress: Progress) -> Iterator[RowBatch]:
    """Read one sheet. Raises MappingError for a sheet or a column that does not exist, InputError for a file that is no workbook."""
    rows = _rows(file)
    header_at, header = next(((at, row) for at, row in enumerate(rows) if any(map(_text, row))), (0, None))
    if header is None:
        progress(file.size or 0)
        yield no_rows(columns, [empty_file(file.name)])
        return
    names = [(_text(cell) or "").strip() for cell in header]
    first: list[list[Any]] = []
    if isinstance(file.options.header, tuple):
        names = list(file.options.header)
    elif not file.options.header:
        names = [str(number) for number in range(1, len(header) + 1)]
    if file.options.header is not True:
        first, header_at = [header], header_at - 1
    require_columns(file.name, columns, names)
    places = [names.index(column.field) if column.field in names else None for column in columns]
    row = 1
    while True:
        cells = first + list(islice(rows, BATCH_ROWS))
        first = []
        if not cells:
            break
        filled = [(number, one) for number, one in enumerate(cells, row) if any(map(_text, one))]
        row += len(cells)
        arrays = [
            pa.array([_text(one[place]) if place is not None and place < len(one) else None for _, one in filled], pa.string())
            for place in places
        ]
        table = pa.table(arrays, names=[column.field for column in columns])
        yield row_batch(file.name, table, np.array([number for number, _ in filled], dtype=np.int64), [])
    progress(file.size or 0)


def _rows(file: SourceFile) -> Iterator[list[Any]]:
    advice = "save it again as .xlsx, or export the sheet as CSV"
    try:
        with zipfile.ZipFile(file.path) as archive:
            _check_size(file.name, archive)
        workbook = python_calamine.CalamineWorkbook.from_path(file.path)
        sheets = workbook.sheet_names
        wanted = file.options.sheet or (sheets[0] if sheets else "")
        if wanted not in sheets:
            near = difflib.get_close_matches(wanted, sheets, n=len(sheets) or 1, cutoff=0)
            raise MappingError(
                f"{file.name} has no sheet {wanted!r}. It has: {', '.join(near) or 'none'}. Correct the mapping, [file] sheet"
            )
        return iter(workbook.get_sheet_by_name(wanted).iter_rows())
    except python_calamine.PasswordError as error:
        raise InputError(f"{file.name} is protected by a password: {advice}") from error
    except UNREADABLE as error:
        raise InputError(f"{file.name} is not a readable workbook: {advice} ({error})") from error


def _check_size(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse what would not fit into memory.

    calamine allocates the whole rectangle around the cells, so one stray cell in the last corner would end the process.
    """
    if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
        raise InputError(f"{name} unpacks to more than {UNPACKED_LIMIT:,} bytes: export the sheet as CSV")
    for entry in archive.infolist():
        if not entry.filename.lower().startswith("xl/worksheets/"):
            continue
        with archive.open(entry) as part:
            columns = rows = 0
            tail = b""
            while piece := part.read(SCANNED):
                for letters, digits in REFERENCE.findall(tail + piece):
                    columns = max(columns, _column_number(letters))
                    rows = max(rows, int(digits[:12]))
                tail = piece[-64:]
        if columns * rows > CELL_LIMIT:
            raise InputError(
                f"{name}: {entry.filename} has a cell in row {rows:,}, column {columns:,}, far outside what can be read: "
                f"delete the rows and columns beyond the data, or export the sheet as CSV"
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:12].upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(cell: Any) -> str | None:
    """A cell as text: 12345.0 is 12345, dates and times are ISO 8601, an empty cell is None."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return None if cell is None else str(cell)
