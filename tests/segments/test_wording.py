"""Conditions in words."""

from __future__ import annotations

import pytest
from idweave_server.segments.expression import (
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Measure,
    Money,
    Operator,
    Pattern,
    PropertyTest,
    ProvenanceTest,
    Relation,
    Sequence,
    Span,
    TimeTest,
    Window,
)
from idweave_server.segments.wording import condition_told, length_told


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (FieldTest("city", Operator.IN, ("Graz", "Wien")), "city is one of Graz, Wien"),
        (FieldTest("city", Operator.KNOWN), "city is known"),
        (FieldTest("spend", Operator.GREATER_OR_EQUAL, (Money("EUR", 99_990_000),)), "spend is at least 99.99 EUR"),
        (
            TimeTest("last_order_time", Relation.OLDER, Span(months=6), "Europe/Berlin"),
            "last_order_time is 6 calendar months ago or longer in Europe/Berlin",
        ),
        (TimeTest("birth_date", Relation.ANNIVERSARY, Span(weeks=1)), "birth_date has its anniversary within 1 calendar week"),
        (
            EventTest(Pattern(("viewed",), (PropertyTest("colour", Operator.EQUAL, ("red",)),)), Window(Span(seconds=3_600)), value=3),
            "viewed whose colour is red within the last 1 hour, at least 3 times",
        ),
        (
            EventTest(Pattern(), Window(until_ago=Span(days=2), begin=0), Measure.DISTINCT, Operator.LESS, 2, "page"),
            "the number of different page of event 2 calendar days ago or longer from 1970-01-01T00:00:00Z on is less than 2",
        ),
        (
            Sequence(Pattern(("cart_added",)), Pattern(("purchase",)), Span(seconds=3_600), Span(seconds=7 * 86_400), "product"),
            "some cart_added within 7 days, and no purchase with the same product since for 1 hour",
        ),
        (EventTest(Pattern(("purchase",)), value=1), "some purchase"),
        (EventTest(Pattern(("purchase",)), operator=Operator.LESS, value=1), "no purchase"),
        (EventTest(Pattern(), operator=Operator.EQUAL, value=1), "event, exactly 1 time"),
        (IdentityTest("phone", 2, 1_500_000), "at least 2 identifiers of phone and no link weaker than 1.5 nats"),
        (ProvenanceTest(("till",), (1,), ()), "observed by till or first party"),
    ],
)  # fmt: skip
def test_conditions(condition: Expression, told: str) -> None:
    assert condition_told(condition) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 seconds"), (61, "1 minute 1 second"), (90_061, "1 day 1 hour"), (7_776_000, "90 days")]
)
def test_lengths(seconds: int, told: str) -> None:
    assert length_told(seconds) == told
