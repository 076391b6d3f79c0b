"""Columns that are blank in most rows, at a bit and a half for each of those."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from idweave_server.kernels.column import Column
from idweave_server.kernels.present import ROWS, note, values_of


class Sparse:
    """int32 by row, -1 where blank. bits, before: see kernels.present; values: of the rows that have one, in their order."""

    __slots__ = ("before", "bits", "values")

    def __init__(self) -> None:
        self.bits, self.before, self.values = Column(np.uint64), Column(np.uint32), Column(np.int32)

    @property
    def nbytes(self) -> int:
        return self.bits.nbytes + self.before.nbytes + self.values.nbytes

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("bits", self.bits), ("before", self.before), ("values", self.values))

    def extend(self, first: int, values: np.ndarray) -> None:
        """Add rows, of which `first` is the first. values: int32[n], -1 for blank."""
        there = values >= 0
        for column in (self.bits, self.before):
            column.grow(-(-(first + values.size) // ROWS))
        note(self.bits.array, self.before.array, first, len(self.values), there.view(np.uint8))
        self.values.extend(values[there])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """int32[n]: the values of these rows, int64[n]."""
        return values_of(self.bits.array, self.before.array, self.values.array, rows)
