"""Scenarios as data: what sources report when, and who must be in which segment from which second on.

A file of tests/scenarios/segments is one scenario. Times are texts, UTC, such as "2026-01-01T12:00:00Z"; identifiers are texts such as
"email:jo@kranich-werft.de", which name whoever they belong to. (Addresses at example.org and numbers with 555 are fakes to the server, and
link nobody.)

    title = "..."                 what it is about
    policy = \"\"\"...\"\"\"            a policy, as a file of its own would hold it; without one the defaults hold

    [[segment]]                   put before the first stage, in this order
    name = "recent"
    template = "recent_purchasers"      with `parameters`, or instead `expression`: a definition as docs/segments.md writes it
    parameters = { currency = "USD" }

    [[stage]]                     stages come in the order of time
    at = "2026-01-01T12:00:00Z"   the clock goes here, so that everything due until then, this second included, has come about;
                                  then the observations are ingested one after the other, and then is looked

    [[stage.observe]]
    source = "till"
    evidence_kind = "POS"
    identifiers = ["loyalty_id@till:L-1"]
    time = "..."                  when it was observed; the stage's where it is not given
    traits = { birth_date = "1990-03-15" }
    events = [{ type = "order_placed", amount = "120 USD", properties = { order_id = "o1", item = ["i1", "i2"] } }]

    [[stage.expect]]              what a check answers at the end of the stage
    identifier = "loyalty_id@till:L-1"
    segment = "recent"
    truth = "TRUE"                TRUE, FALSE or UNKNOWN
    valid_until = "..."           or "never"; where it is not given it is not looked at

    [[stage.change]]              what came about since the end of the stage before: these changes, in the order of effective_at, and no
    segment = "recent"            others. Those of the clock come at their own second, those of an observation at the stage's
    identifier = "loyalty_id@till:L-1" one of the profile's, before or after the change: a profile that is absorbed leaves under its own
    kind = "ENTERED"              ENTERED or LEFT
    cause = "EVENT"               EVENT, CLOCK, MERGE, SPLIT, CONSENT, ERASURE, CORRECTION or DEFINITION
    effective_at = "..."          the stage's `at` where it is not given
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent / "segments"
NEVER = 2**62
TRUTHS = ("TRUE", "FALSE", "UNKNOWN")
KINDS = ("ENTERED", "LEFT")
CAUSES = ("EVENT", "CLOCK", "MERGE", "SPLIT", "CONSENT", "ERASURE", "CORRECTION", "DEFINITION")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Segment:
    """Of `template` and `expression` one is given; the expression as TOML holds it."""

    name: str
    template: str
    parameters: Mapping[str, str | int | float | bool]
    expression: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """currency: "" where there is no amount."""

    type: str
    amount: Decimal | None
    currency: str
    properties: Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Observed:
    """id: made of the scenario's and the observation's place."""

    id: str
    source: str
    evidence_kind: str
    identifiers: tuple[str, ...]
    time: int
    traits: Mapping[str, str | int | float | bool]
    events: tuple[ObservedEvent, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """valid_until: None where it is not looked at, NEVER for never."""

    identifier: str
    segment: str
    truth: str
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class Change:
    segment: str
    identifier: str
    kind: str
    cause: str
    effective_at: int


@dataclass(frozen=True, slots=True)
class Stage:
    at: int
    observe: tuple[Observed, ...]
    expect: tuple[Expected, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    title: str
    policy: str
    segments: tuple[Segment, ...]
    stages: tuple[Stage, ...]


class Table:
    """A table of the file, of which every key must be used. Raises ValueError with the place of what is wrong."""

    def __init__(self, where: str, entries: Mapping[str, Any]) -> None:
        self.where, self._left = where, dict(entries)

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        found = self._left.pop(key, default)
        if not isinstance(found, kind):
            raise ValueError(f"{self.where}.{key}: a {kind.__name__} is needed, not {found!r}")
        return found

    def time(self, key: str, default: int | None = None) -> int:
        text = self.take(key, str, "" if default is not None else None)
        return seconds(text, f"{self.where}.{key}") if text or default is None else default

    def word(self, key: str, words: tuple[str, ...]) -> str:
        found = self.take(key, str)
        if found not in words:
            raise ValueError(f"{self.where}.{key}: {found!r} is none of {', '.join(words)}")
        return found

    def each(self, key: str, make: Callable[[Table], T]) -> tuple[T, ...]:
        parts = self.take(key, list, [])
        return tuple(Table(f"{self.where}.{key}[{n}]", part).whole(make) for n, part in enumerate(parts))

    def whole(self, make: Callable[[Table], T]) -> T:
        made = make(self)
        if self._left:
            raise ValueError(f"{self.where}: there is no key {', '.join(sorted(self._left))}")
        return made


def seconds(text: str, where: str) -> int:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.microsecond:
        raise ValueError(f"{where}: {text!r} is no time in whole seconds with its zone, such as 2026-01-01T12:00:00Z")
    return int(found.timestamp())


def load(path: Path) -> Scenario:
    """Raises ValueError with the place in the file."""
    return Table(path.stem, tomllib.loads(path.read_text("utf-8"))).whole(lambda table: _scenario(path.stem, table))


def load_all() -> list[Scenario]:
    return [load(path) for path in sorted(FOLDER.glob("*.toml"))]


def _scenario(name: str, table: Table) -> Scenario:
    title, policy = table.take("title", str), table.take("policy", str, "")
    segments, stages = table.each("segment", _segment), table.each("stage", _stage)
    names = [segment.name for segment in segments]
    named = {one.segment for stage in stages for one in stage.expect} | {one.segment for stage in stages for one in stage.changes}
    if len(set(names)) != len(names) or not named <= set(names):
        raise ValueError(f"{name}: a segment is declared twice, or named and not declared")
    if any(later.at < earlier.at for earlier, later in pairwise(stages)):
        raise ValueError(f"{name}: the stages are not in the order of time")
    return Scenario(name, title, policy, segments, stages)


def _segment(table: Table) -> Segment:
    template = table.take("template", str, "")
    expression: dict[str, Any] = table.take("expression", dict, {})
    if bool(template) == bool(expression):
        raise ValueError(f"{table.where}: give a template or an expression")
    return Segment(table.take("name", str), template, table.take("parameters", dict, {}), expression or None)


def _stage(table: Table) -> Stage:
    at = table.time("at")
    return Stage(
        at,
        table.each("observe", lambda part: _observed(part, at)),
        table.each("expect", _expected),
        table.each("change", lambda part: _change(part, at)),
    )


def _observed(table: Table, at: int) -> Observed:
    identifiers = tuple(table.take("identifiers", list))
    time = table.time("time", at)
    if time > at:
        raise ValueError(f"{table.where}: it is observed after its stage")
    source, kind, traits = table.take("source", str), table.take("evidence_kind", str), table.take("traits", dict, {})
    return Observed(table.where, source, kind, identifiers, time, traits, table.each("events", _event))


def _event(table: Table) -> ObservedEvent:
    amount, _, currency = table.take("amount", str, "").partition(" ")
    return ObservedEvent(table.take("type", str), Decimal(amount) if amount else None, currency, table.take("properties", dict, {}))


def _expected(table: Table) -> Expected:
    until = table.take("valid_until", str, "")
    held = NEVER if until == "never" else seconds(until, f"{table.where}.valid_until") if until else None
    return Expected(table.take("identifier", str), table.take("segment", str), table.word("truth", TRUTHS), held)


def _change(table: Table, at: int) -> Change:
    effective_at = table.time("effective_at", at)
    kind, cause = table.word("kind", KINDS), table.word("cause", CAUSES)
    if effective_at > at or (cause != "CLOCK" and effective_at != at):
        raise ValueError(f"{table.where}.effective_at: only the clock changes something before the stage, and nothing after it")
    return Change(table.take("segment", str), table.take("identifier", str), kind, cause, effective_at)
