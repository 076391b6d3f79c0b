"""A field of the whole population as a column of the narrowest integers that hold it, and its predicates as packed masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.masks import mask_between, mask_of_runs, mask_of_table
from idweave_server.segments.subjects import NO_VALUE

Mask = NDArray[np.uint8]
Bounds = NDArray[Any]  # of the codes' type, [r, 2]
Ranges = tuple[tuple[int, int], ...]  # values from, to, both inside
SAMPLE = 4_096
NARROW = (np.int8, np.int16, np.int32)
BLOCK = 65_536  # rows
FEW = 4  # ranges that are looked at one after another


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Column:
    """codes: int8, int16, int32 or int64[n], from least to most; a value is origin + code * step, the least code of the type no value."""

    codes: NDArray[Any]
    origin: int
    step: int
    least: int
    most: int
    has_unknown: bool

    @classmethod
    def of(cls, values: NDArray[np.int64]) -> Column:
        """A column of int64[n], NO_VALUE where unknown."""
        unknown = values == NO_VALUE
        known = values[~unknown] if unknown.any() else values
        if not known.size:
            return cls(np.full(values.size, np.iinfo(np.int8).min, np.int8), 0, 1, 0, -1, bool(values.size))
        origin, greatest = int(known.min()), int(known.max())
        if greatest - origin >= 2**62:
            return cls(values.astype(np.int64), 0, 1, origin, greatest, known is not values)
        step = _step(known, origin)
        most = (greatest - origin) // step
        kind = next((kind for kind in NARROW if most <= np.iinfo(kind).max), np.int64)
        codes = ((values - origin) // step if step > 1 else values - origin).astype(kind)
        codes[unknown] = np.iinfo(kind).min
        return cls(codes, origin, step, 0, most, known is not values)

    @property
    def count(self) -> int:
        return self.codes.size

    @property
    def extremes(self) -> tuple[int, int]:
        """The least and the greatest value."""
        return self.origin + self.least * self.step, self.origin + self.most * self.step

    def bounds(self, ranges: Ranges, or_unknown: bool = False) -> Bounds:
        """(first, last) codes of ranges of values that ascend, and of no value where that is asked for, too."""
        coded = [
            (max(-(-(low - self.origin) // self.step), self.least), min((high - self.origin) // self.step, self.most))
            for low, high in ranges
        ]
        coded = [(first, last) for first, last in coded if first <= last]
        if or_unknown and self.has_unknown:
            none = int(np.iinfo(self.codes.dtype).min)  # nothing lies between it and the least code
            coded = [(none, coded[0][1]), *coded[1:]] if coded and coded[0][0] == self.least else [(none, none), *coded]
        return np.array(coded, self.codes.dtype).reshape(-1, 2)

    def fill_between(self, bounds: Bounds, begin: int, mask: Mask) -> None:
        """Set the mask of the block that begins at a row to where a code lies in one of the bounds."""
        block = self.codes[begin : begin + BLOCK]
        if not 0 < len(bounds) <= FEW:
            mask_of_runs(block, bounds.astype(np.int64), mask)
            return
        mask_between(block, bounds[0, 0], bounds[0, 1], mask)
        for first, last in bounds[1:]:
            more = np.empty_like(mask)
            mask_between(block, first, last, more)
            mask |= more

    def fill_table(self, table: NDArray[np.uint8], begin: int, mask: Mask) -> None:
        """Set the mask of a block to where a code has a 1 in the table."""
        mask_of_table(self.codes[begin : begin + BLOCK], 0, table, mask)

    def values_at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64: the values of these rows, which are known."""
        return self.codes[rows].astype(np.int64) * self.step + self.origin


def _step(known: NDArray[np.int64], origin: int) -> int:
    """The greatest number that all values are multiples of, from the least one on: cents in an amount of millionths, say."""
    step = int(np.gcd.reduce(known[:SAMPLE] - origin))
    if step > 1:
        step = int(np.gcd.reduce(known - origin))
    return max(1, step)


def rows_of(mask: Mask, count: int) -> NDArray[np.int64]:
    """int64: the rows that a mask names, ascending."""
    return np.flatnonzero(np.unpackbits(mask, count=count))


def size_of(mask: Mask) -> int:
    """How many rows a mask names."""
    whole = mask.size // 8 * 8
    return int(np.bitwise_count(mask[:whole].view(np.uint64)).sum(dtype=np.int64)) + int(np.bitwise_count(mask[whole:]).sum(dtype=np.int64))
