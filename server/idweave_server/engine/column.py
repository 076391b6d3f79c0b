"""Texts in growing arrays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from idweave_server.kernels.column import Column


class Texts:
    """Any number of texts, numbered in the order they came, as UTF-8 in one growing array."""

    __slots__ = ("data", "start")

    def __init__(self) -> None:
        self.data = Column(np.uint8)
        self.start = Column(np.int64)
        self.start.extend(np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, number: int) -> str:
        begin, end = self.start.array[number], self.start.array[number + 1]
        return self.data.array[begin:end].tobytes().decode()

    @property
    def nbytes(self) -> int:
        return self.data.nbytes + self.start.nbytes

    def extend(self, values: pa.StringArray) -> None:
        """Without nulls."""
        if not len(values):
            return
        _, offsets, data = values.buffers()
        starts = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
        before = len(self.data)
        if data is not None and starts[-1] > starts[0]:
            self.data.extend(np.frombuffer(data, np.uint8)[starts[0] : starts[-1]])
        self.start.extend(starts[1:] - starts[0] + before)

    def wipe(self, numbers: Iterable[int]) -> None:
        """Overwrite these texts with blanks: nothing of what they said stays in memory."""
        for number in numbers:
            self.data.array[self.start.array[number] : self.start.array[number + 1]] = ord(" ")

    def take(self, numbers: np.ndarray) -> pa.StringArray:
        """The texts of these numbers, string[n]; -1 gives null."""
        known = numbers >= 0
        begin = np.where(known, self.start.array[np.where(known, numbers, 0)], 0) if len(self) else np.zeros(numbers.size, np.int64)
        size = np.where(known, self.start.array[numbers + 1] - begin, 0) if len(self) else np.zeros(numbers.size, np.int64)
        offsets = np.concatenate(([0], np.cumsum(size)))
        if offsets[-1] >= 2**31:
            raise OverflowError("more than 2 GiB of text in one answer; ask for less")
        place = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], size)
        valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
        buffers = [valid, pa.py_buffer(offsets.astype(np.int32).tobytes()), pa.py_buffer(self.data.array[place].tobytes())]
        return pa.Array.from_buffers(pa.string(), len(numbers), buffers)
