"""Expressions as messages: every one goes there and back, and what is no expression is refused by its position."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from idweave.v1 import segment_pb2
from idweave_server.errors import DefinitionError
from idweave_server.rpc.convert_segment import put_expression
from idweave_server.rpc.read_segment import expression_of
from idweave_server.segments.definition_text import DEEPEST
from idweave_server.segments.expression import EventTest, Expression, FieldTest, Operator, Pattern, TagTest
from idweave_server.segments.fields import Field, Fields, FieldType

from tests.segments.drawn_definitions import expressions

FIELDS = Fields([Field("last_order_time", FieldType.TIME, "when"), Field("order_count", FieldType.INTEGER, "how many")])


def message_of(expression: Expression, fields: Fields = FIELDS) -> segment_pb2.Expression:
    message = segment_pb2.Expression()
    put_expression(message, expression, fields)
    return message


@given(expressions)
def test_every_expression_goes_there_and_back(expression: Expression) -> None:
    sent = message_of(expression).SerializeToString()
    assert expression_of(segment_pb2.Expression.FromString(sent)) == expression


def test_what_is_not_set_has_its_default() -> None:
    message = ParseDict({"events": {"pattern": {"types": ["order_placed"]}}}, segment_pb2.Expression())
    assert expression_of(message) == EventTest(Pattern(("order_placed",)))
    assert expression_of(ParseDict({"identity": {}}, segment_pb2.Expression())).least == 1  # type: ignore[union-attr]


def test_times_are_shown_as_times_where_the_field_is_one() -> None:
    time = message_of(FieldTest("last_order_time", Operator.LESS, (7,))).field.values[0]
    count = message_of(FieldTest("order_count", Operator.LESS, (7,))).field.values[0]
    assert (time.WhichOneof("value"), count.WhichOneof("value")) == ("time", "integer")


WRONG: list[tuple[dict[str, object], str, str]] = [
    ({}, "", "no condition is set"),
    ({"all": {"parts": [{"tag": {"tag": "a"}}, {}]}}, "all[1]", "no condition is set"),
    ({"not": {"field": {"field": "x"}}}, "not.field.operator", "is not given; there are EQUAL"),
    ({"field": {"field": "x", "operator": 99}}, "field.operator", "no such one"),
    ({"field": {"field": "x", "operator": 1, "values": [{}]}}, "field.values[0]", "no value is set"),
    ({"field": {"field": "x", "operator": 1, "values": [{"number": "NaN"}]}}, "field.values[0]", "finite"),
    ({"field": {"field": "x", "operator": 1, "values": [{"money": {"units": 1, "nanos": -1000}}]}}, "field.values[0]", "same sign"),
    ({"field": {"field": "x", "operator": 1, "values": [{"money": {"nanos": 1}}]}}, "field.values[0]", "millionth"),
    ({"field": {"field": "x", "operator": 1, "values": [{"time": "2026-01-01T00:00:00.5Z"}]}}, "field.values[0]", "whole seconds"),
    ({"time": {"field": "x", "relation": 1}}, "time.within", "a span of time is needed"),
    ({"time": {"field": "x", "relation": 2, "span": {"exact": "1.5s"}}}, "time.older", "whole seconds"),
    ({"time": {"field": "x", "relation": 2, "span": {"exact": "-1s"}}}, "time.older", "whole seconds"),
    ({"time": {"field": "x", "relation": 2, "span": {"calendar": {"months": -1}}}}, "time.older", "negative"),
    ({"events": {"value": {"text": "many"}}}, "events.value", "a number"),
    ({"provenance": {"parties": [9]}}, "provenance.parties[0]", "no such party"),
    ({"identity": {"strength": "Infinity"}}, "identity.strength", "nats"),
]


@pytest.mark.parametrize(("given_", "position", "message"), WRONG)
def test_what_is_wrong_is_told_by_its_position(given_: dict[str, object], position: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        expression_of(ParseDict(given_, segment_pb2.Expression()))
    [(where, said, _)] = caught.value.problems
    assert where == position
    assert message in said


def test_depth_is_bounded_as_in_texts() -> None:
    message = message_of(TagTest("a"))
    for _ in range(DEEPEST):
        above = segment_pb2.Expression()
        getattr(above, "not").CopyFrom(message)
        message = above
    with pytest.raises(DefinitionError, match="too deep"):
        expression_of(message)
