"""Date formats compiled to instructions, and the loop that reads a column of texts by them, without a Python object a value.

The directives are those of strptime: %Y %y %m %d %b %B %a %A %H %I %M %S %f %p %z and %%, with %F %T %D %R for the usual combinations.
Month and day names are English. %o is ours: an optional time of day in any usual form (T or blanks, 14:05, 2:05:07.25 pm, Z, +08:00).
Numbers may lack their leading zero, but where two directives touch (%Y%m%d) each has its full width. A blank in the format stands for one
or more blanks.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,assignment,call-overload"

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from idweave_server.errors import InputError
from idweave_server.identifiers.arrow_text import offsets_and_bytes
from idweave_server.kernels.instructions import BORROWING, INNER_BORROWING

OK, SYNTAX, RANGE = 0, 1, 2  # status of a reading: as the format says; not so; so, but there is no such day or hour
NEVER = 99_991_231  # a `newest` that makes no date too late

_BLANK, _YEAR, _SHORT_YEAR, _MONTH, _DAY, _MONTH_NAME, _DAY_NAME, _HOUR, _HOUR_12, _MINUTE, _SECOND, _FRACTION, _HALF, _ZONE, _TIME = range(
    256, 271
)
_DIRECTIVES = {"Y": _YEAR, "y": _SHORT_YEAR, "m": _MONTH, "d": _DAY, "b": _MONTH_NAME, "B": _MONTH_NAME, "a": _DAY_NAME, "A": _DAY_NAME}
_DIRECTIVES |= {"H": _HOUR, "I": _HOUR_12, "M": _MINUTE, "S": _SECOND, "f": _FRACTION, "p": _HALF, "z": _ZONE, "o": _TIME, "%": ord("%")}
_COMBINED = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%D": "%m/%d/%y", "%R": "%H:%M"}
_TWO_DIGITS = (_MONTH, _DAY, _HOUR, _HOUR_12, _MINUTE, _SECOND)
_NUMBERS = (_YEAR, _SHORT_YEAR, *_TWO_DIGITS)
_FIXED = 512  # added to an instruction whose number has its full width

_MONTH_NAMES = "january february march april may june july august september october november december".split()
_DAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()


def _name_table(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer("".join(names).encode(), np.uint8), np.cumsum([0, *map(len, names)]).astype(np.int64)


_MONTHS, _MONTHS_START = _name_table(_MONTH_NAMES)
_DAYS, _DAYS_START = _name_table(_DAY_NAMES)


class Moments(NamedTuple):
    """Readings of n texts. status: uint8[n] (OK, SYNTAX, RANGE); date: int32[n] as yyyymmdd; seconds: int64[n] since 1970, by the text's
    own zone where zoned (bool[n]) says that it has one, else as if it were UTC; fractions of a second floored. 0 where the status is not
    OK."""

    status: np.ndarray
    date: np.ndarray
    seconds: np.ndarray
    zoned: np.ndarray


@lru_cache(256)
def compile_format(text: str) -> np.ndarray:
    """The instructions of a format, int32. Raises InputError for a directive that is not known here or a format without year, month and
    day."""
    for short, long in _COMBINED.items():
        text = text.replace(short, long)
    found: list[int] = []
    characters = iter(text)
    for character in characters:
        if character == "%":
            directive = next(characters, "")
            if directive not in _DIRECTIVES or not directive:
                raise InputError(
                    f"date format {text!r}: no directive %{directive}; known are {' '.join('%' + d for d in _DIRECTIVES)} %F %T %D %R"
                )
            found.append(_DIRECTIVES[directive])
        elif character.isspace():
            found += [] if found[-1:] == [_BLANK] else [_BLANK]
        else:
            found += character.encode()
    days = {_SHORT_YEAR: _YEAR, _MONTH_NAME: _MONTH}
    if not {_YEAR, _MONTH, _DAY} <= {days.get(one, one) for one in found}:
        raise InputError(f"date format {text!r}: a year, a month and a day are needed (or iso, unix, unix_ms, infer)")
    for at, one in enumerate(found):
        touches = (found[at - 1] if at else 0, found[at + 1] if at + 1 < len(found) else 0)
        if one in _TWO_DIGITS and (touches[0] % _FIXED in _NUMBERS or touches[1] in _NUMBERS):
            found[at] += _FIXED
    return np.array(found, np.int32)


def read_moments(values: pa.StringArray, text: str, newest: int) -> Moments:
    """Read every value by the format. newest (yyyymmdd): a year of two digits is the latest that does not put the date after it."""
    offsets, data = offsets_and_bytes(values)
    n = len(values)
    moments = Moments(np.zeros(n, np.uint8), np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.bool_))
    _read_moments(data, offsets, compile_format(text), np.int64(newest), np.zeros(5, np.int64), *moments)
    return moments


def read_numbers(values: pa.StringArray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Read decimal numbers of 1/scale seconds, floored to seconds: (status uint8[n], seconds int64[n]). At most 18 digits before a
    point."""
    offsets, data = offsets_and_bytes(values)
    status, seconds = np.zeros(len(values), np.uint8), np.zeros(len(values), np.int64)
    _read_numbers(data, offsets, np.int64(scale), status, seconds)
    return status, seconds


