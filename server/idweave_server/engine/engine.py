"""The live state behind one door: entries in, one at a time and in order; answers out, from what is published."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from idweave_server.engine.admission import Admission, admit
from idweave_server.engine.affected import brought
from idweave_server.engine.applied import Applied, Job, Logged, Publication, pause, run
from idweave_server.engine.changes import Changes
from idweave_server.engine.cut_points import cut, take_cuts
from idweave_server.engine.erasing import forgotten
from idweave_server.engine.expiry import Calendar
from idweave_server.engine.fold import add
from idweave_server.engine.memberships import Memberships
from idweave_server.engine.news import News
from idweave_server.engine.profile_ids import of_epochs
from idweave_server.engine.profile_store import uuid_text
from idweave_server.engine.recall_since import recall_since
from idweave_server.engine.settle import settle
from idweave_server.engine.state import State
from idweave_server.engine.survey import Survey
from idweave_server.engine.turnover import Turnover
from idweave_server.entries.codec import decode
from idweave_server.entries.columns import (
    AnyEntry,
    CutsEntry,
    ErasureEntry,
    ObservationEntry,
    RetractionEntry,
    SegmentEntry,
    TickEntry,
    VerdictEntry,
)
from idweave_server.identifiers.lists import Lists
from idweave_server.intake.prepare import Prepared
from idweave_server.model import ChangeCause
from idweave_server.resolution.policy import Policy
from idweave_server.segments.expression import Expression

CAUSES = {
    ErasureEntry: ChangeCause.ERASURE,
    RetractionEntry: ChangeCause.CORRECTION,
    VerdictEntry: ChangeCause.CORRECTION,
}  # of the rest: EVENT
MANY = 4_096  # changes whose sorting another thread does
TOGETHER = 8_192  # observations of a replay that are taken in at once, and an entry's more


class Engine(Survey):
    """A fold of the log. One thread calls it; the jobs that it yields may run in another meanwhile, and readers see what is published."""

    def __init__(self, policy: Policy, lists: Lists, key: bytes, state: State | None = None) -> None:
        """key: of the store, at least 16 bytes; state: one that was restored, None for an empty one."""
        state = state or State.empty(policy, key)
        super().__init__(state, Calendar(state))
        self.lists = lists
        self.memberships = Memberships(state)
        self.told: Callable[[Publication], None] | None = None  # hears of every publishing, after it
        self.heard: Callable[[Changes], None] | None = None  # hears what every entry changed, after it

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
        """The next second at which time alone changes something, evidence or a membership; None where it never does. A TICK is due then."""
        instants = [at for at in (self.calendar.due(self.state, self.state.time), self.memberships.due()) if at is not None]
        return min(instants, default=None)

    def cuts_due(self, asked: Expression | None = None) -> int | None:
        """See Memberships.cuts_due."""
        return self.memberships.cuts_due(asked)

    def cut(self, now: int) -> Generator[Job, Any, CutsEntry]:
        """The cut points of everybody as they are, for the log."""
        return (yield from cut(self.state, now))

    def apply(self, entry: AnyEntry, *, sequence: int, term: int, at: int) -> Generator[Job, Any, Applied]:
        """Take in the next entry of the log. Yields jobs to run anywhere, one after another, and is sent their results."""
        self._follows(sequence)
        first, time = len(self.state.observations), max(self.state.time, at)
        news = News(self.heard is not None, isinstance(entry, ObservationEntry) and entry.backfill, brought=brought(entry))
        if isinstance(entry, TickEntry):
            published = yield from self._pass(time, sequence, news)
        else:
            touched = yield from self._add([(sequence, entry)], time)
            yield pause
            published = [(yield from self._settle(touched, sequence, CAUSES.get(type(entry), ChangeCause.EVENT), news))]
            self._forget(entry, touched)
            yield from self._measure(entry, sequence, news)
        changes = (
            Changes.of(sequence, term, time, news.parts)
            if news.size < MANY
            else (yield partial(Changes.of, sequence, term, time, news.parts))
        )
        yield pause
        self._end(sequence, term, published)
        if self.heard is not None:
            self.heard(changes)
        rows = np.arange(first, len(self.state.observations)) if isinstance(entry, ObservationEntry) else np.zeros(0, np.int64)
        return Applied(rows, news.changed)

    def replay(self, entries: Iterable[Logged], *, recalled: bool = False) -> int:
        """Take in many entries and resolve once, at their end; how many they were. Nobody hears what changed. Raises StoreCorruptError.

        recalled: `recall_since` will be told what they changed of memberships; else it is no longer known since when those are members
        whom the entries touched.
        """
        state, news = self.state, News(False, coarse=True, unbroken=recalled)
        touched, erased = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        sequence, term, redefined = state.sequence, state.term, False
        begun = sequence
        for some in _together(entries):
            for logged, _ in some:
                self._follows(logged.sequence, sequence)
                sequence, term = logged.sequence, logged.term
            time = max(state.time, *(logged.at for logged, _ in some))
            touched.append(run(self._add([(logged.sequence, entry) for logged, entry in some], time)))
            first = some[0][1]  # the others are like it: observations
            if isinstance(first, ErasureEntry):
                erased.append(touched[-1])
            redefined |= self.memberships.note_entry(first, sequence)
        if sequence > begun:
            seeds = np.concatenate(touched)
            published = run(self._settle(seeds, sequence, ChangeCause.EVENT, news, follows=not redefined))
            self._forget_codes(np.concatenate(erased))
            run(
                self.memberships.look_at_all(ChangeCause.CLOCK, news)
                if redefined
                else self.memberships.advance(state.time, ChangeCause.CLOCK, news)
            )
            self._end(sequence, term, [published])
        return sequence - begun

    def recall_since(self, rows: np.ndarray) -> None:
        """See recall_since.recall_since: after a replay."""
        recall_since(self.state, rows)
        self.memberships.forget()

    def _follows(self, sequence: int, after: int | None = None) -> None:
        """after: the entry before, None for the last one published."""
        last = self.state.sequence if after is None else after
        if sequence != last + 1:
            raise ValueError(f"entry {sequence} does not follow entry {last}")

    def _add(self, entries: Sequence[tuple[int, AnyEntry]], time: int) -> Generator[Job, Any, np.ndarray]:
        """int32: the identifiers that entries touch; see fold.add."""
        touched = yield from add(self.state, self.calendar, entries, time)
        self.state.time = time
        return touched

    def _pass(self, until: int, sequence: int, news: News) -> Generator[Job, Any, list[Publication]]:
        """Let time pass, instant by instant, as it would have passed had nobody slept."""
        state, published = self.state, []
        while (due := self.due()) is not None and due <= until:
            touched = self.calendar.expired(state, state.time, due)
            state.time = max(state.time, due)
            if touched.size:
                published.append((yield from self._settle(touched, sequence, ChangeCause.CLOCK, news)))
            yield from self.memberships.advance(state.time, ChangeCause.CLOCK, news)
        state.time = until
        return published

    def _settle(
        self, touched: np.ndarray, sequence: int, cause: ChangeCause, news: News, follows: bool = True
    ) -> Generator[Job, Any, Publication]:
        """follows: look who entered and left segments by it."""
        state, seeds = self.state, np.unique(touched)
        settled = yield from settle(state, seeds, state.time, sequence)
        state.rows = len(state.observations)  # also where nothing was published
        if settled.turnover is not None:
            yield pause
            self._redirect(settled.turnover)
            slots = state.identifiers.profile.array[seeds]
            news.profiles(settled.turnover, state.profiles.id.array, slots[slots >= 0], cause, state.time)
            if follows:
                yield from self.memberships.follow(settled.turnover, cause, news)
        return Publication(seeds, settled.component, settled.found.resolution if settled.found else None)

    def _redirect(self, turnover: Turnover) -> None:
        """Ids that no birth gave lead where a lookup of them leads, as long as one knows them."""
        for at in np.flatnonzero(~turnover.stays & of_epochs(turnover.before.id)).tolist():
            slot = self.look_up_profile(uuid_text(*turnover.before.id[at].tolist())).slot
            if slot >= 0:
                turnover.kept[at] = next(iter(np.flatnonzero(turnover.slot == slot).tolist()), -1)

    def _measure(self, entry: AnyEntry, sequence: int, news: News) -> Generator[Job, Any, None]:
        """What the entry changes of what profiles are measured by."""
        if isinstance(entry, SegmentEntry):
            yield from self.memberships.define(entry, sequence, news)
        elif isinstance(entry, CutsEntry):
            take_cuts(self.state, entry)
            yield from self.memberships.look_at_all(ChangeCause.CLOCK, news)

    def _forget(self, entry: AnyEntry, touched: np.ndarray) -> None:
        if isinstance(entry, ErasureEntry):
            self._forget_codes(touched)

    def _forget_codes(self, touched: np.ndarray) -> None:
        for code in forgotten(self.state, np.unique(touched)):
            self.state.identifiers.erase(code)

    def _end(self, sequence: int, term: int, published: list[Publication]) -> None:
        state = self.state
        state.sequence, state.term = sequence, term
        if self.told is not None:
            for publication in published:
                self.told(publication)


def _together(entries: Iterable[Logged]) -> Iterator[list[tuple[Logged, AnyEntry]]]:
    """What entries say: observations that follow one another come together, until they are TOGETHER; every other entry comes alone."""
    some: list[tuple[Logged, AnyEntry]] = []
    rows = 0
    for logged in entries:
        entry = decode(logged.kind, logged.body)
        if some and (rows >= TOGETHER or not isinstance(entry, ObservationEntry)):
            yield some
            some, rows = [], 0
        if isinstance(entry, ObservationEntry):
            some.append((logged, entry))
            rows += len(entry)
        else:
            yield [(logged, entry)]
    if some:
        yield some
