"""When evidence stops counting: the rows of a store by the days on which something of them expires.

A sighting and a link's evidence expire on the day that their time to live ends, each at a second that comes from its content (see
resolution.expiry). A link's time to live is that of one of its ends, so the days of the sightings are those of the links too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.state import State
from idweave_server.kernels.evidence import pairs
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import DAY
from idweave_server.resolution.expiry import FOREVER, NO_TTL, expires_at
from idweave_server.resolution.links import link_ties


@dataclass(frozen=True, slots=True)
class Expiries:
    """What expires on one day. second, row: int64[x], by second; parted: int64[y], rows of identifiers with several epochs, which are
    looked at whenever anything of that day is: the seconds of their links depend on the epochs."""

    second: np.ndarray
    row: np.ndarray
    parted: np.ndarray


class Calendar:
    """Rows by day (number since 1970) of an expiry; empty and idle where the policy lets nothing expire."""

    def __init__(self, state: State) -> None:
        self._days: dict[int, list[np.ndarray]] = {}
        self._read: dict[int, tuple[tuple[int, int], Expiries]] = {}
        self._namespace = np.array([n.ttl_days or NO_TTL for n in state.policy.namespaces], np.int32)
        ever = [s.ttl_days for s in (*state.policy.sources.values(), state.policy.source_default)]
        self.idle = bool((self._namespace == NO_TTL).all()) and not any(ever)
        self.add(state, 0)

    def add(self, state: State, first: int) -> None:
        """Note the rows from `first` on."""
        if self.idle or first == len(state.observations):
            return
        rows = np.arange(first, len(state.observations))
        row, identifier = _sightings(state, rows)
        days = self._lifetime(state, row, identifier)
        ends = days < NO_TTL
        if not ends.any():
            return
        found = np.unique(np.stack([state.observations.time.take(row[ends]) // DAY + days[ends], row[ends]], axis=1), axis=0)
        day, start = np.unique(found[:, 0], return_index=True)
        for number, part in zip(day.tolist(), np.split(found[:, 1], start[1:]), strict=True):
            self._days.setdefault(number, []).append(part)

    def expired(self, state: State, after: int, until: int) -> np.ndarray:
        """int32: the identifiers of rows of which something may expire at after < t <= until; forgets the days that are over."""
        rows = []
        for day in [day for day in self._days if day * DAY <= until]:
            found = self._expiries(state, day)
            rows += [found.parted, found.row[(found.second > after) & (found.second <= until)]]
            if (day + 1) * DAY <= until:
                del self._days[day]
                self._read.pop(day, None)
        return np.unique(_sightings(state, np.unique(np.concatenate(rows)))[1]) if rows else np.zeros(0, np.int32)

    def due(self, state: State, after: int) -> int | None:
        """The first second after `after` at which something expires; None where nothing ever does."""
        for day in sorted(day for day in self._days if (day + 1) * DAY > after):
            found = self._expiries(state, day)
            later = np.searchsorted(found.second, after, side="right")
            if later < found.second.size:
                return int(found.second[later])
        return None

    def _expiries(self, state: State, day: int) -> Expiries:
        """Read once, and again when rows or epochs have come since."""
        fresh = (len(self._days[day]), len(state.identifiers.splits))
        known, found = self._read.get(day, (None, None))
        if known == fresh and found is not None:
            return found
        rows = np.unique(np.concatenate(self._days[day]))
        found = self._find(state, rows[state.observations.gone.array[rows] == 0], day)
        self._read[day] = (fresh, found)
        return found

    def counts(self, state: State, row: int, code: int) -> bool:
        """Whether the sighting of an identifier in a row has not expired."""
        return bool(self.counting(state, np.array([row]), np.array([code], np.int32))[0])

    def counting(self, state: State, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """bool[k]: the same of many sightings, of codes int32[k] in rows int64[k]."""
        if self.idle:
            return np.ones(rows.size, bool)
        time, spread = state.observations.time.take(rows), state.identifiers.index.take(codes)[:, 0]
        found: np.ndarray = expires_at(time, self._lifetime(state, rows, codes), spread) > state.time
        return found

    def next_of(self, state: State, rows: np.ndarray, after: int) -> int | None:
        """The first second after `after` at which something of these rows, int64[n] ascending, expires; None where nothing does."""
        second, _, _ = self._seconds(state, rows)
        later = second[(second > after) & (second < FOREVER)]
        return int(later.min()) if later.size else None

    def _find(self, state: State, rows: np.ndarray, day: int) -> Expiries:
        second, owner, parted = self._seconds(state, rows)
        here = np.flatnonzero(second // DAY == day)
        order = here[np.argsort(second[here], kind="stable")]
        return Expiries(second[order], owner[order], parted)

    def _seconds(self, state: State, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(second int64[x], row int64[x], parted int64[y]): whenever anything of these rows expires; those of split identifiers."""
        row, identifier = _sightings(state, rows)
        content = state.identifiers.index.take(identifier)
        days = self._lifetime(state, row, identifier)
        seconds, whose = [expires_at(state.observations.time.take(row), days, content[:, 0])], [row]
        start = np.concatenate(([0], np.cumsum(np.bincount(np.searchsorted(rows, row), minlength=rows.size))))
        at, a, b = pairs(start, np.arange(row.size, dtype=np.int32), np.ones(row.size, np.uint8))
        split = np.array(sorted(state.identifiers.splits), np.int32)
        parted = np.isin(identifier, split)
        for contents in _by_epoch(content, parted, state.policy.epoch_max_blocks):
            ties = link_ties(a, b, contents)
            seconds.append(expires_at(state.observations.time.take(rows[at]), np.minimum(days[a], days[b]), ties))
            whose.append(rows[at])
        return np.concatenate(seconds), np.concatenate(whose), np.unique(row[parted])

    def _lifetime(self, state: State, row: np.ndarray, identifier: np.ndarray) -> np.ndarray:
        source = np.array([state.policy.source(s).ttl_days or NO_TTL for s in state.observations.sources.words], np.int32)
        days: np.ndarray = np.minimum(
            self._namespace[state.identifiers.namespace.array[identifier]], source[state.observations.source.array[row]]
        )
        return days


def _by_epoch(content: np.ndarray, parted: np.ndarray, epochs: int) -> list[np.ndarray]:
    """The contents of the nodes that sightings may belong to: all of first epochs, then with those of split identifiers of later ones."""
    found = [content]
    for epoch in range(1, epochs if parted.any() else 0):
        later = content.copy()
        number = np.tile(np.array([[epoch, 0]], np.uint64), (int(parted.sum()), 1))
        later[parted] = mix_hash(np.ascontiguousarray(content[parted]), number)
        found.append(later)
    return found


def _sightings(state: State, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(row int64[k], identifier int32[k]): the sightings of these rows."""
    seen = state.observations
    owner, place = seen.sightings.places(rows)
    return rows[owner], seen.identifier.array[place]
