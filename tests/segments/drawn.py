"""Random worlds, small enough that thresholds are crossed often: people, and expressions about them."""

from __future__ import annotations

import random
from collections.abc import Sequence as Several
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any as Anything

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
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.money import Rates

from tests.segments.naive import Event, Person, World, at, moved

FIELDS = Fields(
    [
        Field("orders", FieldType.INTEGER, "a whole number"),
        Field("score", FieldType.NUMBER, "a number"),
        Field("newsletter", FieldType.BOOLEAN, "yes or no"),
        Field("last_order_time", FieldType.TIME, "a time"),
        Field("birth_date", FieldType.DATE, "a date"),
        Field("city", FieldType.TEXT, "a text"),
        Field("spend", FieldType.MONEY, "money"),
        Field("colours", FieldType.TEXTS, "texts"),
        Field("age", FieldType.INTEGER, "full years", ("birth_date", "years")),
        Field("days_since_order", FieldType.INTEGER, "full days", ("last_order_time", "days")),
        Field("days_since_birth", FieldType.INTEGER, "full days", ("birth_date", "days")),
    ]
)
RATES = Rates("USD", {"EUR": 1_100_000, "JPY": 6_700})
COMPARISONS = list(Operator)[:6]
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata")
TYPES = ("viewed", "cart", "order")
AMOUNTS = (0, 1_000_000, 2_000_000, 2_200_000, -1_000_000)
CURRENCIES = ("USD", "USD", "EUR", "JPY", "XAU")  # no rate leads to the last
TEXTS = ("red", "green", "blue")


@dataclass(frozen=True)
class Scale:
    """How a world tells time. hints: instants that matter; spread: how far from one another; of_calendar: whether spans are; zones."""

    hints: tuple[int, ...]
    spread: int
    of_calendar: bool
    zones: tuple[str, ...] = ("UTC",)


SECONDS = Scale((at("2026-03-29T00:59:50"),), 30, False)
CALENDAR = Scale(
    tuple(
        at(text)
        for text in (
            "2024-02-28T23:30:00",
            "2024-02-29T12:00:00",
            "2023-08-31T10:00:00",
            "2025-03-30T00:30:00",  # clocks of Berlin change at 01:00
            "2025-10-26T00:30:00",
            "2011-12-30T09:00:00",  # a day that Apia never had
            "2018-11-04T02:30:00",  # Sao Paulo skips midnight
            "2025-04-05T14:45:00",  # Lord Howe moves by half an hour
            "2000-02-29T00:00:00",
        )
    ),
    90_000,
    True,
    ZONES,
)
CALENDAR_OF_UTC = replace(CALENDAR, zones=("UTC",))


