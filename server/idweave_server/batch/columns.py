"""A table of the output as columns that are decoded late: most of them are codes into far fewer distinct values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    values: the rows themselves where `code` is None, else what the codes choose from; code: int32[n], -1 for blank.
    typed: what a typed format (Parquet) makes of the text where all of it fits; None leaves the type of `values`.
    A float64 column holds whole millionths; a list column reads as its members joined with "; ".
    """

    name: str
    values: pa.Array | pa.ChunkedArray
    code: np.ndarray | None = None
    typed: pa.DataType | None = None

    def __len__(self) -> int:
        return len(self.values) if self.code is None else int(self.code.size)

    def block(self, begin: int, end: int) -> pa.Array:
        """The rows begin to end, decoded; blanks are null."""
        if self.code is not None:
            return chosen(self.values, self.code[begin:end])
        rows = self.values.slice(begin, end - begin)
        return rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows


@dataclass(frozen=True, slots=True)
class Table:
    """One output file's content: its name without a suffix, and its columns, all of one length."""

    name: str
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns[0])


def chosen(values: pa.Array, code: np.ndarray) -> pa.Array:
    """The values at the codes, null for -1."""
    blank = code < 0
    return values.take(pa.array(code, mask=blank) if blank.any() else pa.array(code))


def spans(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of consecutive blocks of at most `size` rows."""
    return ((begin, min(begin + size, rows)) for begin in range(0, rows, size))
