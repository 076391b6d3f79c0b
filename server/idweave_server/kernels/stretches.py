# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Entries that stand with rows of another table: which they are, found by each entry's row and a sample of where rows begin.

Entry k stands with row[k], which ascends. Every SAMPLE rows it is noted where the first of them begins, and the rest is a short walk: four
bytes an entry and next to nothing a row, however many rows have none.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SAMPLE = 32  # rows


@njit(cache=True, nogil=True)
def _spans(rows, row, begin, first, size):
    for i in range(rows.size):
        r = rows[i]
        k = np.int64(begin[r // SAMPLE])
        while k < row.size and row[k] < r:
            k += 1
        first[i] = k
        while k < row.size and row[k] == r:
            k += 1
        size[i] = k - first[i]


@njit(cache=True, nogil=True)
def _list(first, size, owner, place):
    n = 0
    for i in range(first.size):
        for k in range(first[i], first[i] + size[i]):
            owner[n] = i
            place[n] = k
            n += 1


def spans(rows: NDArray[np.int64], row: NDArray[np.int32], begin: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(first int64[r], size int64[r]): the entries of each of some rows. row: int32[k], ascending, of each entry; begin: int32[b], where
    those of row SAMPLE * b and of the rows behind it begin."""
    rows = np.ascontiguousarray(rows, np.int64)
    first, size = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    _spans(rows, row, begin, first, size)
    return first, size


def listed(first: NDArray[np.int64], size: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(owner int64[e], place int64[e]): the places of stretches, one after another, and whose of them each is."""
    total = int(size.sum())
    owner, place = np.empty(total, np.int64), np.empty(total, np.int64)
    _list(first, size, owner, place)
    return owner, place
