"""Cases that somebody would ask about: boundaries of time, calendars, people of whom little is known, and money without a rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from idweave_server.errors import InputError
from idweave_server.segments.expression import (
    All,
    Any,
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Measure,
    Money,
    Not,
    Operator,
    Pattern,
    PropertyTest,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Sequence,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.money import Rates
from idweave_server.segments.subjects import FOREVER

from tests.segments.asking import FALSE, TRUE, UNKNOWN, verdict
from tests.segments.naive import Event, Person, at

DAY = 86_400
BERLIN = "Europe/Berlin"
USD_100 = Money("USD", 100_000_000)


def bought(time: int, usd: float, currency: str = "USD") -> Event:
    return Event(time, "order", True, round(usd * 1_000_000), currency)


RECENT = EventTest(
    Pattern(("purchase",), (PropertyTest("amount", Operator.GREATER_OR_EQUAL, (USD_100,)),)), Window(last=Span(seconds=90 * DAY))
)


# ------------------------------------------------------------------ ninety days
def test_a_purchase_counts_for_ninety_days_to_the_second() -> None:
    paid = at("2026-01-10T10:00:00")
    person = Person(events=[bought(paid, 120)])
    assert verdict(RECENT, person, paid - 1) == (FALSE, paid)
    assert verdict(RECENT, person, paid) == (TRUE, paid + 90 * DAY)
    assert verdict(RECENT, person, paid + 90 * DAY - 1) == (TRUE, paid + 90 * DAY)
    assert verdict(RECENT, person, paid + 90 * DAY) == (FALSE, FOREVER)


def test_a_second_purchase_moves_the_end_and_a_small_one_does_not() -> None:
    paid = at("2026-01-10T10:00:00")
    once, later = bought(paid, 120), paid + 30 * DAY
    assert verdict(RECENT, Person(events=[once, bought(later, 100)]), later) == (TRUE, later + 90 * DAY)
    assert verdict(RECENT, Person(events=[once, bought(later, 20)]), later) == (TRUE, paid + 90 * DAY)
    assert verdict(RECENT, Person(events=[bought(paid, 99.99)]), paid) == (FALSE, FOREVER)


def test_an_order_that_was_refunded_is_no_purchase_but_still_an_order() -> None:
    now = at("2026-01-10T10:00:00")
    refunded = Person(events=[replace(bought(now, 120), stands=False)])
    assert verdict(RECENT, refunded, now) == (FALSE, FOREVER)
    assert verdict(EventTest(Pattern(("order",))), refunded, now) == (TRUE, FOREVER)


def test_the_end_jumps_over_what_changes_no_truth() -> None:
    """Three orders in 90 days are asked for and five are there: the end is that of the third youngest."""
    first = at("2026-01-01T00:00:00")
    person = Person(events=[bought(first + i * DAY, 1) for i in range(5)])
    often = EventTest(Pattern(("purchase",)), Window(last=Span(seconds=90 * DAY)), value=3)
    assert verdict(often, person, first + 10 * DAY) == (TRUE, first + (90 + 2) * DAY)
    assert verdict(replace(often, operator=Operator.EQUAL), person, first + 10 * DAY) == (FALSE, first + 91 * DAY)


def test_an_end_in_one_condition_does_not_count_where_another_decides() -> None:
    paid = at("2026-01-10T10:00:00")
    person = Person(values={"city": "Graz"}, events=[bought(paid, 120)])
    elsewhere = FieldTest("city", Operator.EQUAL, ("Wien",))
    assert verdict(All((RECENT, elsewhere)), person, paid) == (FALSE, FOREVER)
    assert verdict(Any((RECENT, Not(elsewhere))), person, paid) == (TRUE, FOREVER)


# ------------------------------------------------------------------ six calendar months
LAPSED = TimeTest("last_order_time", Relation.OLDER, Span(months=6), BERLIN)


@pytest.mark.parametrize(
    ("ordered", "lapses"),
    [
        ("2025-08-31T15:00:00+02:00", "2026-02-28T15:00:00+01:00"),  # no 31 February
        ("2023-08-31T15:00:00+02:00", "2024-02-29T15:00:00+01:00"),  # a leap year
        ("2023-08-29T15:00:00+02:00", "2024-02-29T15:00:00+01:00"),
        ("2024-02-29T09:00:00+01:00", "2024-08-29T09:00:00+02:00"),  # the same time of day, on a clock that has changed
        ("2025-09-30T02:30:00+02:00", "2026-03-30T02:30:00+02:00"),
        ("2025-09-29T02:30:00+02:00", "2026-03-29T03:30:00+02:00"),  # 02:30 is skipped: the instant that it would have been
        ("2026-04-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00"),  # 02:30 comes twice: the first
        ("2025-12-31T23:59:59+01:00", "2026-06-30T23:59:59+02:00"),
    ],
)
def test_lapsed_six_calendar_months(ordered: str, lapses: str) -> None:
    person = Person(values={"last_order_time": at(ordered)})
    assert verdict(LAPSED, person, at(lapses) - 1) == (FALSE, at(lapses))
    assert verdict(LAPSED, person, at(lapses)) == (TRUE, FOREVER)


def test_a_window_of_the_calendar_in_which_ends_do_not_ascend() -> None:
    """30 January at 10:00 and 31 January at 09:00 both end on 28 February, the later one first."""
    events = [bought(at("2026-01-30T10:00:00"), 1), bought(at("2026-01-31T09:00:00"), 1)]
    month = EventTest(Pattern(("purchase",)), Window(last=Span(months=1)), value=2)
    now = at("2026-02-01T00:00:00")
    assert verdict(month, Person(events=events), now) == (TRUE, at("2026-02-28T09:00:00"))
    assert verdict(replace(month, value=1), Person(events=events), now) == (TRUE, at("2026-02-28T10:00:00"))


def test_nobody_knows_whether_somebody_without_orders_ordered_lately() -> None:
    """NOT within six months is UNKNOWN, and older than six months is too: neither is a member. One order later they differ by the clock."""
    within = TimeTest("last_order_time", Relation.WITHIN, Span(months=6), BERLIN)
    now = at("2026-05-01T00:00:00")
    assert verdict(Not(within), Person(), now) == (UNKNOWN, FOREVER)
    assert verdict(LAPSED, Person(), now) == (UNKNOWN, FOREVER)
    assert verdict(Any((LAPSED, Not(FieldTest("last_order_time", Operator.KNOWN)))), Person(), now) == (TRUE, FOREVER)
    ordered = Person(values={"last_order_time": at("2025-10-01T00:00:00")})
    assert verdict(Not(within), ordered, now)[0] == verdict(LAPSED, ordered, now)[0] == TRUE
    ahead = Person(values={"last_order_time": now + DAY})  # not within, and yet not older
    assert verdict(Not(within), ahead, now) == (TRUE, now + DAY)
    assert verdict(LAPSED, ahead, now)[0] == FALSE


# ------------------------------------------------------------------ birthdays
BORN_ON_A_LEAP_DAY = Person(values={"birth_date": date(2000, 2, 29)})


@pytest.mark.parametrize(
    ("now", "age", "turns"),
    [
        ("2018-02-28T00:00:00+01:00", 18, "2019-02-28T00:00:00+01:00"),
        ("2018-02-27T23:59:59+01:00", 17, "2018-02-28T00:00:00+01:00"),
        ("2020-02-28T12:00:00+01:00", 19, "2020-02-29T00:00:00+01:00"),
        ("2020-02-29T12:00:00+01:00", 20, "2021-02-28T00:00:00+01:00"),
    ],
)
def test_the_age_of_who_was_born_on_a_leap_day(now: str, age: int, turns: str) -> None:
    asked = FieldTest("age", Operator.EQUAL, (age,), BERLIN)
    assert verdict(asked, BORN_ON_A_LEAP_DAY, at(now)) == (TRUE, at(turns))
    assert verdict(FieldTest("age", Operator.GREATER, (age,), BERLIN), BORN_ON_A_LEAP_DAY, at(now)) == (FALSE, at(turns))
    assert verdict(FieldTest("age", Operator.LESS, (age,), BERLIN), BORN_ON_A_LEAP_DAY, at(now)) == (FALSE, FOREVER)
    assert verdict(FieldTest("age", Operator.IN, (age - 1, age, age + 1), BERLIN), BORN_ON_A_LEAP_DAY, at(now))[0] == TRUE


def test_a_birthday_begins_with_the_day_of_the_zone() -> None:
    asked = FieldTest("age", Operator.GREATER_OR_EQUAL, (18,), "Pacific/Apia")
    person = Person(values={"birth_date": date(2000, 6, 1)})
    assert verdict(asked, person, at("2018-05-31T10:59:59")) == (FALSE, at("2018-06-01T00:00:00+13:00"))
    assert verdict(replace(asked, zone="UTC"), person, at("2018-05-31T11:00:00")) == (FALSE, at("2018-06-01T00:00:00"))


def test_who_was_born_on_a_day_without_midnight_has_birthdays_from_midnight_on() -> None:
    """Sao Paulo's clocks went from 00:00 to 01:00 on 15 October 2017."""
    person = Person(values={"birth_date": date(2017, 10, 15)})
    asked = FieldTest("age", Operator.GREATER_OR_EQUAL, (1,), "America/Sao_Paulo")
    assert verdict(asked, person, at("2018-10-14T12:00:00"))[1] == at("2018-10-15T00:00:00-03:00")


