"""Birth dates: a trait as ISO text, and evidence of who somebody is unless it is a date that forms fill in by themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import scalar, strings
from idweave_server.identifiers.dates import Inference, parse_dates
from idweave_server.model import Refusal

EARLIEST = 19_000_101
NO_EVIDENCE = -1
# 1 January of any year and 11/11/11 are what people and programs enter for "not known"; nobody is refused for having been born then.
_DEFAULTS = (19_111_111,)
_FEW = 8  # dates that are written one by one
_POWERS = 10 ** np.arange(7, -1, -1)
_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9]  # where the digits stand in 1985-03-04


class BirthDates(NamedTuple):
    """text: string[n] as ISO dates, null where refused; evidence: int32[n] as yyyymmdd, -1 where refused or a default date; refusal:
    uint8[n]."""

    text: pa.StringArray
    evidence: npt.NDArray[np.int32]
    refusal: npt.NDArray[np.uint8]


def read_birth_dates(values: pa.StringArray, how: str | Inference | None, *, newest: int) -> BirthDates:
    """Read distinct texts as birth dates from 1900 to `newest` (yyyymmdd, the day of the run); others are DATE_RANGE.

    how: a format, "iso" (also for None), or what `infer_format` found; a year of two digits is the latest that does not lie after `newest`.
    """
    date, refusal = parse_dates(values, how or "iso", newest=newest)
    outside = (refusal == Refusal.NONE) & ((date < EARLIEST) | (date > newest))
    refusal = np.where(outside, np.uint8(Refusal.DATE_RANGE), refusal)
    usable = refusal == Refusal.NONE
    default = (date % 10_000 == 101) | np.isin(date, _DEFAULTS)
    evidence = np.where(usable & ~default, date, np.int32(NO_EVIDENCE)).astype(np.int32)
    return BirthDates(iso_text(np.where(usable, date, 0)), evidence, refusal)


def iso_text(date: npt.NDArray[np.int32]) -> pa.StringArray:
    """Dates as yyyymmdd integers in ISO form, 19850304 as 1985-03-04; null where not positive."""
    if date.size <= _FEW:
        texts = [f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}" if day > 0 else None for day in date.tolist()]
        return pa.array(texts, pa.string())
    digits = np.maximum(date, 0)[:, None] // _POWERS % 10
    text = np.full((date.size, 10), ord("-"), np.uint8)
    text[:, _DIGITS] = digits + ord("0")
    found = strings(np.arange(date.size + 1, dtype=np.int32) * 10, text.reshape(-1))
    known = date > 0
    return found if known.all() else pc.if_else(pa.array(known), found, scalar(None))
