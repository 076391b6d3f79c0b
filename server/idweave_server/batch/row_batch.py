"""The rows of a file as text columns: what every reader gives, and what holds for its values whatever the format."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server import model
from idweave_server.errors import MappingError
from idweave_server.model import Issue, Refusal

LISTED = 40  # names of columns in a message


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a mapping needs, and the mapping key that asks for it ("identifiers.email").

    optional: where the file has no such column, its values are missing, and that is no error.
    sparse: JSON Lines may leave the field out of every row (the fields of verdicts and erasures, which a file need not contain).
    """

    field: str
    key: str
    optional: bool = False
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows of one file, in the file's order.

    table: the columns asked for, pa.string() each, except that one allowed to stay native may be pa.int64() or pa.timestamp(). Missing,
        null and blank values are null; other values are untouched (not trimmed).
    row: int64[n], each row's number in the file. Data rows count from 1; CSV's empty lines do not count, a JSON line's number is its
        line's, a spreadsheet's rows count from the one below the header.
    issues: the rows refused here. A refused row is not in the table.
    """

    table: pa.Table
    row: np.ndarray
    issues: list[Issue]


def row_batch(file: str, table: pa.Table, row: np.ndarray, issues: list[Issue]) -> RowBatch:
    """Make the batch: blank values become null, and a row with a value of more than MAX_FIELD_BYTES bytes is refused."""
    keep = np.ones(len(row), dtype=np.bool_)
    for index, name in enumerate(table.column_names):
        column = table.column(index)
        if column.type != pa.string():
            continue
        chunks, start = [], 0
        for chunk in column.chunks:
            cleaned, too_long = _clean(chunk)
            chunks.append(cleaned)
            for at in too_long:
                keep[start + at] = False
                issues.append(_too_long(file, int(row[start + at]), name, chunk[int(at)].as_py()))
            start += len(chunk)
        if any(cleaned is not chunk for cleaned, chunk in zip(chunks, column.chunks, strict=True)):
            table = table.set_column(index, name, pa.chunked_array(chunks, pa.string()))
    if not keep.all():
        table, row = table.filter(pa.array(keep)), row[keep]
    issues.sort(key=lambda issue: issue.row)
    return RowBatch(table, row, issues)


def no_rows(columns: Sequence[Column], issues: list[Issue]) -> RowBatch:
    return RowBatch(pa.table({column.field: pa.array([], pa.string()) for column in columns}), np.zeros(0, dtype=np.int64), issues)


def require_columns(file: str, columns: Sequence[Column], present: Sequence[str]) -> None:
    """Raise MappingError for a column that is not optional and does not exist, listing those that do, or that exists several times."""
    for column in columns:
        count = present.count(column.field)
        if not count and not column.optional:
            raise MappingError(missing_column(file, column, "column", present))
        if count > 1:
            raise MappingError(
                f"{file} has {count} columns called {column.field!r}, which the mapping's {column.key} asks for: rename all but one of them"
            )


def missing_column(file: str, column: Column, word: str, present: Iterable[str]) -> str:
    names = sorted(name for name in present if name)
    near = difflib.get_close_matches(column.field.casefold(), [name.casefold() for name in names], n=1)
    likely = next((name for name in names if near and name.casefold() == near[0]), None)
    rank = {name: -difflib.SequenceMatcher(None, column.field.casefold(), name.casefold()).ratio() for name in names}
    names.sort(key=lambda name: (rank[name], name))
    listed = ", ".join(map(model.shorten, names[:LISTED])) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    return (
        f"{file} has no {word} {column.field!r}, which the mapping's {column.key} asks for"
        f"{f'; did you mean {likely!r}?' if likely else '.'} It has: {listed or 'none'}. "
        f'Correct the mapping, or write {{ field = "{column.field}", optional = true }} if files may come without it'
    )


def empty_file(file: str) -> Issue:
    return Issue(file, 0, "", Refusal.FILE_EMPTY, "", "the file is empty")


# First bytes of the UTF-8 of white space: ASCII, then U+0085 and U+00A0, U+1680, U+2000 to U+205F, U+3000.
_MAY_BE_BLANK = np.zeros(256, dtype=np.bool_)
_MAY_BE_BLANK[[*range(0x09, 0x0E), *range(0x1C, 0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


def _clean(chunk: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The values with blank ones null, and the positions of those that are too long.

    Where nothing could be blank by its first byte, no text is looked at.
    """
    if not len(chunk):
        return chunk, np.zeros(0, dtype=np.int64)
    _, offsets_buffer, text_buffer = chunk.buffers()
    offsets = np.frombuffer(offsets_buffer, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    lengths = np.diff(offsets)
    blank = lengths == 0
    if text_buffer is not None and len(text_buffer):
        text = np.frombuffer(text_buffer, dtype=np.uint8)
        candidates = np.flatnonzero(_MAY_BE_BLANK[text[np.minimum(offsets[:-1], len(text) - 1)]] & ~blank)
        if len(candidates):
            trimmed = pc.binary_length(pc.utf8_trim_whitespace(chunk.take(pa.array(candidates))))
            blank[candidates] = pc.equal(trimmed, 0).fill_null(True).to_numpy(zero_copy_only=False)
    too_long = lengths > model.MAX_FIELD_BYTES
    if chunk.null_count:  # a missing value may have bytes behind it
        missing = chunk.is_null().to_numpy(zero_copy_only=False)
        blank |= missing
        too_long &= ~missing
    if chunk.null_count != np.count_nonzero(blank):
        chunk = pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), chunk)
    return chunk, np.flatnonzero(too_long)


def _too_long(file: str, row: int, field: str, value: str) -> Issue:
    size = len(value.encode())
    message = f"{size:,} bytes; at most {model.MAX_FIELD_BYTES:,} are read"
    return Issue(file, row, field, Refusal.TOO_LONG, model.shorten(value), message)
