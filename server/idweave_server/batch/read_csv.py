"""CSV and TSV, column-wise where the text is clean and record by record where it is not.

A block of whole records goes to pyarrow (2 to 3 million rows a second on one core). Blocks that it would misread, that is such with NUL
characters, bytes that are not UTF-8, or quotes in the middle of a field, go through Python's csv module with the same outcome for the
good rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv

from idweave_server.batch.csv_records import RECORD_LIMIT, Dialect, ragged, read_records, refusal, regular_cut, sniff_delimiter
from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.row_batch import Column, RowBatch, empty_file, no_rows, require_columns, row_batch
from idweave_server.batch.text_stream import TextBuffer, is_utf8, text_blocks
from idweave_server.errors import InputError
from idweave_server.model import Issue, Refusal

BLOCK = 1 << 23
HEAD = 1 << 16  # the delimiter is sniffed from this much


@dataclass(frozen=True, slots=True)
class _Layout:
    """A file's dialect, and where in a record the columns asked for stand (None: the file has no such column)."""

    dialect: Dialect
    places: tuple[tuple[str, int | None], ...]


def read_csv(file: SourceFile, columns: Sequence[Column], progress: Progress) -> Iterator[RowBatch]:
    """Read a delimited text file. Raises MappingError where the header does not have the columns, InputError where it cannot be read."""
    text = TextBuffer(text_blocks(file, BLOCK, progress))
    while not text.ended and len(text.waiting) < HEAD:
        text.fill()
        text.waiting = text.waiting.lstrip(b"\r\n")
    if text.ended and not text.waiting.strip():
        yield no_rows(columns, [empty_file(file.name)])
        return
    layout = _read_head(file, text, columns)
    row = 1
    while text.waiting or not text.ended:
        if not text.ended and len(text.waiting) < BLOCK:
            text.fill()
            continue
        batch, count = _next_batch(text, layout, row)
        row += count
        if batch is not None:
            yield batch


def _read_head(file: SourceFile, text: TextBuffer, columns: Sequence[Column]) -> _Layout:
    head = text.waiting[:HEAD]
    newline = b"\r" if b"\n" not in head and b"\r" in head else b"\n"
    sample = head[: head.rfind(newline) + 1] or head
    delimiter = file.options.delimiter or ("\t" if file.format == "tsv" else sniff_delimiter(sample.decode("utf-8", "replace")))
    dialect = Dialect(file.name, delimiter, newline)
    header = file.options.header
    if isinstance(header, tuple):
        names = list(header)
    else:
        first = read_records(text.waiting, dialect, 1, ended=True, limit=1)
        if not first.fields:
            raise InputError(f"{file.name}: its first row cannot be read: {first.issues[0].message}")
        names = [name.strip() for name in first.fields[0]]
        if header:
            text.take(first.used)
        else:
            names = [str(number) for number in range(1, len(names) + 1)]
    require_columns(file.name, columns, names)
    places = tuple((column.field, names.index(column.field) if column.field in names else None) for column in columns)
    return _Layout(replace(dialect, width=len(names)), places)


def _next_batch(text: TextBuffer, layout: _Layout, row: int) -> tuple[RowBatch | None, int]:
    """The next rows and how many there were, refused ones included. (None, 0) where more text is needed to see the end of the first."""
    dialect = layout.dialect
    cut = regular_cut(text.waiting, dialect.delimiter, dialect.newline)
    if cut is not None and text.ended and text.waiting.count(b'"') % 2 == 0:
        cut = replace(cut, end=len(text.waiting))
    if cut is not None and cut.end:
        parsed = _parse(text.waiting[: cut.end], cut.multiline, layout, row)
        if parsed is not None:
            text.take(cut.end)
            return parsed
    records = read_records(text.waiting, dialect, row, ended=text.ended)
    if records.used:
        text.take(records.used)
        table = _table(records.fields, layout.places)
        return row_batch(dialect.file, table, np.array(records.row, np.int64), records.issues), records.count
    if len(text.waiting) > RECORD_LIMIT:
        issue = refusal(dialect.file, row, Refusal.TOO_LONG, text.waiting, f"the row is longer than {RECORD_LIMIT:,} bytes")
        text.skip_line(dialect.newline)
        return row_batch(dialect.file, _table([], layout.places), np.zeros(0, np.int64), [issue]), 1
    text.fill()
    return None, 0


def _parse(block: bytes, multiline: bool, layout: _Layout, row: int) -> tuple[RowBatch, int] | None:
    """Parse whole records column-wise; None for what pyarrow would not read as it stands."""
    dialect = layout.dialect
    if b"\0" in block or block.startswith(b"\xef\xbb\xbf") or len(dialect.delimiter.encode()) > 1 or not is_utf8(block):
        return None
    ragged_rows: list[tuple[int, int, str]] = []

    def skip(invalid: pyarrow.csv.InvalidRow) -> str:
        ragged_rows.append((invalid.number, invalid.actual_columns, invalid.text))
        return "skip"

    wanted = sorted({place for _, place in layout.places if place is not None}) or [0]
    names = [str(place) for place in range(dialect.width)]
    try:
        parsed = pyarrow.csv.read_csv(
            pa.BufferReader(block),
            # One thread and one block: only then pyarrow knows the numbers of the rows it hands to `skip`, and no row is too long for it.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
            parse_options=pyarrow.csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=multiline, invalid_row_handler=skip),
            convert_options=pyarrow.csv.ConvertOptions(
                check_utf8=False,
                column_types={names[place]: pa.string() for place in wanted},
                include_columns=[names[place] for place in wanted],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:  # nothing but empty lines, among others
        return None
    count = parsed.num_rows + len(ragged_rows)
    numbers = np.arange(row, row + count, dtype=np.int64)
    issues: list[Issue] = []
    if ragged_rows:
        numbers = np.delete(numbers, [number - 1 for number, _, _ in ragged_rows])
        for number, found, line in ragged_rows:
            message = ragged(found, dialect.width)
            issues.append(refusal(dialect.file, row + number - 1, Refusal.ROW_RAGGED, line[:400].encode("utf-8", "replace"), message))
    missing = pa.nulls(parsed.num_rows, pa.string())
    arrays = [missing if place is None else parsed.column(names[place]) for _, place in layout.places]
    table = pa.table(arrays, names=[name for name, _ in layout.places])
    return row_batch(dialect.file, table, numbers, issues), count


def _table(rows: list[list[str]], places: tuple[tuple[str, int | None], ...]) -> pa.Table:
    arrays = [
        pa.nulls(len(rows), pa.string()) if place is None else pa.array([fields[place] or None for fields in rows], pa.string())
        for _, place in places
    ]
    return pa.table(arrays, names=[name for name, _ in places])
