"""Definitions as text: every expression has one text and comes back from it, and what cannot be read says where and why."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idweave_server.errors import DefinitionError
from idweave_server.model import DAY
from idweave_server.segments.definition_text import DEEPEST, decode, encode, plain_text, read, read_plain_text, write
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

from tests.segments.drawn_definitions import expressions


@given(expressions)
def test_every_expression_comes_back_from_its_text(expression: Expression) -> None:
    assert decode(encode(expression)) == expression
    assert read_plain_text(plain_text(expression)) == expression
    assert encode(decode(encode(expression))) == encode(expression)


@given(expressions, expressions)
def test_texts_differ_where_expressions_do(one: Expression, other: Expression) -> None:
    assert (encode(one) == encode(other)) is (repr(one) == repr(other))  # 1 and 1.0 are equal to Python, and two texts


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["all", "not", "field", "name"]), inner)
    ),
    max_leaves=8,
)


@given(json_values)
def test_anything_else_is_refused_and_never_a_fault(node: object) -> None:
    try:
        expression = read(node)
    except DefinitionError:
        return
    assert decode(encode(expression)) == expression


@given(expressions, st.data())
def test_a_changed_text_is_read_or_refused(expression: Expression, data: st.DataObject) -> None:
    text = encode(expression)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from(['"', "{", "}", "[", "1", "-", "x", ""])) + text[at + 1 :]
    try:
        found = decode(changed)
    except DefinitionError:
        return
    assert decode(encode(found)) == found


RECENT = EventTest(
    Pattern(("purchase",), (PropertyTest("amount", Operator.GREATER_OR_EQUAL, (Money("USD", 99_990_000),)),)), Window(last=Span(90 * DAY))
)
WRITTEN: list[tuple[str, Expression]] = [
    ('field = { name = "city", value = "Köln" }', FieldTest("city", Operator.EQUAL, ("Köln",))),
    ('field = { name = "city", values = ["Köln", "Bonn"] }', FieldTest("city", Operator.IN, ("Köln", "Bonn"))),
    ('field = { name = "city", operator = "known" }', FieldTest("city", Operator.KNOWN)),
    (
        'field = { name = "age", operator = ">=", value = 18, zone = "Asia/Tokyo" }',
        FieldTest("age", Operator.GREATER_OR_EQUAL, (18,), "Asia/Tokyo"),
    ),
    ('field = { name = "vip", operator = "!=", value = false }', FieldTest("vip", Operator.NOT_EQUAL, (False,))),
    (
        'field = { name = "first_order_time", operator = "<", value = { time = "2026-01-01" } }',
        FieldTest("first_order_time", Operator.LESS, (1_767_225_600,)),
    ),
    ('time = { name = "last_order_time", older = "6 calendar months" }', TimeTest("last_order_time", Relation.OLDER, Span(months=6))),
    ('time = { name = "birth_date", anniversary = "1 week, 1 day" }', TimeTest("birth_date", Relation.ANNIVERSARY, Span(8 * DAY))),
    (
        (
            'events = { types = ["purchase"], where = [{ name = "amount", operator = ">=", value = { amount = 99.99, currency = "USD" } }],'
            'last = "90 days" }'
        ),
        RECENT,
    ),
    (
        (
            'events = { measure = "sum", property = "stars", operator = "<", value = 2.5, begin = "2026-01-01", '
            'end = "2026-02-01T01:00:00+01:00" }'
        ),
        EventTest(Pattern(), Window(begin=1_767_225_600, end=1_769_904_000), Measure.SUM, Operator.LESS, 2.5, "stars"),
    ),
    (
        'sequence = { first = { types = ["cart_added"] }, then_not = { types = ["order_placed"] }, wait = "1 hour", last = "7 days" }',
        Sequence(Pattern(("cart_added",)), Pattern(("order_placed",)), Span(3_600), Span(7 * DAY)),
    ),
    ('tag = "vip"', TagTest("vip")),
    ('identity = { namespace = "phone", strength = 2.3 }', IdentityTest("phone", 1, 2_300_000)),
    (
        'provenance = { parties = ["zero", "third"], until_ago = "2 weeks" }',
        ProvenanceTest((), (0, 3), (), Window(until_ago=Span(14 * DAY))),
    ),
    ('segment = "recent_purchasers"', SegmentTest("recent_purchasers")),
    ('all = [{ tag = "a" }, { not = { any = [] } }]', All((TagTest("a"), Not(Any(()))))),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text.partition(" ")[0] + str(n) for n, (text, _) in enumerate(WRITTEN)])
def test_what_people_write_in_toml(text: str, expected: Expression) -> None:
    assert read(tomllib.loads(text)) == expected
    assert read(write(expected)) == expected


def test_the_canonical_text_is_what_it_was() -> None:
    """Logs hold it: where this fails, a new FORM is needed and the old one has to be read too."""
    assert encode(All((RECENT, Not(TimeTest("last_order_time", Relation.OLDER, Span(months=6), "Europe/Berlin"))))) == (
        '{"form":1,"when":{"all":[{"events":{"last":"90 days","operator":">=","types":["purchase"],"value":1,"where":[{"name":"amount",'
        '"operator":">=","value":{"amount":"99.99","currency":"USD"}}]}},{"not":{"time":{"name":"last_order_time",'
        '"older":"6 calendar months","zone":"Europe/Berlin"}}}]}}'
    )


WRONG: list[tuple[str, str, str, str]] = [
    ('{"al": []}', "al", "no condition", "all"),
    ("{}", "", "one condition is needed, not 0", ""),
    ('{"tag": "a", "segment": "b"}', "", "put several into all", ""),
    ('{"all": [{"tag": "a"}, {"not": {"tag": 3}}]}', "all[1].not.tag", "text is needed, not a number", ""),
    ('{"all": {"tag": "a"}}', "all", "a list is needed, not an object", ""),
    ('{"field": {"name": "city", "operatr": "="}}', "field.operatr", "no such field", "operator"),
    ('{"field": {"operator": "="}}', "field", "name is missing", ""),
    ('{"field": {"name": "x", "operator": "=="}}', "field.operator", "none of =, !=, <", "="),
    ('{"field": {"name": "x", "value": 1, "values": [2]}}', "field.values", "not both", ""),
    ('{"field": {"name": "x", "value": null}}', "field.value", "not null", ""),
    ('{"field": {"name": "x", "value": 1e999}}', "field.value", "too large", ""),
    ('{"field": {"name": "x", "value": 9223372036854775808}}', "field.value", "too large", ""),
    ('{"field": {"name": "x", "value": {"amount": "1.0000001", "currency": "EUR"}}}', "field.value.amount", "at most 6 digits", ""),
    ('{"field": {"name": "x", "value": {"amount": "much", "currency": "EUR"}}}', "field.value.amount", "no amount", ""),
    ('{"field": {"name": "x", "value": {"amount": "1"}}}', "field.value", "currency is missing", ""),
    ('{"time": {"name": "x"}}', "time", "one of within, older", ""),
    ('{"time": {"name": "x", "within": "1 day", "older": "1 day"}}', "time", "not several", ""),
    ('{"time": {"name": "x", "within": "90 dys"}}', "time.within", "no unit", "day"),
    ('{"time": {"name": "x", "within": "calendar"}}', "time.within", "no span", ""),
    ('{"time": {"name": "x", "within": 90}}', "time.within", "90 days", ""),
    ('{"events": {"value": "many"}}', "events.value", "a number is needed", ""),
    ('{"events": {"begin": "soon"}}', "events.begin", "no time", ""),
    ('{"events": {"begin": "2026-01-01T10:00:00"}}', "events.begin", "no zone", ""),
    ('{"events": {"measure": "counts"}}', "events.measure", "none of", "count"),
    ('{"events": {"where": [{"name": "a", "value": 1, "x": 1}]}}', "events.where[0].x", "no such field", ""),
    ('{"provenance": {"parties": ["first", "forth"]}}', "provenance.parties[1]", "none of", "fourth"),
    ('{"identity": {"least": 1.5}}', "identity.least", "whole number", ""),
    ('{"tag": "\\ud800"}', "tag", "half a character", ""),
    ("[" * 100_000, "", "too deep", ""),
    ("not json", "", "no JSON", ""),
    ("1" * 5_000, "", "no JSON", ""),
    ('{"field": {"name": "x", "value": NaN}}', "", "NaN is not a number", ""),
    (" " * 300_000, "", "at most 262,144", ""),
]


@pytest.mark.parametrize(("text", "position", "message", "suggestion"), WRONG)
def test_what_is_wrong_is_told_by_its_position(text: str, position: str, message: str, suggestion: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_plain_text(text)
    [(where, said, meant)] = caught.value.problems
    assert where == position
    assert message in said
    if suggestion not in ("", "fourth"):
        assert meant == suggestion


def test_depth_is_bounded() -> None:
    def nested(depth: int) -> str:
        return '{"not":' * depth + '{"tag":"a"}' + "}" * depth

    assert read_plain_text(nested(DEEPEST - 1))
    with pytest.raises(DefinitionError, match="too deep"):
        read_plain_text(nested(DEEPEST))


@pytest.mark.parametrize("form", [0, 2, "1", None])
def test_a_text_of_another_form_is_not_guessed_at(form: object) -> None:
    with pytest.raises(DefinitionError, match="newer release"):
        decode(json.dumps({"form": form, "when": {"tag": "a"}}))
