"""The live state behind one door: entries in, one at a time and in order; answers out, from what is published."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any

import numpy as np

from idweave_server.engine.admission import Admission, admit
from idweave_server.engine.applied import Applied, Job, Logged, Publication, pause, run
from idweave_server.engine.erasing import forgotten
from idweave_server.engine.expiry import Calendar
from idweave_server.engine.fold import add
from idweave_server.engine.settle import settle
from idweave_server.engine.state import State
from idweave_server.engine.survey import Survey
from idweave_server.entries.codec import decode
from idweave_server.entries.columns import AnyEntry, ErasureEntry, ObservationEntry
from idweave_server.identifiers.lists import Lists
from idweave_server.intake.prepare import Prepared
from idweave_server.resolution.policy import Policy


class Engine(Survey):
    """A fold of the log. One thread calls it; the jobs that it yields may run in another meanwhile, and readers see what is published."""

    def __init__(self, policy: Policy, lists: Lists, key: bytes, state: State | None = None) -> None:
        """key: of the store, at least 16 bytes; state: one that was restored, None for an empty one."""
        state = state or State.empty(policy, key)
        super().__init__(state, Calendar(state))
        self.lists = lists
        self.told: Callable[[Publication], None] | None = None  # hears of every publishing, after it

    @property
    def policy(self) -> Policy:
        return self.state.policy

    @property
    def sequence(self) -> int:
        return self.state.sequence

    @property
    def term(self) -> int:
        return self.state.term

    @property
    def state_time(self) -> int:
        return self.state.time

    def admit(self, prepared: Prepared, *, at: int, milliseconds: int, seed: bytes, backfill: bool = False) -> Admission:
        """See admission.admit."""
        return admit(self.state, prepared, at=at, milliseconds=milliseconds, seed=seed, backfill=backfill)

    def due(self) -> int | None:
        """The next second at which evidence expires, None where none ever does: a TICK is due then."""
        return self.calendar.due(self.state, self.state.time)

    def apply(self, entry: AnyEntry, *, sequence: int, term: int, at: int) -> Generator[Job, Any, Applied]:
        """Take in the next entry of the log. Yields jobs to run anywhere, one after another, and is sent their results."""
        first = len(self.state.observations)
        touched, erased = yield from self._add(entry, sequence, at)
        yield pause
        changed = yield from self._publish(touched, erased, sequence, term)
        rows = np.arange(first, len(self.state.observations)) if isinstance(entry, ObservationEntry) else np.zeros(0, np.int64)
        return Applied(rows, changed)

    def replay(self, entries: Iterable[Logged]) -> int:
        """Take in many entries and resolve once, at their end; how many they were. Raises StoreCorruptError."""
        touched, erased = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        sequence, term = self.state.sequence, self.state.term
        for logged in entries:
            found = run(self._add(decode(logged.kind, logged.body), logged.sequence, logged.at, after=sequence))
            touched.append(found[0])
            erased.append(found[1])
            sequence, term = logged.sequence, logged.term
        count = sequence - self.state.sequence
        run(self._publish(np.concatenate(touched), np.concatenate(erased), sequence, term))
        return count

    def _add(self, entry: AnyEntry, sequence: int, at: int, after: int | None = None) -> Generator[Job, Any, tuple[np.ndarray, np.ndarray]]:
        """(the identifiers that an entry touches, those that may have to be forgotten). after: the entry before, None for the last one
        published."""
        state = self.state
        if sequence != (state.sequence if after is None else after) + 1:
            raise ValueError(f"entry {sequence} does not follow entry {state.sequence if after is None else after}")
        time = max(state.time, at)
        touched = yield from add(state, self.calendar, entry, sequence, time)
        state.time = time
        return touched, touched if isinstance(entry, ErasureEntry) else np.zeros(0, np.int32)

    def _publish(self, touched: np.ndarray, erased: np.ndarray, sequence: int, term: int) -> Generator[Job, Any, Callable[[], int]]:
        state = self.state
        seeds = np.unique(touched)
        settled = yield from settle(state, seeds, state.time, sequence)
        for code in forgotten(state, np.unique(erased)):
            state.identifiers.erase(code)
        state.sequence, state.term, state.rows = sequence, term, len(state.observations)
        if self.told is not None:
            self.told(Publication(seeds, settled.component, settled.found.resolution if settled.found else None))
        return settled.changed
