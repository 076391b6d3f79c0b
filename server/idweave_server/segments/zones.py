"""Time zones as tables of their clocks' changes, read from the zone database that Python has."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.civil import DAY, Zones
from idweave_server.segments.expression import UTC as NO_ZONE

FIRST, LAST = -4_102_444_800, 9_214_646_400  # 1840 and 2262: no zone changed before, and no instant that is computed lies behind
STRIDE = 3 * DAY  # no zone of the database ever changed twice within 3.9 days; tests/segments/test_zones.py
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    return tuple(sorted({*available_timezones(), NO_ZONE} - {"localtime"}))  # that one is the machine's


def is_zone(name: str) -> bool:
    """Whether the database knows a zone of this name; UTC is known without any."""
    return name in _known()


def nearest_zone(name: str) -> str:
    """The most similar name of a zone, "" where none is."""
    city = name.rpartition("/")[2].replace(" ", "_").lower()
    by_city = [zone for zone in _known() if zone.rpartition("/")[2].lower() == city]
    return (by_city or difflib.get_close_matches(name, _known(), 1, 0.6) or [""])[0]


@lru_cache(maxsize=1024)
def changes_of(name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(at int64[c], offset int64[c + 1]): when a zone's clock changes, and its seconds east of UTC before and after each.

    Found by asking Python's zone database, which also follows the rule that stands for the years to come.
    """
    if name == NO_ZONE:
        return np.empty(0, np.int64), np.zeros(1, np.int64)
    zone = ZoneInfo(name)
    at: list[int] = []
    offsets = [_offset(zone, EPOCH + timedelta(seconds=FIRST))]
    moment, step = EPOCH + timedelta(seconds=FIRST), timedelta(seconds=STRIDE)
    for instant in range(FIRST + STRIDE, LAST + STRIDE, STRIDE):
        moment += step
        if (after := _offset(zone, moment)) != offsets[-1]:
            low, high = instant - STRIDE, instant
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset(zone, EPOCH + timedelta(seconds=middle)) == after else (middle, high)
            at.append(high)
            offsets.append(after)
    return np.array(at, np.int64), np.array([offset // timedelta(seconds=1) for offset in offsets], np.int64)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def zone_tables(names: tuple[str, ...]) -> Zones:
    """The tables of these zones, numbered in this order."""
    tables = [changes_of(name) for name in names]
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([at.size for at, _ in tables], out=start[1:])
    walls = [np.maximum.accumulate(at + np.maximum(offset[:-1], offset[1:])) for at, offset in tables]
    nothing = np.empty(0, np.int64)
    return Zones(
        start,
        np.concatenate([nothing, *(at for at, _ in tables)]),
        np.concatenate([nothing, *walls]),
        np.concatenate([nothing, *(offset for _, offset in tables)]),
    )
