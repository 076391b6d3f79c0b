"""Who has lapsed, is due, has a birthday, was acquired when: over month ends, leap years and changes of the clocks."""

from __future__ import annotations

import pytest
from idweave_server.segments.expression import Not, Relation, Span, TimeTest
from idweave_server.segments.templates.registry import instantiate

from tests.segments.templates.naive import timeline, truth
from tests.segments.templates.people import at, event, order, person, refund

DAY = 86_400


@pytest.mark.parametrize(
    ("bought", "enters"),
    [
        ("2025-01-15T10:20:30Z", "2025-07-15T10:20:30Z"),
        ("2025-08-31T10:00:00Z", "2026-02-28T10:00:00Z"),  # no 31 February
        ("2023-08-31T10:00:00Z", "2024-02-29T10:00:00Z"),  # a leap year
        ("2024-02-29T10:00:00Z", "2024-08-29T10:00:00Z"),  # 29, not the end of August
        ("2025-12-31T23:59:59Z", "2026-06-30T23:59:59Z"),
        ("2025-03-31T00:00:00Z", "2025-09-30T00:00:00Z"),
    ],
)
def test_lapsed_enters_by_itself_six_calendar_months_later(bought: str, enters: str) -> None:
    lapsed = instantiate("lapsed")
    assert timeline(lapsed, person(order(bought)), at(bought), at(bought) + 400 * DAY, DAY)[1:] == [(enters, True)]
    assert truth(lapsed, person(order(bought)), at(enters) - 1) is False


@pytest.mark.parametrize(
    ("bought", "zone", "enters"),
    [
        ("2025-10-01T10:00:00Z", "Europe/Berlin", "2026-04-01T10:00:00Z"),  # noon in summer both times
        ("2025-09-26T10:00:00Z", "Europe/Berlin", "2026-03-26T11:00:00Z"),  # noon in summer, then noon in winter: an hour later in UTC
        ("2025-09-29T00:30:00Z", "Europe/Berlin", "2026-03-29T01:30:00Z"),  # 02:30 is skipped on that day; an hour on, 03:30 in summer
        ("2025-08-30T22:30:00Z", "Europe/Berlin", "2026-02-27T23:30:00Z"),  # 31 August there already, so 28 February
    ],
)
def test_lapsed_goes_by_the_calendar_of_a_zone(bought: str, zone: str, enters: str) -> None:
    said = instantiate("lapsed", {"zone": zone})
    assert timeline(said, person(order(bought)), at(bought), at(bought) + 300 * DAY, DAY)[1:] == [(enters, True)]


def test_lapsed_is_unknown_of_who_never_bought_and_so_is_not_within() -> None:
    never = person(event("2026-01-01", "page_viewed"))
    within = TimeTest("last_purchase_time", Relation.WITHIN, Span(months=6))
    assert truth(instantiate("lapsed"), never, at("2026-12-01")) is None
    assert truth(Not(within), never, at("2026-12-01")) is None


def test_lapsed_ends_with_a_purchase_and_comes_back_when_that_is_undone() -> None:
    who = person(order("2025-01-01"), order("2025-10-01", "5", order_id="o2"), refund("2025-10-05", "o2"))
    assert timeline(instantiate("lapsed"), who, at("2025-01-01"), at("2026-01-01"), 3_600)[1:] == [
        ("2025-07-01T00:00:00Z", True),
        ("2025-10-01T00:00:00Z", False),
        ("2025-10-05T00:00:00Z", True),
    ]


def test_due_for_a_reorder_from_seven_days_before_to_fourteen_after() -> None:
    due = person(next_purchase_expected=at("2026-03-15T12:00:00Z"))
    assert timeline(instantiate("due_for_reorder"), due, at("2026-01-01"), at("2026-06-01"))[1:] == [
        ("2026-03-08T12:00:00Z", True),
        ("2026-03-29T12:00:00Z", False),
    ]
    on_time = instantiate("due_for_reorder", {"overdue_days": 0})
    assert timeline(on_time, due, at("2026-03-10"), at("2026-06-01"))[1:] == [("2026-03-15T12:00:00Z", False)]
    assert truth(instantiate("due_for_reorder"), person(), at("2026-01-01")) is None


