"""Conditions of segments from plain values, as the clients' put_segment, preview_segment and forecast_segment take them.

    from idweave import segments as s

    client.put_segment("good_customers", s.all_of(
        s.count("purchase", amount=">= 100 USD", days=90),   # a purchase of 100 USD or more in the last 90 times 86,400 seconds
        s.compare("country", "in", "DE", "AT"),
        s.not_(s.tagged("staff")),
    ))
    client.put_segment("lapsed", s.older("last_purchase_time", months=6, zone="Europe/Berlin"))
    client.put_segment("recent", s.template("recent_purchasers", currency="EUR"))

Spans of days, weeks, hours, minutes and seconds are exact; years, months, calendar_weeks and calendar_days go by the calendar of the zone.
A comparison is written as text, ">= 100 USD", "< 3", "!= red", or given as the value that it must equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from google.protobuf.duration_pb2 import Duration

from idweave.observations import money, timestamp
from idweave.v1.observation_pb2 import Money
from idweave.v1.segment_pb2 import (
    CalendarSpan,
    EventPattern,
    EventSequence,
    EventTest,
    EventWindow,
    Expression,
    ExpressionList,
    FieldTest,
    IdentityTest,
    Measure,
    Operator,
    PropertyTest,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Value,
)
from idweave.v1.segment_service_pb2 import TemplateUse

Constant = str | int | float | bool | date | datetime | Money
Compared = str | int | float | bool | Money | tuple[str, ...]
Length = timedelta | Span
OPERATORS = {
    "=": Operator.OPERATOR_EQUAL,
    "!=": Operator.OPERATOR_NOT_EQUAL,
    "<": Operator.OPERATOR_LESS,
    "<=": Operator.OPERATOR_LESS_OR_EQUAL,
    ">": Operator.OPERATOR_GREATER,
    ">=": Operator.OPERATOR_GREATER_OR_EQUAL,
    "in": Operator.OPERATOR_IN,
    "known": Operator.OPERATOR_KNOWN,
}
_COMPARED = re.compile(r"(>=|<=|!=|=|>|<)\s*(.*\S)\s*", re.DOTALL)
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ?([A-Z]{3})")
_INTEGER, _NUMBER = re.compile(r"-?\d{1,18}"), re.compile(r"-?\d+\.\d+")


def all_of(*conditions: Expression) -> Expression:
    """All of these hold."""
    return Expression(all=ExpressionList(parts=conditions))


def any_of(*conditions: Expression) -> Expression:
    """Any of these holds."""
    return Expression(any=ExpressionList(parts=conditions))


def not_(condition: Expression) -> Expression:
    """This one does not hold; where it is unknown, so is this."""
    found = Expression()
    getattr(found, "not").CopyFrom(condition)  # the field's name is a word of Python
    return found


def compare(field: str, operator: str, *values: Constant, zone: str = "") -> Expression:
    """A trait or a computed attribute against constants: compare("age", ">=", 18), compare("country", "in", "DE", "AT")."""
    test = FieldTest(field=field, operator=operator_of(operator), values=map(value, values), zone=zone)
    return Expression(field=test)


def known(field: str) -> Expression:
    """The profile has a value of this field."""
    return compare(field, "known")


def within(field: str, *, zone: str = "", **parts: int) -> Expression:
    """A time less than a span ago: within("last_purchase_time", days=90)."""
    return _in_time(field, Relation.RELATION_WITHIN, zone, parts)


def older(field: str, *, zone: str = "", **parts: int) -> Expression:
    """A time at least a span ago: older("last_purchase_time", months=6)."""
    return _in_time(field, Relation.RELATION_OLDER, zone, parts)


def upcoming(field: str, *, zone: str = "", **parts: int) -> Expression:
    """A time still to come, at most a span away."""
    return _in_time(field, Relation.RELATION_UPCOMING, zone, parts)


def anniversary(field: str, *, zone: str = "", **parts: int) -> Expression:
    """A date whose next anniversary is at most a span away: anniversary("birth_date", days=7)."""
    return _in_time(field, Relation.RELATION_ANNIVERSARY, zone, parts)


def count(
    *types: str,
    compared: Compared = ">= 1",
    amount: Compared | None = None,
    where: Mapping[str, Compared] | None = None,
    window: EventWindow | None = None,
    **parts: int,
) -> Expression:
    """How many events match: count("purchase", amount=">= 100 USD", days=90), count("store_visit", compared=">= 3", weeks=4).

    types: any where none is named. amount: what the amount of each must be; where: the same of properties. window: when, as `events_in`
    says it; else in the last `parts`, such as days=90, or ever.
    """
    return _events(Measure.MEASURE_COUNT, "", types, compared, amount, where, window, parts)


def total(
    *types: str,
    compared: Compared,
    of: str = "",
    amount: Compared | None = None,
    where: Mapping[str, Compared] | None = None,
    window: EventWindow | None = None,
    **parts: int,
) -> Expression:
    """The sum of the amounts of events, or of the numbers of the property `of`: total("purchase", compared="> 1000 EUR", days=365)."""
    return _events(Measure.MEASURE_SUM, of, types, compared, amount, where, window, parts)


def distinct(
    of: str,
    *types: str,
    compared: Compared,
    amount: Compared | None = None,
    where: Mapping[str, Compared] | None = None,
    window: EventWindow | None = None,
    **parts: int,
) -> Expression:
    """How many different values the property `of` has: distinct("category", "product_viewed", compared=">= 3", days=7)."""
    return _events(Measure.MEASURE_DISTINCT, of, types, compared, amount, where, window, parts)


def then_not(
    first: str | EventPattern, later: str | EventPattern, *, last: Length, wait: Length | None = None, same: str = "", zone: str = ""
) -> Expression:
    """An event and none of another kind since: then_not("cart_added", "order_placed", wait=timedelta(hours=1), last=timedelta(days=7)).

    same: a property that the second event must share with the first for it to count, such as product.
    """
    patterns = [pattern(one) if isinstance(one, str) else one for one in (first, later)]
    waited = None if wait is None else length(wait)
    return Expression(sequence=EventSequence(first=patterns[0], then_not=patterns[1], wait=waited, last=length(last), same=same, zone=zone))


def tagged(tag: str) -> Expression:
    """The profile has this tag."""
    return Expression(tag=TagTest(tag=tag))


def has(namespace: str = "", *, least: int = 1, strength: float = 0.0) -> Expression:
    """The profile has identifiers of a namespace: has("phone"). strength: of its weakest link at least, in nats."""
    return Expression(identity=IdentityTest(namespace=namespace, least=least, strength=strength))


def seen_by(
    *sources: str, parties: Iterable[str] = (), kinds: Iterable[str] = (), window: EventWindow | None = None, **parts: int
) -> Expression:
    """Some observation is by one of these sources, parties (zero, first, second, third) and evidence kinds, ever or in the last `parts`."""
    named = [f"PARTY_{party.upper()}" for party in parties]  # messages take the names of values too
    test = ProvenanceTest(sources=sources, parties=named, kinds=kinds, window=_window(window, parts))
    return Expression(provenance=test)


def in_segment(name: str) -> Expression:
    """The profile is in another segment."""
    return Expression(segment=SegmentTest(segment=name))


def template(name: str, **parameters: str | float | bool) -> TemplateUse:
    """A ready-made definition with its parameters: template("recent_purchasers", currency="EUR", days=30)."""
    said = {key: str(given).lower() if isinstance(given, bool) else str(given) for key, given in parameters.items()}
    return TemplateUse(template=name, parameters=said)


def events_in(
    *,
    last: Length | None = None,
    until_ago: Length | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
    zone: str = "",
) -> EventWindow:
    """When an event must have happened: in the last span, until a span ago, from a time on, before a time; all that is given."""
    return EventWindow(
        last=None if last is None else length(last),
        until_ago=None if until_ago is None else length(until_ago),
        begin=None if begin is None else timestamp(begin),
        end=None if end is None else timestamp(end),
        zone=zone,
    )


def pattern(*types: str, amount: Compared | None = None, where: Mapping[str, Compared] | None = None) -> EventPattern:
    """Events of these types whose amount and properties compare so."""
    asked = {**({} if amount is None else {"amount": amount}), **(where or {})}
    return EventPattern(types=types, where=[_property_test(name, said) for name, said in asked.items()])


def span(
    *,
    years: int = 0,
    months: int = 0,
    calendar_weeks: int = 0,
    calendar_days: int = 0,
    weeks: int = 0,
    days: int = 0,
    hours: int = 0,
    minutes: int = 0,
    seconds: int = 0,
) -> Span:
    """A length of time, exact or of the calendar. Raises ValueError for both at once, and for none."""
    calendar = CalendarSpan(years=years, months=months, weeks=calendar_weeks, days=calendar_days)
    exact = seconds + 60 * minutes + 3_600 * hours + 86_400 * (days + 7 * weeks)
    if calendar.ByteSize() and exact:
        raise ValueError("a span is exact or of the calendar: write calendar_days for days beside months")
    if calendar.ByteSize():
        return Span(calendar=calendar)
    if not exact:
        raise ValueError("how long? write days=90, or months=6 for the calendar's")
    return Span(exact=Duration(seconds=exact))


def length(given: Length) -> Span:
    """A timedelta is exact; whole seconds."""
    if isinstance(given, Span):
        return given
    exact = Duration()
    exact.FromTimedelta(given)
    return Span(exact=exact)


def value(given: Constant) -> Value:
    """A constant as messages hold it. Raises TypeError for one of another type."""
    match given:
        case bool():
            return Value(boolean=given)
        case int():
            return Value(integer=given)
        case float():
            return Value(number=given)
        case str():
            return Value(text=given)
        case Money():
            return Value(money=given)
        case datetime():
            return Value(time=timestamp(given))
        case date():
            return Value(text=given.isoformat())
    raise TypeError(f"a constant is of type {type(given).__name__}; give a str, int, float, bool, date, datetime or Money")


def operator_of(word: str) -> Operator:
    if word not in OPERATORS:
        raise ValueError(f"{word!r} is no operator; there are {', '.join(OPERATORS)}")
    return OPERATORS[word]


def text_of(definition: Mapping[str, object]) -> str:
    """A definition in its text form, such as a TOML file has it, as JSON; dates and times become what the form has for them."""
    return json.dumps(definition, default=_plain, ensure_ascii=False)


def _plain(given: object) -> object:
    if isinstance(given, datetime):
        return {"time": (given if given.tzinfo else given.replace(tzinfo=UTC)).isoformat()}
    if isinstance(given, date):
        return given.isoformat()
    raise TypeError(f"a definition holds texts, numbers, truths, lists and mappings, not {type(given).__name__}")


def _in_time(field: str, relation: Relation, zone: str, parts: Mapping[str, int]) -> Expression:
    return Expression(time=TimeTest(field=field, relation=relation, span=span(**parts), zone=zone))


def _events(
    measure: Measure,
    of: str,
    types: tuple[str, ...],
    compared: Compared,
    amount: Compared | None,
    where: Mapping[str, Compared] | None,
    window: EventWindow | None,
    parts: Mapping[str, int],
) -> Expression:
    operator, constants = _compared(compared)
    if len(constants) != 1:
        raise ValueError("one number or amount is needed to compare with")
    test = EventTest(
        pattern=pattern(*types, amount=amount, where=where),
        window=_window(window, parts),
        measure=measure,
        operator=operator,
        value=constants[0],
        property=of,
    )
    return Expression(events=test)


def _window(window: EventWindow | None, parts: Mapping[str, int]) -> EventWindow | None:
    if window is not None and parts:
        raise ValueError("give a window, or the length of the last stretch, not both")
    return EventWindow(last=span(**parts)) if parts else window


def _property_test(name: str, compared: Compared) -> PropertyTest:
    operator, constants = _compared(compared)
    return PropertyTest(name=name, operator=operator, values=constants)


def _compared(given: Compared) -> tuple[Operator, list[Value]]:
    """(how, with what): of a text its operator and what follows, several values for one of them; anything else must be equal."""
    if isinstance(given, tuple):
        return Operator.OPERATOR_IN, [value(one) for one in given]
    found = _COMPARED.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        return (Operator.OPERATOR_KNOWN, []) if given == "known" else (Operator.OPERATOR_EQUAL, [value(given)])
    return operator_of(found[1]), [_constant(found[2])]


def _constant(text: str) -> Value:
    """What stands behind an operator: an amount of money, a number, or text."""
    if amount := _AMOUNT.fullmatch(text):
        return Value(money=money(amount[1], amount[2]))
    if _INTEGER.fullmatch(text):
        return Value(integer=int(text))
    return Value(number=float(text)) if _NUMBER.fullmatch(text) else Value(text=text)
