"""Memberships that a test states by hand: who has which tag until when. Conditions may ask for tags and segments, joined at will."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any as Anything

import numpy as np
from idweave_server.engine.engine import Engine
from idweave_server.entries.columns import TickEntry
from idweave_server.operations.memberships import Attribute, Computed, Explanation, Foreseen, Held, Problem, Standing, Truth
from idweave_server.operations.steps import Steps
from idweave_server.segments.definition import Definition
from idweave_server.segments.expression import All, Any, Expression, FieldTest, Not, Scalar, SegmentTest, TagTest
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.subjects import FOREVER

SINCE = 1_000  # since when anybody is a member


class FakeMemberships:
    """until: of each tag, profile ids and the second at which it ends. What is put or deleted counts when the log has a further entry."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.until: dict[str, dict[str, int]] = {}
        self.unknown: set[str] = set()  # profile ids of whom no tag is known
        self._history: dict[str, list[Definition]] = {}
        self._waiting: list[tuple[int, str, Definition | None]] = []
        self.fields = Fields([Field("last_order_time", FieldType.TIME, "When the last order was.")])
        self.values: list[Attribute] = []
        self.warned: list[Problem] = []

    def put(self, name: str, expression: Expression, **more: Anything) -> Definition:
        """Define without a log."""
        version = len(self._history.get(name, ())) + 1
        made = Definition(name, version, expression, **more)
        self._history.setdefault(name, []).append(made)
        return made

    def tag(self, tag: str, *profile_ids: str, until: int = FOREVER) -> None:
        self.until.setdefault(tag, {}).update(dict.fromkeys(profile_ids, until))

    def _settle(self) -> None:
        for sequence, name, definition in list(self._waiting):
            if self._engine.sequence > sequence:
                self._waiting.remove((sequence, name, definition))
                if definition is None:
                    self._history[name] = [replace(one, deleted=True) for one in self._history[name]]
                else:
                    self._history.setdefault(name, []).append(replace(definition, sequence=sequence + 1))

    @property
    def definitions(self) -> Mapping[str, Definition]:
        self._settle()
        return {name: versions[-1] for name, versions in self._history.items() if not versions[-1].deleted}

    def history(self, name: str) -> Sequence[Definition]:
        self._settle()
        return self._history.get(name, [])

    def size(self, name: str) -> int:
        return len(self.members(name))

    def members(self, name: str) -> np.ndarray:
        return self._matching(self.definitions[name].expression, self._engine.state_time)

    def common(self, slots: np.ndarray) -> Mapping[str, int]:
        return {name: len(set(slots.tolist()) & set(self.members(name).tolist())) for name in self.definitions}

    def standings(self, slot: int, names: Sequence[str]) -> Sequence[Standing]:
        now = self._engine.state_time
        found = [self._says(self.definitions[name].expression, self._engine.profile_id(slot), now) for name in names]
        return [Standing(truth, until, SINCE if truth == Truth.TRUE else 0) for truth, until in found]

    def verdicts(self, slots: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = np.array([[tuple(one) for one in self.standings(slot, names)] for slot in slots.tolist()], np.int64)
        columns = found.reshape(len(slots), len(names), 3).transpose(2, 1, 0)
        return columns[0].astype(np.int8), columns[1], columns[2]

    def held(self, slot: int) -> Sequence[Held]:
        names = sorted(self.definitions)
        said = zip(names, self.standings(slot, names), strict=True)
        return [Held(name, self.definitions[name].version, one.since, one.until) for name, one in said if one.truth == Truth.TRUE]

    def computed(self, slot: int) -> Computed:
        return Computed((*self.values, Attribute("tags", FieldType.TEXTS, tuple(self.tags(slot)))), 0)

    def tags(self, slot: int) -> Sequence[str]:
        return sorted(tag for tag, held in self.until.items() if self._engine.profile_id(slot) in held)

    def check(self, name: str, expression: Expression) -> Sequence[Problem]:
        found = list(self.warned)
        for position, one in _walk(expression):
            if isinstance(one, SegmentTest) and one.segment not in self.definitions:
                found.append(Problem(position, "there is no such segment", next(iter(self.definitions), "")))
            if isinstance(one, FieldTest):
                found.append(Problem(position, "there is no such field", "last_order_time"))
        return found

    def template_defaults(self) -> Mapping[str, Scalar]:
        return {"currency": "EUR"}

    def foreseen(self, expression: Expression, until: int) -> Steps[Foreseen]:
        slots = yield lambda: self._matching(expression, self._engine.state_time)
        found = []
        for profile_id in (yield lambda: [self._engine.profile_id(slot) for slot in self._slots()]):
            truth, change = self._says(expression, profile_id, self._engine.state_time)
            while change <= until:
                before, at = truth, change
                truth, change = self._says(expression, profile_id, at)
                if (before == Truth.TRUE) is not (truth == Truth.TRUE):
                    found.append((at, profile_id, truth == Truth.TRUE))
        found.sort()
        words = [(int(one[1].replace("-", ""), 16) >> 64, int(one[1].replace("-", ""), 16) & (2**64 - 1)) for one in found]
        return Foreseen(
            slots,
            len(self.unknown),
            len(self._slots()),
            np.array([one[0] for one in found], np.int64),
            np.array(words, np.uint64).reshape(-1, 2),
            np.array([one[2] for one in found], bool),
        )

    def explain(self, slot: int, expression: Expression) -> Explanation:
        return self._explained(expression, self._engine.profile_id(slot), "")

    def _explained(self, expression: Expression, profile_id: str, position: str) -> Explanation:
        truth, until = self._says(expression, profile_id, self._engine.state_time)
        parts = expression.parts if isinstance(expression, All | Any) else (expression.part,) if isinstance(expression, Not) else ()
        told = tuple(self._explained(part, profile_id, f"{position}[{n}]") for n, part in enumerate(parts))
        words = type(expression).__name__.lower()
        missed = "the tag" if truth != Truth.TRUE and not parts else ""
        return Explanation(position, words, truth, until, "", missed, bool(truth), told)

    def defining(self, definition: Definition) -> Anything:
        self._waiting.append((self._engine.sequence, definition.name, definition))
        return TickEntry()

    def deleting(self, name: str) -> Anything:
        self._waiting.append((self._engine.sequence, name, None))
        return TickEntry()

    def cuts_due(self, asked: Expression | None = None) -> int | None:
        return None

    def due(self) -> int | None:
        """When to be looked at: what a test states needs no looking."""

    def advance(self, *_: object) -> Iterator[Anything]:
        yield from ()

    def follow(self, *_: object) -> Iterator[Anything]:
        yield from ()

    def _slots(self) -> list[int]:
        return np.flatnonzero(self._engine.state.profiles.id.array.any(axis=1)).tolist()

    def _matching(self, expression: Expression, at: int) -> np.ndarray:
        slots = self._slots()
        said = [self._says(expression, self._engine.profile_id(slot), at)[0] for slot in slots]
        return np.array([slot for slot, truth in zip(slots, said, strict=True) if truth == Truth.TRUE], np.int32)

    def _says(self, expression: Expression, profile_id: str, at: int) -> tuple[int, int]:
        """(truth, until), the latter a lower bound for joined conditions."""
        match expression:
            case TagTest(tag):
                until = self.until.get(tag, {}).get(profile_id, at)
                if profile_id in self.unknown:
                    return Truth.UNKNOWN, FOREVER
                return (Truth.TRUE, until) if at < until else (Truth.FALSE, FOREVER)
            case SegmentTest(segment):
                return self._says(self.definitions[segment].expression, profile_id, at)
            case Not(part):
                truth, until = self._says(part, profile_id, at)
                return 2 - truth, until
            case All(parts) | Any(parts):
                said = [self._says(part, profile_id, at) for part in parts]
                choose, empty = (min, Truth.TRUE) if isinstance(expression, All) else (max, Truth.FALSE)
                return choose((one[0] for one in said), default=empty), min((one[1] for one in said), default=FOREVER)
        raise AssertionError(f"these memberships know no {type(expression).__name__}")


def _walk(expression: Expression, position: str = "") -> Iterator[tuple[str, Expression]]:
    yield position, expression
    if isinstance(expression, All | Any):
        for n, part in enumerate(expression.parts):
            yield from _walk(part, f"{position}[{n}]")
    if isinstance(expression, Not):
        yield from _walk(expression.part, f"{position}.not")


def memberships_in(engine: Engine) -> FakeMemberships:
    """Fake memberships as the engine's own."""
    made = FakeMemberships(engine)
    engine.memberships = made  # type: ignore[assignment]
    return made
