"""Arrays that grow at their end: rows are added, and the used part is seen as an ordinary array.

A small one doubles. A large one moves once, into addresses reserved for all it may ever hold: the system gives memory to what is written
alone, so nothing is copied again, no request waits for a copy, and there is no memory that is held and not used.
"""

from __future__ import annotations

import math
import mmap
import sys

import numpy as np

LEAST = 1_024  # rows
LARGE = 2**20  # bytes; from here on addresses are reserved
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
        length = used + len(values)
        if length > len(self._room):
            self._reserve(length)
        self._room[used:length] = values
        self.array = self._room[:length]

    def grow(self, length: int) -> None:
        """To `length` rows; fresh ones hold `fill`."""
        used = len(self.array)
        if length > used:
            if length > len(self._room):
                self._reserve(length)
            if self.fill or not self._whole:  # memory that was never written is zeros already, and costs nothing
                self._room[used:length] = self.fill
            self.array = self._room[:length]

    def replace(self, values: np.ndarray) -> None:
        """Become a copy of these values."""
        shape = self._room.shape[1:]
        self._room, self._whole = np.empty((LEAST, *shape), self._room.dtype), False
        self.array = self._room[:0]
        self.extend(values)

    def _reserve(self, length: int) -> None:
        """Room for more than there is."""
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
