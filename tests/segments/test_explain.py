"""An explanation tells what was found of every condition, by how much it misses, until when it holds, and what decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from idweave_server.segments.explain import Explanation, explain, inquiry_of
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
    Relation,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.subjects import FOREVER

from tests.segments.drawn import CALENDAR, FIELDS, RATES, SECONDS, Draw, Scale
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Event, Person, World, at, truth

NOW = at("2026-03-01T12:00:00")
DAY = 86_400
BUYER = Person(
    values={"spend": 80_000_000, "orders": 1, "last_order_time": NOW - 100 * DAY, "city": "Graz"},
    tags=["vip"],
    events=[
        Event(NOW - 80 * DAY, "order", True, 60_000_000, "USD"),
        Event(NOW - 89 * DAY, "order", True, 20_000_000, "USD"),
        Event(NOW - 91 * DAY, "order", True, 900_000_000, "USD"),
    ],
    namespaces={"email": 1},
    strength=4_000_000,
)
BOUGHT = EventTest(
    Pattern(("purchase",)), Window(last=Span(seconds=90 * DAY)), Measure.SUM, Operator.GREATER_OR_EQUAL, Money("USD", 100_000_000)
)


def explained(expression: Expression, person: Person, now: int = NOW, segments: dict[str, Expression] | None = None) -> Explanation:
    words = Numbers()
    inquiry = inquiry_of(expression, FIELDS, words, RATES, segments)
    return explain(inquiry, subjects_of([person], inquiry.needs, words), now, words.spelled)


def test_a_sum_that_is_missed_says_by_how_much() -> None:
    told = explained(All((FieldTest("city", Operator.EQUAL, ("Graz",)), BOUGHT)), BUYER)
    city, bought = told.parts
    assert (told.position, told.truth, told.decides) == ("", 0, True)
    assert (city.position, city.truth, city.decides, city.found) == ("all[0].field", 2, False, "Graz")
    assert (bought.position, bought.truth, bought.decides) == ("all[1].events", 0, True)
    assert bought.text == "the sum of amounts of purchase within the last 90 days is at least 100 USD"
    assert (bought.found, bought.missed, bought.until) == ("80 USD", "20 USD", FOREVER)


def test_what_ends_by_itself_says_when() -> None:
    told = explained(replace(BOUGHT, value=Money("USD", 80_000_000)), BUYER)
    assert (told.truth, told.until, told.missed) == (2, NOW + DAY, "")


@pytest.mark.parametrize(
    ("condition", "found", "missed"),
    [
        (FieldTest("spend", Operator.GREATER, (Money("USD", 100_000_000),)), "80 USD", "20 USD"),
        (FieldTest("orders", Operator.IN, (5, 3)), "1", "2"),
        (FieldTest("score", Operator.LESS, (0.5,)), "no value", ""),
        (FieldTest("days_since_order", Operator.LESS, (90,)), "100", "10"),
        (TimeTest("last_order_time", Relation.WITHIN, Span(seconds=90 * DAY)), "2025-11-21T12:00:00Z", "ended 10 days ago"),
        (TimeTest("last_order_time", Relation.OLDER, Span(seconds=101 * DAY)), "2025-11-21T12:00:00Z", "begins in 1 day"),
        (EventTest(Pattern(("order",)), value=5), "3", "2"),
        (TagTest("new"), "vip", ""),
        (IdentityTest("phone", 1), "0 identifiers of phone", "1"),
        (IdentityTest("", 0, 5_000_000), "a link of 4 nats", "1 nats"),
        (FieldTest("age", Operator.EQUAL, (30,)), "no value", ""),
    ],
)
def test_what_is_found_and_missed(condition: Expression, found: str, missed: str) -> None:
    told = explained(condition, BUYER)
    assert told.truth != 2
    assert (told.found, told.missed) == (found, missed)


def test_conditions_inside_other_segments_are_told_with_their_name() -> None:
    told = explained(Not(SegmentTest("rich")), BUYER, segments={"rich": Any((BOUGHT, TagTest("vip")))})
    (asked,) = told.parts
    (inner,) = asked.parts
    assert [asked.position, inner.position, *(part.position for part in inner.parts)] == [
        "not.segment",
        "rich:",
        "rich:any[0].events",
        "rich:any[1].tag",
    ]
    assert [part.decides for part in inner.parts] == [False, True]


def test_an_explanation_shows_nothing_of_a_person_in_a_log() -> None:
    assert "Graz" not in repr(explained(FieldTest("city", Operator.KNOWN), BUYER))


def nodes(told: Explanation) -> Iterator[Explanation]:
    yield told
    for part in told.parts:
        yield from nodes(part)


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_the_whole_follows_from_what_decides(scale: Scale) -> None:
    """Of random definitions: each truth is the plain one, and turning every part that does not decide changes nothing."""
    for seed in range(40):
        draw = Draw(seed, scale)
        world: World = draw.world()
        tree, person, now = draw.expression(3, ("inner", "outer")), draw.person(), draw.now()
        told = explained(tree, person, now, dict(world.segments))
        wanted = truth(tree, person, now, world)
        assert told.truth == (1 if wanted is None else 2 if wanted else 0)
        for node in nodes(told):
            if node.text in ("all of these", "any of these") and node.decides:
                assert any(part.decides for part in node.parts)
                assert {part.truth for part in node.parts if part.decides} == {node.truth}
