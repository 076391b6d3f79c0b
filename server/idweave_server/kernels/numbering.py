# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Dense numbers for distinct pairs of integers: what every kernel that groups by two columns stands on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import lazily_zeroed
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
def _number(a, b, table, out, lo, count, room):
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
            count += 1
            table[s, 0] = key
            table[s, 1] = uint64(count)
        out[i] = table[s, 1] - uint64(1)
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


@njit(cache=True, nogil=True)
def _pairs_of(table, a, b):
    for s in range(table.shape[0]):
        if table[s, 1] != uint64(0):
            i = table[s, 1] - uint64(1)
            a[i] = table[s, 0] >> uint64(32)
            b[i] = table[s, 0] & uint64(0xFFFFFFFF)


def number_pairs(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[np.int32], int, NDArray[np.uint64]]:
    """Number the distinct rows of (a, b), int32[m] each, from 0 in first-seen order.

    Returns (int32[m], how many are distinct, the table for `pairs_of`). The table is sized to what is distinct, not to m.
    """
    out = np.empty(a.size, np.int32)
    slots = max(LEAST, min(int(a.size / LOAD) + 1, a.size // 2))
    table = lazily_zeroed(slots, 2)
    row, count = _number(a, b, table, out, 0, 0, int(slots * LOAD))
    while row < a.size:
        slots = min(slots * 2, int(a.size / LOAD) + LEAST)
        grown = lazily_zeroed(slots, 2)
        _move(table, grown)
        table = grown
        row, count = _number(a, b, table, out, row, count, int(slots * LOAD))
    return out, count, table


def pairs_of(table: NDArray[np.uint64], count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The numbered pairs as two columns in the order of their numbers."""
    a, b = np.empty(count, np.int32), np.empty(count, np.int32)
    _pairs_of(table, a, b)
    return a, b
