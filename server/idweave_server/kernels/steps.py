# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What is counted over time: intervals in which things count, swept from now on, and the instants at which a comparison's truth changes.

What is measured lies between two bounds where some things may or may not count; the comparison is UNKNOWN where the bounds disagree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from idweave_server.kernels.conditions import DISTINCT, FALSE, FOREVER, IS_LESS, TRUE, UNKNOWN
from idweave_server.kernels.instructions import BORROWING

UPWARDS, DOWNWARDS = 1, 2  # bits: what counts may add, or take away, any amount


class Intervals(NamedTuple):
    """Room for k things that count for a while. begin, end: int64[k], instants; least, most: int64[k], what one adds to either bound while
    it counts; wide: uint8[k], UPWARDS, DOWNWARDS; group: int64[k], of DISTINCT, the value."""

    begin: np.ndarray
    end: np.ndarray
    least: np.ndarray
    most: np.ndarray
    wide: np.ndarray
    group: np.ndarray


def room_for(most: int) -> Intervals:
    """Room for so many things."""
    begin, end, least, greatest, group = (np.empty(most, np.int64) for _ in range(5))
    return Intervals(begin, end, least, greatest, np.empty(most, np.uint8), group)


@njit(**BORROWING)
def put(intervals: Intervals, n, begin, end, least, most, wide, group):
    """Add an interval as number n; returns how many there are now. An empty one is left out."""
    if begin >= end:
        return n
    intervals.begin[n] = begin
    intervals.end[n] = end
    intervals.least[n] = least
    intervals.most[n] = most
    intervals.wide[n] = wide
    intervals.group[n] = group
    return n + 1


@njit(**BORROWING)
def compared(comparison, low, high, constant):
    """low, high: bounds of what is measured, float or whole; -+2**62 for none."""
    if comparison == IS_LESS:
        if high < constant:
            return TRUE
        return FALSE if low >= constant else UNKNOWN
    if low == high and low == constant:
        return TRUE
    return FALSE if constant < low or constant > high else UNKNOWN


@njit(**BORROWING)
def _count(intervals: Intervals, i, sign, distinct, tally, sure, possible):
    """Let interval i count (sign 1), or no longer (-1). tally: int64[4], least, most, upwards, downwards."""
    if not distinct:
        tally[0] += sign * intervals.least[i]
        tally[1] += sign * intervals.most[i]
        if intervals.wide[i] & UPWARDS:
            tally[2] += sign
        if intervals.wide[i] & DOWNWARDS:
            tally[3] += sign
        return
    value = intervals.group[i]
    before = sure[value] > 0, possible[value] > 0
    sure[value] += sign * intervals.least[i]
    possible[value] += sign * intervals.most[i]
    tally[0] += (sure[value] > 0) - before[0]
    tally[1] += (possible[value] > 0) - before[1]


@njit(**BORROWING)
def _measured(tally, comparison, constant):
    low = -FOREVER if tally[3] > 0 else tally[0]
    high = FOREVER if tally[2] > 0 else tally[1]
    return compared(comparison, low, high, constant)


@njit(cache=True, nogil=True)
def _ascending(instants, n, least, end):
    """Places of those in [least, end) by instant: mostly they ascend as they are."""
    order = np.empty(n, np.int64)
    kept, sorted_already, last = 0, True, least
    for i in range(n):
        if least <= instants[i] < end:
            sorted_already &= instants[i] >= last
            last = instants[i]
            order[kept] = i
            kept += 1
    order = order[:kept]
    if sorted_already:
        return order
    return order[np.argsort(instants[order])]


@njit(cache=True, nogil=True)
def numbered(group, n):
    """Number the values of group[:n] from 0 in place; returns how many different ones there are."""
    different = np.unique(group[:n])
    for i in range(n):
        group[i] = np.searchsorted(different, group[i])
    return different.size


@njit(cache=True, nogil=True)
def tallied(intervals: Intervals, n, measure, now):
    """(least, most, upwards, downwards): int64[4], what counts at `now`. Values of DISTINCT are numbered."""
    distinct = measure == DISTINCT
    values = numbered(intervals.group, n) if distinct else 0
    sure, possible = np.zeros(values, np.int64), np.zeros(values, np.int64)
    tally = np.zeros(4, np.int64)
    for i in range(n):
        if intervals.begin[i] <= now < intervals.end[i]:
            _count(intervals, i, 1, distinct, tally, sure, possible)
    return tally


@njit(cache=True, nogil=True)
def swept(intervals: Intervals, n, measure, comparison, constant, now, at, truths, used):
    """The truth at `now`; its changes after that are put into at and truths from `used` on, which have room for 2n. Returns (truth, used).

    Every interval ends after now.
    """
    distinct = measure == DISTINCT
    values = numbered(intervals.group, n) if distinct else 0
    sure, possible = np.zeros(values, np.int64), np.zeros(values, np.int64)
    tally = np.zeros(4, np.int64)
    for i in range(n):
        if intervals.begin[i] <= now:
            _count(intervals, i, 1, distinct, tally, sure, possible)
    first = _measured(tally, comparison, constant)
    coming, going = _ascending(intervals.begin, n, now + 1, FOREVER), _ascending(intervals.end, n, now + 1, FOREVER)
    c, g, truth = 0, 0, first
    while c < coming.size or g < going.size:
        instant = FOREVER
        if c < coming.size:
            instant = intervals.begin[coming[c]]
        if g < going.size:
            instant = min(instant, intervals.end[going[g]])
        while c < coming.size and intervals.begin[coming[c]] == instant:
            _count(intervals, coming[c], 1, distinct, tally, sure, possible)
            c += 1
        while g < going.size and intervals.end[going[g]] == instant:
            _count(intervals, going[g], -1, distinct, tally, sure, possible)
            g += 1
        changed = _measured(tally, comparison, constant)
        if changed != truth:
            at[used], truths[used] = instant, changed
            used += 1
            truth = changed
    return first, used
