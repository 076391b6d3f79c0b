"""Expressions out of protobuf messages; what cannot be one is refused by its position, as docs/segments.md writes positions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from idweave.v1 import segment_pb2
from idweave.v1.observation_pb2 import Money as MoneyMessage

from idweave_server.rpc.convert_segment import MEASURES, MICRO, OPERATORS, RELATIONS
from idweave_server.rpc.convert_values import PARTIES
from idweave_server.segments.constant_text import FIRST_INSTANT, LAST_INSTANT, LONGEST_CALENDAR, LONGEST_EXACT, MOST_UNITS
from idweave_server.segments.definition_text import DEEPEST
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
from idweave_server.segments.text_nodes import MOST_INTEGER, refused

E = TypeVar("E", bound=IntEnum)


def expression_of(message: segment_pb2.Expression, position: str = "", depth: int = 0) -> Expression:
    """Raises DefinitionError."""
    if depth >= DEEPEST:
        raise refused(position, f"the conditions are too deep; at most {DEEPEST} within each other can be read")
    kind = message.WhichOneof("condition")
    at = f"{position}.{kind}" if position else str(kind)
    match kind:
        case "all" | "any":
            messages = message.all.parts if kind == "all" else message.any.parts
            parts = tuple(expression_of(part, f"{at}[{n}]", depth + 1) for n, part in enumerate(messages))
            return All(parts) if kind == "all" else Any(parts)
        case "not":
            return Not(expression_of(getattr(message, "not"), at, depth + 1))
        case "field":
            field = message.field
            operator = _known(OPERATORS, Operator, field.operator, f"{at}.operator")
            return FieldTest(field.field, operator, _values(field.values, at), _zone(field.zone))
        case "time":
            time = message.time
            relation = _known(RELATIONS, Relation, time.relation, f"{at}.relation")
            return TimeTest(time.field, relation, _span(time.span, f"{at}.{relation.name.lower()}"), _zone(time.zone))
        case "events":
            return _event_test(message.events, at)
        case "sequence":
            return _sequence(message.sequence, at)
        case "tag":
            return TagTest(message.tag.tag)
        case "identity":
            return _identity(message.identity, at)
        case "provenance":
            return _provenance(message.provenance, at)
        case "segment":
            return SegmentTest(message.segment.segment)
    raise refused(position, "no condition is set, or one that this server does not know")


def _event_test(message: segment_pb2.EventTest, at: str) -> EventTest:
    value = _value(message.value, f"{at}.value") if message.HasField("value") else 1
    if isinstance(value, bool | str):
        raise refused(f"{at}.value", "a number or an amount of money is needed")
    return EventTest(
        _pattern(message.pattern, at),
        _window(message.window, at) if message.HasField("window") else EVER,
        _known(MEASURES, Measure, message.measure or segment_pb2.MEASURE_COUNT, f"{at}.measure"),
        _known(OPERATORS, Operator, message.operator or segment_pb2.OPERATOR_GREATER_OR_EQUAL, f"{at}.operator"),
        value,
        message.property,
    )


def _sequence(message: segment_pb2.EventSequence, at: str) -> Sequence:
    return Sequence(
        _pattern(message.first, f"{at}.first"),
        _pattern(message.then_not, f"{at}.then_not"),
        _span(message.wait, f"{at}.wait") if message.HasField("wait") else Span(),
        _span(message.last, f"{at}.last"),
        message.same,
        _zone(message.zone),
    )


def _identity(message: segment_pb2.IdentityTest, at: str) -> IdentityTest:
    if not abs(message.strength) < 2**40:
        raise refused(f"{at}.strength", "a number of nats is needed")
    return IdentityTest(message.namespace, message.least if message.HasField("least") else 1, round(message.strength * MICRO))


def _provenance(message: segment_pb2.ProvenanceTest, at: str) -> ProvenanceTest:
    parties = []
    for n, party in enumerate(message.parties):
        if party not in PARTIES:
            raise refused(f"{at}.parties[{n}]", "there is no such party")
        parties.append(PARTIES.index(party))
    window = _window(message.window, at) if message.HasField("window") else EVER
    return ProvenanceTest(tuple(message.sources), tuple(parties), tuple(message.kinds), window)


def _pattern(message: segment_pb2.EventPattern, at: str) -> Pattern:
    where = []
    for n, test in enumerate(message.where):
        place = f"{at}.where[{n}]"
        operator = _known(OPERATORS, Operator, test.operator, f"{place}.operator")
        where.append(PropertyTest(test.name, operator, _values(test.values, place)))
    return Pattern(tuple(message.types), tuple(where))


def _window(message: segment_pb2.EventWindow, at: str) -> Window:
    return Window(
        _span(message.last, f"{at}.last") if message.HasField("last") else None,
        _span(message.until_ago, f"{at}.until_ago") if message.HasField("until_ago") else None,
        _instant(message.begin, f"{at}.begin") if message.HasField("begin") else None,
        _instant(message.end, f"{at}.end") if message.HasField("end") else None,
        _zone(message.zone),
    )


def _span(message: segment_pb2.Span, at: str) -> Span:
    match message.WhichOneof("length"):
        case "exact":
            return Span(exact_seconds(message.exact, at))
        case "calendar":
            calendar = message.calendar
            parts = (calendar.years, calendar.months, calendar.weeks, calendar.days)
            if min(parts) < 0 or max(parts) > LONGEST_CALENDAR:
                raise refused(at, "a span of time is neither negative nor longer than 10,000 years")
            return Span(0, *parts)
    raise refused(at, "a span of time is needed")


def exact_seconds(message: Duration, at: str) -> int:
    """Raises DefinitionError."""
    if message.nanos or not 0 <= message.seconds <= LONGEST_EXACT:
        raise refused(at, "whole seconds are needed, from 0 to those of 10,000 years")
    return message.seconds


def _instant(message: Timestamp, at: str) -> int:
    if message.nanos or not FIRST_INSTANT <= message.seconds <= LAST_INSTANT:
        raise refused(at, "whole seconds are needed, of the years 1 to 9999")
    return message.seconds


def _values(messages: Iterable[segment_pb2.Value], at: str) -> tuple[Scalar | Money, ...]:
    return tuple(_value(message, f"{at}.values[{n}]") for n, message in enumerate(messages))


def _value(message: segment_pb2.Value, at: str) -> Scalar | Money:
    match message.WhichOneof("value"):
        case "money":
            return _money(message.money, at)
        case "time":
            return _instant(message.time, at)
        case "number":
            if not -1e300 < message.number < 1e300:
                raise refused(at, "a finite number is needed")
            return message.number
        case "text":
            return message.text
        case "integer" if message.integer >= -MOST_INTEGER:
            return message.integer
        case "boolean":
            return message.boolean
    raise refused(at, "no value is set, or one beyond 63 bits")


def _money(message: MoneyMessage, at: str) -> Money:
    units, nanos = message.units, message.nanos
    if abs(units) >= MOST_UNITS or abs(nanos) > 999_999_999 or units * nanos < 0:
        raise refused(at, f"this is no amount up to {MOST_UNITS:,}; nanos are billionths, of the same sign as the units")
    if nanos % 1_000:
        raise refused(at, "amounts are compared to a millionth of a unit: nanos have to be whole thousands")
    return Money(message.currency, units * MICRO + nanos // 1_000)


def _known(numbers: list[int], members: type[E], given: int, at: str) -> E:
    if not given:
        raise refused(at, f"is not given; there are {', '.join(member.name for member in members)}")
    if given not in numbers:
        raise refused(at, "there is no such one")
    return members(numbers.index(given))


def _zone(zone: str) -> str:
    return zone or UTC