def test_a_birthday_within_a_week() -> None:
    """The span ends with the last second of the birthday: seven days with it, six before it."""
    asked = TimeTest("birth_date", Relation.ANNIVERSARY, Span(days=7), BERLIN)
    begin, end = at("2026-02-22T00:00:00+01:00"), at("2026-03-01T00:00:00+01:00")
    assert verdict(asked, BORN_ON_A_LEAP_DAY, begin - 1) == (FALSE, begin)
    assert verdict(asked, BORN_ON_A_LEAP_DAY, begin) == (TRUE, end)
    assert verdict(asked, BORN_ON_A_LEAP_DAY, end - 1) == (TRUE, end)
    assert verdict(asked, BORN_ON_A_LEAP_DAY, end) == (FALSE, at("2027-02-22T00:00:00+01:00"))
    assert verdict(asked, BORN_ON_A_LEAP_DAY, at("2028-02-29T12:00:00")) == (TRUE, at("2028-03-01T00:00:00+01:00"))
    assert verdict(asked, Person(), begin) == (UNKNOWN, FOREVER)


def test_the_day_of_birth_is_no_anniversary() -> None:
    asked = TimeTest("birth_date", Relation.ANNIVERSARY, Span(days=1))
    person = Person(values={"birth_date": date(2026, 5, 5)})
    assert verdict(asked, person, at("2026-05-05T12:00:00")) == (FALSE, at("2027-05-05T00:00:00"))


