"""Constants of conditions as the whole numbers that profiles' values are compared with."""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from idweave_server.segments.expression import Operator, Span

MILLION = 1_000_000
LARGEST = 2**62  # no value of a profile is larger
EPOCH = date(1970, 1, 1).toordinal()


def millionths(number: int | float) -> int:
    """A number in millionths, to the nearest (ties to even)."""
    exact = Decimal(number) if isinstance(number, int) else Decimal(repr(number))
    return clamped(int((exact * MILLION).to_integral_value(ROUND_HALF_EVEN)))


def clamped(number: int) -> int:
    return max(-LARGEST, min(LARGEST, number))


def day_number(text: str) -> int:
    """The days from 1970-01-01 to a date "YYYY-MM-DD". Raises ValueError."""
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError(f"{text!r} is not a date YYYY-MM-DD")
    return found.toordinal() - EPOCH


def threshold(operator: Operator, constant: int | float) -> tuple[int, bool]:
    """(bound, negated): the order of whole numbers to a constant, as "less than the bound" or not."""
    if operator in (Operator.LESS, Operator.GREATER_OR_EQUAL):
        return clamped(math.ceil(constant)), operator is Operator.GREATER_OR_EQUAL
    return clamped(math.floor(constant) + 1), operator is Operator.GREATER


def months_and_days(span: Span) -> tuple[int, int]:
    return span.years * 12 + span.months, span.weeks * 7 + span.days
