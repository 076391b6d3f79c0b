# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Interning: the dense number of every distinct 128-bit hash, in a table that grows a few entries at a time.

A slot is eight bytes: 32 bits of the hash as a tag, and the number. The whole hash is kept once a number and compared, so equal tags are no
risk. When the table is full a larger pair of arrays is begun; every later call moves a bounded count of hashes over for each row it is
given, in the order of their numbers (a sequential read), and the old pair stays whole and valid until all are moved. Nothing ever waits for
a full rehash. Hashes must be evenly spread, as those of hashing.hash_strings are: others are told apart as well, but slowly.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import IDS, checked
from idweave_server.kernels.instructions import prefetch

LOAD = 0.75
GROWTH = 1.5
MOVES = 8  # hashes moved per row of a call; 2 would do, since a larger table has room for half as many again
LEAST = 192
AHEAD = 12
COUNT, MOVED, MOVING = range(3)  # numbers given; how many of the old table's are moved, and are to be


@njit(cache=True, nogil=True, inline="always")
def _start(high, slots):
    return ((high >> uint64(32)) * slots) >> uint64(32)


@njit(cache=True, nogil=True, inline="always")
def _probe(slots, hashes, high, low):
    """The slot that holds the hash, or the empty one where it belongs."""
    size = uint64(slots.size)
    tag = high & uint64(0xFFFFFFFF)
    s = _start(high, size)
    while slots[s] != uint64(0):
        if slots[s] >> uint64(32) == tag:
            k = (slots[s] & uint64(0xFFFFFFFF)) - uint64(1)
            if hashes[k, 0] == high and hashes[k, 1] == low:
                break
        s += uint64(1)
        if s == size:
            s = uint64(0)
    return s


@njit(cache=True, nogil=True, inline="always")
def _put(slots, hashes, k, high, low):
    size = uint64(slots.size)
    s = _start(high, size)
    while slots[s] != uint64(0):
        s += uint64(1)
        if s == size:
            s = uint64(0)
    slots[s] = ((high & uint64(0xFFFFFFFF)) << uint64(32)) | (uint64(k) + uint64(1))
    hashes[k, 0] = high
    hashes[k, 1] = low


@njit(cache=True, nogil=True)
def _move(state, slots, hashes, old_hashes, limit):
    """Move up to `limit` hashes from the old pair of arrays to the larger one."""
    end = min(state[MOVED] + limit, state[MOVING])
    size = uint64(slots.size)
    for k in range(state[MOVED], end):
        if k + AHEAD < state[MOVING]:
            prefetch(slots, _start(old_hashes[k + AHEAD, 0], size))
        _put(slots, hashes, k, old_hashes[k, 0], old_hashes[k, 1])
    state[MOVED] = end


@njit(cache=True, nogil=True, inline="always")
def _look_ahead(slots, hashes, wanted, i):
    if i + 2 * AHEAD < wanted.shape[0]:
        prefetch(slots, _start(wanted[i + 2 * AHEAD, 0], uint64(slots.size)))
    if i + AHEAD < wanted.shape[0]:
        x = slots[_start(wanted[i + AHEAD, 0], uint64(slots.size))] & uint64(0xFFFFFFFF)
        if x != uint64(0):
            prefetch(hashes, (x - uint64(1)) * uint64(2))


@njit(cache=True, nogil=True)
def _find(slots, hashes, old_slots, old_hashes, wanted, out):
    for i in range(wanted.shape[0]):
        _look_ahead(slots, hashes, wanted, i)
        high, low = wanted[i, 0], wanted[i, 1]
        x = uint64(0)
        if old_slots.size > 0:
            x = old_slots[_probe(old_slots, old_hashes, high, low)]
        if x == uint64(0):
            x = slots[_probe(slots, hashes, high, low)]
        out[i] = np.int64(x & uint64(0xFFFFFFFF)) - 1


@njit(cache=True, nogil=True)
def _intern(state, slots, hashes, old_slots, old_hashes, wanted, lo, out):
    """Number hashes from row `lo` on until the table is full; returns the row that did not fit, or the end."""
    for i in range(lo, wanted.shape[0]):
        _look_ahead(slots, hashes, wanted, i)
        high, low = wanted[i, 0], wanted[i, 1]
        if old_slots.size > 0:
            x = old_slots[_probe(old_slots, old_hashes, high, low)]
            if x != uint64(0):
                out[i] = np.int64(x & uint64(0xFFFFFFFF)) - 1
                continue
        x = slots[_probe(slots, hashes, high, low)]
        if x == uint64(0):
            k = state[COUNT]
            if k == hashes.shape[0]:
                return i
            _put(slots, hashes, k, high, low)
            state[COUNT] = k + 1
            out[i] = k
        else:
            out[i] = np.int64(x & uint64(0xFFFFFFFF)) - 1
    return wanted.shape[0]


