"""The calendar inside kernels against datetime and zoneinfo: every day of centuries, and every change of clocks of every zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.civil import date_of, day_of, instant_of, month_length, moved_all, moved_day, wall_of
from idweave_server.segments.zones import zone_tables

EPOCH = date(1970, 1, 1).toordinal()
DAY = 86_400


def test_every_day_of_five_centuries() -> None:
    for ordinal in range(date(1800, 1, 1).toordinal(), date(2300, 1, 1).toordinal(), 1):
        day = date.fromordinal(ordinal)
        assert date_of(ordinal - EPOCH) == (day.year, day.month, day.day)
        assert day_of(day.year, day.month, day.day) == ordinal - EPOCH


@pytest.mark.parametrize("year", [1900, 2000, 2023, 2024, 2100])
def test_lengths_of_months(year: int) -> None:
    assert [month_length(year, month) for month in range(1, 13)] == [calendar.monthrange(year, month)[1] for month in range(1, 13)]


def naive_day(day: date, months: int, days: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1])) + timedelta(days=days)


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(-1_000, 1_000), st.integers(-1_000, 1_000))
def test_days_move_by_months_then_by_days(day: date, months: int, days: int) -> None:
    assert moved_day(day.toordinal() - EPOCH, months, days) == naive_day(day, months, days).toordinal() - EPOCH


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Africa/Casablanca",
)


@pytest.mark.parametrize("name", ZONES)
def test_clocks_around_each_of_their_changes(name: str) -> None:
    tables, zone = zone_tables((name,)), ZoneInfo(name)
    near = [change + step for change in tables.at.tolist() for step in (-90_000, -7_200, -3_600, -1, 0, 1, 1_800, 3_600, 7_200, 90_000)]
    for instant in near or range(0, 10**9, 10**7):
        shown = datetime.fromtimestamp(instant, zone).replace(tzinfo=None, fold=0)
        wall = int(shown.replace(tzinfo=UTC).timestamp())
        assert wall_of(tables, 0, instant) == wall
        assert instant_of(tables, 0, wall) == int(shown.replace(tzinfo=zone).timestamp())
        skipped = shown + timedelta(minutes=30)  # among them what no clock ever shows
        assert instant_of(tables, 0, wall + 1_800) == int(skipped.replace(tzinfo=zone, fold=0).timestamp())


def naive_moved(instant: int, zone: ZoneInfo, months: int, days: int, seconds: int, sign: int) -> int:
    if not (months or days):
        return instant + sign * seconds
    wall = datetime.fromtimestamp(instant, zone).replace(tzinfo=None, fold=0)
    moved = datetime.combine(naive_day(wall.date(), sign * months, sign * days), wall.time())
    return int(moved.replace(tzinfo=zone, fold=0).timestamp()) + sign * seconds


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.lists(st.integers(-2_208_988_800, 4_102_444_800), min_size=1, max_size=20),
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(0, 100_000),
    st.sampled_from((-1, 1)),
)
def test_instants_move_by_the_calendar_of_their_zone(
    name: str, instants: list[int], months: int, days: int, seconds: int, sign: int
) -> None:
    spans = np.array([[months, days, seconds, 0]], np.int64)
    found = moved_all(zone_tables((name,)), 0, np.array(instants, np.int64), False, spans, 0, sign)
    assert found.tolist() == [naive_moved(instant, ZoneInfo(name), months, days, seconds, sign) for instant in instants]


def test_zones_in_one_table_do_not_mix() -> None:
    tables = zone_tables(ZONES)
    for number, name in enumerate(ZONES):
        for instant in range(1_000_000_000, 1_800_000_000, 9_876_543):
            offset = datetime.fromtimestamp(instant, ZoneInfo(name)).utcoffset()
            assert offset is not None
            assert wall_of(tables, number, instant) - instant == offset.total_seconds()
            assert instant_of(tables, number, wall_of(tables, number, instant)) <= instant