class Draw:
    """What is drawn, from one seed."""

    def __init__(self, seed: int, scale: Scale) -> None:
        self.rng, self.scale = random.Random(seed), scale
        self.hint = self.rng.choice(scale.hints)

    def one(self, of: Several[Anything]) -> Anything:
        return self.rng.choice(of)

    def some(self, of: Several[Anything], most: int) -> tuple[Anything, ...]:
        return tuple(self.rng.sample(of, self.rng.randint(0, min(most, len(of)))))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # ------------------------------------------------------------- times
    def time(self) -> int:
        """Near the hint, or some months or years from it, so that a span ends near it."""
        near = self.hint + self.rng.randint(-self.scale.spread, self.scale.spread)
        if not self.scale.of_calendar:
            return near
        if self.chance(0.5):  # a round hour, at which clocks change
            near -= near % 1800
        if self.chance(0.7):
            return moved(near, self.span(), self.zone(), self.one((-1, 1)))
        return near

    def span(self) -> Span:
        if not self.scale.of_calendar:
            return Span(seconds=self.rng.randint(0, self.scale.spread // 2))
        return self.one(
            (
                Span(months=1),
                Span(months=self.rng.randint(0, 7)),
                Span(years=1),
                Span(years=self.rng.randint(0, 4), months=self.rng.randint(0, 2), days=self.rng.randint(0, 3)),
                Span(weeks=1),
                Span(days=self.rng.randint(0, 31)),
                Span(seconds=self.rng.randint(0, 40) * 86_400),
                Span(seconds=self.rng.randint(0, 100_000)),
            )
        )

    def zone(self) -> str:
        return self.one(self.scale.zones)

    def now(self) -> int:
        return self.hint + self.rng.randint(-self.scale.spread // 2, self.scale.spread)

    # ------------------------------------------------------------- people
    def person(self) -> Person:
        values = {
            "orders": self.rng.randint(0, 3),
            "score": self.rng.randint(0, 4) * 500_000,
            "newsletter": self.chance(0.5),
            "last_order_time": self.time(),
            "birth_date": date(1970, 1, 1) + timedelta(days=self.time() // 86_400),
            "city": self.one(TEXTS),
            "spend": self.one(AMOUNTS),
            "colours": list(self.some(TEXTS, 2)),
        }
        return Person(
            values={name: value for name, value in values.items() if self.chance(0.8)},
            tags=list(self.some(TEXTS, 2)),
            events=[self._event() for _ in range(self.rng.randint(0, 6))],
            observations=[
                (self.time(), self.one(("web", "till")), self.rng.randint(0, 3), self.one(("LOGIN", "POS")))
                for _ in range(self.rng.randint(0, 4))
            ],
            namespaces={name: self.rng.randint(0, 2) for name in ("email", "phone")},
            strength=self.one((None, 1_000, 5_000, 9_000)),
        )

    def _event(self) -> Event:
        amount = self.one(AMOUNTS) if self.chance(0.7) else None
        return Event(
            time=self.time(),
            type=self.one(TYPES),
            stands=self.chance(0.3),
            amount=amount,
            currency=self.one(CURRENCIES) if amount is not None else "",
            properties=[self.one((("colour", self.one(TEXTS)), ("size", self.rng.randint(0, 3)))) for _ in range(self.rng.randint(0, 3))],
        )

    # ------------------------------------------------------------- expressions
    def expression(self, depth: int = 3, segments: Several[str] = ()) -> Expression:
        if depth == 0 or self.chance(0.2):
            return self.condition(segments)
        parts = tuple(self.expression(depth - 1, segments) for _ in range(self.one((0, 1, 2, 2, 2, 3, 3))))
        return self.one((All(parts), Any(parts), Not(self.expression(depth - 1, segments))))

    def condition(self, segments: Several[str] = ()) -> Expression:
        kinds = (self._field, self._field, self._time, self._time, self._events, self._events, self._events, self._sequence, self._other)
        return SegmentTest(self.one(segments)) if segments and self.chance(0.1) else self.one(kinds)()

    def _constant(self, field: str) -> str | int | float | Money:
        return {
            "orders": self.rng.randint(0, 3),
            "score": self.rng.randint(0, 4) / 2,
            "newsletter": self.chance(0.5),
            "last_order_time": self.time(),
            "birth_date": (date(1970, 1, 1) + timedelta(days=self.time() // 86_400)).isoformat(),
            "city": self.one(TEXTS),
            "spend": self.money(),
            "colours": self.one(TEXTS),
            "age": self.rng.randint(-2, 4),
            "days_since_order": self.rng.randint(-2, 40),
            "days_since_birth": self.rng.randint(-2, 40),
        }[field]

    def money(self) -> Money:
        return Money(self.one(CURRENCIES), self.one(AMOUNTS))

    def _field(self) -> Expression:
        field = self.one(list(FIELDS))
        operators = COMPARISONS if field.type not in (FieldType.TEXT, FieldType.TEXTS, FieldType.BOOLEAN) else COMPARISONS[:2]
        operator = self.one([*operators, Operator.IN, Operator.KNOWN])
        count = {Operator.IN: self.rng.randint(1, 3), Operator.KNOWN: 0}.get(operator, 1)
        return FieldTest(field.name, operator, tuple(self._constant(field.name) for _ in range(count)), self.zone())

    def _time(self) -> Expression:
        return TimeTest(self.one(("last_order_time", "birth_date")), self.one(list(Relation)), self.span(), self.zone())

    def _pattern(self) -> Pattern:
        return Pattern(self.some((*TYPES, "purchase"), 2), tuple(self._where() for _ in range(self.one((0, 0, 1, 2)))))

    def _where(self) -> PropertyTest:
        name = self.one(("colour", "size", "amount"))
        operators = [*COMPARISONS[: 2 if name == "colour" else 6], Operator.IN, Operator.KNOWN]
        operator = self.one(operators)
        count = {Operator.IN: self.rng.randint(1, 3), Operator.KNOWN: 0}.get(operator, 1)
        draw = {"colour": lambda: self.one(TEXTS), "size": lambda: self.rng.randint(0, 3), "amount": self.money}[name]
        return PropertyTest(name, operator, tuple(draw() for _ in range(count)))

    def window(self) -> Window:
        return Window(
            last=self.span() if self.chance(0.6) else None,
            until_ago=self.span() if self.chance(0.2) else None,
            begin=self.time() if self.chance(0.1) else None,
            end=self.time() if self.chance(0.1) else None,
            zone=self.zone(),
        )

    def _events(self) -> Expression:
        measure, operator = self.one(list(Measure)), self.one(COMPARISONS)
        pattern, window = self._pattern(), self.window()
        if measure is Measure.SUM and self.chance(0.6):
            return EventTest(pattern, window, measure, operator, self.money())
        prop = "" if measure is Measure.COUNT else "size" if measure is Measure.SUM else self.one(("colour", "size"))
        return EventTest(pattern, window, measure, operator, self.rng.randint(0, 4), prop)

    def _sequence(self) -> Expression:
        return Sequence(self._pattern(), self._pattern(), self.span(), self.span(), self.one(("", "", "colour")), self.zone())

    def _other(self) -> Expression:
        return self.one(
            (
                TagTest(self.one(TEXTS)),
                IdentityTest(self.one(("", "email", "phone")), self.rng.randint(0, 3), self.one((0, 0, 5_000))),
                ProvenanceTest(self.some(("web", "till"), 1), self.some((0, 1, 2, 3), 2), self.some(("LOGIN", "POS"), 1), self.window()),
            )
        )

    def world(self) -> World:
        """The world of the people drawn, with two segments that others may ask about."""
        first = self.expression(2)
        return World(
            RATES,
            {field.name: field.counts for field in FIELDS if field.counts},
            frozenset({"score"}),
            frozenset({"spend"}),
            {"inner": first, "outer": Any((SegmentTest("inner"), self.expression(1)))},
        )