@njit(**INNER_BORROWING)
def days_of(year, month, day):
    """Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil)."""
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@njit(**INNER_BORROWING)
def days_in(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@njit(**INNER_BORROWING)
def _blank(c):
    return c == 32 or 9 <= c <= 13


@njit(**INNER_BORROWING)
def _after_blanks(data, p, end):
    while p < end and _blank(data[p]):
        p += 1
    return p


@njit(**INNER_BORROWING)
def _number(data, p, end, least, most):
    """(value, position after) of least to most digits at p; position -1 where there are too few."""
    value, start = 0, p
    while p < end and p - start < most and 48 <= data[p] <= 57:
        value = value * 10 + data[p] - 48
        p += 1
    return (value, p) if p - start >= least else (0, -1)


@njit(**INNER_BORROWING)
def _name(data, p, end, table, starts):
    """(which name, position after): a name of the table, or at least its first three letters; a dot may follow."""
    stop = p
    while stop < end and 97 <= (data[stop] | 32) <= 122:
        stop += 1
    for k in range(len(starts) - 1):
        if 3 <= stop - p <= starts[k + 1] - starts[k]:
            same = True
            for i in range(stop - p):
                if data[p + i] | 32 != table[starts[k] + i]:
                    same = False
                    break
            if same:
                return k, stop + 1 if stop < end and data[stop] == 46 else stop
    return 0, -1


@njit(**INNER_BORROWING)
def _half(data, p, end):
    """(1 for am, 2 for pm, position after): am, AM, a.m.; position -1 where there is none."""
    if p >= end or data[p] | 32 not in (97, 112):
        return 0, -1
    half = 1 if data[p] | 32 == 97 else 2
    p += 1
    dotted = p < end and data[p] == 46
    p += dotted
    if p >= end or data[p] | 32 != 109:
        return 0, -1
    p += 1
    return half, p + 1 if dotted and p < end and data[p] == 46 else p


@njit(**INNER_BORROWING)
def _zone(data, p, end):
    """(seconds east of Greenwich, position after): Z, UTC, GMT, +08, +0800, +08:00; position -1 where there is none."""
    if p < end and data[p] | 32 == 122:
        return 0, p + 1
    if end - p >= 3:
        a, b, c = data[p] | 32, data[p + 1] | 32, data[p + 2] | 32
        if (a == 117 and b == 116 and c == 99) or (a == 103 and b == 109 and c == 116):
            return 0, p + 3
    if p >= end or data[p] not in (43, 45):
        return 0, -1
    sign = -1 if data[p] == 45 else 1
    hours, p = _number(data, p + 1, end, 2, 2)
    if p < 0:
        return 0, -1
    minutes = 0
    if p < end:
        minutes, p = _number(data, p + 1 if data[p] == 58 else p, end, 2, 2)
    if p < 0 or minutes > 59 or hours > 15:
        return 0, -1
    return sign * (hours * 3600 + minutes * 60), p


@njit(**INNER_BORROWING)
def _time_of_day(data, p, end, clock):
    """Read what %o stands for; clock: int64[5] of hour, minute, second, half (0 none), zone in seconds (_NO_ZONE). Returns the position
    after, or -1."""
    if p == end:
        return p
    if data[p] | 32 == 116:  # T
        p += 1
    elif _blank(data[p]):
        p = _after_blanks(data, p, end)
    else:
        return -1
    clock[0], p = _number(data, p, end, 1, 2)
    if p < 0 or p == end or data[p] != 58:
        return -1
    clock[1], p = _number(data, p + 1, end, 2, 2)
    if p > 0 and p < end and data[p] == 58:
        clock[2], p = _number(data, p + 1, end, 2, 2)
        if p > 0 and p < end and (data[p] == 46 or data[p] == 44):
            _, p = _number(data, p + 1, end, 1, 18)
    if p < 0:
        return -1
    q = _after_blanks(data, p, end)
    half, after = _half(data, q, end)
    if after > 0:
        clock[3] = half
        p = after
        q = _after_blanks(data, p, end)
    zone, after = _zone(data, q, end)
    if after > 0:
        clock[4] = zone
        p = after
    return p


_NO_ZONE = 1 << 40


@njit(**BORROWING)
def _read_moments(data, offsets, program, newest, clock, status, date, seconds, zoned):
    for i in range(len(status)):
        p, end = np.int64(offsets[i]), np.int64(offsets[i + 1])
        p = _after_blanks(data, p, end)
        while end > p and _blank(data[end - 1]):
            end -= 1
        year, month, day, short = 0, 0, 0, False
        clock[:] = 0
        clock[4] = _NO_ZONE
        for k in range(len(program)):
            op = program[k] % 512
            least = 2 if program[k] >= 512 else 1
            if op < 256:
                p = p + 1 if p < end and data[p] == op else -1
            elif op == _BLANK:
                p = _after_blanks(data, p, end) if p < end and _blank(data[p]) else -1
            elif op == _YEAR:
                year, p = _number(data, p, end, 4, 4)
            elif op == _SHORT_YEAR:
                year, p = _number(data, p, end, 2, 2)
                short = True
            elif op == _MONTH:
                month, p = _number(data, p, end, least, 2)
            elif op == _DAY:
                day, p = _number(data, p, end, least, 2)
            elif op == _MONTH_NAME:
                month, p = _name(data, p, end, _MONTHS, _MONTHS_START)
                month += 1
            elif op == _DAY_NAME:
                _, p = _name(data, p, end, _DAYS, _DAYS_START)
            elif op in (_HOUR, _HOUR_12):
                clock[0], p = _number(data, p, end, least, 2)
            elif op == _MINUTE:
                clock[1], p = _number(data, p, end, least, 2)
            elif op == _SECOND:
                clock[2], p = _number(data, p, end, least, 2)
            elif op == _FRACTION:
                _, p = _number(data, p, end, 1, 18)
            elif op == _HALF:
                clock[3], p = _half(data, p, end)
            elif op == _ZONE:
                clock[4], p = _zone(data, p, end)
            else:
                p = _time_of_day(data, p, end, clock)
            if p < 0:
                break
        if p != end:
            status[i] = SYNTAX
            continue
        if short:
            year += newest // 1_000_000 * 100
            if year * 10000 + month * 100 + day > newest:
                year -= 100
        hour = clock[0]
        if clock[3] > 0:
            hour = hour % 12 + (12 if clock[3] == 2 else 0)
        impossible = year < 1 or month < 1 or month > 12 or day < 1 or day > days_in(year, month) or clock[0] > 23
        if impossible or clock[1] > 59 or clock[2] > 60 or (clock[3] > 0 and (clock[0] < 1 or clock[0] > 12)):
            status[i] = RANGE
            continue
        date[i] = year * 10000 + month * 100 + day
        zoned[i] = clock[4] != _NO_ZONE
        local = days_of(year, month, day) * 86400 + hour * 3600 + clock[1] * 60 + clock[2]
        seconds[i] = local - clock[4] if zoned[i] else local


@njit(**BORROWING)
def _read_numbers(data, offsets, scale, status, seconds):
    for i in range(len(status)):
        p, end = np.int64(offsets[i]), np.int64(offsets[i + 1])
        p = _after_blanks(data, p, end)
        while end > p and _blank(data[end - 1]):
            end -= 1
        negative = p < end and data[p] == 45
        value, p = _number(data, p + 1 if negative or (p < end and data[p] == 43) else p, end, 1, 18)
        remainder = False
        if p > 0 and p < end and data[p] == 46:
            p += 1
            start = p
            while p < end and 48 <= data[p] <= 57:
                remainder |= data[p] != 48
                p += 1
            if p == start:
                p = -1
        if p != end:
            status[i] = SYNTAX
            continue
        seconds[i] = value // scale if not negative else -((value + (1 if remainder else 0) + scale - 1) // scale)
