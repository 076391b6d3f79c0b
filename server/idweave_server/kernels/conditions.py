# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The conditions of segments as arrays, the profiles they are asked of, and the conditions that need no events.

Truths are 0 FALSE, 1 UNKNOWN, 2 TRUE: ALL is the least, ANY the greatest, NOT is 2 - truth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit

from idweave_server.kernels.civil import DAY, Zones, date_of, day_of, instant_of, month_length, moved, moved_wall, wall_of
from idweave_server.kernels.instructions import BORROWING, INLINED

FALSE, UNKNOWN, TRUE = 0, 1, 2
NO_VALUE = -(2**63)
FOREVER = 2**62
HORIZON = 9_214_646_400  # 2262: no change is looked for behind it
STANDS = 1  # flag of an event

# What a row of Program.leaves asks, in column 0, and the meaning of the columns after it.
LESS = 1  # column of values, constant
ONE_OF = 2  # column of values, constants begin, end (ascending)
KNOWN = 3  # column of values
LISTED = 4  # list, constants begin, end (ascending), truth where the list is empty
LIST_KNOWN = 5  # list
NAMESPACE = 6  # row of namespaces, least
STRENGTH = 7  # least
WITHIN, OLDER, UPCOMING, ANNIVERSARY = 8, 9, 10, 11  # column of values, 1 for dates, span, zone
EVENTS = 12  # pattern, last, until_ago (spans, -1 none), begin, end, zone, measure, comparison, constant, property, rates begin, end
SEQUENCE = 13  # first, then_not (patterns), wait, last (spans), same, zone
PROVENANCE = 14  # sources begin, end, parties (bits, 0 any), kinds begin, end, last, until_ago, begin, end, zone
LEAF_COLUMNS = 13

COUNT, SUM, DISTINCT = 1, 2, 3  # measures, as in expression.Measure
IS_LESS, IS_EQUAL = 0, 1  # comparisons of what is measured with the constant

# Columns of Program.patterns, of .wheres and of .moneys.
TYPES, TYPES_END, WHERES, WHERES_END, PURCHASE = range(5)
NAME, MODE, LOW, HIGH, NUMBERS, NUMBERS_END, OF_AMOUNT = range(7)
MICROS, RATES, RATES_END = range(3)
RANGE, ANY_OF, NONE_OF, PRESENT = range(4)  # modes: LOW to HIGH are bounds of RANGE, else the texts' begin and end (of an amount: moneys')

# What Program.code says besides numbers of leaves; ALL_OF and ANY_OF_THEM are followed by how many, CONSTANT by the truth.
NOT, ALL_OF, ANY_OF_THEM, CONSTANT = -1, -2, -3, -4


class ProgramArrays(NamedTuple):
    """Conditions and what is made of them. leaves: int64[l, LEAF_COLUMNS]; constants: int64[c]; spans: int64[s, 4]; zones; patterns:
    int64[n, 5]; wheres: int64[w, 7]; moneys: int64[m, 3]; rate_currency: int64[r], rate_factor: float64[r], into one currency together;
    code: int32[x], postfix, of each segment from code_start: int64[s + 1] on; segment_leaves: int32[y], the leaves that the code of each
    segment from leaf_start: int64[s + 1] on numbers from 0."""

    leaves: np.ndarray
    constants: np.ndarray
    spans: np.ndarray
    zones: Zones
    patterns: np.ndarray
    wheres: np.ndarray
    moneys: np.ndarray
    rate_currency: np.ndarray
    rate_factor: np.ndarray
    code_start: np.ndarray
    code: np.ndarray
    leaf_start: np.ndarray
    segment_leaves: np.ndarray
    depth: int
    widest: int


class SubjectArrays(NamedTuple):
    """Profiles, as segments.subjects.Subjects has them; list_offset: int64[l], where each list's values begin in list_values."""

    values: np.ndarray
    list_start: np.ndarray
    list_offset: np.ndarray
    list_values: np.ndarray
    namespaces: np.ndarray
    strength: np.ndarray
    changes: np.ndarray
    event_start: np.ndarray
    event_time: np.ndarray
    event_type: np.ndarray
    event_flags: np.ndarray
    amount: np.ndarray
    currency: np.ndarray
    property_start: np.ndarray
    property_name: np.ndarray
    property_value: np.ndarray
    property_number: np.ndarray
    sighting_start: np.ndarray
    sighting_time: np.ndarray
    sighting_source: np.ndarray
    sighting_party: np.ndarray
    sighting_kind: np.ndarray


@njit(**INLINED)
def among(constants, begin, end, value):
    """Whether the ascending constants[begin:end] have the value."""
    while begin < end:
        middle = (begin + end) >> 1
        if constants[middle] < value:
            begin = middle + 1
        elif constants[middle] > value:
            end = middle
        else:
            return True
    return False


@njit(**INLINED)
def first_after(times, begin, end, time):
    """The first place in the ascending times[begin:end] of a time after this one."""
    while begin < end:
        middle = (begin + end) >> 1
        if times[middle] <= time:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(**INLINED)
