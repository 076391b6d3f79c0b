# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What is counted over time: intervals in which things count, swept from now on, and the instants at which a comparison's truth changes.

What is measured lies between two bounds where some things may or may not count; the comparison is UNKNOWN where the bounds disagree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit

from idweave_server.kernels.conditions import DISTINCT, FALSE, FOREVER, IS_LESS, TRUE, UNKNOWN
from idweave_server.kernels.instructions import INLINED

UPWARDS, DOWNWARDS = 1, 2  # bits: what counts may add, or take away, any amount


class Intervals(NamedTuple):
    """Room for k things that count for a while, and for sweeping them.

    begin, end: int64[k], instants; least, most: int64[k], what one adds to either bound while it counts; wide: uint8[k], UPWARDS,
    DOWNWARDS; group: int64[k], of DISTINCT, the value. tally: int64[4], what counts: least, most, upwards, downwards. The rest is for
    passing use: coming, going, values, sure, possible: int64[k]; soonest: int64[k, 2].
    """

    begin: np.ndarray
    end: np.ndarray
    least: np.ndarray
    most: np.ndarray
    wide: np.ndarray
    group: np.ndarray
    tally: np.ndarray
    coming: np.ndarray
    going: np.ndarray
    values: np.ndarray
    sure: np.ndarray
    possible: np.ndarray
    soonest: np.ndarray


def room_for(most: int) -> Intervals:
    """Room for so many things."""
    wide = np.empty((most, 10), np.int64).T.copy()
    begin, end, least, greatest, group, coming, going, values, sure, possible = wide
    tally, soonest = np.empty(4, np.int64), np.empty((most, 2), np.int64)
    marks = np.empty(most, np.uint8)
    return Intervals(begin, end, least, greatest, marks, group, tally, coming, going, values, sure, possible, soonest)


@njit(**INLINED)
def put(intervals: Intervals, n, begin, end, least, most):
    """Add an interval as number n, whose group stands there already; returns how many there are now. An empty one is left out."""
    if begin >= end:
        return n
    intervals.begin[n] = begin
    intervals.end[n] = end
    intervals.least[n] = least
    intervals.most[n] = most
    intervals.wide[n] = 0
    return n + 1


@njit(**INLINED)
def compared(comparison, low, high, constant):
    """low, high: bounds of what is measured, float or whole; -+2**62 for none."""
    if comparison == IS_LESS:
        if high < constant:
            return TRUE
        return FALSE if low >= constant else UNKNOWN
    if low == high and low == constant:
        return TRUE
    return FALSE if constant < low or constant > high else UNKNOWN


@njit(**INLINED)
def ascend(places, n, keys):
    """Sort places[:n] by their keys in place; mostly they are so already, or nearly. Shell sort with the gaps of Ciura."""
    for gap in (1_636_161, 727_183, 323_193, 143_641, 63_841, 28_374, 12_611, 5_605, 2_491, 1_107, 492, 219, 97, 41, 18, 8, 3, 1):
        for i in range(gap, n):
            place = places[i]
            key = keys[place]
            j = i
            while j >= gap and keys[places[j - gap]] > key:
                places[j] = places[j - gap]
                j -= gap
            places[j] = place


@njit(**INLINED)
def place_of(values, n, value):
    """The place of a value among the ascending values[:n], which have it."""
    low, high = 0, n
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(**INLINED)
def differing(intervals: Intervals, n):
    """Put the different ones of intervals.group[:n] into intervals.values, ascending; returns how many there are. Uses `coming`."""
    for i in range(n):
        intervals.coming[i] = i
    ascend(intervals.coming, n, intervals.group)
    different = int64(0)
    for k in range(n):
        value = intervals.group[intervals.coming[k]]
        if different == 0 or intervals.values[different - 1] != value:
            intervals.values[different] = value
            different += 1
    return different


@njit(**INLINED)
def _begin(intervals: Intervals, n, distinct):
    """Let nothing count yet; of DISTINCT, number the values of the groups."""
    intervals.tally[0] = intervals.tally[1] = intervals.tally[2] = intervals.tally[3] = 0
    if not distinct:
        return
    for i in range(n):
        intervals.sure[i] = intervals.possible[i] = 0
    different = differing(intervals, n)
    for i in range(n):
        intervals.group[i] = place_of(intervals.values, different, intervals.group[i])


@njit(**INLINED)
def _count(intervals: Intervals, i, sign, distinct):
    """Let interval i count (sign 1), or no longer (-1)."""
    tally = intervals.tally
    if not distinct:
        tally[0] += sign * intervals.least[i]
        tally[1] += sign * intervals.most[i]
        if intervals.wide[i] & UPWARDS:
            tally[2] += sign
        if intervals.wide[i] & DOWNWARDS:
            tally[3] += sign
        return
    value = intervals.group[i]
    surely, possibly = intervals.sure[value] > 0, intervals.possible[value] > 0
    intervals.sure[value] += sign * intervals.least[i]
    intervals.possible[value] += sign * intervals.most[i]
    tally[0] += (intervals.sure[value] > 0) - surely
    tally[1] += (intervals.possible[value] > 0) - possibly


@njit(**INLINED)
def tallied(intervals: Intervals, n, measure, now):
    """Tally what counts at `now`."""
    _begin(intervals, n, measure == DISTINCT)
    for i in range(n):
        if intervals.begin[i] <= now < intervals.end[i]:
            _count(intervals, i, int64(1), measure == DISTINCT)


@njit(**INLINED)
def _measured(tally, comparison, constant):
    low = -FOREVER if tally[3] > 0 else tally[0]
    high = FOREVER if tally[2] > 0 else tally[1]
    return compared(comparison, low, high, constant)


@njit(**INLINED)
def swept(intervals: Intervals, n, measure, comparison, constant, now, at, truths, used):
    """The truth at `now`; its changes after that are put into at and truths from `used` on, which have room for 2n. Returns (truth, used).

    Every interval ends after now.
    """
    distinct = measure == DISTINCT
    _begin(intervals, n, distinct)
    coming, going = int64(0), int64(0)
    for i in range(n):
        if intervals.begin[i] <= now:
            _count(intervals, i, int64(1), distinct)
        elif intervals.begin[i] < FOREVER:
            intervals.coming[coming] = i
            coming += 1
        if intervals.end[i] < FOREVER:
            intervals.going[going] = i
            going += 1
    first = _measured(intervals.tally, comparison, constant)
    ascend(intervals.coming, coming, intervals.begin)
    ascend(intervals.going, going, intervals.end)
    c, g, truth = 0, 0, first
    while c < coming or g < going:
        instant = FOREVER
        if c < coming:
            instant = intervals.begin[intervals.coming[c]]
        if g < going:
            instant = min(instant, intervals.end[intervals.going[g]])
        while c < coming and intervals.begin[intervals.coming[c]] == instant:
            _count(intervals, intervals.coming[c], int64(1), distinct)
            c += 1
        while g < going and intervals.end[intervals.going[g]] == instant:
            _count(intervals, intervals.going[g], int64(-1), distinct)
            g += 1
        changed = _measured(intervals.tally, comparison, constant)
        if changed != truth:
            at[used], truths[used] = instant, changed
            used += 1
            truth = changed
    return first, used
