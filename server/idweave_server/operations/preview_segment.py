"""What a definition selects: its exact size, how many could be addressed, what it has in common with others, examples, its coming sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.profile_store import uuid_text
from idweave_server.errors import RequestError
from idweave_server.model import DAY
from idweave_server.operations.memberships import Memberships, Problem
from idweave_server.operations.segment_source import SegmentSource, checked, expression_of
from idweave_server.operations.steps import Steps
from idweave_server.segments.expression import Expression
from idweave_server.segments.templates.template import Template

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

NARROW = 100  # members; fewer are too few to learn from, and perhaps few enough to tell who they are
SAMPLE, MOST_SAMPLE = 10, 100  # profiles
MOST_OVERLAPS = 100
AHEAD = (1, 7, 30, 90)  # days


@dataclass(frozen=True, slots=True)
class PreviewQuestion:
    """narrow_below, sample: 0 for the usual, sample below 0 for none."""

    source: SegmentSource
    narrow_below: int = 0
    sample: int = 0

    def __post_init__(self) -> None:
        if self.sample > MOST_SAMPLE:
            raise RequestError.of("sample_size", f"{self.sample} is more than {MOST_SAMPLE}; ListMembers has them all once it is put")
        if self.narrow_below < 0:
            raise RequestError.of("narrow_below", "a number of members is needed, 0 for the usual one")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many members have an identifier of a namespace, and how many identifiers those are."""

    namespace: str
    profiles: int
    identifiers: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much another segment has in common with this one."""

    segment: str
    size: int
    both: int


@dataclass(frozen=True, slots=True)
class Preview:
    """coverage, overlaps: the most first; sample: profile ids; forecast: (instant, size); time: of the answer."""

    size: int
    population: int
    unknown: int
    coverage: tuple[Coverage, ...]
    overlaps: tuple[Overlap, ...]
    sample: tuple[str, ...]
    too_narrow: bool
    forecast: tuple[tuple[int, int], ...]
    expression: Expression
    warnings: tuple[Problem, ...]
    time: int
    revision: str


def preview_segment(
    engine: Engine, memberships: Memberships, templates: Mapping[str, Template], question: PreviewQuestion, revision: Callable[[], str]
) -> Steps[Preview]:
    """revision: tells that of the present state. Raises RequestError, DefinitionError, NotFoundError."""
    expression = expression_of(memberships, question.source, templates)
    name = question.source.segment
    warnings, now = checked(memberships, name, expression), engine.state_time
    instants = [now + days * DAY for days in AHEAD]
    found = yield from memberships.foreseen(expression, instants[-1])
    size, told = len(found.slots), revision()
    sample = _sample(engine.state.profiles.id.array[found.slots], question.sample)
    overlaps = _overlaps(memberships, name, memberships.common(found.slots))
    # Private copies, so that other calls go on while they are counted.
    member = np.zeros(len(engine.state.profiles.id), bool)
    member[found.slots] = True
    owner, namespace = engine.state.identifiers.profile.array.copy(), engine.state.identifiers.namespace.array.copy()
    names = [one.name if one.standing in ("lasting", "passing") else "" for one in engine.policy.namespaces]
    coverage: tuple[Coverage, ...] = yield lambda: covered(member, owner, namespace, names)
    narrow = size < (question.narrow_below or NARROW)
    counts = size, found.population, found.unknown
    return Preview(*counts, coverage, overlaps, sample, narrow, found.sizes(instants), expression, warnings, now, told)


def covered(member: np.ndarray, owner: np.ndarray, namespace: np.ndarray, names: list[str]) -> tuple[Coverage, ...]:
    """member: bool[slots]; owner: int32[n], slot of each identifier, -1 without; namespace: uint8[n]; names: of namespaces, "" for
    those that address nobody."""
    owned = np.flatnonzero(owner >= 0)
    owned = owned[member[owner[owned]]]
    found = []
    for number, name in enumerate(names):
        whose = owner[owned[namespace[owned] == number]]
        if name and whose.size:
            found.append(Coverage(name, int(np.unique(whose).size), int(whose.size)))
    return tuple(sorted(found, key=lambda one: (-one.profiles, one.namespace)))


def _sample(id_: np.ndarray, asked: int) -> tuple[str, ...]:
    """Those with the least random bits: scattered over all, and the same for the same members."""
    count = max(asked, 0) if asked else SAMPLE
    chosen = np.lexsort((id_[:, 0], id_[:, 1]))[:count]
    return tuple(uuid_text(*words) for words in id_[chosen].tolist())


def _overlaps(memberships: Memberships, name: str, common: Mapping[str, int]) -> tuple[Overlap, ...]:
    found = [Overlap(other, memberships.size(other), both) for other, both in common.items() if both and other != name]
    return tuple(sorted(found, key=lambda one: (-one.both, one.segment))[:MOST_OVERLAPS])
