"""Expressions of every shape, for hypothesis."""

from __future__ import annotations

from typing import Any as Anything

from hypothesis import strategies as st
from idweave_server.segments.constant_text import FIRST_INSTANT, LAST_INSTANT, LONGEST_CALENDAR, LONGEST_EXACT
from idweave_server.segments.expression import (
    EVER,
    UTC,
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

texts = st.one_of(
    st.sampled_from(["city", "order_placed", "小明", "", "UTC", "90 days", '"', "\0\n"]), st.text(st.characters(codec="utf-8"), max_size=8)
)
names = texts.filter(bool)
zones = st.sampled_from([UTC, "Europe/Berlin", "America/New_York"])
integers = st.one_of(st.integers(-3, 3), st.integers(-(2**63) + 1, 2**63 - 1))
floats = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e299, max_value=1e299)
monies = st.builds(
    Money, st.sampled_from(["USD", "EUR", ""]), st.one_of(st.integers(-2_000_000, 2_000_000), st.integers(-(10**18) + 1, 10**18 - 1))
)
values = st.one_of(texts, integers, floats, st.booleans(), monies)
exact = st.one_of(st.sampled_from([0, 1, 60, 3_600, 86_400, 90 * 86_400]), st.integers(0, LONGEST_EXACT))
parts = st.one_of(st.integers(0, 14), st.integers(0, LONGEST_CALENDAR))
spans = st.one_of(st.builds(Span, exact), st.builds(Span, st.just(0), parts, parts, parts, parts))
instants = st.one_of(st.integers(FIRST_INSTANT, LAST_INSTANT), st.integers(1_790_000_000, 1_790_000_100))
operators = st.sampled_from(Operator)
windows = st.one_of(
    st.just(EVER), st.builds(Window, st.none() | spans, st.none() | spans, st.none() | instants, st.none() | instants, zones)
)


def some(of: Anything, most: int = 3) -> Anything:
    return st.lists(of, max_size=most).map(tuple)


patterns = st.builds(Pattern, some(names), some(st.builds(PropertyTest, names, operators, some(values))))
leaves: Anything = st.one_of(
    st.builds(FieldTest, names, operators, some(values), zones),
    st.builds(TimeTest, names, st.sampled_from(Relation), spans, zones),
    st.builds(EventTest, patterns, windows, st.sampled_from(Measure), operators, st.one_of(integers, floats, monies), texts),
    st.builds(Sequence, patterns, patterns, spans, spans, texts, zones),
    st.builds(TagTest, names),
    st.builds(IdentityTest, texts, st.integers(-(2**31), 2**31 - 1), st.integers(-(2**40), 2**40)),
    st.builds(ProvenanceTest, some(names), some(st.integers(0, 3)), some(names), windows),
    st.builds(SegmentTest, names),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    leaves, lambda inner: st.one_of(some(inner).map(All), some(inner).map(Any), inner.map(Not)), max_leaves=12
)
