"""Memberships follow what is published: what changed is evaluated again, the clock wakes the rest, a definition looks at everybody.

Whether somebody is a member is a pure function of the state and its time. What is kept (who is in what, since when, and when to look again)
serves to tell the moment at which it changes, and to list members; a question about one profile is evaluated and remembered by itself, so
it is right between any two slices.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job
from idweave_server.engine.cut_points import cuts_of
from idweave_server.engine.store_words import StoreWords
from idweave_server.engine.membership_store import Definition, Version
from idweave_server.engine.news import News, causes, leaving_causes
from idweave_server.engine.state import State
from idweave_server.engine.subjects import gather
from idweave_server.engine.turnover import Turnover
from idweave_server.entries.columns import AnyEntry, CutsEntry, SegmentEntry
from idweave_server.model import ChangeCause, ChangeKind
from idweave_server.segments.attributes import fields_of
from idweave_server.segments.compile import compile_program
from idweave_server.segments.definition_text import read_definition
from idweave_server.segments.evaluate import TRUE, Verdicts, evaluate
from idweave_server.segments.expression import Expression
from idweave_server.segments.fields import Fields
from idweave_server.segments.money import Rates
from idweave_server.segments.program import Program
from idweave_server.segments.references import depending
from idweave_server.segments.subjects import FOREVER

CHUNK = 4_096  # profiles gathered at a time, a few milliseconds
HERE = 256  # profiles evaluated without a worker thread
KEPT = 16_384  # profiles whose verdicts are kept


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """published: the entry that last touched the profile; truth, until: of all segments, in the order of the program."""

    published: int
    program: Program
    ends: int
    truth: np.ndarray
    until: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """numbers: int64[S], of the segments; member: bool[p, S]; ends: int64[p], when to look again; until: int64[S, p], None where nobody
    wants to know."""

    numbers: np.ndarray
    member: np.ndarray
    ends: np.ndarray
    until: np.ndarray | None


class Memberships:
    """Of one state. Everything on the thread that owns it, but for the jobs that are yielded."""

    def __init__(self, state: State) -> None:
        self._state, self.store = state, state.memberships
        self._words = StoreWords(state)
        money = state.policy.money
        self._rates = Rates(money.currency, money.rates)
        self._program: Program | None = None
        self._order: tuple[Definition, ...] = ()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        for name, versions in self.store.versions.items():  # of a snapshot
            if versions[-1].text:
                self.store.definitions[name] = _definition(name, self.store.number_for(name), versions[-1])

    # What is asked.

    @property
    def definitions(self) -> dict[str, Definition]:
        return self.store.definitions

    @property
    def fields(self) -> Fields:
        """What conditions may name at present."""
        return fields_of(self._state.policy, self._state.observations.trait_names.words)

    @property
    def words(self) -> StoreWords:
        """What is known by the policy, or was seen."""
        return self._words

    @property
    def expressions(self) -> dict[str, Expression]:
        return {name: said.expression for name, said in self.definitions.items()}

    def program(self) -> Program:
        """All segments, in the order of their names."""
        if self._program is None:
            self._order = tuple(self.definitions[name] for name in sorted(self.definitions))
            self._program = self.compiled([(said.name, said.expression) for said in self._order])
        return self._program

    def compiled(self, definitions: Sequence[tuple[str, Expression]]) -> Program:
        """Definitions that were checked, with the segments that they ask for."""
        return compile_program(definitions, self.fields, self._words, self._rates, self.expressions)

    def verdicts(self, slots: np.ndarray, names: Sequence[str]) -> Verdicts:
        """Of these profiles about these segments, all of which are defined, at the state's time. slots: int32[p]."""
        program = self.program()
        place = {said.name: at for at, said in enumerate(self._order)}
        chosen = np.array([place[name] for name in names], np.int64)
        missing = [slot for slot in dict.fromkeys(slots.tolist()) if not self._is_kept(slot, program)]
        found = self._fresh(np.array(missing, np.int32), program) if missing else {}
        kept = [found.get(slot) or self._kept[slot] for slot in slots.tolist()]
        if not kept:
            return Verdicts(np.zeros((chosen.size, 0), np.int8), np.zeros((chosen.size, 0), np.int64))
        return Verdicts(np.stack([one.truth[chosen] for one in kept], axis=1), np.stack([one.until[chosen] for one in kept], axis=1))

    def since(self, slot: int, name: str) -> int:
        """Since when a profile is a member, seconds UTC; 0 where it is none, or where that is not known."""
        number = self.definitions[name].number
        one = np.array([slot], np.int32)
        if slot >= len(self.store.member) or not self.store.bits(one)[0, number]:
            return 0
        return int(self.store.since(one, np.array([number]))[0])

    def members(self, name: str) -> np.ndarray:
        """int32: the slots of the members at the last whole entry."""
        return self.store.members(self.definitions[name].number)

    def truths(self, program: Program, slots: np.ndarray, now: int) -> Generator[Job, Any, np.ndarray]:
        """int8[S, p]: what a program says of profiles at an instant, at or after the state's time, if nothing happens until then."""
        parts = yield from self._evaluate(program, slots, now)
        return np.concatenate([np.zeros((program.size, 0), np.int8), *(part.truth for part in parts)], axis=1)

    def forget(self) -> None:
        """Drop what is kept for speed."""
        self._kept.clear()

    def _is_kept(self, slot: int, program: Program) -> bool:
        kept = self._kept.get(slot)
        good = kept is not None and kept.program is program and kept.published == self._state.profiles.published.array[slot]
        return good and self._state.time < kept.ends  # type: ignore[union-attr]

    def _fresh(self, slots: np.ndarray, program: Program) -> dict[int, _Kept]:
        now = self._state.time
        found = evaluate(program, gather(self._state, slots, program.needs, now), now)
        ends = found.until.min(axis=0, initial=FOREVER)
        fresh = {}
        for at, slot in enumerate(slots.tolist()):
            published = int(self._state.profiles.published.array[slot])
            fresh[slot] = _Kept(published, program, int(ends[at]), found.truth[:, at].copy(), found.until[:, at].copy())
        self._kept.update(fresh)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return fresh

    # What happens.

    def due(self) -> int | None:
        """The next instant at which time alone may change a membership, None where it never does."""
        first = self.store.soonest() if not self.store.idle else FOREVER
        return first if first < FOREVER else None

    def follow(self, turnover: Turnover, base: ChangeCause, news: News) -> Generator[Job, Any, None]:
        """After profiles were published: evaluate them anew, and tell who entered and who left."""
        store = self.store
        if store.idle:
            return
        store.grow(len(self._state.profiles.id))
        looked = yield from self._look(self.program(), turnover.slot, news.listens)
        was = store.bits(turnover.before.slot)
        stayed = np.flatnonzero(turnover.same >= 0)
        before = np.zeros((turnover.slot.size, was.shape[1]), bool)
        before[stayed] = was[turnover.same[stayed]]
        after = np.zeros_like(before)
        after[:, self._numbers()] = looked.member
        carried, which = np.nonzero(before & after)
        since = store.since(turnover.before.slot[turnover.same[carried]], which)
        freed = np.setdiff1d(turnover.before.slot, turnover.slot)
        store.put_bits(freed, np.zeros((freed.size, 0), bool))
        store.put_wake(freed, np.full(freed.size, FOREVER, np.int64))
        store.put_since(turnover.slot[carried], which, since)
        self._put(turnover.slot, before, after, looked, causes(turnover, base), news)
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
            yield from self._look_again(np.flatnonzero(self._state.profiles.bearer.array >= 0).astype(np.int32), cause, news)

    def define(self, entry: SegmentEntry, sequence: int, news: News) -> Generator[Job, Any, None]:
        """Take a definition in and look at everybody by it, and by those that ask for it; or a deletion: everybody leaves."""
        state, store = self._state, self.store
        gone = self.definitions.get(entry.name)
        if not entry.text and gone is not None:
            slots = store.members(gone.number)
            cause = np.full(slots.size, ChangeCause.DEFINITION, np.uint8)
            news.memberships(ChangeKind.SEGMENT_LEFT, state.profiles.id.array[slots], [gone] * slots.size, cause, state.time)
        self.note(entry, sequence, state.time)
        if entry.text:
            names = [entry.name, *depending(entry.name, self.expressions)]
            program = self.compiled([(name, self.definitions[name].expression) for name in names])
            yield from self._look_by(program, [self.definitions[name].number for name in names], news)

    def _look_by(self, program: Program, numbers: list[int], news: News) -> Generator[Job, Any, None]:
        """Look at everybody by some segments alone."""
        state, store = self._state, self.store
        store.grow(len(state.profiles.id))
        slots = np.flatnonzero(state.profiles.bearer.array >= 0).astype(np.int32)
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
            self.note(entry, sequence, self._state.time)
        elif isinstance(entry, CutsEntry):
            self._state.rfm_cuts = cuts_of(entry)
        return isinstance(entry, SegmentEntry | CutsEntry)

    def note(self, entry: SegmentEntry, sequence: int, at: int) -> None:
        """Take a definition in, or a deletion, and look at nobody."""
        name, store = entry.name, self.store
        history = store.versions.setdefault(name, [])
        version = Version(len(history) + 1, at, sequence, entry.text)
        history.append(version)
        gone = store.definitions.pop(name, None)
        if entry.text:
            store.definitions[name] = _definition(name, store.number_for(name), version)
        elif gone is not None:
            store.clear(gone.number)
        self._program = None

    def _evaluate(self, program: Program, slots: np.ndarray, now: int) -> Generator[Job, Any, list[Verdicts]]:
        """Chunk by chunk."""
        found: list[Verdicts] = []
        for begin in range(0, slots.size, CHUNK):
            subjects = gather(self._state, slots[begin : begin + CHUNK], program.needs, now)
            job = partial(evaluate, program, subjects, now)
            found.append(job() if slots.size <= HERE else (yield job))
        return found

    def _look(self, program: Program, slots: np.ndarray, tells: bool) -> Generator[Job, Any, _Looked]:
        """tells: whether somebody wants to know until when each one is a member."""
        parts = yield from self._evaluate(program, slots, self._state.time)
        member = [np.zeros((0, program.size), bool), *((part.truth == TRUE).T for part in parts)]
        ends = [np.zeros(0, np.int64), *(part.until.min(axis=0, initial=FOREVER) for part in parts)]
        until = np.concatenate([part.until for part in parts], axis=1) if tells and parts else None
        return _Looked(self._numbers(), np.concatenate(member), np.concatenate(ends), until)

    def _look_again(self, slots: np.ndarray, cause: ChangeCause, news: News) -> Generator[Job, Any, None]:
        for begin in range(0, slots.size, CHUNK):
            part = slots[begin : begin + CHUNK]
            looked = yield from self._look(self.program(), part, news.listens)
            before = self.store.bits(part)
            after = np.zeros_like(before)
            after[:, looked.numbers] = looked.member
            self._put(part, before, after, looked, np.full(part.size, cause, np.uint8), news)

    def _numbers(self) -> np.ndarray:
        """Of the segments, in the order of the program."""
        return np.array([said.number for said in self._order], np.int64)

    def _put(self, slots: np.ndarray, before: np.ndarray, after: np.ndarray, looked: _Looked, cause: np.ndarray, news: News) -> None:
        """before, after: bool[p, numbers]; cause: uint8[p]."""
        store, now, id_ = self.store, self._state.time, self._state.profiles.id.array
        store.put_bits(slots, after)
        store.put_wake(slots, looked.ends)
        who, which = np.nonzero(after & ~before)
        store.put_since(slots[who], which, np.full(who.size, 0 if news.coarse else now, np.int64))
        if looked.until is not None:
            place = np.full(len(store.numbers), -1, np.int64)
            place[looked.numbers] = np.arange(looked.numbers.size)
            until = looked.until[place[which], who]
            news.memberships(ChangeKind.SEGMENT_ENTERED, id_[slots[who]], self._named(which), cause[who], now, until)
        who, which = np.nonzero(before & ~after)
        news.memberships(ChangeKind.SEGMENT_LEFT, id_[slots[who]], self._named(which), cause[who], now)

    def _tell_of_gone(self, turnover: Turnover, was: np.ndarray, base: ChangeCause, news: News) -> None:
        """Profiles that are no more have left everything. was: bool[o, numbers]."""
        gone = np.flatnonzero(~turnover.stays)
        who, which = np.nonzero(was[gone])
        who = gone[who]
        heir, ids = turnover.kept[who], self._state.profiles.id.array
        other = np.zeros((who.size, 2), np.uint64)
        other[heir >= 0] = ids[turnover.slot[heir[heir >= 0]]]
        cause = leaving_causes(turnover, base)[who]
        news.memberships(ChangeKind.SEGMENT_LEFT, turnover.before.id[who], self._named(which), cause, self._state.time, other=other)

    def _named(self, numbers: np.ndarray) -> list[Definition]:
        return [self.definitions[self.store.numbers[number]] for number in numbers.tolist()]


def _definition(name: str, number: int, said: Version) -> Definition:
    read = read_definition(said.text)
    return Definition(name, number, said.version, said.at, said.sequence, said.text, read.description, read.expression)
