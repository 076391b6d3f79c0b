"""Observations as callers state them, before anything is read: what the live service takes in."""

from __future__ import annotations

from dataclasses import dataclass

Scalar = str | int | float | bool

MAX_TRAITS = 100  # in one observation
MAX_EVENTS = 100  # in one observation
MAX_PROPERTIES = 50  # of one event
MAX_NAME_BYTES = 200  # of a trait, of a property, and of an event's type


@dataclass(frozen=True, slots=True, repr=False)
class ReportedEvent:
    """Something that happened. units, nanos, currency: the amount of money it was about, without one the currency is empty."""

    type: str
    units: int = 0
    nanos: int = 0
    currency: str = ""
    properties: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """One observation. observation_id: empty for one that is known by its content; time: seconds UTC, None for none; identifiers:
    (namespace, issuer or "", value as given); traits: (name, value)."""

    observation_id: str
    source: str
    time: int | None
    kind: str
    identifiers: tuple[tuple[str, str, str], ...]
    traits: tuple[tuple[str, Scalar], ...] = ()
    events: tuple[ReportedEvent, ...] = ()


def scalar_text(value: Scalar) -> str:
    """The text that stands for a value: true, 12, 0.5; a number that is whole as an integer (2.0 is 2)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)
