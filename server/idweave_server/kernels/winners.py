# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The winning entry of every group under one of three orders, and the distinct values of every group."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER

TIME_FIRST, RANK_FIRST, SUPPORT_FIRST = 0, 1, 2


def winning_entries(
    start: np.ndarray, member: np.ndarray, value: np.ndarray, time: np.ndarray, rank: np.ndarray, tie: np.ndarray, order: int
) -> np.ndarray:
    """int64[g]: the position of each group's winning entry, -1 for an empty group.

    start: int64[g + 1], member: int64[s], positions by group; value: int32[n]; time: int64[n], later is better; rank: uint8[n], lower is
    better; tie: uint64[values], lower is better. Support is how many of the group's entries have the value.
    order: TIME_FIRST (time, rank, support), RANK_FIRST (rank, time, support) or SUPPORT_FIRST (support, rank, time).
    """
    out = np.empty(start.size - 1, np.int64)
    _win(start, member, value, time, rank, tie, order, out)
    return out


@njit(cache=True, nogil=True)
def _win(start, member, value, time, rank, tie, order, out):
    for g in range(start.size - 1):
        lo, hi = start[g], start[g + 1]
        out[g] = -1
        if hi == lo:
            continue
        if hi - lo == 1:
            out[g] = member[lo]
            continue
        by_value = member[lo:hi][np.argsort(value[member[lo:hi]])]
        best = np.int64(-1)
        best_support = 0
        x = 0
        while x < by_value.size:
            y = x
            while y < by_value.size and value[by_value[y]] == value[by_value[x]]:
                y += 1
            support = y - x
            for k in range(x, y):
                i = by_value[k]
                if best < 0 or _beats(order, time, rank, value, tie, i, support, best, best_support):
                    best = i
                    best_support = support
            x = y
        out[g] = best


@njit(**INNER)
def _beats(order, time, rank, value, tie, i, support, j, best_support):
    if order == SUPPORT_FIRST and support != best_support:
        return support > best_support
    if order == TIME_FIRST and time[i] != time[j]:
        return time[i] > time[j]
    if rank[i] != rank[j]:
        return rank[i] < rank[j]
    if time[i] != time[j]:
        return time[i] > time[j]
    if support != best_support:
        return support > best_support
    return tie[value[i]] < tie[value[j]]


def distinct_values(group: np.ndarray, value: np.ndarray, tie: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(group int32[d], value int32[d]): the distinct values of each group, by group, then tie ascending; a group of -1 is left out."""
    kept = group >= 0
    group, value = group[kept], value[kept]
    order = np.lexsort((tie[value], group))
    group, value = group[order], value[order]
    first = np.ones(group.size, bool)
    first[1:] = (group[1:] != group[:-1]) | (value[1:] != value[:-1])
    return group[first], value[first]