def test_two_anniversaries_that_never_meet_are_never_true() -> None:
    one = TimeTest("birth_date", Relation.ANNIVERSARY, Span(days=1))
    other = TimeTest("last_order_time", Relation.ANNIVERSARY, Span(days=1))
    person = Person(values={"birth_date": date(2000, 5, 5), "last_order_time": at("2020-06-06T00:00:00")})
    assert verdict(All((one, other)), person, at("2026-01-01T00:00:00")) == (FALSE, FOREVER)


# ------------------------------------------------------------------ clocks that change
def test_a_day_of_the_calendar_is_23_or_25_hours_where_clocks_change() -> None:
    asked = TimeTest("last_order_time", Relation.WITHIN, Span(days=1), BERLIN)
    for noon, hours in (("2026-03-28T12:00:00+01:00", 23), ("2026-10-24T12:00:00+02:00", 25), ("2026-07-01T12:00:00+02:00", 24)):
        assert verdict(asked, Person(values={"last_order_time": at(noon)}), at(noon)) == (TRUE, at(noon) + hours * 3600)
        exact = replace(asked, span=Span(seconds=DAY))
        assert verdict(exact, Person(values={"last_order_time": at(noon)}), at(noon)) == (TRUE, at(noon) + DAY)


def test_upcoming_counts_back() -> None:
    """Of 31 March a month back is the last of February, and a span is open towards the time itself."""
    asked = TimeTest("last_order_time", Relation.UPCOMING, Span(months=1))
    due = at("2026-03-31T08:00:00")
    person = Person(values={"last_order_time": due})
    assert verdict(asked, person, at("2026-02-28T07:59:59")) == (FALSE, at("2026-02-28T08:00:00"))
    assert verdict(asked, person, at("2026-02-28T08:00:00")) == (TRUE, due)
    assert verdict(asked, person, due) == (FALSE, FOREVER)


# ------------------------------------------------------------------ money
def test_money_in_another_currency_converts_by_declared_rates() -> None:
    person = Person(events=[bought(0, 100, "EUR")])
    now = 10
    assert verdict(RECENT, person, now)[0] == TRUE  # 110 USD
    assert verdict(RECENT, person, now, rates=Rates("USD")) == (UNKNOWN, 90 * DAY)
    many = Person(events=[bought(0, 100, "EUR"), bought(5, 150)])
    assert verdict(RECENT, many, now, rates=Rates("USD")) == (TRUE, 5 + 90 * DAY)  # the other one decides
    assert verdict(Not(RECENT), person, now, rates=Rates("USD"))[0] == UNKNOWN


