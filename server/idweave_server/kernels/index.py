# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Interning: the dense number of every distinct 128-bit hash, in a table that grows in place, a few entries at a time.

The whole hash is kept once a number and compared. A slot is four bytes: as many of their bits as numbers need at present hold the number,
the others some of the hash's bits as a tag, so that few other hashes are looked at. A hash's home is its share of the table (its high half
times the slots, over 2**32), and what finds it taken goes to the next free slot, so places ascend with hashes, and a larger table is the
same one, spread. It is spread from its end downwards, run of taken slots by run of taken slots: below `state[EDGE]`, before which always
lies a free slot, everything is as it was, from there on as it is to be. Nothing ever waits for a full rehash, and there is no second copy.
Hashes must be evenly spread, as those of hashing.hash_strings are: others are told apart as well, but slowly.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import IDS, checked
from idweave_server.kernels.column import Column
from idweave_server.kernels.instructions import prefetch

LOAD = 0.875
GROWTH, SOON = 1.25, 2**16  # a table of fewer slots doubles
MOVES = 8  # slots spread per row of a call; 5 would do, since a larger table has room for a quarter more
LEAST = 256  # slots
SPARE = 64  # slots behind the last home, for what finds the last ones taken; more where it turns out to need more
AHEAD = 12
# Numbers given; slots that are homes and bits of a number, as they are to be and as they were; the edge between the two, 0 where all is as
# it is to be; the first slot behind all that are taken; slots that are wanted behind those that there are.
COUNT, SLOTS, BITS, OLD_SLOTS, OLD_BITS, EDGE, END, WANTED = range(8)


@njit(cache=True, nogil=True, inline="always")
def _home(high, slots):
    return ((high >> uint64(32)) * slots) >> uint64(32)


@njit(cache=True, nogil=True, inline="always")
def _layout(shape, high):
    """(home, bits) of a hash, by the part of the table that it belongs to. shape: see _shape."""
    size, bits, old_size, old_bits, edge = shape
    if edge > uint64(0):
        home = _home(high, old_size)
        if home < edge:
            return home, old_bits
    return _home(high, size), bits


@njit(cache=True, nogil=True, inline="always")
def _shape(state):
    """What is as it was and as it is to be, as words: from SLOTS to EDGE."""
    return uint64(state[SLOTS]), uint64(state[BITS]), uint64(state[OLD_SLOTS]), uint64(state[OLD_BITS]), uint64(state[EDGE])


@njit(cache=True, nogil=True, inline="always")
def _tag(high, bits):
    return high & ((uint64(1) << (uint64(32) - bits)) - uint64(1))


@njit(cache=True, nogil=True, inline="always")
def _number(word, bits):
    """The number in a slot, plus one."""
    return word & ((uint64(1) << bits) - uint64(1))


@njit(cache=True, nogil=True, inline="always")
def _probe(slots, hashes, high, low, s, bits):
    """The slot from `s` on that holds the hash, or the free one where it belongs."""
    tag = _tag(high, bits)
    while True:
        word = uint64(slots[s])
        if word == uint64(0):
            return s
        if word >> bits == tag:
            k = _number(word, bits) - uint64(1)
            if hashes[k, 0] == high and hashes[k, 1] == low:
                return s
        s += uint64(1)


@njit(cache=True, nogil=True, inline="always")
def _look_ahead(shape, slots, hashes, wanted, i, begin):
    """Ask for the memory that the rows after row `i` need. begin: uint64[AHEAD], by remainder, where to begin to
    probe for it; rows are looked at once, AHEAD before their turn."""
    if i + 2 * AHEAD < wanted.shape[0]:
        prefetch(slots, _layout(shape, wanted[i + 2 * AHEAD, 0])[0])
    if i + AHEAD < wanted.shape[0]:
        high = wanted[i + AHEAD, 0]
        s, bits = _layout(shape, high)
        tag, word = _tag(high, bits), uint64(slots[s])
        while word != uint64(0) and word >> bits != tag:
            s += uint64(1)
            word = uint64(slots[s])
        if word != uint64(0):
            prefetch(hashes, (_number(word, bits) - uint64(1)) * uint64(2))
        begin[i % AHEAD] = s


