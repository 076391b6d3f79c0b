"""Constants in the text of a definition: values, amounts of money, spans such as "90 days", instants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from idweave_server.model import DAY
from idweave_server.segments.expression import Money, Scalar, Span
from idweave_server.segments.text_nodes import MOST_INTEGER, Body, checked_text, kind_of, refused
from idweave_server.suggestion import nearest

MICROS = 6  # digits after the point of an amount
MOST_UNITS = 9_223_372_036_854  # of an amount: in millionths it has to fit 63 bits
LONGEST_EXACT, LONGEST_CALENDAR = 315_576_000_000, 120_000  # seconds, parts of the calendar: ten thousand years
FIRST_INSTANT, LAST_INSTANT = -62_135_596_800, 253_402_300_799  # of the years 1 to 9999
MOST_DIGITS = 40
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXACT = {"day": DAY, "hour": 3_600, "minute": 60, "second": 1}  # the longest first
CALENDAR = ("year", "month", "week", "day")
SPAN_EXAMPLE = 'write "90 days", "36 hours", or by the calendar "6 calendar months"'
INSTANT_EXAMPLE = "write 2026-03-01T12:00:00Z, or 2026-03-01 for midnight UTC"
MONEY_EXAMPLE = 'write { amount = "99.90", currency = "EUR" }'
_PART = re.compile(r"(\d{1,18}) +(calendar +)?([a-z]+)")


def write_value(value: Scalar | Money) -> object:
    return {"amount": _decimal_text(value.micros), "currency": value.currency} if isinstance(value, Money) else value


def read_value(node: object, position: str) -> Scalar | Money:
    """A text, number or truth as it is; an object is an amount of money, or a time. Raises DefinitionError."""
    if isinstance(node, str):
        return checked_text(node, position)
    if isinstance(node, bool):
        return node
    if isinstance(node, int):
        if not -MOST_INTEGER <= node <= MOST_INTEGER:
            raise refused(position, "the number is too large: at most 63 bits")
        return node
    if isinstance(node, float):
        if not -1e300 < node < 1e300:
            raise refused(position, "the number is too large")
        return node
    if isinstance(node, Mapping) and "time" in node:
        return read_instant(node, position)
    if isinstance(node, Mapping):
        body = Body(node, position)
        amount, currency = body.take("amount"), body.text("currency")
        body.end()
        return Money(currency, _micros(amount, f"{position}.amount"))
    raise refused(position, f"a text, a number, true, false or an amount of money is needed, not {kind_of(node)}")


def _micros(given: object, position: str) -> int:
    """Millionths of a unit. A number with a point counts as it is written: 99.9 is 99.9."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise refused(position, f"an amount is needed: {MONEY_EXAMPLE}")
    text = str(given) if not isinstance(given, int) or abs(given) < 10**MOST_DIGITS else ""
    try:
        exact = Decimal(text) if len(text) <= MOST_DIGITS and text.isascii() else Decimal("nan")
    except InvalidOperation:
        exact = Decimal("nan")
    micros = exact.scaleb(MICROS) if exact.is_finite() and abs(exact) <= MOST_UNITS else Decimal("nan")
    if not micros.is_finite():
        raise refused(position, f"this is no amount up to {MOST_UNITS:,}: {MONEY_EXAMPLE}")
    if micros != micros.to_integral_value():
        raise refused(position, f"at most {MICROS} digits may stand after the point")
    return int(micros)


def _decimal_text(micros: int) -> str:
    whole, rest = divmod(abs(micros), 10**MICROS)
    digits = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if micros < 0 else ''}{whole}{digits}"


def write_span(span: Span) -> str:
    """The one text of a span: exact ones in the longest unit that has no rest."""
    parts = []
    if span.seconds or not span.of_calendar:
        unit = next(unit for unit, length in EXACT.items() if not span.seconds % length or length == 1) if span.seconds else "second"
        parts.append(_counted(span.seconds // EXACT[unit], unit))
    parts += [_counted(count, f"calendar {unit}") for unit in CALENDAR if (count := getattr(span, f"{unit}s"))]
    return " ".join(parts)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' * (count != 1)}"


def read_span(node: object, position: str) -> Span:
    """Days, weeks, hours, minutes and seconds are exact unless they are said to be of the calendar; years and months always are of it.

    Raises DefinitionError.
    """
    if not isinstance(node, str):
        raise refused(position, f"a span of time is needed: {SPAN_EXAMPLE}")
    seconds, calendar = 0, dict.fromkeys(CALENDAR, 0)
    at, text = 0, node.strip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or not (found.end() == len(text) or text[found.end()] in " ,"):
            raise refused(position, f"this is no span of time; {SPAN_EXAMPLE}")
        count, said, unit = int(found[1]), found[2], found[3].removesuffix("s")
        if unit in CALENDAR and (said or unit in ("year", "month")):
            calendar[unit] += count
        elif unit in (*EXACT, "week") and not said:
            seconds += count * (7 * DAY if unit == "week" else EXACT[unit])
        else:
            raise refused(position, f"{unit!r} is no unit of time here; {SPAN_EXAMPLE}", nearest(unit, (*EXACT, *CALENDAR)))
        at = found.end()
        while at < len(text) and text[at] in " ,":
            at += 1
    if not text:
        raise refused(position, f"a span of time is needed: {SPAN_EXAMPLE}")
    if seconds > LONGEST_EXACT or max(calendar.values()) > LONGEST_CALENDAR:
        raise refused(position, "the span is longer than 10,000 years")
    return Span(seconds, *(calendar[unit] for unit in CALENDAR))


def write_instant(seconds: int) -> object:
    """As people write it; a time beyond the years 1 to 9999 in seconds since 1970."""
    try:
        return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        return seconds


def read_instant(node: object, position: str) -> int:
    """Seconds UTC. Raises DefinitionError."""
    if isinstance(node, Mapping):
        body = Body(node, position)
        given = body.take("time")
        body.end()
        return read_instant(given, f"{position}.time")
    if isinstance(node, int) and not isinstance(node, bool) and FIRST_INSTANT <= node <= LAST_INSTANT:
        return node
    if not isinstance(node, str):
        raise refused(position, f"a time is needed: {INSTANT_EXAMPLE}")
    try:
        found = datetime.fromisoformat(node)
    except ValueError:
        raise refused(position, f"this is no time; {INSTANT_EXAMPLE}") from None
    if found.tzinfo is None:
        if len(node) > len("2026-03-01"):
            raise refused(position, f"the time has no zone; {INSTANT_EXAMPLE}")
        found = found.replace(tzinfo=UTC)
    if found.microsecond:
        raise refused(position, "whole seconds are needed")
    return (found - EPOCH) // timedelta(seconds=1)