def _find_one(slots: NDArray[np.uint64], hashes: NDArray[np.uint64], high: int, low: int) -> int:
    """`_probe` for one hash."""
    slot_at, hash_at = slots.item, hashes.item
    size, tag = slots.size, high & 0xFFFFFFFF
    place = ((high >> 32) * size) >> 32
    while slot := slot_at(place):
        number = (slot & 0xFFFFFFFF) - 1
        if slot >> 32 == tag and hash_at(number, 0) == high and hash_at(number, 1) == low:
            return int(number)
        place = place + 1 if place + 1 < size else 0
    return -1


class HashIndex:
    """Numbers 0, 1, 2, ... for distinct hashes in first-seen order; 26.7 bytes a number when full, 2.5 times that while it grows."""

    def __init__(self, capacity: int = 0, limit: int = IDS) -> None:
        """capacity: numbers to make room for at once; limit: the most numbers there may ever be (at most 2**31 - 2)."""
        if not 0 <= limit <= IDS or not 0 <= capacity <= limit:
            raise ValueError(f"capacity {capacity} and limit {limit} must lie in [0, {IDS}] in this order")
        self._limit = limit
        self._state = np.zeros(3, np.int64)
        self._allocate(min(limit, max(capacity, int(LEAST * LOAD))))
        self._release()

    def __len__(self) -> int:
        return int(self._state[COUNT])

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The hashes in the order of their numbers, uint64[len, 2], read-only; a view that later insertions may leave behind."""
        self._continue_growing(IDS)
        view = self._hashes[: len(self)]
        view.flags.writeable = False
        return view

    def take(self, numbers: NDArray[np.int32]) -> NDArray[np.uint64]:
        """The hashes of these numbers, uint64[n, 2], wherever they lie at present: unlike `hashes` this never waits for a growing table."""
        old = (numbers >= self._state[MOVED]) & (numbers < self._state[MOVING])
        out = self._hashes[numbers]
        if old.any():
            out[old] = self._old_hashes[numbers[old]]
        return out

    @property
    def nbytes(self) -> int:
        """Bytes held by all arrays."""
        return self._slots.nbytes + self._hashes.nbytes + self._old_slots.nbytes + self._old_hashes.nbytes

    @property
    def moves_left(self) -> int:
        """Hashes that are still to be moved to the larger table; 0 while none is being filled."""
        return int(self._state[MOVING] - self._state[MOVED])

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The numbers of the hashes uint64[n, 2], -1 where unknown: int32[n]. Raises ValueError."""
        hashes = checked("hashes", hashes, np.uint64, width=2)
        out = np.empty(hashes.shape[0], np.int32)
        _find(self._slots, self._hashes, self._old_slots, self._old_hashes, hashes, out)
        return out

    def find_one(self, high: int, low: int) -> int:
        """The number of one hash, -1 where it is unknown. In Python: to enter a kernel takes ten times as long as it would run."""
        number = _find_one(self._slots, self._hashes, high, low)
        return number if number >= 0 or not self._old_slots.size else _find_one(self._old_slots, self._old_hashes, high, low)

    def intern(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The numbers of the hashes uint64[n, 2], giving the next one to each that is new: int32[n].

        Raises ValueError, and OverflowError where a number beyond the limit would be needed (hashes before it keep theirs).
        """
        hashes = checked("hashes", hashes, np.uint64, width=2)
        out = np.empty(hashes.shape[0], np.int32)
        row = 0
        while True:
            self._continue_growing(MOVES * (hashes.shape[0] - row))
            row = _intern(self._state, self._slots, self._hashes, self._old_slots, self._old_hashes, hashes, row, out)
            if row == hashes.shape[0]:
                return out
            self._grow()

    def _continue_growing(self, moves: int) -> None:
        if self._state[MOVING] == 0:
            return
        _move(self._state, self._slots, self._hashes, self._old_hashes, moves)
        if self._state[MOVED] == self._state[MOVING]:
            self._release()

    def _grow(self) -> None:
        count = len(self)
        if count >= self._limit:
            raise OverflowError(f"an index numbers at most {self._limit:,} distinct values; split the input")
        self._old_slots, self._old_hashes = self._slots, self._hashes
        self._allocate(min(self._limit, int(count * GROWTH) + 1))
        self._state[MOVED], self._state[MOVING] = 0, count

    def _allocate(self, room: int) -> None:
        # zeros come lazily from the system: even a large table costs nothing until it is touched
        self._slots = np.zeros(int(room / LOAD) + 1, np.uint64)
        self._hashes = np.empty((room, 2), np.uint64)

    def _release(self) -> None:
        self._old_slots, self._old_hashes = np.empty(0, np.uint64), np.empty((0, 2), np.uint64)
        self._state[MOVED] = self._state[MOVING] = 0
