"""Expressions into protobuf messages."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp
from idweave.v1 import segment_pb2
from idweave.v1.observation_pb2 import Money as MoneyMessage

from idweave_server.model import Party
from idweave_server.rpc.convert_values import PARTIES, numbers
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
    Scalar,
    SegmentTest,
    Sequence,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.fields import Fields, FieldType

MICRO = 1_000_000
OPERATORS = numbers(segment_pb2.Operator, "OPERATOR_", Operator)
RELATIONS = numbers(segment_pb2.Relation, "RELATION_", Relation)
MEASURES = numbers(segment_pb2.Measure, "MEASURE_", Measure)
NO_FIELDS = Fields(())


def put_expression(message: segment_pb2.Expression, expression: Expression, fields: Fields = NO_FIELDS) -> None:
    """fields: of the store, so that what is compared with times is shown as a time."""
    match expression:
        case All(parts) | Any(parts):
            into = message.all if isinstance(expression, All) else message.any
            into.SetInParent()
            for part in parts:
                put_expression(into.parts.add(), part, fields)
        case Not(part):
            below: segment_pb2.Expression = getattr(message, "not")  # the field's name is a word of Python
            below.SetInParent()
            put_expression(below, part, fields)
        case FieldTest(name, operator, values, zone):
            message.field.field, message.field.operator, message.field.zone = name, OPERATORS[operator], _zone(zone)
            put_values(message.field.values, values, as_times=_is_time(fields, name))
        case TimeTest(name, relation, span, zone):
            message.time.field, message.time.relation, message.time.zone = name, RELATIONS[relation], _zone(zone)
            put_span(message.time.span, span)
        case EventTest():
            put_event_test(message.events, expression)
        case Sequence():
            put_sequence(message.sequence, expression)
        case TagTest(tag):
            message.tag.SetInParent()
            message.tag.tag = tag
        case IdentityTest(namespace, least, strength):
            message.identity.namespace, message.identity.least, message.identity.strength = namespace, least, strength / MICRO
        case ProvenanceTest(sources, parties, kinds, window):
            message.provenance.SetInParent()
            message.provenance.sources.extend(sources)
            message.provenance.parties.extend(PARTIES[Party(one)] for one in parties)
            message.provenance.kinds.extend(kinds)
            put_window(message.provenance.window, window)
        case SegmentTest(segment):
            message.segment.SetInParent()
            message.segment.segment = segment


def put_event_test(message: segment_pb2.EventTest, test: EventTest) -> None:
    put_pattern(message.pattern, test.pattern)
    put_window(message.window, test.window)
    message.measure, message.operator, message.property = MEASURES[test.measure], OPERATORS[test.operator], test.property
    put_value(message.value, test.value)


def put_sequence(message: segment_pb2.EventSequence, sequence: Sequence) -> None:
    put_pattern(message.first, sequence.first)
    put_pattern(message.then_not, sequence.then_not)
    put_span(message.wait, sequence.wait)
    put_span(message.last, sequence.last)
    message.same, message.zone = sequence.same, _zone(sequence.zone)


def put_pattern(message: segment_pb2.EventPattern, pattern: Pattern) -> None:
    message.SetInParent()
    message.types.extend(pattern.types)
    for test in pattern.where:
        put_property_test(message.where.add(), test)


def put_property_test(message: segment_pb2.PropertyTest, test: PropertyTest) -> None:
    message.name, message.operator = test.name, OPERATORS[test.operator]
    put_values(message.values, test.values)


def put_window(message: segment_pb2.EventWindow, window: Window) -> None:
    """A window that is always leaves the message as it is."""
    if window == EVER:
        return
    message.SetInParent()
    if window.last is not None:
        put_span(message.last, window.last)
    if window.until_ago is not None:
        put_span(message.until_ago, window.until_ago)
    if window.begin is not None:
        put_instant(message.begin, window.begin)
    if window.end is not None:
        put_instant(message.end, window.end)
    message.zone = _zone(window.zone)


def put_span(message: segment_pb2.Span, span: Span) -> None:
    if span.of_calendar:
        calendar = message.calendar
        calendar.years, calendar.months, calendar.weeks, calendar.days = span.years, span.months, span.weeks, span.days
    else:
        message.exact.SetInParent()
        message.exact.seconds = span.seconds


def put_instant(message: Timestamp, seconds: int) -> None:
    message.SetInParent()
    message.seconds = seconds


def put_values(messages: Iterable[segment_pb2.Value], values: Iterable[Scalar | Money], *, as_times: bool = False) -> None:
    for value in values:
        put_value(messages.add(), value, as_time=as_times)  # type: ignore[attr-defined]


def put_value(message: segment_pb2.Value, value: Scalar | Money, *, as_time: bool = False) -> None:
    if isinstance(value, Money):
        put_money(message.money, value)
    elif isinstance(value, bool):
        message.boolean = value
    elif isinstance(value, str):
        message.text = value
    elif isinstance(value, float):
        message.number = value
    elif as_time:
        put_instant(message.time, value)
    else:
        message.integer = value


def put_money(message: MoneyMessage, money: Money) -> None:
    message.SetInParent()
    units, micros = divmod(abs(money.micros), MICRO)
    sign = -1 if money.micros < 0 else 1
    message.currency, message.units, message.nanos = money.currency, sign * units, sign * micros * 1_000


def _zone(zone: str) -> str:
    return "" if zone == UTC else zone


def _is_time(fields: Fields, name: str) -> bool:
    found = fields.find(name)
    return found is not None and found.type is FieldType.TIME
