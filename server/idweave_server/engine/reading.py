"""Answers from what is published: whose an identifier is, what a profile holds, what an observation said.

Codes (of identifiers), slots (of profiles) and rows (of observations) are numbers that hold until the next entry is applied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.component import closed, inert
from idweave_server.engine.expiry import Calendar
from idweave_server.engine.fold import rows_of
from idweave_server.engine.identifier_store import Known, Status
from idweave_server.engine.profile_store import uuid_text
from idweave_server.engine.state import State
from idweave_server.model import MAX_TIME, Flag, Shared
from idweave_server.resolution.nodes import BEGINNING, END


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """One epoch of an identifier. begin (exclusive), end (inclusive): None where it has no bound; slot: its profile, -1 for nobody's;
    alive: something of it counts; context: it never links, such as an IP address; people: of a shared one, how many dissimilar first names
    it was seen with, at least, 0 where they were not counted."""

    begin: int | None
    end: int | None
    shared: Shared
    slot: int
    alive: bool
    context: bool
    people: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """An identifier of a profile, or the epoch of it that belongs there, with the observations that saw it then."""

    code: int
    begin: int | None
    end: int | None
    first_seen: int
    last_seen: int
    observations: int


class Reading:
    """Reads of a state."""

    def __init__(self, state: State, calendar: Calendar) -> None:
        self.state, self.calendar = state, calendar

    def find(self, content: np.ndarray) -> np.ndarray:
        """int32[n]: codes of content hashes uint64[n, 2], -1 for identifiers that are not known."""
        return self.state.identifiers.find(content)

    def find_one(self, high: int, low: int) -> int:
        """The code of one content hash, -1 where it is not known."""
        return self.state.identifiers.find_one(high, low)

    def identifier(self, code: int) -> Known:
        return self.state.identifiers.known(code)

    def standing(self, code: int, as_of: int | None = None) -> NodeStanding:
        """as_of: seconds UTC, None for the latest epoch."""
        ids = self.state.identifiers
        status = ids.status.array[code]
        if status == Status.UNKNOWN:
            return self._inert_standing(code)
        split = ids.splits.get(code)
        if split is None:
            shared, slot = Shared(int(ids.shared.array[code])), int(ids.profile.array[code])
            crowd = ids.people.get(code, 0) if shared else 0
            return NodeStanding(None, None, shared, slot, bool(status == Status.ALIVE), False, crowd)
        last = len(split.end) - 1
        at = last if as_of is None else min(int(np.searchsorted(split.end, as_of)), last)
        return NodeStanding(
            _bound(split.begin[at]),
            _bound(split.end[at]),
            Shared(int(split.shared[at])),
            int(split.profile[at]),
            True,
            False,
            ids.people.get(code, 0),
        )

    def _inert_standing(self, code: int) -> NodeStanding:
        """Of an identifier that was never resolved: context, listed, or known from verdicts alone."""
        ids, one = self.state.identifiers, np.array([code], np.int32)
        context = not self.state.policy.namespaces[int(ids.namespace.array[code])].links
        flags = int(ids.flags.array[code])
        shared = Shared.FAKE if flags & Flag.FAKE else Shared.ROLE if flags & Flag.ROLE else Shared.NONE
        alive = bool(inert(self.state, one)[0]) and self._seen_lately(code)
        return NodeStanding(None, None, Shared.NONE if context else shared, -1, alive, context)

    def _seen_lately(self, code: int) -> bool:
        """Whether any published sighting of an identifier counts, the latest looked at first."""
        seen, sighting = self.state.observations, int(self.state.identifiers.head.array[code])
        while sighting >= 0:
            row = int(seen.sightings.row.array[sighting])
            if row < self.state.rows and not seen.gone.array[row] and self.calendar.counts(self.state, row, code):
                return True
            sighting = int(seen.before.array[sighting])
        return False

    def is_observed(self, code: int) -> bool:
        """Whether any observation, though none may count any more, ever saw it."""
        seen, sighting = self.state.observations, self.state.identifiers.head.array.item(code)
        while sighting >= 0 and seen.sightings.row.array[sighting] >= self.state.rows:  # not published yet
            sighting = seen.before.array.item(sighting)
        return bool(sighting >= 0)

    def profile_id(self, slot: int) -> str:
        return self.state.profiles.text(slot)

    def published(self, slot: int) -> int:
        """The sequence of the entry that last touched a profile: what was built of it since stays good."""
        return int(self.state.profiles.published.array[slot])

    def merged_from(self, slot: int) -> list[str]:
        """The birth ids of the profile's identifiers but its own: each redirects to it. Oldest first."""
        ids = self.state.identifiers
        own = self.state.profiles.id.array[slot]
        births = sorted({int(ids.birth.array[code]) for code, begin, end in self._nodes(slot) if self._bears(code, begin, end)})
        words = ids.births.id_of(np.array(births, np.int64))
        return [uuid_text(int(high), int(low)) for high, low in words.tolist() if (high, low) != tuple(own.tolist())]

    def _bears(self, code: int, begin: int, end: int) -> bool:
        """Whether an epoch of an identifier contains its birth."""
        ids = self.state.identifiers
        birth = int(ids.birth.array[code])
        return birth >= 0 and begin < ids.births.time.one(birth) <= end

    def _nodes(self, slot: int) -> list[tuple[int, int, int]]:
        """(code, begin, end) of everything that belongs to a profile."""
        ids = self.state.identifiers
        found = []
        for code in closed(self.state, self.state.profiles.bearer.array[slot : slot + 1]).tolist():
            split = ids.splits.get(code)
            if split is None:
                if ids.profile.array[code] == slot:
                    found.append((code, int(BEGINNING), int(END)))
            else:
                at = np.flatnonzero(split.profile == slot).tolist()
                found += [(code, int(split.begin[e]), int(split.end[e])) for e in at]
        return found

    def members(self, slot: int) -> list[Member]:
        """What belongs to a profile: lasting identifiers before passing ones, then by namespace and value."""
        found = []
        for code, begin, end in self._nodes(slot):
            rows = rows_of(self.state, np.array([code], np.int32))
            time = self.state.observations.time.take(rows[rows < self.state.rows])
            time = time[(begin < time) & (time <= end)]
            first, last = (int(time.min()), int(time.max())) if time.size else (0, 0)
            found.append(Member(code, _bound(begin), _bound(end), first, last, time.size))
        return sorted(found, key=self._rank)

    def _rank(self, member: Member) -> tuple[int, str, str, str, int]:
        known = self.identifier(member.code)
        standing = ("lasting", "passing", "derived", "context").index(self.state.policy.namespace(known.namespace).standing)
        return standing, known.namespace, known.issuer, known.value, member.begin or 0

    def rows_of(self, slot: int) -> np.ndarray:
        """int64: the observations of a profile, newest first, then by content."""
        codes = np.unique(np.array([code for code, _, _ in self._nodes(slot)], np.int32))
        rows = rows_of(self.state, codes)
        return self._newest_first(rows[self.state.observations.profile.array[rows] == slot])

    def _newest_first(self, rows: np.ndarray) -> np.ndarray:
        seen = self.state.observations
        content = seen.identity.take(rows)
        return rows[np.lexsort((content[:, 1], content[:, 0], -seen.time.take(rows)))]

    def assigned(self, rows: np.ndarray) -> np.ndarray:
        """int32[n]: the profile that each observation belongs to, -1 without one."""
        return self.state.observations.profile.array[rows]

    def valid_until(self, code: int) -> int | None:
        """The first second at which time alone may change what is said of an identifier; None where nothing of the kind will."""
        if self.calendar.idle:
            return None
        rows = rows_of(self.state, closed(self.state, np.array([code], np.int32)))
        return self.calendar.next_of(self.state, rows, self.state.time)


def _bound(time: int) -> int | None:
    return int(time) if -MAX_TIME < time <= MAX_TIME else None
