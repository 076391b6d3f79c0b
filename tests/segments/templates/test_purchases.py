"""Who is in and out of the templates on purchases, and at which second that changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from idweave_server.segments.templates.registry import instantiate

from tests.segments.templates.naive import Truth, timeline, truth
from tests.segments.templates.people import Person, at, event, order, person, refund

RECENT = instantiate("recent_purchasers", {"currency": "USD"})
FIRST_TIME = instantiate("first_time_buyers")


@pytest.mark.parametrize("channel", ["store", "online"])
def test_a_purchase_of_120_enters_and_leaves_90_days_later_to_the_second(channel: str) -> None:
    jo = person(order("2026-01-01T12:00:00Z", "120", channel=channel))
    assert timeline(RECENT, jo, at("2026-01-01"), at("2026-06-01")) == [
        ("2026-01-01T00:00:00Z", False),
        ("2026-01-01T12:00:00Z", True),
        ("2026-04-01T12:00:00Z", False),
    ]
    assert truth(RECENT, jo, at("2026-04-01T11:59:59Z")) is True
    assert truth(RECENT, jo, at("2026-01-01T11:59:59Z")) is False


@pytest.mark.parametrize(("amount", "expected"), [("99.99", False), ("99.999999", False), ("100", True), ("100.01", True)])
def test_the_amount_is_a_least_one(amount: str, expected: bool) -> None:
    assert truth(RECENT, person(order("2026-01-01", amount)), at("2026-01-02")) is expected


def test_two_small_orders_are_no_large_one() -> None:
    assert truth(RECENT, person(order("2026-01-01", "60"), order("2026-01-02", "60")), at("2026-01-03")) is False


def test_a_second_large_order_moves_the_end_and_a_small_one_nothing() -> None:
    first, small, large = order("2026-01-01", "120"), order("2026-01-20", "20"), order("2026-02-10", "100")
    assert timeline(RECENT, person(first, small), at("2026-01-01"), at("2026-06-01"))[1:] == [("2026-04-01T00:00:00Z", False)]
    assert timeline(RECENT, person(first, small, large), at("2026-01-01"), at("2026-06-01"))[1:] == [("2026-05-11T00:00:00Z", False)]


def test_a_partial_refund_counts_down_what_was_paid() -> None:
    bought = order("2026-01-01", "120", order_id="o1")
    kept = person(bought, refund("2026-01-10", "o1", "20"))
    undone = person(bought, refund("2026-01-10", "o1", "20.01"))
    whole = person(bought, refund("2026-01-10", "o1"))
    cancelled = person(bought, event("2026-01-10", "order_cancelled", order_id="o1"))
    another = person(bought, event("2026-01-10", "order_cancelled", order_id="o2"))
    assert timeline(RECENT, kept, at("2026-01-01"), at("2026-03-01")) == [("2026-01-01T00:00:00Z", True)]
    for left in (undone, whole, cancelled):
        assert timeline(RECENT, left, at("2026-01-01"), at("2026-03-01"))[1:] == [("2026-01-10T00:00:00Z", False)]
    assert truth(RECENT, another, at("2026-02-01")) is True


def test_money_without_a_rate_is_unknown_and_with_one_converted() -> None:
    bought = order("2026-01-01", "100", "EUR")
    rate = {("EUR", "USD"): Decimal("1.1")}
    assert truth(RECENT, person(bought), at("2026-01-02")) is None
    assert truth(RECENT, person(bought, order("2026-01-01", "100")), at("2026-01-02")) is True
    assert truth(RECENT, Person((bought,), rates=rate), at("2026-01-02")) is True
    assert truth(RECENT, Person((order("2026-01-01", "90", "EUR"),), rates=rate), at("2026-01-02")) is False


def test_a_channel_can_be_asked_for() -> None:
    till = instantiate("recent_purchasers", {"currency": "USD", "channel": "store"})
    assert truth(till, person(order("2026-01-01", "120", channel="store")), at("2026-01-02")) is True
    assert truth(till, person(order("2026-01-01", "120", channel="online")), at("2026-01-02")) is False
    assert truth(till, person(order("2026-01-01", "120")), at("2026-01-02")) is False


def test_a_first_time_buyer_leaves_after_24_hours_or_at_the_second_order() -> None:
    first = order("2026-01-01T12:00:00Z", order_id="o1")
    assert timeline(FIRST_TIME, person(first), at("2026-01-01"), at("2026-02-01"))[1:] == [
        ("2026-01-01T12:00:00Z", True),
        ("2026-01-02T12:00:00Z", False),
    ]
    assert timeline(FIRST_TIME, person(first, order("2026-01-01T20:00:00Z")), at("2026-01-01"), at("2026-02-01"))[1:] == [
        ("2026-01-01T12:00:00Z", True),
        ("2026-01-01T20:00:00Z", False),
    ]


def test_an_older_order_that_turns_up_ends_the_first_time() -> None:
    assert truth(FIRST_TIME, person(order("2026-01-01"), order("2019-05-05")), at("2026-01-01T01:00:00Z")) is False


def test_a_cancelled_first_order_leaves_the_next_one_the_first() -> None:
    who = person(
        order("2026-01-01T00:00:00Z", order_id="o1"),
        event("2026-01-01T06:00:00Z", "order_cancelled", order_id="o1"),
        order("2026-01-05T00:00:00Z", order_id="o2"),
    )
    assert timeline(FIRST_TIME, who, at("2026-01-01"), at("2026-02-01"))[1:] == [
        ("2026-01-01T06:00:00Z", False),
        ("2026-01-05T00:00:00Z", True),
        ("2026-01-06T00:00:00Z", False),
    ]


def test_one_time_buyers_enter_by_themselves_and_leave_at_the_second_order() -> None:
    once = instantiate("one_time_buyers")
    who = person(order("2026-01-01T12:00:00Z"), order("2026-05-01T12:00:00Z"))
    assert timeline(once, who, at("2026-01-01"), at("2026-12-01"))[1:] == [("2026-01-31T12:00:00Z", True), ("2026-05-01T12:00:00Z", False)]
    assert truth(once, person(), at("2026-01-01")) is False


def test_who_buys_every_saturday_is_a_weekly_buyer_without_gaps() -> None:
    saturdays = ["2026-01-03T10:00:00Z", "2026-01-10T16:00:00Z", "2026-01-17T09:00:00Z", "2026-01-24T18:00:00Z", "2026-01-31T11:00:00Z"]
    who = person(*(order(day) for day in saturdays))
    weekly = instantiate("weekly_buyers")
    assert timeline(weekly, who, at("2026-01-01"), at("2026-03-01"))[1:] == [
        ("2026-01-24T18:00:00Z", True),  # the fourth; the first was 21 days and 8 hours ago
        ("2026-02-08T11:00:00Z", False),  # eight days after the last
    ]
    strict = instantiate("weekly_buyers", {"slack_days": 0})
    assert len(timeline(strict, who, at("2026-01-01"), at("2026-03-01"))) > 4


def test_four_orders_in_one_week_are_no_weekly_buyer() -> None:
    who = person(*(order(f"2026-01-0{day}") for day in (1, 2, 3, 4)))
    assert all(not is_in for _, is_in in timeline(instantiate("weekly_buyers"), who, at("2026-01-01"), at("2026-03-01")))


def test_big_spenders_are_the_sum_and_leave_as_purchases_age() -> None:
    spenders = instantiate("big_spenders", {"currency": "USD"})
    who = person(order("2025-01-01", "600"), order("2025-06-01", "400", order_id="o2"))
    assert timeline(spenders, who, at("2025-01-01"), at("2026-12-01"))[1:] == [
        ("2025-06-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", False),
    ]
    refunded = Person((*who.events, refund("2025-07-01", "o2", "1")))
    assert timeline(spenders, refunded, at("2025-06-01"), at("2025-12-01"))[1:] == [("2025-07-01T00:00:00Z", False)]
    mixed = Person((*who.events, order("2025-06-02", "5", "EUR")))
    assert truth(spenders, mixed, at("2025-06-03")) is True  # 1,000 are there whatever the 5 EUR are worth
    assert truth(spenders, person(order("2025-06-02", "5", "EUR")), at("2025-06-03")) is None
    assert truth(spenders, person(), at("2025-06-03")) is False


def test_frequent_small_baskets_end_with_a_large_one() -> None:
    small = instantiate("frequent_small_baskets", {"currency": "USD"})
    baskets = [order(f"2026-01-0{day}", "29.99") for day in (1, 2, 3, 4)]
    assert timeline(small, person(*baskets), at("2026-01-01"), at("2026-08-01"))[1:] == [
        ("2026-01-04T00:00:00Z", True),
        ("2026-04-01T00:00:00Z", False),
    ]
    large = person(*baskets, order("2026-02-01", "30"))
    assert timeline(small, large, at("2026-01-01"), at("2026-03-01"))[1:] == [
        ("2026-01-04T00:00:00Z", True),
        ("2026-02-01T00:00:00Z", False),
    ]


@pytest.mark.parametrize(("purchase_for", "expected"), [("gift", True), ("self", False), ("unknown", False), ("", False)])
def test_gift_buyers_said_so(purchase_for: str, expected: Truth) -> None:
    bought = order("2026-01-01", purchase_for=purchase_for) if purchase_for else order("2026-01-01")
    assert truth(instantiate("gift_buyers"), person(bought), at("2026-02-01")) is expected


def test_gift_buyers_leave_after_a_year() -> None:
    who = person(order("2026-01-01", purchase_for="gift"))
    assert timeline(instantiate("gift_buyers"), who, at("2026-01-01"), at("2027-06-01"), 86_400)[1:] == [("2027-01-01T00:00:00Z", False)]


def test_the_same_season_last_year_comes_a_month_before_and_goes_a_month_after() -> None:
    season = instantiate("same_season_last_year", {"category": "skiing"})
    who = person(order("2025-01-31T12:00:00Z", category="skiing"))
    assert timeline(season, who, at("2025-01-01"), at("2026-12-01"), 86_400)[1:] == [
        ("2025-12-31T12:00:00Z", True),
        ("2026-02-28T12:00:00Z", False),
    ]
    assert truth(season, person(order("2025-01-31", category="tents")), at("2026-01-31")) is False
    not_yet = instantiate("same_season_last_year", {"not_yet": True})
    again = person(*who.events, order("2026-01-10T00:00:00Z"))
    assert timeline(not_yet, again, at("2025-12-01"), at("2026-02-01"))[1:] == [
        ("2025-12-31T12:00:00Z", True),
        ("2026-01-10T00:00:00Z", False),
    ]
