"""Memberships follow what is published: what changed is evaluated again, the clock wakes the rest, a definition looks at everybody.

Whether somebody is a member is a pure function of the state and its time. What is kept (who is in what, since when, and when to look again)
serves to tell the moment at which it changes, and to list members; a question about one profile is evaluated and remembered by itself, so
it is right between any two slices.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from idweave_server.engine.affected import affected
from idweave_server.engine.applied import Job
from idweave_server.engine.cut_points import ends_of_day, take_cuts
from idweave_server.engine.definition_entry import definition_of
from idweave_server.engine.membership_reads import ANONYMOUS, MembershipReads
from idweave_server.engine.news import News, causes, leaving_causes
from idweave_server.engine.subjects import CHUNK
from idweave_server.engine.turnover import Turnover
from idweave_server.entries.columns import AnyEntry, CutsEntry, SegmentEntry
from idweave_server.kernels.conditions import TRUE
from idweave_server.kernels.places import Places
from idweave_server.model import ChangeCause, ChangeKind
from idweave_server.segments.definition import depending
from idweave_server.segments.expression import Expression
from idweave_server.segments.program import Program
from idweave_server.segments.subjects import FOREVER


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """numbers: int64[S], of the segments; member: bool[p, S]; ends: int64[p], when to look again; until: int64[S, p], None where nobody
    wants to know."""

    numbers: np.ndarray
    member: np.ndarray
    ends: np.ndarray
    until: np.ndarray | None


class Memberships(MembershipReads):
    """Of one state."""

    looks: Callable[[np.ndarray], None] | None = None  # hears of whom, int32[n], what segments say of them may be something else now

    def due(self) -> int | None:
        """The next instant at which time alone may change a membership, None where it never does."""
        first = self.store.soonest() if not self.store.idle else FOREVER
        return first if first < FOREVER else None

    def cuts_due(self, asked: Expression | None = None) -> int | None:
        """The second at which the cut points are to be computed next, 0 for at once; None while no segment reads scores. asked: a
        condition that was checked."""
        program = self.program() if asked is None else self.compiled([(ANONYMOUS, asked)])
        if not self.scored(program).any():
            return None
        return ends_of_day(self._state.cut_at) if self._state.rfm_cuts is not None else 0

    def follow(self, turnover: Turnover, base: ChangeCause, news: News) -> Generator[Job, Any, None]:
        """After profiles were published: look again at those that segments may say something else of, and tell who entered and left."""
        store = self.store
        if store.idle:
            return
        store.grow(len(self._state.profiles.id))
        look = affected(turnover, news.brought, self.reads(self.program()))
        again = np.flatnonzero(look)
        looked = yield from self._look(self.program(), turnover.slot[again], news.listens)
        was, wake = store.bits(turnover.before.slot), store.wake.array[turnover.before.slot]
        stayed = np.flatnonzero(turnover.same >= 0)
        before = np.zeros((turnover.slot.size, was.shape[1]), bool)
        before[stayed] = was[turnover.same[stayed]]
        after = before.copy()
        after[again] = False
        after[np.ix_(again, self.numbers())] = looked.member
        same = np.flatnonzero(~look)  # who came is always looked at
        carried, which = np.nonzero(before & after)
        since = store.since(turnover.before.slot[turnover.same[carried]], which) if news.unbroken else np.zeros(carried.size, np.int64)
        freed = turnover.before.slot[Places(turnover.slot).of(turnover.before.slot) < 0]
        store.put_bits(freed, np.zeros((freed.size, 0), bool))
        store.put_wake(freed, np.full(freed.size, FOREVER, np.int64))
        store.put_since(turnover.slot[carried], which, since)
        store.put_bits(turnover.slot[same], before[same])
        store.put_wake(turnover.slot[same], wake[turnover.same[same]])
        self._put(turnover.slot[again], before[again], after[again], looked, causes(turnover, base)[again], news)
        self._tell_of_gone(turnover, was, base, news)

    def advance(self, now: int, cause: ChangeCause, news: News) -> Generator[Job, Any, None]:
        """Look at everybody whose time has come. now: the state's time."""
        store = self.store
        if store.idle:
            return
        yield from self._look_again(np.flatnonzero(store.wake.array <= now).astype(np.int32), cause, news)

    def look_at_all(self, cause: ChangeCause, news: News) -> Generator[Job, Any, None]:
        """After what everybody is measured by has changed, or after a replay that looked at nobody."""
        if not self.store.idle:
            self.store.grow(len(self._state.profiles.id))
            yield from self._look_again(self.everybody(), cause, news)

    def define(self, entry: SegmentEntry, sequence: int, news: News) -> Generator[Job, Any, None]:
        """Take a definition in and look at everybody by it, and by those that ask for it; or a deletion: everybody leaves."""
        if not entry.text and entry.name in self.definitions:
            slots = self.members(entry.name)
            number = np.full(slots.size, self.store.numbers[entry.name], np.int64)
            cause = np.full(slots.size, ChangeCause.DEFINITION, np.uint8)
            self._tell(ChangeKind.SEGMENT_LEFT, self._state.profiles.id.array[slots], number, cause, news)
        self.note(entry, sequence)
        if entry.text:
            names = [entry.name, *depending(entry.name, self.definitions)]
            program = self.compiled([(name, self.definitions[name].expression) for name in names])
            yield from self._look_by(program, [self.store.numbers[name] for name in names], news)

    def _look_by(self, program: Program, numbers: list[int], news: News) -> Generator[Job, Any, None]:
        """Look at everybody by some segments alone."""
        state, store = self._state, self.store
        store.grow(len(state.profiles.id))
        slots = self.everybody()
        for begin in range(0, slots.size, CHUNK):
            part = slots[begin : begin + CHUNK]
            looked = yield from self._look(program, part, news.listens)
            before = store.bits(part)
            after = before.copy()
            after[:, numbers] = looked.member
            ends = np.minimum(store.wake.array[part], looked.ends)
            whole = replace(looked, numbers=np.array(numbers, np.int64), ends=ends)
            self._put(part, before, after, whole, np.full(part.size, ChangeCause.DEFINITION, np.uint8), news)

    def note_entry(self, entry: AnyEntry, sequence: int) -> bool:
        """Take in, looking at nobody, what an entry changes of what everybody is measured by; whether it does."""
        if isinstance(entry, SegmentEntry):
            self.note(entry, sequence)
        elif isinstance(entry, CutsEntry):
            take_cuts(self._state, entry)
        return isinstance(entry, SegmentEntry | CutsEntry)

    def note(self, entry: SegmentEntry, sequence: int) -> None:
        """Take a definition in, or a deletion, and look at nobody."""
        name, store = entry.name, self.store
        if entry.text:
            store.put(definition_of(entry, len(self.history(name)) + 1, self._state.time, sequence))
        elif name in store.definitions:
            store.delete(name)
        self._program = None

    def _look(self, program: Program, slots: np.ndarray, tells: bool) -> Generator[Job, Any, _Looked]:
        """tells: whether somebody wants to know until when each one is a member."""
        parts = yield from self.evaluated(program, slots, self._state.time)
        member = [np.zeros((0, program.size), bool), *((part.truth == TRUE).T for part in parts)]
        ends = [np.zeros(0, np.int64), *(part.until.min(axis=0, initial=FOREVER) for part in parts)]
        until = self.told(program, np.concatenate([part.until for part in parts], axis=1)) if tells and parts else None
        return _Looked(self.numbers(), np.concatenate(member), np.concatenate(ends), until)

    def _look_again(self, slots: np.ndarray, cause: ChangeCause, news: News) -> Generator[Job, Any, None]:
        for begin in range(0, slots.size, CHUNK):
            part = slots[begin : begin + CHUNK]
            looked = yield from self._look(self.program(), part, news.listens)
            before = self.store.bits(part)
            after = np.zeros_like(before)
            after[:, looked.numbers] = looked.member
            self._put(part, before, after, looked, np.full(part.size, cause, np.uint8), news)

    def _put(self, slots: np.ndarray, before: np.ndarray, after: np.ndarray, looked: _Looked, cause: np.ndarray, news: News) -> None:
        """before, after: bool[p, numbers]; cause: uint8[p]."""
        store, now, id_ = self.store, self._state.time, self._state.profiles.id.array
        store.put_bits(slots, after)
        store.put_wake(slots, looked.ends)
        if self.looks is not None:
            self.looks(slots)
        if not news.unbroken:
            who, which = np.nonzero(after & before)
            store.put_since(slots[who], which, np.zeros(who.size, np.int64))
        who, which = np.nonzero(after & ~before)
        store.put_since(slots[who], which, np.full(who.size, 0 if news.coarse else now, np.int64))
        if looked.until is not None:
            place = np.full(len(store.names), -1, np.int64)
            place[looked.numbers] = np.arange(looked.numbers.size)
            until = looked.until[place[which], who]
            self._tell(ChangeKind.SEGMENT_ENTERED, id_[slots[who]], which, cause[who], news, until)
        who, which = np.nonzero(before & ~after)
        self._tell(ChangeKind.SEGMENT_LEFT, id_[slots[who]], which, cause[who], news)

    def _tell_of_gone(self, turnover: Turnover, was: np.ndarray, base: ChangeCause, news: News) -> None:
        """Profiles that are no more have left everything. was: bool[o, numbers]."""
        gone = np.flatnonzero(~turnover.stays)
        who, which = np.nonzero(was[gone])
        who = gone[who]
        heir, ids = turnover.kept[who], self._state.profiles.id.array
        other = np.zeros((who.size, 2), np.uint64)
        other[heir >= 0] = ids[turnover.slot[heir[heir >= 0]]]
        cause = leaving_causes(turnover, base)[who]
        self._tell(ChangeKind.SEGMENT_LEFT, turnover.before.id[who], which, cause, news, other=other)

    def _tell(
        self,
        kind: ChangeKind,
        profile: np.ndarray,
        number: np.ndarray,
        cause: np.ndarray,
        news: News,
        until: np.ndarray | int = 0,
        other: np.ndarray | int = 0,
    ) -> None:
        """profile: uint64[n, 2], ids; number: int64[n], of the segment that each one entered or left."""
        version = self.store.versions.array[number]
        news.memberships(kind, profile, number.astype(np.int32), version, cause, self._state.time, until, other)
