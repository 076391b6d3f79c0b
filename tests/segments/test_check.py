"""Every fault of a definition is found at its place, with what was meant where something is misspelt; what is right has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from idweave_server.segments import limits
from idweave_server.segments.check import KnownWords, check
from idweave_server.segments.check_values import Problem
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

from tests.segments.drawn import CALENDAR, FIELDS, RATES, SECONDS, Draw, Scale

DAY = 86_400
WORDS = KnownWords(("order_placed", "product_viewed"), ("product", "category"), ("email", "phone"), ("till", "web"), ("POS", "LOGIN"))
EVENT = EventTest(Pattern(("order_placed",)), Window(last=Span(seconds=DAY)))
THEN = Sequence(Pattern(("product_viewed",)), Pattern(("purchase",)), Span(), Span(seconds=DAY))


def found(expression: Expression, segments: dict[str, Expression] | None = None, rates: Rates | None = None) -> list[Problem]:
    return check("mine", expression, FIELDS, WORDS, segments or {}, rates)


def only(expression: Expression, segments: dict[str, Expression] | None = None, rates: Rates | None = None) -> Problem:
    (problem,) = found(expression, segments, rates)
    return problem


def test_a_fault_deep_in_the_tree_has_its_position() -> None:
    inner = replace(EVENT, pattern=Pattern(("order_placed",), (PropertyTest("product", Operator.LESS, ("boots",)),)))
    problem = only(All((TagTest("vip"), Not(Any((inner,))))))
    assert problem.position == "all[1].not.any[0].events.where[0].operator"
    assert problem.message == "text cannot be compared by LESS: use one of EQUAL, NOT_EQUAL, IN, KNOWN"


@pytest.mark.parametrize(
    ("expression", "position", "message", "suggestion"),
    [
        (FieldTest("ordrs", Operator.KNOWN), "field.field", "no field 'ordrs'", "orders"),
        (FieldTest("", Operator.KNOWN), "field.field", "no field is named", ""),
        (FieldTest("city", Operator.LESS, ("a",)), "field.operator", "city, which is text, cannot be compared by LESS", ""),
        (FieldTest("newsletter", Operator.GREATER, (True,)), "field.operator", "which is boolean", ""),
        (FieldTest("colours", Operator.LESS_OR_EQUAL, ("a",)), "field.operator", "which is texts", ""),
        (FieldTest("orders", Operator.EQUAL, ()), "field.values", "EQUAL takes one constant, not 0", ""),
        (FieldTest("orders", Operator.EQUAL, (1, 2)), "field.values", "EQUAL takes one constant, not 2", ""),
        (FieldTest("orders", Operator.KNOWN, (1,)), "field.values", "KNOWN takes no constant, not 1", ""),
        (FieldTest("orders", Operator.IN, ()), "field.values", "IN takes 1 to 1,000 constants, not 0", ""),
        (FieldTest("orders", Operator.IN, (1, "2", 3)), "field.values[1]", "must be a whole number, not text", ""),
        (FieldTest("orders", Operator.EQUAL, (1.0,)), "field.values[0]", "must be a whole number, not a number", ""),
        (FieldTest("orders", Operator.EQUAL, (True,)), "field.values[0]", "must be a whole number, not true or false", ""),
        (FieldTest("orders", Operator.EQUAL, (10**14,)), "field.values[0]", "must lie between", ""),
        (FieldTest("age", Operator.LESS, (-1,)), "field.values[0]", "age is never less than 0", ""),
        (FieldTest("score", Operator.EQUAL, ("1",)), "field.values[0]", "must be a number, not text", ""),
        (FieldTest("score", Operator.EQUAL, (float("nan"),)), "field.values[0]", "must be a number", ""),
        (FieldTest("score", Operator.EQUAL, (0.1234567,)), "field.values[0]", "more than six decimal places", "0.123457"),
        (FieldTest("newsletter", Operator.EQUAL, (1,)), "field.values[0]", "must be true or false, not a whole number", ""),
        (FieldTest("last_order_time", Operator.LESS, ("2026",)), "field.values[0]", "must be a time, not text", ""),
        (FieldTest("last_order_time", Operator.LESS, (10**11,)), "field.values[0]", "must lie between 1900 and 2100", ""),
        (FieldTest("birth_date", Operator.LESS, ("2026-02-30",)), "field.values[0]", "must be a date YYYY-MM-DD that exists", ""),
        (FieldTest("birth_date", Operator.LESS, ("20260201",)), "field.values[0]", "must be a date YYYY-MM-DD that exists", ""),
        (FieldTest("birth_date", Operator.LESS, (5,)), "field.values[0]", "not a whole number", ""),
        (FieldTest("city", Operator.EQUAL, ("",)), "field.values[0]", "not empty", ""),
        (FieldTest("city", Operator.EQUAL, ("x" * 1_025,)), "field.values[0]", "has 1,025 characters; at most 1,024", ""),
        (FieldTest("spend", Operator.LESS, (5,)), "field.values[0]", "must be an amount of money with its currency", ""),
        (FieldTest("spend", Operator.LESS, (Money("eur", 5),)), "field.values[0]", "three capital letters", "EUR"),
        (FieldTest("age", Operator.LESS, (5,), "Europe/Berln"), "field.zone", "no time zone 'Europe/Berln'", "Europe/Berlin"),
        (TimeTest("city", Relation.OLDER, Span(days=1)), "time.field", "city is text, neither a time nor a date", ""),
        (TimeTest("age", Relation.OLDER, Span(days=1)), "time.field", "neither a time nor a date", "birth_date"),
        (TimeTest("birth_date", Relation.WITHIN, Span()), "time.span", "must be longer than nothing", ""),
        (TimeTest("birth_date", Relation.WITHIN, Span(days=-1, months=-2)), "time.span", "months, days must not be negative", ""),
        (TimeTest("birth_date", Relation.WITHIN, Span(5, days=1)), "time.span", "either exact (seconds) or of the calendar", ""),
        (TimeTest("birth_date", Relation.WITHIN, Span(years=151)), "time.span", "must be at most 150 years", ""),
        (TimeTest("birth_date", Relation.ANNIVERSARY, Span(years=1)), "time.span", "must be at most 360 days", ""),
        (TimeTest("birth_date", Relation.OLDER, Span(days=1), "Mars"), "time.zone", "no time zone 'Mars'", ""),
        (replace(EVENT, operator=Operator.IN), "events.operator", "what is counted cannot be compared by IN", ""),
        (replace(EVENT, value=1.5), "events.value", "must be a whole number", ""),
        (replace(EVENT, value=Money("EUR", 1)), "events.value", "must be a whole number, not money", ""),
        (replace(EVENT, property="product"), "events.property", "COUNT counts events", ""),
        (replace(EVENT, measure=Measure.DISTINCT), "events.property", "name it", ""),
        (replace(EVENT, measure=Measure.SUM, value=5), "events.value", "must be an amount of money", ""),
        (replace(EVENT, measure=Measure.SUM, value=Money("EUR", 5), property="product"), "events.value", "must be a number, not money", ""),
        (replace(EVENT, window=Window(last=Span())), "events.window.last", "must be longer than nothing", ""),
        (replace(EVENT, window=Window(Span(days=2), Span(days=2))), "events.window", "no event is within `last` and older", ""),
        (replace(EVENT, window=Window(begin=5, end=5)), "events.window", "it ends before it begins", ""),
        (replace(EVENT, window=Window(begin=-(10**12))), "events.window.begin", "must lie between 1900 and 2100", ""),
        (replace(EVENT, window=Window(zone="x")), "events.window.zone", "no time zone", ""),
        (replace(EVENT, pattern=Pattern(("purchase",) * 65)), "events.types", "65 types; at most 64", ""),
        (replace(EVENT, pattern=Pattern(where=(PropertyTest("product", Operator.KNOWN),) * 17)), "events.where", "at most 16", ""),
        (
            replace(EVENT, pattern=Pattern(where=(PropertyTest("category", Operator.EQUAL, (Money("EUR", 1),)),))),
            "events.where[0].values[0]",
            "money compares with the amount of an event",
            "amount",
        ),
        (replace(THEN, wait=Span(seconds=DAY)), "sequence", "it would be over before it begins", ""),
        (replace(THEN, last=Span()), "sequence.last", "must be longer than nothing", ""),
        (replace(THEN, then_not=Pattern()), "sequence.then_not", "it matches the first event too", ""),
        (replace(THEN, then_not=Pattern(("purchase", "product_viewed"))), "sequence.then_not", "it matches the first event too", ""),
        (replace(THEN, zone="Europe/Viena"), "sequence.zone", "no time zone", "Europe/Vienna"),
        (TagTest(""), "tag.tag", "must be a tag, not empty", ""),
        (IdentityTest("fone"), "identity.namespace", "no namespace 'fone'", "phone"),
        (IdentityTest("phone", -1), "identity.least", "must lie between 0", ""),
        (IdentityTest("phone", 1, -5), "identity.strength", "must lie between 0", ""),
        (ProvenanceTest(parties=(4,)), "provenance.parties[0]", "no party 4: use one of ZERO, FIRST, SECOND, THIRD", ""),
        (SegmentTest("nowhere"), "segment.segment", "no segment 'nowhere'", ""),
    ],
)  # fmt: skip
def test_faults(expression: Expression, position: str, message: str, suggestion: str) -> None:
    problem = only(expression)
    assert problem.position == position
    assert message in problem.message
    assert problem.suggestion == suggestion
    assert not problem.warning


@pytest.mark.parametrize(
    ("expression", "position", "suggestion"),
    [
        (replace(EVENT, pattern=Pattern(("order_place",))), "events.types[0]", "order_placed"),
        (replace(EVENT, pattern=Pattern(where=(PropertyTest("prodct", Operator.KNOWN),))), "events.where[0].name", "product"),
        (replace(EVENT, measure=Measure.DISTINCT, property="categry"), "events.property", "category"),
        (replace(THEN, same="produkt"), "sequence.same", "product"),
        (ProvenanceTest(("tills",)), "provenance.sources[0]", "till"),
        (ProvenanceTest(kinds=("LOGON",)), "provenance.kinds[0]", "LOGIN"),
    ],
)
def test_words_that_nobody_has_used_yet_are_doubted_and_not_refused(expression: Expression, position: str, suggestion: str) -> None:
    problem = only(expression)
    assert problem.warning
    assert (problem.position, problem.suggestion) == (position, suggestion)


def test_nothing_is_doubted_while_no_words_are_known() -> None:
    assert check("mine", replace(EVENT, pattern=Pattern(("anything",))), FIELDS, KnownWords(), {}) == []


def test_all_faults_are_told_in_the_order_of_the_tree() -> None:
    faults = found(All((FieldTest("a", Operator.KNOWN, zone="b"), TagTest(""), SegmentTest("c"))))
    assert [problem.position for problem in faults] == [
        "all[0].field.field",
        "all[0].field.zone",
        "all[1].tag.tag",
        "all[2].segment.segment",
    ]


def test_money_without_a_rate_is_refused_of_a_field_where_rates_are_given() -> None:
    asked = FieldTest("spend", Operator.LESS, (Money("GBP", 5),))
    assert found(asked) == []
    problem = only(asked, rates=RATES)
    assert problem.message == "no rate leads from GBP to USD: declare one in the policy"
    assert problem.suggestion == "USD"
    assert found(FieldTest("spend", Operator.LESS, (Money("EUR", 5),)), rates=RATES) == []
    assert found(replace(EVENT, measure=Measure.SUM, value=Money("GBP", 5)), rates=RATES) == []  # there may be events in pounds


def test_a_segment_never_asks_about_itself() -> None:
    segments: dict[str, Expression] = {"b": Not(SegmentTest("c")), "c": All((TagTest("x"), SegmentTest("mine"))), "other": TagTest("y")}
    problem = only(All((SegmentTest("other"), SegmentTest("b"))), segments)
    assert problem == Problem("all[1].segment.segment", "the segment would ask about itself: mine -> b -> c -> mine")
    assert only(SegmentTest("mine"), {**segments, "mine": TagTest("z")}).message == "the segment would ask about itself: mine -> mine"
    assert found(Any((SegmentTest("other"), SegmentTest("other"))), segments) == []
    assert only(SegmentTest("othr"), segments).suggestion == "other"


def test_a_definition_is_not_too_deep_or_too_long() -> None:
    deep: Expression = TagTest("x")
    for _ in range(limits.DEEPEST - 1):
        deep = Not(deep)
    assert found(deep) == []
    assert "33 deep; at most 32" in only(Not(deep)).message
    for _ in range(10_000):
        deep = Not(deep)
    assert "at most 32" in only(deep).message
    assert found(All((TagTest("x"),) * limits.CONDITIONS)) == []
    assert only(All((TagTest("x"),) * 201)).message.startswith("201 conditions; at most 200")


def test_segments_that_ask_about_others_are_not_too_large_together() -> None:
    """Each of these asks twice about the one before it: the last would have 2 ** 40 conditions."""
    segments: dict[str, Expression] = {"0": All((TagTest("x"), TagTest("y")))}
    for n in range(1, 41):
        asked = All((SegmentTest(str(n - 1)), SegmentTest(str(n - 1))))
        problems = check(str(n), asked, FIELDS, WORDS, segments)
        if problems:
            break
        segments[str(n)] = asked
    assert problems == [
        Problem("", "with the segments that it asks about, it has 1,024 conditions; at most 1,000 are allowed: ask about fewer")
    ]
    assert n == 9
    larger = check("0", All((TagTest("x"),) * 4), FIELDS, WORDS, segments)
    assert [problem.message.partition(" would")[0] for problem in larger] == ["the segment '8', which asks about it,"]
    chain: dict[str, Expression] = {"0": TagTest("x")}
    chain.update((str(n), Not(SegmentTest(str(n - 1)))) for n in range(1, 60))
    assert found(SegmentTest("59"), chain) == []
    chain.update((str(n), Not(SegmentTest(str(n - 1)))) for n in range(60, 80))
    assert "deep; at most 128" in only(SegmentTest("79"), chain).message


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_every_position_leads_to_what_is_wrong(scale: Scale) -> None:
    """Of random definitions, which have faults of some sorts: following the position through the tree arrives somewhere."""
    seen = 0
    for seed in range(200):
        draw = Draw(seed, scale)
        tree = draw.expression(3)
        for problem in check("mine", tree, FIELDS, WORDS, {}):
            seen += 1
            follow(tree, problem.position)
    assert seen > 50


KINDS = {
    "field": FieldTest, "time": TimeTest, "events": EventTest, "sequence": Sequence, "tag": TagTest, "identity": IdentityTest,
    "provenance": ProvenanceTest, "segment": SegmentTest,
}  # fmt: skip


def follow(here: object, position: str) -> None:
    """Go through a definition as a position says; fails where there is no such way."""
    entered = False  # the kind of a condition is named once, then what is in it
    for step in position.split("."):
        name, _, place = step.partition("[")
        if isinstance(here, All | Any):
            assert name == type(here).__name__.lower()
            here = here.parts
        elif isinstance(here, Not):
            assert name == "not"
            here = here.part
        elif not entered:
            assert type(here) is KINDS[name]
            entered = True
        else:
            here = getattr(here.pattern if isinstance(here, EventTest) and name in ("types", "where") else here, name)
        if place:
            assert isinstance(here, tuple)
            here = here[int(place.rstrip("]"))]
