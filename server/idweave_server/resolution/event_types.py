"""What the policy says of events and of money: types with their roles and aliases, a currency and the rates that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from idweave_server.errors import PolicyError
from idweave_server.model import EventRole
from idweave_server.resolution.toml_table import Table

PURCHASE = "purchase"  # stands for orders that were neither cancelled nor wholly refunded; no event is reported as one
UNKNOWABLE = "XXX"  # ISO 4217: no currency; of an amount that no rate leads to
MOST_TYPES = 1_000
MICROS = 1_000_000
MOST_RATE = 1_000_000  # units for one unit
CURRENCY_CODE = re.compile(r"[A-Z]{3}")
_ROLES = [role.name.lower() for role in EventRole if role]


@dataclass(frozen=True, slots=True)
class EventType:
    """aliases: words of sources that mean the same."""

    name: str
    role: EventRole = EventRole.NONE
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Money:
    """currency: that sums are told in; margin: in thousandths; rates: millionths of a unit of it for one unit of each currency, its own
    included."""

    currency: str
    margin: int
    rates: Mapping[str, int]


def read_event_types(entries: Iterable[tuple[str, Any]]) -> dict[str, EventType]:
    """By name, ascending. Raises PolicyError."""
    found = {name: _event_type(name, Table(value, f"events.{name}")) for name, value in entries}
    if len(found) > MOST_TYPES:
        raise PolicyError(f"the policy declares {len(found):,} types of events; at most {MOST_TYPES:,} fit")
    return found


def aliases(types: Mapping[str, EventType]) -> dict[str, str]:
    """The type that each alias means. Raises PolicyError where one means two."""
    found: dict[str, str] = {}
    for event in types.values():
        for word in event.aliases:
            other = word if word in types else found.get(word)
            if other is not None:
                raise PolicyError(f"events.{event.name}.aliases: {word!r} means {other!r} already; give the word to one type alone")
            found[word] = event.name
    return found


def _event_type(name: str, table: Table) -> EventType:
    words = table.value("aliases", [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise PolicyError(f"{table.name}.aliases: a list of texts is needed, not {words!r}")
    for word in (name, *words):
        if word == PURCHASE:
            raise PolicyError(
                f"{table.name}: {PURCHASE!r} stands for orders that neither were cancelled nor refunded, so no type can be called so; "
                "let the source report order_placed"
            )
    role = EventRole[table.choice("role", _ROLES, _ROLES[0]).upper()] if table.has("role") else EventRole.NONE
    table.done()
    return EventType(name, role, tuple(words))


def read_money(table: Table) -> Money:
    """Raises PolicyError."""
    currency = _currency(f"{table.name}.currency", table.text("currency"))
    rates = Table(table.value("rates", {}), f"{table.name}.rates")
    found = {_currency(f"{rates.name}.{name}", name): _rate(f"{rates.name}.{name}", rate) for name, rate in sorted(rates.tree.items())}
    if found.setdefault(currency, MICROS) != MICROS:
        raise PolicyError(f"{rates.name}.{currency}: one {currency} is one {currency}; leave it out")
    return Money(currency, table.share("margin"), found)


def _currency(name: str, found: str) -> str:
    if not CURRENCY_CODE.fullmatch(found) or found == UNKNOWABLE:
        raise PolicyError(f"{name}: a currency is three capital letters of ISO 4217, such as EUR, not {found!r}")
    return found


def _rate(name: str, found: Any) -> int:
    """Millionths. The decimals are those of the shortest text that reads as the number."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found <= MOST_RATE:
        raise PolicyError(f"{name}: a number above 0 and at most {MOST_RATE:,} is needed, not {found!r}")
    micros = Decimal(repr(found)) * MICROS
    if micros != micros.to_integral_value():
        raise PolicyError(f"{name}: a rate has at most six decimals, not {found!r}")
    return int(micros)
