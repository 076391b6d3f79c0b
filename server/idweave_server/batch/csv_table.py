"""A table as RFC 4180 text: UTF-8, a header, lines that end in a line feed, quotes only where a value needs them.

pyarrow's own writer quotes either every string or none, so the lines are joined here, a block at a time, with its string functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.columns import Column, Table, chosen, spans
from idweave_server.model import DAY

BLOCK_ROWS = 65_536
BLOCK_BYTES = 2**28  # a block's text never exceeds this, unless one row does
NEEDS_QUOTES = '[",\r\n]'
BLANKS = {"null_handling": "replace", "null_replacement": ""}

Rows = Callable[[int], None]  # told how many rows were written since the last call


def write_csv(table: Table, file: BinaryIO, on_rows: Rows | None = None) -> None:
    """Write the table. Raises what `file.write` raises."""
    file.write((",".join(quoted(pa.array([column.name for column in table.columns])).to_pylist()) + "\n").encode())
    texts = [_Text(column) for column in table.columns]
    size = max(1, min(BLOCK_ROWS, BLOCK_BYTES // sum(text.longest + 1 for text in texts)))
    for begin, end in spans(len(table), size):
        file.write(_lines(texts, begin, end))
        if on_rows is not None:
            on_rows(end - begin)


class _Text:
    """A column of a table that can give any of its rows as CSV text; distinct values are put into text once."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._distinct = None if column.code is None else csv_text(column.values)
        shown = column.values if self._distinct is None else self._distinct
        shown = pc.binary_join(shown, "; ") if pa.types.is_list(shown.type) else shown
        # Bytes of the longest field: quoting can double a text; numbers and times are short.
        self.longest = 2 + 2 * (pc.max(pc.binary_length(shown)).as_py() or 0) if pa.types.is_string(shown.type) else 32

    def block(self, begin: int, end: int) -> pa.StringArray:
        code = self._column.code
        if self._distinct is not None and code is not None:
            return chosen(self._distinct, code[begin:end])
        return csv_text(self._column.block(begin, end))


def _lines(texts: list[_Text], begin: int, end: int) -> pa.Buffer:
    """The line feed travels with the last column, since joined strings lie one after another in memory."""
    *before, last = [text.block(begin, end) for text in texts]
    joined = pc.binary_join_element_wise(*before, pc.binary_join_element_wise(last, "", "\n", **BLANKS), ",", **BLANKS)
    start, stop = _bounds(joined)
    return joined.buffers()[2].slice(start, stop - start)


def _bounds(values: pa.StringArray) -> tuple[int, int]:
    """Where the text of all values begins and ends in their data buffer."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)
    return int(offsets[values.offset]), int(offsets[values.offset + len(values)])


def csv_text(values: pa.Array) -> pa.StringArray:
    """Every value as its CSV field; null stays null, which joins as blank. Times are whole seconds in ISO 8601, with Z."""
    kind = values.type
    if pa.types.is_string(kind):
        return quoted(values)
    if pa.types.is_list(kind):
        return quoted(pc.binary_join(values, "; "))
    if pa.types.is_timestamp(kind):
        return iso_times(values)
    distinct = values.dictionary_encode()
    text = millionths(distinct.dictionary) if pa.types.is_floating(kind) else distinct.dictionary.cast(pa.string())
    return text.take(distinct.indices)


def quoted(values: pa.StringArray) -> pa.StringArray:
    """The values, in quotes where they hold a quote, a comma or a line end."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not _holds_any(values, b'",\r\n'):
        return values
    special = pc.match_substring_regex(values, NEEDS_QUOTES)
    inner = pc.replace_substring(values.filter(special), '"', '""')
    return pc.replace_with_mask(values, pc.fill_null(special, False), pc.binary_join_element_wise('"', inner, '"', ""))


def _holds_any(values: pa.StringArray, characters: bytes) -> bool:
    """Whether any of these ASCII characters is in the text at all: one pass over its bytes settles the usual case."""
    data = values.buffers()[2]
    if data is None or not len(values):
        return False
    start, stop = _bounds(values)
    text = np.frombuffer(data, np.uint8)[start:stop]
    return any((text == character).any() for character in characters)


def iso_times(values: pa.TimestampArray) -> pa.StringArray:
    """Seconds UTC as 2024-05-01T12:00:00Z. Arrow's own cast takes a hundred times as long."""
    blank = pc.is_null(values).to_numpy(zero_copy_only=False)
    second = values.cast(pa.int64()).to_numpy(zero_copy_only=False) if not blank.all() else np.zeros(blank.size)
    second = second[~blank].astype(np.int64)
    day, clock = np.divmod(second, DAY)
    first, last = int(day.min(initial=2**31)), int(day.max(initial=0))
    text = np.empty(second.size, [("date", "V11"), ("clock", "V9")])
    text["date"] = np.char.add(np.datetime_as_string(np.arange(first, last + 1).astype("M8[D]")).astype("S10"), b"T").view("V11")[
        day - first
    ]
    text["clock"] = _clock()[clock]
    offsets = np.concatenate(([0], np.cumsum(np.where(blank, 0, 20)))).astype(np.int32)
    array = pa.StringArray.from_buffers(blank.size, pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
    return pc.if_else(pa.array(blank), None, array) if blank.any() else array


@cache
def _clock() -> np.ndarray:
    """Every second of a day as text."""
    two = [f"{n:02d}" for n in range(60)]
    return np.array([f"{hour}:{minute}:{second}Z" for hour in two[:24] for minute in two for second in two], "S9").view("V9")


def millionths(values: pa.DoubleArray) -> pa.StringArray:
    """Numbers that are whole millionths, exactly up to 2**51 of them, with six decimals; none is negative."""
    micro = np.rint(values.to_numpy(zero_copy_only=False) * 1e6).astype(np.int64)
    whole, rest = np.divmod(micro, 1_000_000)
    decimals = pc.utf8_slice_codeunits(pa.array(rest + 1_000_000).cast(pa.string()), 1)
    return pc.binary_join_element_wise(pa.array(whole).cast(pa.string()), decimals, ".")
