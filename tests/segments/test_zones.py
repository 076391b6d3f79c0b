"""Zones as tables are those of the database: all of them, at every change of their clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from idweave_server.segments.zones import STRIDE, changes_of, is_zone, nearest_zone

PlainZoneInfo = import_module("zoneinfo._zoneinfo").ZoneInfo  # the one that is written in Python shows its transitions
NAMES = sorted(available_timezones() - {"localtime"})


def transitions(name: str) -> list[tuple[int, int, int]]:
    """(instant, offset before, offset after) of what the database lists, changes of the offset alone."""
    zone = PlainZoneInfo(name)
    offsets = [zone._tti_before.utcoff, *(kind.utcoff for kind in zone._ttinfos)]
    listed = zip(zone._trans_utc, offsets, offsets[1:], strict=False)
    return [(at, int(a.total_seconds()), int(b.total_seconds())) for at, a, b in listed if a != b]


def test_no_clock_ever_changed_twice_within_a_stride() -> None:
    for name in NAMES:
        changes = [at for at, _, _ in transitions(name)]
        assert all(later - at > STRIDE for at, later in pairwise(changes)), name


@pytest.mark.parametrize("names", [NAMES[:: len(NAMES) // 12], pytest.param(NAMES, marks=pytest.mark.slow)], ids=["some", "all"])
def test_every_listed_change_is_found(names: list[str]) -> None:
    for name in names:
        at, offset = changes_of(name)
        found = dict(zip(at.tolist(), zip(offset[:-1].tolist(), offset[1:].tolist(), strict=True), strict=True))
        for change, before, after in transitions(name):
            assert found[change] == (before, after), (name, change)


@pytest.mark.parametrize("year", [1950, 2024, 2037, 2099, 2200])
def test_offsets_of_years_to_come_follow_the_rule(year: int) -> None:
    for name in ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Tokyo"):
        at, offset = changes_of(name)
        for month in range(1, 13):
            moment = datetime(year, month, 15, tzinfo=UTC)
            wanted = moment.astimezone(ZoneInfo(name)).utcoffset()
            assert wanted is not None
            assert offset[(at <= moment.timestamp()).sum()] == wanted.total_seconds()


def test_names() -> None:
    assert is_zone("UTC")
    assert is_zone("Europe/Berlin")
    for wrong in ("", "Europe/Berln", "../etc/passwd", "localtime", "europe/berlin "):
        assert not is_zone(wrong)
    assert nearest_zone("Europe/Berln") == "Europe/Berlin"
    assert nearest_zone("berlin") == "Europe/Berlin"
    assert nearest_zone("New York") == "America/New_York"
    assert nearest_zone("%%%") == ""
