"""People made by hand: what happened to each, and what is computed of it, in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from idweave_server.segments.expression import Money

MICROS = 1_000_000


def at(text: str) -> int:
    """ "2026-01-31T12:00:00Z", or a day alone for its first second UTC, as seconds."""
    return int(datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00").timestamp())


def told(second: int) -> str:
    """The other way round, for readable failures."""
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. values: (name, value) of each property, a name as often as it has values."""

    time: int
    type: str
    amount: Decimal | None = None
    currency: str = ""
    values: tuple[tuple[str, str], ...] = ()

    def of(self, name: str) -> list[str]:
        return [value for known, value in self.values if known == name]


@dataclass(frozen=True, slots=True)
class Person:
    """stated: fields that are not derived here. rates: what one unit of another currency is worth in the currency it is compared in."""

    events: tuple[Happening, ...] = ()
    stated: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    identifiers: tuple[str, ...] = ()  # the namespace of each
    rates: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)

    def known(self, now: int) -> list[Happening]:
        return [event for event in self.events if event.time <= now]

    def purchases(self, now: int) -> list[Happening]:
        """Orders that neither were cancelled nor wholly refunded by now, with what is left of their amount."""
        known = self.known(now)
        standing = []
        for order in (event for event in known if event.type == "order_placed"):
            undone = [event for event in known if event.type in ("order_cancelled", "order_refunded") and same_order(event, order)]
            back = sum((event.amount for event in undone if event.amount is not None), Decimal(0))
            whole = any(event.type == "order_cancelled" or event.amount is None for event in undone)
            if whole or (undone and order.amount is not None and back >= order.amount):
                continue
            left = None if order.amount is None else order.amount - back
            standing.append(Happening(order.time, "purchase", left, order.currency, order.values))
        return standing

    def value(self, name: str, now: int) -> Any:
        """Of a field now; None where there is none."""
        if name in self.stated:
            return self.stated[name]
        bought = self.purchases(now)
        if name == "purchase_count":
            return len(bought)
        if name == "lifetime_value":
            return Money("USD", int(MICROS * sum((one.amount or Decimal(0) for one in bought), Decimal(0))))
        times = {"last_purchase_time": max, "first_purchase_time": min}
        return times[name](one.time for one in bought) if name in times and bought else None


def same_order(event: Happening, order: Happening) -> bool:
    return bool(set(event.of("order_id")) & set(order.of("order_id")))


def event(when: str, type: str, **properties: str | list[str]) -> Happening:  # noqa: A002
    values = ((name, value) for name, given in properties.items() for value in ([given] if isinstance(given, str) else given))
    return Happening(at(when), type, values=tuple(values))


def order(when: str, amount: str = "50", currency: str = "USD", **properties: str) -> Happening:
    return Happening(at(when), "order_placed", Decimal(amount), currency, tuple(properties.items()))


def refund(when: str, order_id: str, amount: str | None = None, currency: str = "USD") -> Happening:
    return Happening(at(when), "order_refunded", None if amount is None else Decimal(amount), currency, (("order_id", order_id),))


def person(*events: Happening, **stated: Any) -> Person:
    return Person(events, stated)
