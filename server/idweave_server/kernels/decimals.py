# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Texts read as numbers where they lie: decimal numbers as millionths, whole numbers, and dates as days."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER

NOTHING = -(2**63)  # of a text that reads as none
MOST = 2**63 - 1
MILLIONTHS = 6  # decimal places
_LONGEST = 64  # bytes; what is longer is no number that anybody wrote
_DIGITS = 19  # more cannot count: ten to the 19th is beyond int64


@njit(**INNER)
def _digit(byte):
    return np.int64(byte) - 48 if 48 <= byte <= 57 else np.int64(-1)


@njit(**INNER)
def _exponent(data, lo, hi):
    """The whole number that follows an e, -1000 where it is none."""
    sign = np.int64(1)
    if lo < hi and (data[lo] == 43 or data[lo] == 45):
        sign = np.int64(-1) if data[lo] == 45 else sign
        lo += 1
    if lo == hi or hi - lo > 3:
        return np.int64(-1000)
    value = np.int64(0)
    for k in range(lo, hi):
        d = _digit(data[k])
        if d < 0:
            return np.int64(-1000)
        value = value * 10 + d
    return sign * value


@njit(**INNER)
def decimal_at(data, lo, hi, places):
    """The number that data[lo:hi] reads as, times ten to the `places`, halves away from zero; NOTHING where it reads as none or does not
    fit.

    A number: sign, digits with at most one point among or around them, and an exponent; as Python's float() takes them, but without blanks,
    underscores and names.
    """
    if hi - lo > _LONGEST or lo == hi:
        return np.int64(NOTHING)
    negative = data[lo] == 45
    if negative or data[lo] == 43:
        lo += 1
    exponent, point, read = np.int64(places), 0, 0
    value, full = np.int64(0), False
    up = 0  # whether the first digit that does not count is 5 or more
    at = lo
    while at < hi:
        d = _digit(data[at])
        if d >= 0:
            read += 1
            if not full and value <= (MOST - d) // 10:
                value = value * 10 + d
                exponent -= point
            else:
                up = up if full else int(d >= 5)
                full = True
                exponent += 1 - point
        elif data[at] == 46 and point == 0:
            point = 1
        else:
            break
        at += 1
    if read == 0:
        return np.int64(NOTHING)
    if at < hi:
        if data[at] != 101 and data[at] != 69:
            return np.int64(NOTHING)
        more = _exponent(data, at + 1, hi)
        if more == -1000:
            return np.int64(NOTHING)
        exponent += more
    if value == 0:
        return np.int64(0)
    while exponent > 0:
        if full or value > MOST // 10:
            return np.int64(NOTHING)
        value *= 10
        exponent -= 1
    while exponent < 0 and (value > 0 or up > 0):
        up = int(value % 10 >= 5)
        value //= 10
        exponent += 1
    if exponent < 0:
        up = 0
    if up and value == MOST:
        return np.int64(NOTHING)
    value += up
    return -value if negative else value


@njit(cache=True, nogil=True)
def decimals_of(data, begin, end, out):
    """out: int64[n], millionths, of the texts data[begin[k] : end[k]]; NOTHING for a text that is no number, as an empty one, and for one
    too large."""
    for k in range(begin.size):
        out[k] = decimal_at(data, begin[k], end[k], MILLIONTHS)


@njit(**INNER)
def _whole_at(data, lo, hi):
    negative = lo < hi and data[lo] == 45
    lo += negative
    if lo == hi or hi - lo > _DIGITS:
        return np.int64(NOTHING)
    value = np.int64(0)
    for k in range(lo, hi):
        d = _digit(data[k])
        if d < 0 or value > (MOST - d) // 10:
            return np.int64(NOTHING)
        value = value * 10 + d
    return -value if negative else value


@njit(cache=True, nogil=True)
def whole_numbers(data, begin, end, out):
    """out: int64[n], of the texts data[begin[k] : end[k]]; NOTHING for a text that is no whole number."""
    for k in range(begin.size):
        out[k] = _whole_at(data, begin[k], end[k])


@njit(**INNER)
def _two(data, at):
    a, b = _digit(data[at]), _digit(data[at + 1])
    return a * 10 + b if a >= 0 and b >= 0 else np.int64(-1)


@njit(**INNER)
def _day_at(data, lo, hi):
    """Days since 1970 of YYYY-MM-DD (Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil)."""
    if hi - lo != 10 or data[lo + 4] != 45 or data[lo + 7] != 45:
        return np.int64(NOTHING)
    century, year, month, day = _two(data, lo), _two(data, lo + 2), _two(data, lo + 5), _two(data, lo + 8)
    if century < 0 or year < 0 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return np.int64(NOTHING)
    y = century * 100 + year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@njit(cache=True, nogil=True)
def day_numbers(data, begin, end, out):
    """out: int64[n], days since 1970 of the texts data[begin[k] : end[k]]; NOTHING for a text that is no date."""
    for k in range(begin.size):
        out[k] = _day_at(data, begin[k], end[k])
