"""Pieces of expressions and parameters that several templates are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC as GREENWICH
from datetime import datetime
from zoneinfo import ZoneInfo

from idweave_server.model import DAY
from idweave_server.segments.expression import (
    UTC,
    EventTest,
    FieldTest,
    Money,
    Operator,
    Pattern,
    PropertyTest,
    Scalar,
    Span,
    Window,
)
from idweave_server.segments.templates.parameter import Parameter, ParameterType

MOST_AMOUNT = 1_000_000_000
PURCHASE = Pattern(("purchase",))  # an order that stands, with what was really paid
ORDER = Pattern(("order_placed",))  # an order, also one that is taken back later

CURRENCY = Parameter(
    "currency", ParameterType.CURRENCY, None, "The currency of the amount. Default: the store's, where it declares one.", example="EUR"
)
ZONE = Parameter("zone", ParameterType.ZONE, UTC, "Whose calendar counts. Default: the store's, where it declares one.")
MINUTE, HOUR = 60, 3_600


def days(default: int, meaning: str, most: int = 3_650) -> Parameter:
    return Parameter("days", ParameterType.INTEGER, default, meaning, 1, most)


def amount(default: int, meaning: str) -> Parameter:
    return Parameter("amount", ParameterType.AMOUNT, default, meaning, 0, MOST_AMOUNT)


def optional_text(name: str, meaning: str, example: str = "") -> Parameter:
    return Parameter(name, ParameterType.TEXT, "", meaning, example=example or None)


def exact_days(count: int) -> Span:
    return Span(seconds=count * DAY)


def in_last(count: int) -> Window:
    """The last `count` times 86,400 seconds."""
    return Window(last=exact_days(count))


def narrowed(pattern: Pattern, **properties: str) -> Pattern:
    """The pattern with properties that must equal these texts; an empty text asks nothing."""
    tests = tuple(PropertyTest(name, Operator.EQUAL, (value,)) for name, value in properties.items() if value)
    return replace(pattern, where=pattern.where + tests)


def of_amount(pattern: Pattern, operator: Operator, micros: int, currency: str) -> Pattern:
    return replace(pattern, where=(*pattern.where, PropertyTest("amount", operator, (Money(currency, micros),))))


def happened(pattern: Pattern, window: Window, least: int = 1) -> EventTest:
    return EventTest(pattern, window, value=least)


def never_happened(pattern: Pattern, window: Window) -> EventTest:
    """Two-valued, as NOT of `happened` is; said so, "none" reads better in an explanation."""
    return EventTest(pattern, window, operator=Operator.EQUAL, value=0)


def compared(field: str, operator: Operator, value: Scalar | Money) -> FieldTest:
    return FieldTest(field, operator, (value,))


def first_instant(year: int, month: int, day: int, zone: str) -> int:
    """Of that day in that zone, in seconds UTC; where the clocks skip midnight, the instant that it would have been."""
    return int(datetime(year, month, day, tzinfo=GREENWICH if zone == UTC else ZoneInfo(zone)).timestamp())
