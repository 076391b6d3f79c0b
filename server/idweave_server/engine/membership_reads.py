"""Answers about memberships: what segments say of a profile until when, who is in them, what a condition would select."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job
from idweave_server.engine.attribute_values import Computed, computed_of
from idweave_server.engine.cut_points import READ, ends_of_day
from idweave_server.engine.definition_entry import deletion_of, entry_of
from idweave_server.engine.membership_answers import Foreseen, Held, Problem, Standing
from idweave_server.engine.state import State
from idweave_server.engine.subjects import CHUNK, HERE, gather
from idweave_server.engine.surveyed import survey
from idweave_server.engine.words import StoreWords
from idweave_server.entries.columns import SegmentEntry
from idweave_server.kernels.conditions import TRUE, UNKNOWN
from idweave_server.segments.attributes import TAGS, fields_of
from idweave_server.segments.check import check
from idweave_server.segments.compile import compile_program
from idweave_server.segments.definition import Definition
from idweave_server.segments.explain import Explanation, explain, inquiry_of
from idweave_server.segments.expression import Expression, Scalar
from idweave_server.segments.fields import Fields
from idweave_server.segments.forecast import Stretch, crossings_of
from idweave_server.segments.money import Rates
from idweave_server.segments.program import Program, Verdicts, evaluate
from idweave_server.segments.rfm import RfmCuts
from idweave_server.segments.subjects import FOREVER, Needs

KEPT = 16_384  # profiles whose standings are kept, at most; fewer where there are many segments:
KEPT_STANDINGS = 2**21  # of 17 bytes
ANONYMOUS = ""  # the name of a condition that no segment has


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Of one profile. published: the entry that last touched it; program, cuts, ends: what it was evaluated by, and until when that
    holds; truth int8[S], until int64[S], since int64[S]: of the segments in the program's order, as Standing has them."""

    published: int
    program: Program
    cuts: RfmCuts | None
    ends: int
    truth: np.ndarray
    until: np.ndarray
    since: np.ndarray

    def standing(self, place: int) -> Standing:
        return Standing(self.truth.item(place), self.until.item(place), self.since.item(place))