@njit(cache=True, nogil=True)
def _spread(state, slots, hashes, limit):
    """Spread slots until `limit` are done, or the slots behind the last home are too few: then how many more are wanted is noted."""
    size, bits, _, old_bits, _ = _shape(state)
    edge, end, done = state[EDGE], max(state[END], state[SLOTS]), 0
    held = np.empty(AHEAD, np.uint32)
    while edge > 0 and done < limit:
        first = edge - 1  # the free slot before the edge
        while first > 0 and slots[first - 1] != 0:
            first -= 1
            if first >= AHEAD:
                prefetch(hashes, (_number(uint64(slots[first - AHEAD]), old_bits) - uint64(1)) * uint64(2))
        length = edge - 1 - first
        if end + length >= slots.size:
            state[WANTED] = length + SPARE
            break
        if length > held.size:
            held = np.empty(2 * length, np.uint32)
        for x in range(length):
            held[x] = slots[first + x]
            slots[first + x] = 0
        for x in range(length):
            k = _number(uint64(held[x]), old_bits)
            high = hashes[k - uint64(1), 0]
            s = _home(high, size)
            while slots[s] != 0:
                s += uint64(1)
            slots[s] = uint32((_tag(high, bits) << bits) | k)
            end = max(end, np.int64(s) + 1)
        edge = first
        done += length + 1
    state[EDGE], state[END] = edge, end


@njit(cache=True, nogil=True)
def _find(state, slots, hashes, wanted, out):
    shape, begin = _shape(state), np.empty(AHEAD, np.uint64)
    for i in range(wanted.shape[0]):
        high, low = wanted[i, 0], wanted[i, 1]
        s, bits = _layout(shape, high)
        if i >= AHEAD:
            s = begin[i % AHEAD]
        _look_ahead(shape, slots, hashes, wanted, i, begin)
        out[i] = np.int64(_number(uint64(slots[_probe(slots, hashes, high, low, s, bits)]), bits)) - 1


@njit(cache=True, nogil=True)
def _intern(state, slots, hashes, wanted, lo, out, anew):
    """Number hashes from row `lo` on until the table is full or short of slots; returns the row that did not fit, or the end. anew: every
    row gets the next number, and a hash that was there is known by it from now on."""
    shape, begin, known = _shape(state), np.empty(AHEAD, np.uint64), lo + AHEAD  # from `known` on, where to begin is known
    most = np.int64(state[SLOTS] * LOAD)
    for i in range(lo, wanted.shape[0]):
        high, low = wanted[i, 0], wanted[i, 1]
        s, bits = _layout(shape, high)
        if i >= known:
            s = begin[i % AHEAD]
        s = _probe(slots, hashes, high, low, s, bits)
        while slots[s] == 0 and s + uint64(1) == shape[4]:  # what is before the edge stays free
            _spread(state, slots, hashes, 1)
            if state[WANTED] > 0:
                return i
            shape, known = _shape(state), i + 1 + AHEAD
            s, bits = _layout(shape, high)
            s = _probe(slots, hashes, high, low, s, bits)
        _look_ahead(shape, slots, hashes, wanted, i, begin)
        found = np.int64(_number(uint64(slots[s]), bits))
        if found != 0 and not anew:
            out[i] = found - 1
            continue
        k = state[COUNT]
        if k >= most or k >= hashes.shape[0]:
            return i
        if s + uint64(1) == uint64(slots.size):
            state[WANTED] = SPARE
            return i
        slots[s] = uint32((_tag(high, bits) << bits) | uint64(k + 1))
        hashes[k, 0] = high
        hashes[k, 1] = low
        state[COUNT] = k + 1
        state[END] = max(state[END], np.int64(s) + 1)
        out[i] = k
    return wanted.shape[0]


