# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Dense numbers for distinct pairs of integers: what every kernel that groups by two columns stands on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from idweave_server.kernels.hashing import scrambled
from idweave_server.kernels.instructions import prefetch

LOAD = 0.7  # beyond .8 linear probing makes misses twice as slow
AHEAD = 16  # rows whose cache lines are asked for in advance; 12 to 20 do equally well
LEAST = 64


@njit(cache=True, nogil=True, inline="always")
def key_of(a, b):
    return (uint64(uint32(a)) << uint64(32)) | uint64(uint32(b))


@njit(cache=True, nogil=True, inline="always")
def first_slot(key, slots):
    """Where probing for `key` starts in a table of `slots` (< 2**32) slots."""
    return ((scrambled(key) >> uint64(32)) * slots) >> uint64(32)


@njit(cache=True, nogil=True)
def _number(a, b, table, number, first, lo, count, room):
    """Number rows from `lo` on until the table holds `room` pairs. Returns (the row that did not fit or the end, how many pairs)."""
    slots = uint64(table.shape[0])
    m = a.size
    for i in range(lo, m):
        if i + AHEAD < m:
            prefetch(table, first_slot(key_of(a[i + AHEAD], b[i + AHEAD]), slots) * uint64(2))
        key = key_of(a[i], b[i])
        s = first_slot(key, slots)
        while table[s, 1] != uint64(0) and table[s, 0] != key:
            s += uint64(1)
            if s == slots:
                s = uint64(0)
        if table[s, 1] == uint64(0):
            if count == room:
                return i, count
            first[count] = i
            count += 1
            table[s, 0] = key
            table[s, 1] = uint64(count)
        number[i] = table[s, 1] - uint64(1)
    return m, count


@njit(cache=True, nogil=True)
def _move(old, new):
    slots = uint64(new.shape[0])
    m = old.shape[0]
    for i in range(m):
        if i + AHEAD < m:
            prefetch(new, first_slot(old[i + AHEAD, 0], slots) * uint64(2))
        if old[i, 1] != uint64(0):
            s = first_slot(old[i, 0], slots)
            while new[s, 1] != uint64(0):
                s += uint64(1)
                if s == slots:
                    s = uint64(0)
            new[s, 0] = old[i, 0]
            new[s, 1] = old[i, 1]


def number_pairs(a: NDArray[Any], b: NDArray[Any], expected: int | None = None) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number the distinct rows of (a, b), int32[m] each, from 0 in first-seen order.

    expected: how many distinct ones the table has room for at first (it grows), at most m as by default: 23 bytes each.
    Returns (the number of every row int32[m], the row where each number was first seen, ascending, int32[distinct]).
    """
    number, first = np.empty(a.size, np.int32), np.empty(a.size, np.int32)
    room = max(LEAST, a.size if expected is None else min(expected, a.size))
    table = np.zeros((int(room / LOAD) + 1, 2), np.uint64)
    row, count = _number(a, b, table, number, first, 0, 0, room)
    while row < a.size:
        room = min(room * 4, a.size)
        grown = np.zeros((int(room / LOAD) + 1, 2), np.uint64)
        _move(table, grown)
        table = grown
        row, count = _number(a, b, table, number, first, row, count, room)
    return number, first[:count].copy()
