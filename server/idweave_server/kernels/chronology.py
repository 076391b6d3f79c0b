# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Rows of many owners in the order of their times."""

from __future__ import annotations

import numpy as np
from numba import njit

_FEW = 24  # rows; below it they are put in order one by one


def by_time(start: np.ndarray, row: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Put the rows of each owner in the order of their times, in place; bool[r]: those that share theirs with a neighbour.

    start: int64[p + 1]; row: int64[r]; time: int64, by row.
    """
    tied = np.zeros(row.size, np.bool_)
    _by_time(start, row, time, tied)
    return tied


@njit(cache=True, nogil=True)
def _by_time(start, row, time, tied):
    for p in range(start.size - 1):
        lo, hi = start[p], start[p + 1]
        ascends = True
        for k in range(lo + 1, hi):
            ascends &= time[row[k - 1]] <= time[row[k]]
        if not ascends:
            if hi - lo <= _FEW:
                for k in range(lo + 1, hi):
                    x = row[k]
                    j = k
                    while j > lo and time[row[j - 1]] > time[x]:
                        row[j] = row[j - 1]
                        j -= 1
                    row[j] = x
            else:
                mine = row[lo:hi].copy()
                row[lo:hi] = mine[np.argsort(time[mine], kind="mergesort")]
        for k in range(lo + 1, hi):
            if time[row[k - 1]] == time[row[k]]:
                tied[k - 1] = tied[k] = True