def test_a_sum_with_money_that_nothing_converts_lies_between_bounds() -> None:
    total = EventTest(Pattern(("purchase",)), measure=Measure.SUM, value=USD_100)
    some, unknown = bought(0, 60), bought(0, 60, "XAU")
    assert verdict(total, Person(events=[some, unknown]), 1)[0] == UNKNOWN
    assert verdict(total, Person(events=[some, some, unknown]), 1)[0] == TRUE
    assert verdict(total, Person(events=[some, some, bought(0, -60, "XAU")]), 1)[0] == UNKNOWN
    assert verdict(replace(total, operator=Operator.LESS), Person(events=[some, some, unknown]), 1)[0] == FALSE
    assert verdict(replace(total, value=Money("XAU", 60_000_000)), Person(events=[unknown]), 1)[0] == TRUE
    assert verdict(total, Person(events=[bought(0, 0, "XAU")]), 1)[0] == FALSE  # nothing is nothing in every currency


def test_a_field_of_money_against_a_currency_without_a_rate_is_unknown() -> None:
    person = Person(values={"spend": 120_000_000})
    for operator in (Operator.GREATER, Operator.EQUAL, Operator.IN):
        assert verdict(FieldTest("spend", operator, (Money("XAU", 1),)), person, 0)[0] == UNKNOWN
    assert verdict(FieldTest("spend", Operator.IN, (Money("XAU", 1), Money("USD", 120_000_000))), person, 0)[0] == TRUE
    assert verdict(FieldTest("spend", Operator.GREATER_OR_EQUAL, (Money("EUR", 109_090_909),)), person, 0)[0] == TRUE
    assert verdict(FieldTest("spend", Operator.GREATER_OR_EQUAL, (Money("EUR", 109_090_910),)), person, 0)[0] == FALSE


# ------------------------------------------------------------------ lists, properties
def test_a_list_has_any_of_the_values_and_an_empty_one_is_unknown() -> None:
    two, none = Person(values={"colours": ["red", "blue"]}), Person(values={"colours": []})
    assert verdict(FieldTest("colours", Operator.EQUAL, ("red",)), two, 0)[0] == TRUE
    assert verdict(FieldTest("colours", Operator.IN, ("green", "blue")), two, 0)[0] == TRUE
    assert verdict(FieldTest("colours", Operator.NOT_EQUAL, ("red",)), two, 0)[0] == FALSE
    assert verdict(FieldTest("colours", Operator.NOT_EQUAL, ("green",)), two, 0)[0] == TRUE
    assert verdict(FieldTest("colours", Operator.NOT_EQUAL, ("green",)), none, 0)[0] == UNKNOWN
    assert verdict(FieldTest("colours", Operator.KNOWN), none, 0)[0] == FALSE
    assert verdict(TagTest("vip"), Person(), 0)[0] == FALSE  # tags are there or not, never unknown


def test_an_event_has_a_property_several_times() -> None:
    person = Person(events=[Event(0, "viewed", properties=[("colour", "red"), ("colour", "blue"), ("size", 4)])])

    def found(*where: PropertyTest) -> int:
        return verdict(EventTest(Pattern(where=where)), person, 1)[0]

    assert found(PropertyTest("colour", Operator.EQUAL, ("blue",))) == TRUE
    assert found(PropertyTest("colour", Operator.NOT_EQUAL, ("blue",))) == FALSE
    assert found(PropertyTest("colour", Operator.NOT_EQUAL, ("green",))) == TRUE
    assert found(PropertyTest("weight", Operator.NOT_EQUAL, (4,))) == FALSE  # no such property, no match
    assert found(PropertyTest("colour", Operator.GREATER, (0,))) == FALSE  # text is no number
    assert found(PropertyTest("colour", Operator.NOT_EQUAL, (0,))) == TRUE
    assert found(PropertyTest("size", Operator.GREATER_OR_EQUAL, (4,)), PropertyTest("size", Operator.LESS, (4.5,))) == TRUE
    assert found(PropertyTest("amount", Operator.KNOWN)) == FALSE


def test_different_values_are_counted_once_each() -> None:
    events = [Event(i, "viewed", properties=[("colour", colour)]) for i, colour in enumerate(("red", "blue", "red", "green"))]
    asked = EventTest(Pattern(("viewed",)), Window(last=Span(seconds=10)), Measure.DISTINCT, Operator.GREATER_OR_EQUAL, 3, "colour")
    assert verdict(asked, Person(events=events), 4) == (TRUE, 11)  # blue goes at 11; red was seen again
    assert verdict(asked, Person(events=events), 2) == (FALSE, 3)