class HashIndex:
    """Numbers 0, 1, 2, ... for distinct hashes in first-seen order; 20.6 to 21.8 bytes a number when large."""

    def __init__(self, capacity: int = 0, limit: int = IDS) -> None:
        """capacity: numbers to make room for at once; limit: the most numbers there may ever be (at most 2**31 - 2)."""
        if not 0 <= limit <= IDS or not 0 <= capacity <= limit:
            raise ValueError(f"capacity {capacity} and limit {limit} must lie in [0, {IDS}] in this order")
        self._limit = limit
        self._hashes = Column(np.uint64, 2)
        self._slots = Column(np.uint32)
        self._state = np.zeros(8, np.int64)
        self._enlarge(max(LEAST, int(capacity / LOAD) + 1))
        self._shape: tuple[int, ...] = tuple(self._state[SLOTS:END].tolist())  # for `find_one`

    def __len__(self) -> int:
        return int(self._state[COUNT])

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The hashes in the order of their numbers, uint64[len, 2], read-only; a view that later insertions may leave behind."""
        view = self._hashes.array[: len(self)]
        view.flags.writeable = False
        return view

    def take(self, numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
        """The hashes of these numbers, uint64[n, 2]."""
        found: NDArray[np.uint64] = self._hashes.array[numbers]
        return found

    @property
    def nbytes(self) -> int:
        """Bytes held by all arrays."""
        return self._slots.nbytes + self._hashes.nbytes

    @property
    def moves_left(self) -> int:
        """Slots that are still as they were before the table grew; 0 while it does not grow."""
        return int(self._state[EDGE])

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The numbers of the hashes uint64[n, 2], -1 where unknown: int32[n]. Raises ValueError."""
        hashes = checked("hashes", hashes, np.uint64, width=2)
        out = np.empty(hashes.shape[0], np.int32)
        _find(self._state, self._slots.array, self._hashes.array, hashes, out)
        return out

    def find_one(self, high: int, low: int) -> int:
        """The number of one hash, -1 where it is unknown. In Python: to enter a kernel takes ten times as long as it would run."""
        slot_at, hash_at = self._slots.array.item, self._hashes.array.item
        size, bits, old_size, old_bits, edge = self._shape
        place = ((high >> 32) * old_size) >> 32 if edge else 0
        if place < edge:
            bits = old_bits
        else:
            place = ((high >> 32) * size) >> 32
        tag, mask = high & ((1 << (32 - bits)) - 1), (1 << bits) - 1
        while word := slot_at(place):
            if word >> bits == tag:
                number = (word & mask) - 1
                if hash_at(number, 0) == high and hash_at(number, 1) == low:
                    return int(number)
            place += 1
        return -1

    def intern(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The numbers of the hashes uint64[n, 2], giving the next one to each that is new: int32[n].

        Raises ValueError, and OverflowError where a number beyond the limit would be needed (hashes before it keep theirs).
        """
        return self._added(hashes, anew=False)

    def renew(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Give the next number to each of the hashes uint64[n, 2], and to those that are known as well: int32[n]. `find` tells the latest
        number of a hash, `take` the hash of every number. Raises as `intern`."""
        return self._added(hashes, anew=True)

    def _added(self, hashes: NDArray[np.uint64], *, anew: bool) -> NDArray[np.int32]:
        hashes = checked("hashes", hashes, np.uint64, width=2)
        out = np.empty(hashes.shape[0], np.int32)
        row = 0
        while True:
            if self._state[EDGE]:
                self._continue(MOVES * (hashes.shape[0] - row))
            self._hashes.grow(min(len(self) + hashes.shape[0] - row, self._limit))
            row = _intern(self._state, self._slots.array, self._hashes.array, hashes, row, out, anew)
            self._shape = tuple(self._state[SLOTS:END].tolist())
            if row == hashes.shape[0]:
                return out
            if not self._lengthened():
                self._grow()

    def _continue(self, moves: int) -> None:
        """Spread so many slots."""
        _spread(self._state, self._slots.array, self._hashes.array, moves)
        while self._lengthened():
            _spread(self._state, self._slots.array, self._hashes.array, moves)

    def _lengthened(self) -> bool:
        """Whether there were slots wanted behind those that there were."""
        wanted = int(self._state[WANTED])
        if wanted:
            self._slots.grow(len(self._slots) + max(wanted, len(self._slots) // 64))
            self._state[WANTED] = 0
        return wanted > 0

    def _grow(self) -> None:
        if len(self) >= self._limit:
            raise OverflowError(f"an index numbers at most {self._limit:,} distinct values; split the input")
        self._continue(len(self._slots))
        if len(self) >= int(self._state[SLOTS] * LOAD):
            self._enlarge(_larger(int(self._state[SLOTS])))

    def _enlarge(self, slots: int) -> None:
        """Have so many homes, to be spread over from now on."""
        self._state[OLD_SLOTS:EDGE] = self._state[SLOTS:OLD_SLOTS]
        self._state[EDGE] = len(self._slots)
        most = min(int(_larger(slots) * LOAD) + 1, self._limit)  # until all that is as it was is spread over an even larger table
        self._state[SLOTS], self._state[BITS], self._state[END] = slots, (most + 1).bit_length(), 0
        self._slots.grow(slots + SPARE)


def _larger(slots: int) -> int:
    return int(slots * GROWTH) + 1 if slots >= SOON else 2 * slots
