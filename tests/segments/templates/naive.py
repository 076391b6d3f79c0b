"""What an expression says of a person now, in plain Python straight from the words of expression.py; None is UNKNOWN."""

from __future__ import annotations

import operator
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from idweave_server.segments.expression import (
    All,
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
    Relation,
    Sequence,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Any as AnyOf

from tests.segments.templates.people import MICROS, Happening, Person, told

Truth = bool | None
COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def truth(said: Expression, who: Person, now: int) -> Truth:
    match said:
        case All(parts):
            return least(truth(part, who, now) for part in parts)
        case AnyOf(parts):
            return greatest(truth(part, who, now) for part in parts)
        case Not(part):
            inner = truth(part, who, now)
            return None if inner is None else not inner
        case FieldTest():
            return field_truth(said, who, now)
        case TimeTest():
            return time_truth(said, who, now)
        case EventTest():
            return event_truth(said, who, now)
        case Sequence():
            return sequence_truth(said, who, now)
        case TagTest(tag):
            return tag in who.tags
        case IdentityTest(namespace, wanted, 0):
            return sum(not namespace or one == namespace for one in who.identifiers) >= wanted
    raise AssertionError(f"the templates use no {type(said).__name__}")


def least(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return False if False in known else None if None in known else True


def greatest(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return True if True in known else None if None in known else False


def field_truth(said: FieldTest, who: Person, now: int) -> Truth:
    value = who.value(said.field, now)
    if said.operator is Operator.KNOWN:
        return value is not None
    if value is None:
        return None
    if isinstance(wanted := said.values[0], Money):
        micros = converted(Decimal(value.micros) / MICROS, value.currency, wanted.currency, who)
        return None if micros is None else COMPARE[said.operator](micros, wanted.micros)
    return value in said.values if said.operator is Operator.IN else COMPARE[said.operator](value, wanted)


def converted(amount: Decimal, currency: str, into: str, who: Person) -> Decimal | None:
    rate = Decimal(1) if currency == into else who.rates.get((currency, into))
    return None if rate is None else amount * rate * MICROS


def time_truth(said: TimeTest, who: Person, now: int) -> Truth:
    value = who.value(said.field, now)
    if value is None:
        return None
    if said.relation is Relation.ANNIVERSARY:
        return is_anniversary(date.fromisoformat(value), said.span, said.zone, now)
    then = first_second(date.fromisoformat(value), said.zone) if isinstance(value, str) else value
    match said.relation:
        case Relation.WITHIN:
            return then <= now < moved(then, said.span, said.zone)
        case Relation.OLDER:
            return moved(then, said.span, said.zone) <= now
        case Relation.UPCOMING:
            return moved(then, said.span, said.zone, -1) <= now < then if said.span.of_calendar else now < then <= now + said.span.seconds
    raise AssertionError(said.relation)


def is_anniversary(born: date, span: Span, zone: str, now: int) -> bool:
    year = datetime.fromtimestamp(now, ZoneInfo(zone)).year
    days = (date(one, born.month, min(born.day, monthrange(one, born.month)[1])) for one in (year, year + 1))
    end = next(after for day in days if (after := first_second(day + timedelta(days=1), zone)) > now)
    return moved(end, span, zone, -1) <= now


def first_second(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def moved(then: int, span: Span, zone: str, sign: int = 1) -> int:
    if not span.of_calendar:
        return then + sign * span.seconds
    wall = datetime.fromtimestamp(then, ZoneInfo(zone)).replace(tzinfo=None)
    months = wall.year * 12 + wall.month - 1 + sign * (12 * span.years + span.months)
    year, month = months // 12, months % 12 + 1
    wall = wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))
    wall += timedelta(days=sign * (7 * span.weeks + span.days))
    return int(wall.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())


def candidates(pattern: Pattern, who: Person, now: int) -> list[Happening]:
    """Events by now of the pattern's types; orders that stand come beside the events that they are, as purchases."""
    return [
        one for one in who.known(now) + who.purchases(now) if one.type in pattern.types or (not pattern.types and one.type != "purchase")
    ]


def matches(pattern: Pattern, one: Happening, who: Person) -> Truth:
    return least(property_truth(test, one, who) for test in pattern.where)


def property_truth(test: PropertyTest, one: Happening, who: Person) -> Truth:
    wanted = test.values[0]
    if isinstance(wanted, Money):
        if one.amount is None:
            return False
        micros = converted(one.amount, one.currency, wanted.currency, who)
        return None if micros is None else COMPARE[test.operator](micros, wanted.micros)
    values = one.of(test.name)
    if test.operator is Operator.NOT_EQUAL:
        return bool(values) and wanted not in values
    return any(value in test.values for value in values)  # EQUAL and IN are all that the templates ask of texts


def in_window(window: Window, time: int, now: int) -> bool:
    return (
        (window.last is None or now < moved(time, window.last, window.zone))
        and (window.until_ago is None or moved(time, window.until_ago, window.zone) <= now)
        and (window.begin is None or window.begin <= time)
        and (window.end is None or time < window.end)
    )


def event_truth(said: EventTest, who: Person, now: int) -> Truth:
    """What may match and what has no rate counts once as nothing and once as very much: the bounds between which the answer lies."""
    found = [(one, matches(said.pattern, one, who)) for one in candidates(said.pattern, who, now) if in_window(said.window, one.time, now)]
    sure, maybe = [one for one, is_match in found if is_match], sum(is_match is None for _, is_match in found)
    if said.measure is Measure.COUNT:
        answers = {COMPARE[said.operator](count, said.value) for count in range(len(sure), len(sure) + maybe + 1)}
        return answers.pop() if len(answers) == 1 else None
    assert not maybe, "the templates ask no amount of what they sum"
    if said.measure is Measure.DISTINCT:
        return COMPARE[said.operator](len({value for one in sure for value in one.of(said.property)}), said.value)
    if not isinstance(said.value, Money):
        return COMPARE[said.operator](sum(Decimal(value) for one in sure for value in one.of(said.property)), said.value)
    amounts = [converted(one.amount, one.currency, said.value.currency, who) for one in sure if one.amount is not None]
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    answers = {COMPARE[said.operator](total + more, said.value.micros) for more in (0, 10**30 if None in amounts else 0)}
    return answers.pop() if len(answers) == 1 else None


def sequence_truth(said: Sequence, who: Person, now: int) -> bool:
    later = [one for one in candidates(said.then_not, who, now) if matches(said.then_not, one, who)]
    for first in candidates(said.first, who, now):
        if not matches(said.first, first, who) or not moved(first.time, said.wait, said.zone) <= now < moved(
            first.time, said.last, said.zone
        ):
            continue
        if not any(one.time >= first.time and (not said.same or set(one.of(said.same)) & set(first.of(said.same))) for one in later):
            return True
    return False


def timeline(said: Expression, who: Person, begin: int, end: int, step: int = 1_800) -> list[tuple[str, Truth]]:
    """(instant, truth from then on) at the beginning and at each change after it, to the second. A change that is taken back within a step
    is not seen."""
    found = [(told(begin), current := truth(said, who, begin))]
    for block in range(begin, end, step):
        low, high = block, min(block + step, end)
        if (following := truth(said, who, high)) is current:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if truth(said, who, middle) is current else (low, middle)
        current = following
        found.append((told(high), current))
    return found
