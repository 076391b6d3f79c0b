# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The value that most of an owner's events name: purchases first, then what else shows interest."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.small_table import longest, number_of, slots_for, table_size

INTEREST, BOUGHT = 1, 2  # what an event counts as


def favourites(start: np.ndarray, event: np.ndarray, value: np.ndarray, weight: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """int32[p]: the value of each owner that most events BOUGHT name; of those the one that most events of INTEREST name; of those the one
    with the least tie. -1 without any.

    start: int64[p + 1]; event: int64[n], which one names it: an event that names a value twice counts once; value: int32[n], code; weight:
    uint8[n]; tie: uint64[n], of the value.
    """
    out = np.empty(start.size - 1, np.int32)
    most = longest(start)
    table, keys = np.empty(table_size(most), np.int32), np.empty(most + 1, np.int32)
    _favourites(start, event, value, weight, tie, table, keys, np.empty((most, 3), np.int64), np.empty(most, np.uint64), out)
    return out


@njit(cache=True, nogil=True)
def _favourites(start, event, value, weight, tie, table, keys, counts, ties, out):
    for p in range(start.size - 1):
        lo, hi = start[p], start[p + 1]
        size = slots_for(hi - lo)
        if hi > lo:
            table[:size] = -1
        count, best = 0, -1
        for k in range(lo, hi):
            n = number_of(table, size, keys, count, value[k])
            if n == count:
                count += 1
                counts[n] = 0
                counts[n, 2] = -1  # the event that named it last
                ties[n] = tie[k]
            if counts[n, 2] != event[k]:
                counts[n, 1 if weight[k] == INTEREST else 0] += 1
                counts[n, 2] = event[k]
        for n in range(count):
            if best < 0 or _beats(counts[n], ties[n], counts[best], ties[best]):
                best = n
        out[p] = keys[best] if best >= 0 else -1


@njit(**INNER)
def _beats(a, a_tie, b, b_tie):
    if a[0] != b[0]:
        return a[0] > b[0]
    if a[1] != b[1]:
        return a[1] > b[1]
    return a_tie < b_tie
