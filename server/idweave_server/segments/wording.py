"""Conditions, constants and lengths of time in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from idweave_server.model import DAY, Party
from idweave_server.segments.constants import EPOCH, MILLION
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
    Scalar,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Sequence as SequenceTest

COMPARISONS = {
    Operator.EQUAL: "is",
    Operator.NOT_EQUAL: "is not",
    Operator.LESS: "is less than",
    Operator.LESS_OR_EQUAL: "is at most",
    Operator.GREATER: "is more than",
    Operator.GREATER_OR_EQUAL: "is at least",
    Operator.IN: "is one of",
    Operator.KNOWN: "is known",
}
AMOUNTS = {
    Operator.EQUAL: "exactly",
    Operator.NOT_EQUAL: "not exactly",
    Operator.LESS: "less than",
    Operator.LESS_OR_EQUAL: "at most",
    Operator.GREATER: "more than",
    Operator.GREATER_OR_EQUAL: "at least",
}


def condition_told(expression: Expression) -> str:
    """A condition in a few words; of what joins others, how it joins them."""
    match expression:
        case All(parts):
            return "all of these" if parts else "everybody"
        case Any(parts):
            return "any of these" if parts else "nobody"
        case Not():
            return "not this"
        case FieldTest(name, operator, values):
            return " ".join((name, COMPARISONS[operator], ", ".join(constant_told(value) for value in values))).rstrip()
        case TimeTest(name, relation, span, zone):
            return f"{name} {_relation_told(relation, span)}{_in_zone(span, zone)}"
        case EventTest():
            return _events_told(expression)
        case SequenceTest(first, then_not, wait, last, same):
            waited = f" for {span_told(wait)}" if wait != Span() else ""
            alike = f" with the same {same}" if same else ""
            return f"some {pattern_told(first)} within {span_told(last)}, and no {pattern_told(then_not)}{alike} since{waited}"
        case TagTest(tag):
            return f"the tag {tag}"
        case IdentityTest(namespace, least, strength):
            told = f"at least {least} identifier{'' if least == 1 else 's'}{f' of {namespace}' if namespace else ''}" if least else ""
            strong = f"no link weaker than {decimal_told(strength)} nats" if strength else ""
            return " and ".join(part for part in (told, strong) if part) or "everybody"
        case ProvenanceTest(sources, parties, kinds, window):
            by = [*sources, *(f"{Party(party).name.lower()} party" for party in parties), *kinds]
            return f"observed{f' by {_or(by)}' if by else ''}{window_told(window)}"
        case SegmentTest(segment):
            return f"the segment {segment}"


def _events_told(test: EventTest) -> str:
    pattern, window = pattern_told(test.pattern), window_told(test.window)
    amount = f"{AMOUNTS.get(test.operator, test.operator.name)} {constant_told(test.value)}"
    if test.measure is Measure.COUNT:
        return _count_told(test, f"{pattern}{window}", amount)
    what = f"sum of {test.property or 'amounts'}" if test.measure is Measure.SUM else f"number of different {test.property}"
    return f"the {what} of {pattern}{window} is {amount}"


def _count_told(test: EventTest, what: str, amount: str) -> str:
    match test.operator, test.value:
        case (Operator.GREATER_OR_EQUAL, 1) | (Operator.GREATER, 0):
            return f"some {what}"
        case (Operator.LESS, 1) | (Operator.LESS_OR_EQUAL | Operator.EQUAL, 0):
            return f"no {what}"
    return f"{what}, {amount} time{'' if test.value == 1 else 's'}"


def _relation_told(relation: Relation, span: Span) -> str:
    return {
        Relation.WITHIN: f"is within the last {span_told(span)}",
        Relation.OLDER: f"is {span_told(span)} ago or longer",
        Relation.UPCOMING: f"comes within {span_told(span)}",
        Relation.ANNIVERSARY: f"has its anniversary within {span_told(span)}",
    }[relation]


def pattern_told(pattern: Pattern) -> str:
    types = _or(list(pattern.types)) or "event"
    return types + (f" whose {' and '.join(_property_told(test) for test in pattern.where)}" if pattern.where else "")


def _property_told(test: PropertyTest) -> str:
    return " ".join((test.name, COMPARISONS[test.operator], ", ".join(constant_told(value) for value in test.values))).rstrip()


def window_told(window: Window) -> str:
    parts = []
    if window.last is not None:
        parts.append(f"within the last {span_told(window.last)}{_in_zone(window.last, window.zone)}")
    if window.until_ago is not None:
        parts.append(f"{span_told(window.until_ago)} ago or longer{_in_zone(window.until_ago, window.zone)}")
    if window.begin is not None:
        parts.append(f"from {instant_told(window.begin)} on")
    if window.end is not None:
        parts.append(f"before {instant_told(window.end)}")
    return "".join(f" {part}" for part in parts)


def span_told(span: Span) -> str:
    if not span.of_calendar:
        return length_told(span.seconds)
    parts = (("year", span.years), ("month", span.months), ("week", span.weeks), ("day", span.days))
    return " ".join(f"{count} calendar {name}{'' if count == 1 else 's'}" for name, count in parts if count)


def length_told(seconds: int) -> str:
    """So many seconds in the two largest units that they have."""
    left, parts = seconds, []
    for name, unit in (("day", DAY), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def constant_told(value: Scalar | Money) -> str:
    if isinstance(value, Money):
        return f"{decimal_told(value.micros)} {value.currency}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def decimal_told(millionths: int) -> str:
    return f"{Decimal(millionths) / MILLION:,f}"


def instant_told(instant: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)).isoformat().replace("+00:00", "Z")


def date_told(day: int) -> str:
    return datetime.fromordinal(EPOCH + day).date().isoformat()


def _in_zone(span: Span, zone: str) -> str:
    return f" in {zone}" if span.of_calendar and zone != "UTC" else ""


def _or(names: list[str]) -> str:
    return " or ".join(names)
