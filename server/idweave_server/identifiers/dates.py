"""Columns of dates and times read by a format that the mapping states or that the column was found to have.

A year of two digits is the latest that does not put the date after `newest`; without one, 69 to 99 are 1969 to 1999 as POSIX has it. A time
without a zone is in the `timezone` given, else UTC; of an hour that the clocks repeat the first is taken, one that they skip is read as the
moment they jump.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.errors import InputError
from idweave_server.identifiers.date_formats import OK, RANGE, SYNTAX, Moments, compile_format, read_moments, read_numbers
from idweave_server.identifiers.date_inference import ISO, UNIX_SCALES, Inference, fitting, infer_format
from idweave_server.model import MAX_TIME, MIN_TIME, Refusal

__all__ = ["Dates", "Inference", "Times", "check_format", "infer_format", "parse_dates", "parse_times"]

POSIX_NEWEST = 20_681_231
_AMBIGUOUS = 3  # a status of ours beside those of date_formats
_DATE_REFUSALS = np.array([Refusal.NONE, Refusal.DATE_SYNTAX, Refusal.DATE_RANGE, Refusal.DATE_AMBIGUOUS], np.uint8)
_TIME_REFUSALS = np.array([Refusal.NONE, Refusal.TIME_SYNTAX, Refusal.TIME_RANGE, Refusal.DATE_AMBIGUOUS], np.uint8)


class Dates(NamedTuple):
    """date: int32[n] as yyyymmdd, 0 where refused; refusal: uint8[n], model.Refusal members."""

    date: npt.NDArray[np.int32]
    refusal: npt.NDArray[np.uint8]


class Times(NamedTuple):
    """seconds: int64[n] since 1970 in UTC, fractions floored, 0 where refused; refusal: uint8[n], model.Refusal members."""

    seconds: npt.NDArray[np.int64]
    refusal: npt.NDArray[np.uint8]


def check_format(text: str) -> None:
    """Raise InputError unless a column can be read by this format: iso, unix, unix_ms, unix_us, or directives (see date_formats)."""
    if text not in UNIX_SCALES and text != "iso":
        compile_format(text)


def parse_dates(values: pa.StringArray, how: str | Inference, *, newest: int = POSIX_NEWEST) -> Dates:
    """Read distinct texts as calendar dates. how: "iso", a format, or what `infer_format` found; newest: yyyymmdd, for years of two
    digits."""
    moments = _read(values, how, newest, ISO)
    return Dates(moments.date, _DATE_REFUSALS[moments.status])


def parse_times(values: pa.StringArray, how: str | Inference, *, timezone: str | None = None) -> Times:
    """Read distinct texts as moments between model.MIN_TIME and MAX_TIME, others are TIME_RANGE.

    how: "unix", "unix_ms", "unix_us" (numbers, fractions allowed), "iso" (a date with an optional time of day), a format, or what
    `infer_format` found. timezone: IANA name of the zone of texts that state none; InputError where it is not known.
    """
    moments = _read(values, how, POSIX_NEWEST, ISO + "%o")
    status, seconds = moments.status, moments.seconds
    if timezone is not None:
        local = (status == OK) & ~moments.zoned
        seconds = np.where(local, _in_zone(seconds, local, timezone), seconds)
    outside = (status == OK) & ((seconds < MIN_TIME) | (seconds >= MAX_TIME))
    status = np.where(outside, np.uint8(RANGE), status)
    return Times(np.where(status == OK, seconds, 0), _TIME_REFUSALS[status])


def _read(values: pa.StringArray, how: str | Inference, newest: int, iso: str) -> Moments:
    formats = how.formats if isinstance(how, Inference) else (iso if how == "iso" else how,)
    if len(formats) == 1:
        return _read_by(values, formats[0], newest)
    read = Moments(np.full(n := len(values), SYNTAX, np.uint8), np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.bool_))
    for text in formats:
        other = _read_by(values, text, newest)
        if text in UNIX_SCALES:  # any number could be either; its digits tell
            other.status[~fitting(values, text)] = SYNTAX
        read = _both(read, other)
    return _blanked(read, read.status == _AMBIGUOUS)


def _read_by(values: pa.StringArray, text: str, newest: int) -> Moments:
    if text in UNIX_SCALES:
        status, seconds = read_numbers(values, UNIX_SCALES[text])
        return Moments(status, np.zeros(len(values), np.int32), seconds, np.ones(len(values), np.bool_))
    return read_moments(values, text, newest)


def _both(one: Moments, other: Moments) -> Moments:
    """What either reads; ambiguous where both do and disagree; of two failures the one that came closer."""
    takes = (one.status != OK) & (one.status != _AMBIGUOUS) & (other.status == OK)
    differs = (one.status == OK) & (other.status == OK) & (one.seconds != other.seconds)
    neither = (one.status != OK) & (other.status != OK)
    status = np.where(takes, np.uint8(OK), np.where(neither, np.maximum(one.status, other.status), one.status))
    status = np.where(differs, np.uint8(_AMBIGUOUS), status).astype(np.uint8)
    return Moments(status, *(np.where(takes, b, a) for a, b in zip(one[1:], other[1:], strict=True)))


def _blanked(moments: Moments, rows: npt.NDArray[np.bool_]) -> Moments:
    return Moments(moments.status, *(np.where(rows, np.zeros(1, array.dtype), array) for array in moments[1:]))


def _in_zone(seconds: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_], timezone: str) -> npt.NDArray[np.int64]:
    """Seconds of local wall clocks as UTC, for these rows; others are 0."""
    # Beyond these bounds the time is refused anyway, and no zone's history is asked for.
    wall = pa.array(np.where(rows, np.clip(seconds, MIN_TIME - 86_400, MAX_TIME + 86_400), 0)).cast(pa.timestamp("s"))
    try:
        moved = pc.assume_timezone(wall, timezone, ambiguous="earliest", nonexistent="latest")
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise InputError(f"no time zone {timezone!r}; names are those of the IANA list, such as Europe/Berlin") from error
    return np.asarray(moved.cast(pa.int64()).to_numpy(zero_copy_only=False))