# ------------------------------------------------------------------ sequences
ABANDONED = Sequence(Pattern(("cart",)), Pattern(("purchase",)), Span(seconds=3_600), Span(seconds=7 * DAY))


def test_a_cart_is_abandoned_an_hour_later_and_not_after_a_purchase() -> None:
    cart = Event(0, "cart", properties=[("product", "boots")])
    assert verdict(ABANDONED, Person(events=[cart]), 0) == (FALSE, 3_600)
    assert verdict(ABANDONED, Person(events=[cart]), 3_600) == (TRUE, 7 * DAY)
    assert verdict(ABANDONED, Person(events=[cart]), 7 * DAY) == (FALSE, FOREVER)
    assert verdict(ABANDONED, Person(events=[cart, bought(3_599, 5)]), 3_600) == (FALSE, FOREVER)
    assert verdict(ABANDONED, Person(events=[bought(-1, 5), cart]), 3_600) == (TRUE, 7 * DAY)
    assert verdict(ABANDONED, Person(events=[cart, bought(9_000, 5)]), 3_600) == (TRUE, 9_000)  # dated ahead
    assert verdict(ABANDONED, Person(events=[cart, bought(0, 5)]), 3_600)[0] == FALSE  # within the same second


def test_a_cart_is_abandoned_for_the_product_that_was_not_bought() -> None:
    same = replace(ABANDONED, same="product")
    boots, hat = Event(0, "cart", properties=[("product", "boots")]), Event(5, "cart", properties=[("product", "hat")])
    paid = replace(bought(10, 5), properties=[("product", "boots"), ("product", "scarf")])
    assert verdict(same, Person(events=[boots, paid]), 4_000) == (FALSE, FOREVER)
    assert verdict(same, Person(events=[boots, hat, paid]), 4_000) == (TRUE, 5 + 7 * DAY)
    assert verdict(ABANDONED, Person(events=[boots, hat, paid]), 4_000) == (FALSE, FOREVER)
    nameless = Event(0, "cart")
    assert verdict(same, Person(events=[nameless, paid]), 4_000)[0] == TRUE  # it shares no product with any


def test_money_without_a_rate_leaves_a_sequence_open() -> None:
    large = Pattern(("purchase",), (PropertyTest("amount", Operator.GREATER_OR_EQUAL, (USD_100,)),))
    asked = replace(ABANDONED, then_not=large)
    assert verdict(asked, Person(events=[Event(0, "cart"), bought(10, 5, "XAU")]), 4_000) == (UNKNOWN, 7 * DAY)


# ------------------------------------------------------------------ identity, provenance, segments
def test_identity_and_provenance() -> None:
    person = Person(
        namespaces={"phone": 1, "email": 2}, strength=4_000_000, observations=[(0, "till", 1, "POS"), (50, "broker", 3, "FORM")]
    )
    assert verdict(IdentityTest("phone"), person, 0)[0] == TRUE
    assert verdict(IdentityTest("", 4), person, 0)[0] == FALSE
    assert verdict(IdentityTest("", 0, 4_000_001), person, 0)[0] == FALSE
    assert verdict(IdentityTest("", 0, 4_000_001), Person(), 0)[0] == TRUE
    assert verdict(IdentityTest("", 0, 0), Person(), 0)[0] == TRUE
    assert verdict(ProvenanceTest(parties=(2, 3)), person, 49) == (FALSE, 50)
    assert verdict(ProvenanceTest(("till",), (), ("POS",), Window(last=Span(seconds=9))), person, 3) == (TRUE, 9)
    assert verdict(ProvenanceTest(("till",), (), ("FORM",)), person, 60)[0] == FALSE


def test_another_segment_is_asked_as_it_stands() -> None:
    segments: dict[str, Expression] = {
        "adults": FieldTest("age", Operator.GREATER_OR_EQUAL, (18,)),
        "callable": All((SegmentTest("adults"), IdentityTest("phone"))),
    }
    person = Person(values={"birth_date": date(2008, 1, 1)}, namespaces={"phone": 1})
    turns = at("2026-01-01T00:00:00")
    assert verdict(SegmentTest("callable"), person, turns - 1, segments=segments) == (FALSE, turns)
    with pytest.raises(InputError, match="no segment nowhere"):
        verdict(SegmentTest("nowhere"), person, 0)
    with pytest.raises(InputError, match="no field shoe_size"):
        verdict(FieldTest("shoe_size", Operator.KNOWN), person, 0)
