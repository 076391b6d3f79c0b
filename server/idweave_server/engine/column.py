"""Texts in growing arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from idweave_server.kernels.column import Column

WRAP = 2**32


class Texts:
    """Any number of texts, numbered in the order they came, as UTF-8 in one growing array.

    start: where each begins, and behind the last one, modulo WRAP; wraps: the numbers from which on that is one WRAP more.
    """

    __slots__ = ("data", "start", "wraps")

    def __init__(self) -> None:
        self.data = Column(np.uint8)
        self.start, self.wraps = Column(np.uint32), Column(np.int64)
        self.start.extend(np.zeros(1, np.uint32))

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, number: int) -> str:
        begin, end = self._span(number)
        return self.data.array[begin:end].tobytes().decode()

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for _, column in self.columns())

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("data", self.data), ("start", self.start), ("wraps", self.wraps))

    def extend(self, values: pa.StringArray) -> None:
        """Without nulls."""
        if not len(values):
            return
        _, offsets, data = values.buffers()
        starts = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
        before, count = len(self.data), len(self)
        if data is not None and starts[-1] > starts[0]:
            self.data.extend(np.frombuffer(data, np.uint8)[starts[0] : starts[-1]])
        starts += before - starts[0]
        wraps = np.arange(before // WRAP, len(self.data) // WRAP) * WRAP + WRAP
        self.wraps.extend(np.searchsorted(starts, wraps) + count)
        self.start.extend(starts[1:] % WRAP)

    def drop(self, count: int) -> None:
        """Forget the first texts, so many; the others are numbered anew."""
        starts = self._begins(np.arange(count, len(self) + 1))
        data, self.wraps = self.data.array[starts[0] :], Column(np.int64)
        self.data.replace(data)
        self.start.replace(starts - starts[0])

    def wipe(self, numbers: Iterable[int]) -> None:
        """Overwrite these texts with blanks: nothing of what they said stays in memory."""
        for number in numbers:
            begin, end = self._span(number)
            self.data.array[begin:end] = ord(" ")

    def take(self, numbers: np.ndarray) -> pa.StringArray:
        """The texts of these numbers, string[n]; -1 gives null."""
        known = numbers >= 0
        begin, end = self.spans(numbers)
        size = end - begin
        offsets = np.concatenate(([0], np.cumsum(size)))
        if offsets[-1] >= 2**31:
            raise OverflowError("more than 2 GiB of text in one answer; ask for less")
        place = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], size)
        valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
        buffers = [valid, pa.py_buffer(offsets.astype(np.int32).tobytes()), pa.py_buffer(self.data.array[place].tobytes())]
        return pa.Array.from_buffers(pa.string(), len(numbers), buffers)

    def spans(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(begin int64[n], end int64[n]): where the texts of these numbers lie in `data`; nowhere, both 0, for -1."""
        if not len(self):
            return np.zeros(numbers.size, np.int64), np.zeros(numbers.size, np.int64)
        known = numbers >= 0
        begin = np.where(known, self._begins(np.maximum(numbers, 0)), 0)
        return begin, np.where(known, self._begins(numbers + 1), 0)

    def _span(self, number: int) -> tuple[int, int]:
        if len(self.wraps):
            begin, end = self._begins(np.array([number, number + 1])).tolist()
            return begin, end
        return self.start.array.item(number), self.start.array.item(number + 1)

    def _begins(self, numbers: np.ndarray) -> np.ndarray:
        """int64[n]: where the texts of these numbers begin."""
        found: np.ndarray = self.start.array[numbers].astype(np.int64)
        if len(self.wraps):
            found += np.searchsorted(self.wraps.array, numbers, side="right") * WRAP
        return found
