"""An expression as indented text, for the pages about templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from idweave_server.segments.expression import (
    UTC as NO_ZONE,
)
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
    Relation,
    Scalar,
    Sequence,
    Span,
    TimeTest,
    Window,
)

SIGNS = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "!=",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def in_words(said: Expression) -> str:
    return "\n".join(lines(said))


def lines(said: Expression) -> Iterator[str]:
    match said:
        case All(parts) | Any(parts):
            yield "all of" if isinstance(said, All) else "any of"
            for part in parts:
                yield from (f"    {line}" for line in lines(part))
        case Not(part):
            yield "not"
            yield from (f"    {line}" for line in lines(part))
        case FieldTest(field, operator, values, zone):
            value = " or ".join(constant(one, "time" in field) for one in values)
            yield f"{field} {SIGNS[operator]} {value}{of(zone)}"
        case TimeTest(field, relation, span, zone):
            yield f"{field} {about(relation, span)}{of(zone)}"
        case EventTest(pattern, window, measure, operator, value, wanted):
            what = {
                Measure.COUNT: "how many",
                Measure.SUM: f"sum of {wanted or 'amount'}",
                Measure.DISTINCT: f"different values of {wanted}",
            }
            yield f"events {matching(pattern)}{when(window)}: {what[measure]} {SIGNS[operator]} {constant(value)}"
        case Sequence(first, then_not, wait, last, same, zone):
            yield f"event {matching(first)}"
            yield f"    at least {length(wait)} and less than {length(last)} ago{of(zone)}"
            yield f"    and none since of {matching(then_not)}{f' with the same {same}' if same else ''}"
        case IdentityTest(namespace, least, 0):
            yield f"identifiers of {namespace}: how many >= {least}"
        case _:
            raise AssertionError(f"the templates use no {type(said).__name__}")


def matching(pattern: Pattern) -> str:
    where = " and ".join(f"{test.name} {SIGNS[test.operator]} {' or '.join(map(constant, test.values))}" for test in pattern.where)
    return " or ".join(pattern.types) + (f" where {where}" if where else "")


def constant(value: Scalar | Money, is_time: bool = False) -> str:
    if isinstance(value, Money):
        return f"{Decimal(value.micros) / 1_000_000:f} {value.currency}"
    if is_time and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return f'"{value}"' if isinstance(value, str) else str(value)


def about(relation: Relation, span: Span) -> str:
    return {
        Relation.WITHIN: f"is less than {length(span)} ago",
        Relation.OLDER: f"is {length(span)} ago or longer",
        Relation.UPCOMING: f"is to come, in {length(span)} at most",
        Relation.ANNIVERSARY: f"has its day of the year in the {length(span)} from today on",
    }[relation]


def when(window: Window) -> str:
    parts = [f", less than {length(window.last)} ago"] if window.last else []
    parts += [f", at least {length(window.until_ago)} ago"] if window.until_ago else []
    return "".join(parts) + of(window.zone)


def of(zone: str) -> str:
    return "" if zone == NO_ZONE else f" by the calendar of {zone}"


def length(span: Span) -> str:
    if not span.of_calendar:
        unit, word = next((one for one in UNITS if span.seconds % one[0] == 0 and span.seconds), (1, "second"))
        return counted(span.seconds // unit, word)
    parts = ((span.years, "calendar year"), (span.months, "calendar month"), (span.weeks, "calendar week"), (span.days, "calendar day"))
    return " and ".join(counted(*part) for part in parts if part[0])


def counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' if count != 1 else ''}"