class MembershipReads:
    """Of one state, on the thread that owns it, but for the jobs that are yielded. All is said at the state's time."""

    def __init__(self, state: State) -> None:
        self._state, self.store = state, state.memberships
        self.words = StoreWords(state)
        money = state.policy.money
        self._rates = Rates(money.currency, money.rates)
        self._program: Program | None = None
        self._order: tuple[str, ...] = ()
        self._place: dict[str, int] = {}  # of each segment in the program
        self._numbers = np.zeros(0, np.int64)
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    @property
    def fields(self) -> Fields:
        """What conditions may name at present."""
        return fields_of(self._state.policy, self._state.observations.trait_names.words)

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What holds now, by name."""
        return self.store.definitions

    @property
    def expressions(self) -> dict[str, Expression]:
        return {name: said.expression for name, said in self.definitions.items()}

    def history(self, name: str) -> Sequence[Definition]:
        """Every version that a name ever had, the oldest first; none for one that never was."""
        return self.store.history.get(name, ())

    def defining(self, definition: Definition) -> SegmentEntry:
        """The entry of the log that makes it so."""
        return entry_of(definition)

    def deleting(self, name: str) -> SegmentEntry:
        """The entry of the log that deletes a segment."""
        return deletion_of(name)

    def template_defaults(self) -> Mapping[str, Scalar]:
        """What this store puts in place of parameters that are not given."""
        return {"currency": self._state.policy.money.currency}

    def check(self, name: str, expression: Expression) -> Sequence[Problem]:
        """What is wrong with a condition under a name ("" for none), or strange about it; in the order of its text."""
        found = check(name, expression, self.fields, self.words.known(), self.expressions, self._rates)
        return [Problem(one.position, one.message, one.suggestion, one.warning) for one in found]

    # Who is in what.

    def size(self, name: str) -> int:
        """How many are in a segment that there is."""
        return int(self.members(name).size)

    def members(self, name: str) -> np.ndarray:
        """int32[n], ascending: the profiles in a segment that there is, at the last whole entry."""
        return self.store.members(self.store.numbers[name])

    def common(self, slots: np.ndarray) -> Mapping[str, int]:
        """How many of these profiles, int32[n], are in each segment, by name."""
        inside = slots[slots < len(self.store.member)]
        counts = self.store.bits(inside).sum(axis=0)
        return {name: int(counts[self.store.numbers[name]]) for name in self.definitions}

    def standings(self, slot: int, names: Sequence[str]) -> Sequence[Standing]:
        """What these segments, all there, say of one profile, in their order."""
        said, place = self._said_of(slot), self._place
        return [said.standing(place[name]) for name in names]

    def verdicts(self, slots: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(truth: int8[s, p], until: int64[s, p], since: int64[s, p]) of many profiles, int32[p], as `standings` has them for one."""
        said = self._said(slots)
        places = np.array([self._place[name] for name in names], np.int64)
        columns = [[one.truth for one in said], [one.until for one in said], [one.since for one in said]]
        size = len(self._order)
        truth, until, since = (
            np.array(rows, kind).reshape(len(said), size)[:, places].T
            for rows, kind in zip(columns, (np.int8, np.int64, np.int64), strict=True)
        )
        return truth, until, since

    def held(self, slot: int) -> Sequence[Held]:
        """The segments that a profile is in, by name."""
        if self.store.idle:
            return ()
        said = self._said_of(slot)
        names = [(self._order[place], said.standing(place)) for place in np.flatnonzero(said.truth == TRUE).tolist()]
        return [Held(name, self.definitions[name].version, one.since, one.until) for name, one in names]

    def computed(self, slot: int) -> Computed:
        """What is computed of a profile, and until when that stays so by itself."""
        return computed_of(self._state, slot, self._state.time)

    def tags(self, slot: int) -> Sequence[str]:
        """A profile's tags, in the order of the alphabet."""
        found = gather(self._state, np.array([slot], np.int32), Needs(lists=(TAGS,)), self._state.time)
        return sorted(self._state.observations.texts[code] for code in found.lists[0].tolist())

    def forget(self) -> None:
        """Drop what is kept for speed."""
        self._kept.clear()

    # What a condition would say.

    def foreseen(self, expression: Expression, until: int) -> Generator[Job, Any, Foreseen]:
        """Whom a condition, already checked, holds of now, and who enters and leaves after that, up to `until`. All is said of the state as
        it is when this returns."""
        program, now, state = self.compiled([(ANONYMOUS, expression)]), self._state.time, self._state
        looks = yield from survey(state, lambda slots: partial(crossings_of, program, self._stretches(program, slots, now, until), until))
        inside, slot, time, entered = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], [np.zeros(0, bool)]
        unknown, population = 0, 0
        for slots, holds, found in looks:
            inside.append(slots[holds & (found.truth == TRUE)])
            unknown += int((holds & (found.truth == UNKNOWN)).sum())
            population += int(holds.sum())
            kept = holds[found.row]
            slot.append(slots[found.row[kept]])
            time.append(found.time[kept])
            entered.append(found.entered[kept])
        ids, instants = state.profiles.id.array[np.concatenate(slot)], np.concatenate(time)
        order = np.lexsort((ids[:, 1], ids[:, 0], instants))
        return Foreseen(np.concatenate(inside), unknown, population, instants[order], ids[order], np.concatenate(entered)[order])

    def _stretches(self, program: Program, slots: np.ndarray, now: int, until: int) -> list[Stretch]:
        """Profiles from now on, and again at each instant at which something of them changes by itself."""
        found, rows = gather(self._state, slots, program.needs, now), np.arange(slots.size)
        stretches, changes = [Stretch(now, rows, found)], found.changes.copy()
        while (at := int(changes.min(initial=FOREVER))) <= until:
            due = rows[changes == at]
            found = gather(self._state, slots[due], program.needs, at)
            stretches.append(Stretch(at, due, found))
            changes[due] = found.changes
        return stretches

    def explain(self, slot: int, expression: Expression) -> Explanation:
        """What each condition of one says of a profile."""
        inquiry = inquiry_of(expression, self.fields, self.words, self._rates, self.expressions)
        now = self._state.time
        subjects = gather(self._state, np.array([slot], np.int32), inquiry.needs, now)
        return explain(inquiry, subjects, now, self._state.observations.texts.__getitem__, told=self.told)

    def everybody(self) -> np.ndarray:
        """int32, ascending: the slots of all profiles."""
        return self._state.profiles.taken()

    def program(self) -> Program:
        """All segments, by name."""
        if self._program is None:
            self._order = tuple(sorted(self.definitions))
            self._place = {name: place for place, name in enumerate(self._order)}
            self._numbers = np.array([self.store.numbers[name] for name in self._order], np.int64)
            self._program = self.compiled([(name, self.definitions[name].expression) for name in self._order])
        return self._program

    def compiled(self, definitions: Sequence[tuple[str, Expression]]) -> Program:
        """Definitions that were checked, with the segments that they ask for."""
        return compile_program(definitions, self.fields, self.words, self._rates, self.expressions)

    def evaluated(self, program: Program, slots: np.ndarray, now: int) -> Generator[Job, Any, list[Verdicts]]:
        """Chunk by chunk. now: not before the state's time."""
        found: list[Verdicts] = []
        for begin in range(0, slots.size, CHUNK):
            subjects = gather(self._state, slots[begin : begin + CHUNK], program.needs, now)
            job = partial(evaluate, program, subjects, now)
            found.append(job() if slots.size <= HERE else (yield job))
        return found

    def _said_of(self, slot: int) -> _Kept:
        program, kept = self.program(), self._kept.get(slot)
        return kept if self._is_good(kept, slot, program) else self._said(np.array([slot], np.int32))[0]  # type: ignore[return-value]

    def _said(self, slots: np.ndarray) -> list[_Kept]:
        """Of each profile. What is kept is good until its profile is touched, the clock reaches it, or a definition changes."""
        program, kept = self.program(), self._kept
        missing = [slot for slot in dict.fromkeys(slots.tolist()) if not self._is_good(kept.get(slot), slot, program)]
        fresh = self._fresh(np.array(missing, np.int32), program) if missing else {}
        found = [fresh[slot] if slot in fresh else kept[slot] for slot in slots.tolist()]
        while len(kept) > min(KEPT, KEPT_STANDINGS // max(program.size, 1)):
            kept.popitem(last=False)
        return found

    def _is_good(self, kept: _Kept | None, slot: int, program: Program) -> bool:
        if kept is None or kept.program is not program or kept.cuts is not self._state.rfm_cuts or self._state.time >= kept.ends:
            return False
        return kept.published == int(self._state.profiles.published.array[slot])

    def _fresh(self, slots: np.ndarray, program: Program) -> dict[int, _Kept]:
        """Evaluated here and now, and kept where it is known since when."""
        state, store, now = self._state, self.store, self._state.time
        verdicts = evaluate(program, gather(state, slots, program.needs, now), now)
        until = self.told(program, verdicts.until)
        segment, who = np.nonzero(verdicts.truth == TRUE)
        since = np.zeros(verdicts.truth.shape, np.int64)
        numbers = self.numbers()
        since[segment, who] = store.since(slots[who], numbers[segment])
        inside = slots < len(store.member)
        member = np.zeros((slots.size, len(store.names)), bool)
        member[inside] = store.bits(slots[inside])
        since[~member[:, numbers].T] = 0
        known = ((verdicts.truth != TRUE) | (since > 0)).all(axis=0)
        ends, published = until.min(axis=0, initial=FOREVER), state.profiles.published.array[slots]
        columns = zip(verdicts.truth.T.copy(), until.T.copy(), since.T.copy(), strict=True)
        rows = zip(published.tolist(), ends.tolist(), columns, strict=True)
        fresh = {
            slot: _Kept(entry, program, state.rfm_cuts, end, *one) for slot, (entry, end, one) in zip(slots.tolist(), rows, strict=True)
        }
        self._kept.update((slot, fresh[slot]) for slot in slots[known].tolist())
        return fresh

    def told(self, program: Program, until: np.ndarray) -> np.ndarray:
        """int64[s, p]: until when verdicts may be relied on: of segments that read scores, not beyond the next cut points."""
        scored = self.scored(program)
        return np.where(scored[:, None], np.minimum(until, ends_of_day(self._state.time)), until) if scored.any() else until

    @staticmethod
    @lru_cache(maxsize=4)
    def scored(program: Program) -> np.ndarray:
        """bool[s]: the segments that read scores."""
        return np.array([bool(reads & READ) for reads in program.reads], bool)

    @staticmethod
    @lru_cache(maxsize=4)
    def reads(program: Program) -> frozenset[str]:
        """What the segments read of a profile, all together."""
        return frozenset[str]().union(*program.reads)

    def numbers(self) -> np.ndarray:
        """int64[S]: of the segments, in the order of the program."""
        return self._numbers
