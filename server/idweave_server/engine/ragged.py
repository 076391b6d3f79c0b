"""Columns whose rows have any number of entries: sightings, trait values and events of an observation, properties of an event."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy as np

from idweave_server.kernels.column import Column
from idweave_server.kernels.stretches import SAMPLE, listed, spans


class Ragged:
    """Which entries stand with which row. row: int32[k], ascending, of every entry; begin: of every SAMPLE-th row, see kernels.stretches.
    What the entries are stands in columns beside it."""

    __slots__ = ("begin", "row")

    def __init__(self) -> None:
        self.row, self.begin = Column(np.int32), Column(np.int32)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def nbytes(self) -> int:
        return self.row.nbytes + self.begin.nbytes

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("row", self.row), ("begin", self.begin))

    def extend(self, row: np.ndarray, rows: int) -> None:
        """Add entries of fresh rows. row: int[e], ascending; rows: how many there are now, those without entries included."""
        marked = np.arange(len(self.begin), -(-rows // SAMPLE)) * SAMPLE
        self.begin.extend(len(self.row) + np.searchsorted(row, marked))
        self.row.extend(row)

    def spans(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(first int64[r], size int64[r]): where the entries of these rows, int64[r], begin, and how many they are."""
        return spans(rows, self.row.array, self.begin.array)

    def span(self, row: int) -> range:
        """The entries of one row. In Python: to enter a kernel takes longer."""
        begin, rows = self.begin.array, self.row.array
        sample = row // SAMPLE
        end = begin.item(sample + 1) if sample + 1 < begin.size else rows.size
        first = bisect_left(rows, row, begin.item(sample), end)
        return range(first, bisect_right(rows, row, first, end))

    def places(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(owner int64[e], place int64[e]): the entries of these rows, one row after another, and the place in `rows` of each one's row."""
        return listed(*self.spans(rows))
