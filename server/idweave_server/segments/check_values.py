"""The faults of one constant, span, zone or name of a definition."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from idweave_server.model import DAY, MAX_TIME, MIN_TIME
from idweave_server.segments import limits
from idweave_server.segments.constants import MILLION, day_number, millionths
from idweave_server.segments.expression import Money, Span
from idweave_server.segments.fields import Field, FieldType
from idweave_server.segments.zones import is_zone, nearest_zone

CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Problem:
    """position: where in the definition, as all[1].not.events.where[0].values[0], "" for the whole; suggestion: what was meant, "" where
    nothing is alike. A warning does not keep the definition from being used."""

    position: str
    message: str
    suggestion: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """Finds the faults of what stands at one position."""

    position: str
    problems: list[Problem]

    def refuse(self, message: str, suggestion: str = "") -> None:
        self.problems.append(Problem(self.position, message, suggestion))

    def text(self, text: object, what: str = "a text") -> None:
        if not isinstance(text, str):
            self.refuse(f"must be {what}, not {_told(text)}")
        elif not text:
            self.refuse(f"must be {what}, not empty")
        elif len(text) > limits.TEXT:
            self.refuse(f"has {len(text):,} characters; at most {limits.TEXT:,} are allowed")

    def whole(self, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(f"must be a whole number, not {_told(value)}")
        elif abs(value) > limits.UNITS:
            self.refuse(f"must lie between -{limits.UNITS:,} and {limits.UNITS:,}")

    def number(self, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(f"must be a number, not {_told(value)}")
        elif abs(value) > limits.UNITS:
            self.refuse(f"must lie between -{limits.UNITS:,} and {limits.UNITS:,}")
        elif isinstance(value, float) and millionths(value) / MILLION != value:
            self.refuse("has more than six decimal places", repr(millionths(value) / MILLION))

    def money(self, value: object) -> None:
        if not isinstance(value, Money):
            self.refuse(f"must be an amount of money with its currency, not {_told(value)}")
        elif not CURRENCY.fullmatch(value.currency):
            self.refuse("its currency must be a code of three capital letters, such as EUR", value.currency.strip().upper()[:3])
        elif abs(value.micros) > limits.UNITS * MILLION:
            self.refuse(f"must lie between -{limits.UNITS:,} and {limits.UNITS:,} units")

    def time(self, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(f"must be a time, not {_told(value)}")
        elif not MIN_TIME <= value < MAX_TIME:
            self.refuse("must lie between 1900 and 2100")

    def date(self, value: object) -> None:
        if not isinstance(value, str):
            self.refuse(f"must be a date as text YYYY-MM-DD, not {_told(value)}")
            return
        try:
            day_number(value)
        except ValueError:
            self.refuse("must be a date YYYY-MM-DD that exists")

    def constant(self, value: object, field: Field) -> None:
        """A constant of a field's type."""
        match field.type:
            case FieldType.INTEGER:
                self.whole(value)
                if field.counts and isinstance(value, int) and value < 0:
                    self.refuse(f"{field.name} is never less than 0")
            case FieldType.NUMBER:
                self.number(value)
            case FieldType.BOOLEAN:
                if not isinstance(value, bool):
                    self.refuse(f"must be true or false, not {_told(value)}")
            case FieldType.TIME:
                self.time(value)
            case FieldType.DATE:
                self.date(value)
            case FieldType.MONEY:
                self.money(value)
            case FieldType.TEXT | FieldType.TEXTS:
                self.text(value)

    def zone(self, name: str) -> None:
        if not is_zone(name):
            self.refuse(f"no time zone {name!r}: use a name of the IANA time zone database", nearest_zone(name))

    def span(self, span: Span, may_be_empty: bool = False) -> bool:
        """Whether the span is faultless."""
        before = len(self.problems)
        parts = {"seconds": span.seconds, "years": span.years, "months": span.months, "weeks": span.weeks, "days": span.days}
        if negative := [name for name, value in parts.items() if value < 0]:
            self.refuse(f"{', '.join(negative)} must not be negative")
        elif span.seconds and span.of_calendar:
            self.refuse("must be either exact (seconds) or of the calendar, not both")
        elif span == Span() and not may_be_empty:
            self.refuse("must be longer than nothing")
        elif _days_at_least(span) > limits.YEARS * 366:
            self.refuse(f"must be at most {limits.YEARS} years")
        return len(self.problems) == before

    def within_a_year(self, span: Span) -> None:
        if _days_at_least(span) > 360:
            self.refuse("must be at most 360 days: an anniversary comes every year")


def _days_at_least(span: Span) -> int:
    return (span.years * 12 + span.months) * 365 // 12 + span.weeks * 7 + span.days + span.seconds // DAY


def _told(value: object) -> str:
    """The type of a constant in words; the value itself may be personal."""
    if isinstance(value, Money):
        return "money"
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return names.get(type(value), "that")
