"""Arrays that grow at their end: rows are added, and the used part is seen as an ordinary array.

A small one doubles. A large one moves once, into addresses reserved for all it may ever hold: the system gives memory to what is written
alone, so nothing is copied again, no request waits for a copy, and there is no memory that is held and not used.
"""

from __future__ import annotations

import math
import mmap
import sys
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

LEAST = 1_024  # rows
LARGE = 4 * 2**20  # bytes; from here on addresses are reserved
MOST = 2**31  # rows: they are numbered by int32
MOST_BYTES = 2**37  # of text; a process has a thousand times as many addresses
_FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | (0x4000 if sys.platform == "linux" else 0)  # MAP_NORESERVE, nameless before Python 3.13


class Column:
    """One growing array. `array` is a view of what is used, valid until the next growth; its elements may be written."""

    __slots__ = ("_room", "_whole", "array", "fill")

    def __init__(self, dtype: np.typing.DTypeLike, width: int | None = None, fill: int = 0) -> None:
        """width: second dimension, None for one dimension; fill: what `grow` puts into fresh rows."""
        self._room = np.empty(LEAST if width is None else (LEAST, width), dtype)
        self._whole = False  # whether there is room for all that may ever come
        self.array = self._room[:0]
        self.fill = fill

    def __len__(self) -> int:
        return len(self.array)

    @property
    def nbytes(self) -> int:
        """Bytes held, room included where there is any."""
        return self.array.nbytes if self._whole else self._room.nbytes

    def extend(self, values: np.ndarray) -> None:
        used = len(self.array)
        self._reserve(used + len(values))
        self._room[used : used + len(values)] = values
        self.array = self._room[: used + len(values)]

    def grow(self, length: int) -> None:
        """To `length` rows; fresh ones hold `fill`."""
        used = len(self.array)
        if length > used:
            self._reserve(length)
            self._room[used:length] = self.fill
            self.array = self._room[:length]

    def replace(self, values: np.ndarray) -> None:
        """Become a copy of these values."""
        self.array = self._room[:0]
        self.extend(values)

    def _reserve(self, length: int) -> None:
        if length > len(self._room):
            shape, dtype = self._room.shape[1:], self._room.dtype
            each = dtype.itemsize * math.prod(shape)
            room = _reserved(MOST_BYTES if dtype == np.uint8 else MOST * each) if length * each >= LARGE else None
            self._whole = room is not None
            if room is None:
                room = np.empty((max(length, 2 * len(self._room)), *shape), dtype)
            room = room.view(dtype).reshape(-1, *shape)
            room[: len(self.array)] = self.array
            self._room = room


def _reserved(size: int) -> np.ndarray | None:
    """uint8[size] of addresses without memory, None where the system does not give so many (as with strict limits)."""
    try:
        return np.frombuffer(mmap.mmap(-1, size, flags=_FLAGS), np.uint8)
    except (OSError, ValueError):
        return None


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
