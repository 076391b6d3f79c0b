"""Why two identifiers are one person's or two people's: the strongest path between them, or the rule that keeps them apart.

Their components are resolved again, with the code that resolves everything, on a private copy; the answer is of one state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.errors import RequestError
from idweave_server.identifiers.notation import format_identifier
from idweave_server.model import MAX_TIME, MIN_TIME, Apart, Shared, Verdict
from idweave_server.operations.grounds import Grounds
from idweave_server.operations.identifier_reader import IdentifierReader, Named, ReadIdentifier
from idweave_server.operations.steps import Steps
from idweave_server.resolution import explain as decide
from idweave_server.resolution.resolve import Resolution

if TYPE_CHECKING:
    from idweave_server.engine.component import Component
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.identifier_store import Known
    from idweave_server.engine.reading import NodeStanding
    from idweave_server.engine.recall import StoredObservation

LISTED = 20  # observations of one link's evidence
TRIES = 3  # resolving beside the writer; then once in front of it
SHORT = 12  # characters shown of what passes, such as a cookie, which nobody reads to the end


class UnownedReason(IntEnum):
    """Numbered as in explanation.proto."""

    NONE = 0
    SHARED = 1
    CONTEXT = 2
    UNKNOWN = 3
    STALE = 4


@dataclass(frozen=True, slots=True, repr=False)
class ExplainQuestion:
    """as_of: the second whose epochs are meant, None for the latest."""

    left: Named
    right: Named
    as_of: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LinkEvidence:
    """strength: micro-nats; evidence: distinct (day, source, evidence kind); first, last: seconds; observations: earliest first, at most
    LISTED."""

    strength: int
    evidence: int
    first: int
    last: int
    observations: tuple[StoredObservation, ...]
    truncated: bool


@dataclass(frozen=True, slots=True, repr=False)
class SaidVerdict:
    """A person's verdict; right: None of SHARED and PERSONAL."""

    verdict: Verdict
    left: Known
    right: Known | None
    time: int
    source: str


@dataclass(frozen=True, slots=True, repr=False)
class PathStep:
    """What holds one identifier to the next: a link, or a verdict."""

    left: Known
    right: Known
    hold: LinkEvidence | SaidVerdict


@dataclass(frozen=True, slots=True, repr=False)
class Together:
    """weakest: the place in the path of its weakest link, None where only verdicts hold it."""

    profile_id: str
    path: tuple[PathStep, ...]
    weakest: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Separated:
    """refused: the strongest link that `rule` refused; verdict: the DIFFERENT in force; None where there is none."""

    left_profile_id: str
    right_profile_id: str
    rule: Apart
    grounds: str
    refused: PathStep | None
    verdict: SaidVerdict | None


@dataclass(frozen=True, slots=True)
class NobodysIdentifier:
    """Why each of the two belongs to nobody, NONE for one that does not; shared: why it is shared."""

    reason: tuple[UnownedReason, UnownedReason]
    shared: tuple[Shared, Shared]


Explanation = Together | Separated | NobodysIdentifier


def explain(engine: Engine, reader: IdentifierReader, question: ExplainQuestion) -> Steps[Explanation]:
    """Raises RequestError."""
    ends = [reader.usable(named, field) for named, field in ((question.left, "left"), (question.right, "right"))]
    if question.as_of is not None and not MIN_TIME <= question.as_of < MAX_TIME:
        raise RequestError.of("as_of", "not from 1900-01-01 up to and without 2100-01-01")
    for attempt in range(TRIES + 1):
        state = engine.sequence
        codes = [engine.find_one(end.high, end.low) for end in ends]
        standings = [None if code < 0 else engine.standing(code, question.as_of) for code in codes]
        left, right = (_unowned(engine, *found) for found in zip(ends, codes, standings, strict=True))
        if left[0] or right[0]:
            return NobodysIdentifier((left[0], right[0]), (left[1], right[1]))
        component = engine.component(codes)
        resolution: Resolution = (yield component.resolve) if attempt < TRIES else component.resolve()
        if engine.sequence == state:  # what numbers mean changes with every write
            break
    slots = [standing.slot for standing in standings if standing is not None]
    return _Teller(engine, component, resolution).tell(codes, slots, question.as_of)


