# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The calendar inside kernels: civil dates, time zones as tables, and spans of the calendar added to times.

Wall-clock time is told in seconds since 1970-01-01T00:00 on the clock of the zone. Dates are of the proleptic Gregorian calendar; the
conversions between them and days are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import BORROWING, INLINED

DAY = 86_400  # seconds
MONTHS, DAYS, SECONDS, LONGEST = range(4)  # columns of Spans.parts


class Zones(NamedTuple):
    """The clocks of z zones, as of their changes.

    start: int64[z + 1], where the changes of each begin; at: int64[c], the instant of each, ascending within a zone; wall: int64[c], the
    first wall-clock time that is told by the clock as changed alone; offset: int64[c + z], seconds east of UTC: of each zone before its
    first change, then after each.
    """

    start: np.ndarray
    at: np.ndarray
    wall: np.ndarray
    offset: np.ndarray


@njit(forceinline=True, **BORROWING)
def day_of(year, month, day):
    """The days since 1970-01-01 of a date."""
    if month <= 2:
        year -= 1
        month += 12
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@njit(forceinline=True, **BORROWING)
def date_of(days):
    """(year, month, day) of so many days since 1970-01-01."""
    days += 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (1 if month <= 2 else 0), month, day


@njit(forceinline=True, **BORROWING)
def month_length(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@njit(forceinline=True, **BORROWING)
def moved_day(day, months, days):
    """A day moved by the months, cut to the last of its month, then by the days; either may be negative."""
    if months != 0:
        year, month, of_month = date_of(day)
        month += year * 12 + months - 1
        year = month // 12
        month = month - year * 12 + 1
        day = day_of(year, month, min(of_month, month_length(year, month)))
    return day + days


@njit(**INLINED)
def _changes_until(changes, begin, end, value):
    """How many of the ascending changes[begin:end] are not after the value."""
    low, high = begin, end
    while low < high:
        middle = (low + high) >> 1
        if changes[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low - begin


@njit(forceinline=True, **BORROWING)
def wall_of(zones, zone, instant):
    """What the zone's clock shows at an instant."""
    begin, end = zones.start[zone], zones.start[zone + 1]
    return instant + zones.offset[begin + zone + _changes_until(zones.at, begin, end, instant)]


@njit(forceinline=True, **BORROWING)
def instant_of(zones, zone, wall):
    """The instant of a wall-clock time: of a skipped one what it would have been without the change, of one that comes twice the first."""
    begin, end = zones.start[zone], zones.start[zone + 1]
    return wall - zones.offset[begin + zone + _changes_until(zones.wall, begin, end, wall)]


@njit(**INLINED)
def moved_wall(zones, zone, wall, parts, span, sign):
    """The instant of a wall-clock time moved by a span, later (sign 1) or earlier (-1)."""
    day = wall // DAY
    of_day = wall - day * DAY
    day = moved_day(day, sign * parts[span, MONTHS], sign * parts[span, DAYS])
    return instant_of(zones, zone, day * DAY + of_day) + sign * parts[span, SECONDS]


@njit(forceinline=True, **BORROWING)
def moved(zones, zone, instant, parts, span, sign):
    """An instant moved by a span. parts: int64[s, 4], the months, days, seconds and an upper bound of the length of each span."""
    if parts[span, MONTHS] == 0 and parts[span, DAYS] == 0:
        return instant + sign * parts[span, SECONDS]
    return moved_wall(zones, zone, wall_of(zones, zone, instant), parts, span, sign)


@njit(cache=True, nogil=True)
def moved_all(zones, zone, times, on_the_wall, parts, span, sign):
    """int64[n]: every time, instants or told by the zone's clock, moved by a span of parts, as instants."""
    result = np.empty(times.size, np.int64)
    for i in range(times.size):
        if on_the_wall:
            result[i] = moved_wall(zones, zone, times[i], parts, span, sign)
        else:
            result[i] = moved(zones, zone, times[i], parts, span, sign)
    return result
