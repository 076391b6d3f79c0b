# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Rows of many owners in the order of their times."""

from __future__ import annotations

import numpy as np
from numba import njit

_FEW = 24  # rows; below it they are put in order one by one


def by_time(start: np.ndarray, row: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Put the rows of each owner in the order of their times, both in place; bool[r]: those that share theirs with a neighbour.

    start: int64[p + 1]; row, time: int64[r].
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
            ascends &= time[k - 1] <= time[k]
        if not ascends:
            if hi - lo <= _FEW:
                for k in range(lo + 1, hi):
                    x, t = row[k], time[k]
                    j = k
                    while j > lo and time[j - 1] > t:
                        row[j], time[j] = row[j - 1], time[j - 1]
                        j -= 1
                    row[j], time[j] = x, t
            else:
                order = np.argsort(time[lo:hi], kind="mergesort")
                row[lo:hi] = row[lo:hi][order]
                time[lo:hi] = time[lo:hi][order]
        for k in range(lo + 1, hi):
            if time[k - 1] == time[k]:
                tied[k - 1] = tied[k] = True