def lasting_truth(program: ProgramArrays, subjects: SubjectArrays, leaf, row):
    """The truth of a condition that the clock has no part in."""
    asked = program.leaves[leaf]
    kind = asked[0]
    if kind in (LISTED, LIST_KNOWN):
        begin = subjects.list_offset[asked[1]] + subjects.list_start[asked[1], row]
        end = subjects.list_offset[asked[1]] + subjects.list_start[asked[1], row + 1]
        if kind == LIST_KNOWN:
            return TRUE if begin < end else FALSE
        if begin == end:
            return asked[4]
        for i in range(begin, end):
            if among(program.constants, asked[2], asked[3], int64(subjects.list_values[i])):
                return TRUE
        return FALSE
    if kind == NAMESPACE:
        return TRUE if subjects.namespaces[asked[1], row] >= asked[2] else FALSE
    if kind == STRENGTH:
        return TRUE if subjects.strength[row] == NO_VALUE or subjects.strength[row] >= asked[1] else FALSE
    value = subjects.values[asked[1], row]
    if kind == KNOWN:
        return FALSE if value == NO_VALUE else TRUE
    if value == NO_VALUE:
        return UNKNOWN
    if kind == LESS:
        return TRUE if value < asked[2] else FALSE
    return TRUE if among(program.constants, asked[2], asked[3], value) else FALSE


@njit(forceinline=True, **BORROWING)
def span_of_truth(program: ProgramArrays, asked, value):
    """(begin, end) of when WITHIN, OLDER or UPCOMING is TRUE of a value; a calendar span moves a date itself, not its first instant."""
    zones, zone, spans, span = program.zones, asked[4], program.spans, asked[3]
    if asked[2]:
        instant = instant_of(zones, zone, value * DAY)
    else:
        instant = value
    sign = int64(-1) if asked[0] == UPCOMING else int64(1)
    if asked[2] and (spans[span, 0] != 0 or spans[span, 1] != 0):
        far = moved_wall(zones, zone, value * DAY, spans, span, sign)
    else:
        far = moved(zones, zone, instant, spans, span, sign)
    if asked[0] == UPCOMING:
        return far, instant
    if asked[0] == WITHIN:
        return instant, far
    return far, FOREVER


@njit(**INLINED)
def _anniversary(program: ProgramArrays, asked, day, years):
    """(begin, end) of the span that ends with the day of an anniversary; a leap day's is the last of February."""
    zones, zone = program.zones, asked[4]
    year, month, of_month = date_of(day)
    year += years
    following = day_of(year, month, min(of_month, month_length(year, month))) + 1
    end = instant_of(zones, zone, following * DAY)
    if program.spans[asked[3], 0] != 0 or program.spans[asked[3], 1] != 0:
        return moved_wall(zones, zone, following * DAY, program.spans, asked[3], int64(-1)), end
    return moved(zones, zone, end, program.spans, asked[3], int64(-1)), end


@njit(**INLINED)
def anniversary_truth(program: ProgramArrays, asked, value, now):
    """(truth, next change after now) of ANNIVERSARY."""
    if value == NO_VALUE:
        return UNKNOWN, FOREVER
    zones, zone = program.zones, asked[4]
    day = value if asked[2] else wall_of(zones, zone, value) // DAY
    years = max(int64(1), date_of(wall_of(zones, zone, now) // DAY)[0] - date_of(day)[0] - 1)
    begin, end = _anniversary(program, asked, day, years)
    while end <= now:  # at most thrice
        years += 1
        begin, end = _anniversary(program, asked, day, years)
    if now < begin:
        return FALSE, begin if begin <= HORIZON else FOREVER
    following, _ = _anniversary(program, asked, day, years + 1)
    while following <= end:  # the next span begins before this one ends
        years += 1
        _, end = _anniversary(program, asked, day, years)
        following, _ = _anniversary(program, asked, day, years + 1)
        if end > HORIZON:
            return TRUE, FOREVER
    return TRUE, end


@njit(cache=True, nogil=True)
def related_truths(program: ProgramArrays, leaf, values, now):
    """uint8[n], 1 where a relation to now is TRUE of a value, none of them NO_VALUE."""
    found = np.zeros(values.size, np.uint8)
    asked = program.leaves[leaf]
    for i in range(values.size):
        if asked[0] == ANNIVERSARY:
            found[i] = anniversary_truth(program, asked, values[i], now)[0] == TRUE
        else:
            begin, end = span_of_truth(program, asked, values[i])
            found[i] = begin <= now and now < end
    return found


@njit(cache=True, nogil=True)
def related_range(program: ProgramArrays, leaf, low, high, now):
    """(low, high) of the values in [low, high] of which WITHIN, OLDER or UPCOMING is TRUE, where begin and end never fall as values rise:
    of dates, and of exact spans."""
    asked = program.leaves[leaf]
    first, after = low, high + 1
    while first < after:  # the first whose span has not ended
        middle = (first + after) >> 1
        if span_of_truth(program, asked, middle)[1] <= now:
            first = middle + 1
        else:
            after = middle
    last, after = first, high + 1
    while last < after:  # the first whose span has not begun
        middle = (last + after) >> 1
        if span_of_truth(program, asked, middle)[0] <= now:
            last = middle + 1
        else:
            after = middle
    return first, last - 1
