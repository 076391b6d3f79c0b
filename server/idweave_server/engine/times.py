"""Seconds from 1900 to 2100, four bytes each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from idweave_server.kernels.column import Column
from idweave_server.model import MIN_TIME

WRAP = 2**32  # seconds since 1900: February 2036


class Times:
    """int64 by row, in MIN_TIME <= t < MIN_TIME + 2 * WRAP. low: the seconds since MIN_TIME, but for a WRAP of those in `late`, int32 rows,
    ascending: none before 2036, but for what is dated ahead."""

    __slots__ = ("late", "low")

    def __init__(self) -> None:
        self.low, self.late = Column(np.uint32), Column(np.int32)

    def __len__(self) -> int:
        return len(self.low)

    @property
    def nbytes(self) -> int:
        return self.low.nbytes + self.late.nbytes

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("low", self.low), ("late", self.late))

    def extend(self, times: np.ndarray) -> None:
        """times: int64[n]. Raises OverflowError for what is out of range."""
        since = times - MIN_TIME
        if since.size and not (since.min() >= 0 and since.max() < 2 * WRAP):
            raise OverflowError("a time is before 1900 or after 2100")
        self.late.extend(np.flatnonzero(since >= WRAP) + len(self.low))
        self.low.extend(since & (WRAP - 1))

    def take(self, rows: np.ndarray) -> np.ndarray:
        """int64[n]: the times of these rows, int64[n]."""
        found: np.ndarray = self.low.array[rows].astype(np.int64) + MIN_TIME
        if len(self.late):
            found[np.isin(rows, self.late.array)] += WRAP
        return found

    def one(self, row: int) -> int:
        return int(self.low.array.item(row) + MIN_TIME if not len(self.late) else self.take(np.array([row]))[0])

    def every(self) -> np.ndarray:
        """int64[n]: all of them, which takes twice the memory that they lie in."""
        found: np.ndarray = self.low.array.astype(np.int64) + MIN_TIME
        found[self.late.array] += WRAP
        return found