@pytest.mark.parametrize(
    ("born", "zone", "enters", "leaves"),
    [
        ("1990-03-15", "UTC", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"),
        ("1990-01-02", "UTC", "2026-12-27T00:00:00Z", "2027-01-03T00:00:00Z"),  # over New Year
        ("1992-02-29", "UTC", "2027-02-22T00:00:00Z", "2027-03-01T00:00:00Z"),  # 28 February in a common year
        ("1990-03-30", "Europe/Berlin", "2026-03-23T23:00:00Z", "2026-03-30T22:00:00Z"),  # seven days there, one of 23 hours
    ],
)
def test_a_birthday_is_soon_in_the_seven_days_that_end_with_it(born: str, zone: str, enters: str, leaves: str) -> None:
    said = instantiate("birthday_soon", {"zone": zone})
    found = timeline(said, person(birth_date=born), at(enters) - 20 * DAY, at(leaves) + 20 * DAY, 3_600)
    assert found[1:] == [(enters, True), (leaves, False)]


def test_the_birthday_alone() -> None:
    said = instantiate("birthday_soon", {"days": 1})
    assert timeline(said, person(birth_date="1990-03-15"), at("2026-03-01"), at("2026-04-01"))[1:] == [
        ("2026-03-15T00:00:00Z", True),
        ("2026-03-16T00:00:00Z", False),
    ]
    assert truth(said, person(), at("2026-03-15")) is None


@pytest.mark.parametrize(
    ("acquired", "zone", "expected"),
    [
        ("2025-12-31T23:59:59Z", "UTC", False),
        ("2026-01-01T00:00:00Z", "UTC", True),
        ("2026-01-31T23:59:59Z", "UTC", True),
        ("2026-02-01T00:00:00Z", "UTC", False),
        ("2025-12-31T23:00:00Z", "Europe/Berlin", True),
        ("2026-01-31T23:00:00Z", "Europe/Berlin", False),
    ],
)
def test_acquired_in_a_month_of_a_zone(acquired: str, zone: str, expected: bool) -> None:
    said = instantiate("acquired_in_month", {"month": "2026-01", "zone": zone})
    assert truth(said, person(first_purchase_time=at(acquired)), at("2026-06-01")) is expected
    assert truth(said, person(), at("2026-06-01")) is None


def test_acquired_in_a_december_ends_with_the_year() -> None:
    said = instantiate("acquired_in_month", {"month": "2025-12"})
    assert truth(said, person(first_purchase_time=at("2025-12-31T23:59:59Z")), at("2026-06-01")) is True
    assert truth(said, person(first_purchase_time=at("2026-01-01T00:00:00Z")), at("2026-06-01")) is False


@pytest.mark.parametrize(
    ("acquired", "one", "three"),
    [
        ("2025-11-19T23:59:59Z", False, False),
        ("2025-11-20T00:00:00Z", True, True),
        ("2025-12-31T23:59:59Z", True, True),
        ("2026-01-01T00:00:00Z", False, False),
        ("2023-12-24T00:00:00Z", False, True),
        ("2022-12-24T00:00:00Z", False, False),
    ],
)
def test_acquired_in_a_holiday_season(acquired: str, one: bool, three: bool) -> None:
    who, now = person(first_purchase_time=at(acquired)), at("2026-06-01")
    assert truth(instantiate("holiday_acquired", {"year": 2025}), who, now) is one
    assert truth(instantiate("holiday_acquired", {"year": 2025, "years": 3}), who, now) is three


def test_a_season_over_new_year_belongs_to_the_year_that_it_begins_in() -> None:
    said = instantiate("holiday_acquired", {"year": 2025, "begin": "12-15", "end": "01-06"})
    days = {"2025-12-14": False, "2025-12-15": True, "2026-01-06": True, "2026-01-07": False, "2025-01-03": False}
    assert {day: truth(said, person(first_purchase_time=at(day)), at("2026-06-01")) for day in days} == days


def test_acquired_through_a_campaign_or_a_channel() -> None:
    who = person(acquisition_campaign="spring-sale", acquisition_channel="search")
    assert truth(instantiate("acquired_through", {"value": "spring-sale"}), who, 0) is True
    assert truth(instantiate("acquired_through", {"value": "spring-sale", "by": "channel"}), who, 0) is False
    assert truth(instantiate("acquired_through", {"value": "web", "by": "source"}), who, 0) is None


def test_acquired_by_the_first_contact_where_that_is_asked() -> None:
    who = person(order("2026-03-05"), acquired_time=at("2026-01-20"))
    january = {"month": "2026-01"}
    assert truth(instantiate("acquired_in_month", january), who, at("2026-06-01")) is False
    assert truth(instantiate("acquired_in_month", {**january, "by": "contact"}), who, at("2026-06-01")) is True
    assert truth(instantiate("holiday_acquired", {"year": 2025, "end": "01-31", "by": "contact"}), who, at("2026-06-01")) is True


def test_a_first_purchase_undone_moves_who_was_acquired_when() -> None:
    who = person(order("2026-01-05", order_id="o1"), order("2026-02-05"), refund("2026-03-01", "o1"))
    january = instantiate("acquired_in_month", {"month": "2026-01"})
    assert timeline(january, who, at("2026-01-10"), at("2026-04-01")) == [("2026-01-10T00:00:00Z", True), ("2026-03-01T00:00:00Z", False)]
