"""Segments once more, slow and obvious: plain values, datetime and zoneinfo, straight from what expression.py says of each condition."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any as Anything
from zoneinfo import ZoneInfo

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

Truth = bool | None
INFINITE = float("inf")


@dataclass
class Event:
    time: int
    type: str
    stands: bool = False
    amount: int | None = None  # micros
    currency: str = ""
    properties: list[tuple[str, str | int]] = field(default_factory=list)


@dataclass
class Person:
    """values: by field; text, int, bool, date, list of text; NUMBER in millionths and money in micros of the policy's currency."""

    values: dict[str, Anything] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    observations: list[tuple[int, str, int, str]] = field(default_factory=list)
    namespaces: dict[str, int] = field(default_factory=dict)
    strength: int | None = None


@dataclass
class World:
    """counts: of fields that grow with the clock, (their time's field, unit); numbers: fields in millionths; moneys: money fields."""

    rates: Rates
    counts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    moneys: frozenset[str] = frozenset()
    segments: Mapping[str, Expression] = field(default_factory=dict)


def all_of(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True


def any_of(truths: Iterable[Truth]) -> Truth:
    return opposite(all_of(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def moved(when: int | date, span: Span, zone: str, sign: int = 1) -> int:
    """The instant of a time or of a date, moved by a span."""
    if isinstance(when, date):
        wall = datetime(when.year, when.month, when.day)
        if not span.of_calendar:
            return instant(wall, zone) + sign * span.seconds
    elif span.of_calendar:
        wall = datetime.fromtimestamp(when, ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    else:
        return when + sign * span.seconds
    months = wall.month - 1 + sign * (12 * span.years + span.months)
    year, month = wall.year + months // 12, months % 12 + 1
    wall = wall.replace(year=year, month=month, day=min(wall.day, calendar.monthrange(year, month)[1]))
    return instant(wall + sign * timedelta(days=7 * span.weeks + span.days), zone)


def instant(wall: datetime, zone: str) -> int:
    return int(wall.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())


def begin_of(when: int | date, zone: str) -> int:
    return moved(when, Span(), zone)


def anniversaries(when: int | date, span: Span, zone: str, since: int, until: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of every anniversary's span that ends after `since` and begins up to `until`."""
    first = when if isinstance(when, date) else datetime.fromtimestamp(when, ZoneInfo(zone)).date()
    for year in range(max(first.year, datetime.fromtimestamp(since, UTC).year - 2) + 1, 2300):
        day = first.replace(year=year, day=min(first.day, calendar.monthrange(year, first.month)[1]))
        after = day + timedelta(days=1)
        begin, end = moved(after, span, zone, -1), begin_of(after, zone)
        if begin > until:
            return
        if end > since:
            yield begin, end


def compare(operator: Operator, left: Anything, right: Anything) -> bool:
    return {
        Operator.EQUAL: left == right,
        Operator.NOT_EQUAL: left != right,
        Operator.LESS: left < right,
        Operator.LESS_OR_EQUAL: left <= right,
        Operator.GREATER: left > right,
        Operator.GREATER_OR_EQUAL: left >= right,
    }[operator]


def truth(expression: Expression, person: Person, now: int, world: World) -> Truth:
    match expression:
        case All(parts):
            return all_of(truth(part, person, now, world) for part in parts)
        case Any(parts):
            return any_of(truth(part, person, now, world) for part in parts)
        case Not(part):
            return opposite(truth(part, person, now, world))
        case FieldTest():
            return field_truth(expression, person, now, world)
        case TimeTest():
            return time_truth(expression, person, now)
        case EventTest():
            return event_truth(expression, person, now, world)
        case Sequence():
            return sequence_truth(expression, person, now, world)
        case TagTest(tag):
            return tag in person.tags
        case IdentityTest(namespace, least, strength):
            has = sum(person.namespaces.values()) if namespace == "" else person.namespaces.get(namespace, 0)
            strong = strength == 0 or person.strength is None or person.strength >= strength
            return has >= least and strong
        case ProvenanceTest():
            return any(
                (not expression.sources or source in expression.sources)
                and (not expression.parties or party in expression.parties)
                and (not expression.kinds or kind in expression.kinds)
                and in_window(expression.window, time, now)
                for time, source, party, kind in person.observations
            )
        case SegmentTest(segment):
            return truth(world.segments[segment], person, now, world)


def count_of(test: FieldTest, person: Person, now: int, world: World) -> int | None:
    """Full years or days since a time; -1 while it is ahead."""
    name, unit = world.counts[test.field]
    when = person.values.get(name)
    if when is None:
        return None
    count = -1
    if unit == "years":
        while moved(when, Span(years=count + 1), test.zone) <= now:
            count += 1
    elif isinstance(when, date):
        today = datetime.fromtimestamp(now, ZoneInfo(test.zone)).date()
        count = max(-1, (today - when).days)
    else:
        count = max(-1, (now - when) // 86_400)
    return count


def field_truth(test: FieldTest, person: Person, now: int, world: World) -> Truth:
    value = count_of(test, person, now, world) if test.field in world.counts else person.values.get(test.field)
    if value == []:
        value = None
    if test.operator is Operator.KNOWN:
        return value is not None
    if value is None:
        return None
    constants: list[Anything] = []
    for constant in test.values:
        if isinstance(constant, Money):
            constants.append(world.rates.convert(constant.micros, constant.currency, world.rates.currency))
        elif test.field in world.numbers:
            constants.append(round(float(constant) * 1_000_000))
        elif isinstance(value, date):
            constants.append(date.fromisoformat(str(constant)))
        else:
            constants.append(constant)
    if isinstance(value, list):
        found = any(constant in value for constant in constants)
        return not found if test.operator is Operator.NOT_EQUAL else found
    if test.operator is Operator.IN:
        return any_of(None if constant is None else value == constant for constant in constants)
    return None if constants[0] is None else compare(test.operator, value, constants[0])


def time_truth(test: TimeTest, person: Person, now: int) -> Truth:
    when = person.values.get(test.field)
    if when is None:
        return None
    if test.relation is Relation.WITHIN:
        return begin_of(when, test.zone) <= now < moved(when, test.span, test.zone)
    if test.relation is Relation.OLDER:
        return moved(when, test.span, test.zone) <= now
    if test.relation is Relation.UPCOMING:
        return moved(when, test.span, test.zone, -1) <= now < begin_of(when, test.zone)
    return next((begin <= now for begin, _ in anniversaries(when, test.span, test.zone, now, now)), False)


def in_window(window: Window, time: int, now: int) -> bool:
    return (
        time <= now
        and (window.last is None or now < moved(time, window.last, window.zone))
        and (window.until_ago is None or moved(time, window.until_ago, window.zone) <= now)
        and (window.begin is None or window.begin <= time)
        and (window.end is None or time < window.end)
    )


def property_truth(test: PropertyTest, event: Event, world: World) -> Truth:
    if test.name == "amount" and (test.operator is Operator.KNOWN or isinstance(test.values[0], Money)):
        if event.amount is None:
            return False
        if test.operator is Operator.KNOWN:
            return True
        converted = [
            (world.rates.convert(event.amount, event.currency, money.currency), money.micros)
            for money in test.values
            if isinstance(money, Money)
        ]
        if test.operator is Operator.IN:
            return any_of(None if amount is None else amount == micros for amount, micros in converted)
        amount, micros = converted[0]
        return None if amount is None else compare(test.operator, amount, micros)
    values = [value for name, value in event.properties if name == test.name]
    if test.operator is Operator.KNOWN or not values:
        return bool(values)
    if test.operator is Operator.NOT_EQUAL:
        return all(value != test.values[0] for value in values)
    if test.operator is Operator.IN:
        return any(value in test.values for value in values)
    return any(
        compare(test.operator, value, test.values[0]) for value in values if isinstance(value, str) == isinstance(test.values[0], str)
    )


def pattern_truth(pattern: Pattern, event: Event, world: World) -> Truth:
    typed = not pattern.types or event.type in pattern.types or ("purchase" in pattern.types and event.stands)
    return all_of([typed, *(property_truth(test, event, world) for test in pattern.where)])


def bounds(test: EventTest, person: Person, now: int, world: World) -> tuple[float, float]:
    """Between what the measure must lie: every event that may match matches or not, and unknown money is worth anything."""
    found = [(event, pattern_truth(test.pattern, event, world)) for event in person.events if in_window(test.window, event.time, now)]
    sure, possible = [e for e, t in found if t is True], [e for e, t in found if t is not False]
    if test.measure is Measure.COUNT:
        return len(sure), len(possible)
    if test.measure is Measure.DISTINCT:
        values = [{value for e in events for name, value in e.properties if name == test.property} for events in (sure, possible)]
        return len(values[0]), len(values[1])
    low_sum: float = 0
    high_sum: float = 0
    for event, matching in found:
        if matching is False:
            continue
        for low, high in worths(test, event, world):
            low_sum += low if matching else min(0, low)
            high_sum += high if matching else max(0, high)
    return low_sum, high_sum


def worths(test: EventTest, event: Event, world: World) -> Iterator[tuple[float, float]]:
    if test.property:
        for name, value in event.properties:
            if name == test.property and isinstance(value, int):
                yield value, value
        return
    if event.amount is None:
        return
    assert isinstance(test.value, Money)
    amount = world.rates.convert(event.amount, event.currency, test.value.currency)
    if amount is not None:
        yield amount, amount
    elif event.amount > 0:
        yield 0, INFINITE
    elif event.amount < 0:
        yield -INFINITE, 0


def event_truth(test: EventTest, person: Person, now: int, world: World) -> Truth:
    low, high = bounds(test, person, now, world)
    constant = test.value.micros if isinstance(test.value, Money) else test.value
    if low == high:
        return compare(test.operator, low, constant)
    if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return None if low <= constant <= high else test.operator is Operator.NOT_EQUAL
    ends = {compare(test.operator, low, constant), compare(test.operator, high, constant)}
    return None if len(ends) == 2 else ends.pop()


def sequence_truth(test: Sequence, person: Person, now: int, world: World) -> Truth:
    def followed(first: Event) -> Truth:
        values = {value for name, value in first.properties if name == test.same}
        return any_of(
            pattern_truth(test.then_not, other, world)
            for other in person.events
            if first.time <= other.time <= now
            and (not test.same or values & {value for name, value in other.properties if name == test.same})
        )

    return any_of(
        all_of([pattern_truth(test.first, event, world), opposite(followed(event))])
        for event in person.events
        if event.time <= now and moved(event.time, test.wait, test.zone) <= now < moved(event.time, test.last, test.zone)
    )


def at(text: str) -> int:
    """An instant as ISO 8601, UTC where it names no offset."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