def _unowned(engine: Engine, end: ReadIdentifier, code: int, standing: NodeStanding | None) -> tuple[UnownedReason, Shared]:
    """NONE where the identifier belongs to somebody."""
    if end.context:
        return UnownedReason.CONTEXT, Shared.NONE
    if standing is None or not engine.is_observed(code):
        return UnownedReason.UNKNOWN, Shared.NONE
    if not standing.alive:
        return UnownedReason.STALE, Shared.NONE
    if standing.shared:
        return UnownedReason.SHARED, Shared(standing.shared)
    return UnownedReason.NONE, Shared.NONE


class _Teller:
    """One resolution of a private copy, told in the store's identifiers."""

    def __init__(self, engine: Engine, component: Component, resolution: Resolution) -> None:
        self._engine, self._component, self._resolution = engine, component, resolution
        self._nodes = resolution.statuses.nodes

    def tell(self, codes: list[int], slots: list[int], as_of: int | None) -> Explanation:
        left, right = (self._node(code, as_of) for code in codes)
        if left is None or right is None:  # a write that is being applied has just taken its last sighting away
            reason = [UnownedReason.STALE if node is None else UnownedReason.NONE for node in (left, right)]
            return NobodysIdentifier((reason[0], reason[1]), (Shared.NONE, Shared.NONE))
        told = decide.explain(self._resolution, self._component.verdicts, left, right)
        ids = [self._engine.profile_id(slot) for slot in slots]
        if isinstance(told, decide.Together):
            weakest = None if told.weakest is None else told.steps.index(told.weakest)
            return Together(ids[0], tuple(self._step(step) for step in told.steps), weakest)
        if isinstance(told, decide.Unowned):
            reason = [UnownedReason.SHARED if shared else UnownedReason.NONE for shared in told.shared]
            return NobodysIdentifier((reason[0], reason[1]), told.shared)
        sides = int(self._resolution.profile[left]), int(self._resolution.profile[right])
        refused = None if told.link < 0 else self._refused(told.link, sides[0])
        verdict = None if told.verdict < 0 else self._verdict(told.verdict)
        return Separated(ids[0], ids[1], told.rule, self._grounds().of(told, *sides), refused, verdict)

    def _node(self, code: int, as_of: int | None) -> int | None:
        """The node of the epoch that contains a second, or of the latest; None where nothing of the identifier counts."""
        at = int(np.flatnonzero(self._component.codes == code)[0])
        first, last = int(self._nodes.first[at]), int(self._nodes.first[at + 1]) - 1
        if as_of is None or last < first:
            return last if last >= first else None
        return next(node for node in range(first, last + 1) if self._nodes.begin[node] < as_of <= self._nodes.end[node])

    def _known(self, node: int) -> Known:
        return self._engine.identifier(int(self._component.codes[self._nodes.identifier[node]]))

    def _step(self, step: decide.Step) -> PathStep:
        hold = self._link(step.link) if step.link >= 0 else self._verdict(step.verdict)
        return PathStep(self._known(step.left), self._known(step.right), hold)

    def _refused(self, link: int, left: int) -> PathStep:
        """The link from the left profile's end to the right one's."""
        ends = int(self._resolution.links.a[link]), int(self._resolution.links.b[link])
        if int(self._resolution.profile[ends[0]]) != left:
            ends = ends[1], ends[0]
        return PathStep(self._known(ends[0]), self._known(ends[1]), self._link(link))

    def _link(self, link: int) -> LinkEvidence:
        links = self._resolution.links
        rows = decide.witnesses(self._resolution, self._component.observations, link)
        shown = tuple(self._engine.observation(row) for row in self._component.rows[rows[:LISTED]].tolist())
        strength, count, first, last = (int(column[link]) for column in (links.strength, links.count, links.first, links.last))
        return LinkEvidence(strength, count, first, last, shown, rows.size > LISTED)

    def _verdict(self, place: int) -> SaidVerdict:
        said = self._engine.said(self._component, place)
        return SaidVerdict(said.kind, said.left, said.right, said.time, said.source)

    def _grounds(self) -> Grounds:
        component = self._component
        identifiers = component.identifiers
        return Grounds(self._engine.policy, component.observations, identifiers, self._resolution, self._name, self._verdict_words)

    def _name(self, node: int) -> str:
        """An identifier in its notation, what passes cut short."""
        known = self._known(node)
        value = known.value
        if self._engine.policy.namespace(known.namespace).standing == "passing" and len(value) > SHORT:
            value = value[:SHORT] + "…"
        return format_identifier(known.namespace, known.issuer, value)

    def _verdict_words(self, place: int) -> str:
        said = self._verdict(place)
        return f"verdict of {said.source} on {np.datetime64(said.time, 's').astype('datetime64[D]')}"
