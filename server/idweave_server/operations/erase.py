"""Forget identifiers: every observation and verdict that names one of them, up to a time, is gone from state, log and snapshots.

The log keeps keyed hashes and times alone. What arrives later and was observed in that time answers ERASED and is not logged; what was
observed later starts anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.erasing import covered, covered_verdicts
from idweave_server.engine.fold import rows_of
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import ErasureEntry
from idweave_server.errors import DeposedError, NotFoundError, RequestError, StoreError, TooLargeError
from idweave_server.model import DAY, MIN_TIME
from idweave_server.operations.forgetting import entries_of, forget
from idweave_server.operations.identifier_reader import IdentifierReader, Named
from idweave_server.operations.steps import Steps

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

MAX_IDENTIFIERS = 1_000  # in one request


@dataclass(frozen=True, slots=True)
class ProfileSplit:
    """A profile that fell into parts because what joined them was forgotten."""

    profile_id: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EraseReply:
    """How many observations and assertions were (or would be) forgotten, how many identifiers are known no more, how many log entries were
    rewritten; revision: a state that contains it."""

    observations: int
    assertions: int
    identifiers: int
    rewritten_entries: int
    splits: tuple[ProfileSplit, ...]
    revision: str


@dataclass(frozen=True, slots=True, repr=False)
class EraseRequest:
    """identifiers: (namespace, issuer or "", value) of each, or none where the profile's own are meant; observed_until: seconds UTC,
    inclusive, None for now. validate_only: count, and change nothing."""

    identifiers: tuple[Named, ...] = ()
    profile_id: str = ""
    observed_until: int | None = None
    validate_only: bool = False

    def __post_init__(self) -> None:
        if bool(self.identifiers) == bool(self.profile_id):
            raise RequestError.of("identifiers", "name identifiers to forget, or one profile")
        if len(self.identifiers) > MAX_IDENTIFIERS:
            raise TooLargeError.of("identifiers", f"at most {MAX_IDENTIFIERS:,} go into one request; {len(self.identifiers):,} came")

    @property
    def weight(self) -> int:
        return 100

    def steps(self, committer: Committer) -> Steps[EraseReply]:
        store, engine = committer.store, committer.store.engine
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        entry = self._entry(store, stamp.at)
        rows, _ = covered(engine.state, entry)
        verdicts = covered_verdicts(engine.state, entry)
        touched = _touched(engine, rows, verdicts)
        if self.validate_only:
            counts = (int(rows.size), len(verdicts), _left_without(engine, rows, touched))
            return EraseReply(*counts, 0, (), store.revision())
        before = _company(engine, touched)
        forgotten = len(engine.state.identifiers.erased)
        entries = entries_of(engine, rows) | {engine.state.verdicts.stated[number].sequence for number in verdicts}
        yield from committer.commit(entry, stamp.at)
        store.erasures += 1
        store.unforgotten |= entries
        store.tally.refused.clear()  # the values that they show may be those to forget
        splits = _splits(engine, before)
        rewritten = yield partial(_forget, store)
        store.erasures += 1  # whatever was begun in between is void too
        gone = len(engine.state.identifiers.erased) - forgotten
        return EraseReply(int(rows.size), len(verdicts), gone, rewritten, splits, store.revision())

    def _entry(self, store: Store, now: int) -> ErasureEntry:
        until = now if self.observed_until is None else self.observed_until
        if not MIN_TIME <= until <= now + DAY:
            raise RequestError.of("observed_until", "a time from 1900-01-01 up to a day from now is needed")
        if self.profile_id:
            content, begin, end = _own(store.engine, self.profile_id)
            end = np.minimum(end, until)
        else:
            reader = IdentifierReader(store.engine.policy, store.lists, kept=2)
            read = [reader.usable(one, f"identifiers[{at}]") for at, one in enumerate(self.identifiers)]
            content = np.array([(one.high, one.low) for one in read], np.uint64)
            begin, end = np.full(len(read), MIN_TIME - 1, np.int64), np.full(len(read), until, np.int64)
        hashed, first = (
            np.unique(keyed(content, store.key), return_index=True) if not self.profile_id else (keyed(content, store.key), None)
        )
        return ErasureEntry(hashed, begin, end) if first is None else ErasureEntry(hashed, begin[first], end[first])


def _own(engine: Engine, profile_id: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(content uint64[n, 2], begin, end int64[n]): the identifiers, or their epochs, that belong to this profile alone."""
    answer = engine.look_up_profile(profile_id)
    if answer.slot < 0:
        raise NotFoundError("there is no profile of this id" if answer.outcome == "UNKNOWN" else "the profile of this id is gone already")
    members = engine.members(answer.slot)
    content = engine.state.identifiers.index.take(np.array([member.code for member in members], np.int32))
    begin = [MIN_TIME - 1 if member.begin is None else member.begin for member in members]
    end = [2**62 if member.end is None else member.end for member in members]
    return content, np.array(begin, np.int64), np.array(end, np.int64)


def _forget(store: Store) -> int:
    try:
        return forget(store)
    except DeposedError as error:
        raise StoreError("what was named is forgotten; the server that has just taken over takes it out of the log") from error
    except StoreError as error:
        raise type(error)(
            f"what was named is forgotten, but the log and the snapshots hold it until they are rewritten, which the server tries again by "
            f"itself until this is mended: {error}"
        ) from error


def _touched(engine: Engine, rows: np.ndarray, verdicts: Sequence[int]) -> list[int]:
    """The identifiers, but those that never link, that what is forgotten names."""
    stated = engine.state.verdicts
    judged = [end for number in verdicts for end in stated.ends(stated.stated[number])]
    return sorted({*engine.identifiers_of(rows).tolist(), *judged})


def _left_without(engine: Engine, rows: np.ndarray, touched: Sequence[int]) -> int:
    """How many of these identifiers nothing but these observations saw."""
    gone = set(rows.tolist())
    return sum(gone.issuperset(rows_of(engine.state, np.array([code], np.int32)).tolist()) for code in touched)


def _company(engine: Engine, codes: Sequence[int]) -> dict[str, list[tuple[int, int | None]]]:
    """The profiles of these identifiers, each with all its members: (code, a time of its epoch)."""
    slots = {engine.standing(code, member_end).slot for code in codes for member_end in _epochs(engine, code)}
    return {engine.profile_id(slot): [(m.code, m.end) for m in engine.members(slot)] for slot in sorted(slots) if slot >= 0}


def _epochs(engine: Engine, code: int) -> list[int | None]:
    split = engine.state.identifiers.splits.get(code)
    return [None] if split is None else [int(end) for end in split.end]


def _splits(engine: Engine, before: dict[str, list[tuple[int, int | None]]]) -> tuple[ProfileSplit, ...]:
    found = []
    for profile_id, members in before.items():
        slots = [engine.standing(code, at).slot for code, at in members if code not in engine.state.identifiers.erased]
        parts = tuple(dict.fromkeys(engine.profile_id(slot) for slot in slots if slot >= 0))
        if len(parts) > 1:
            found.append(ProfileSplit(profile_id, parts))
    return tuple(found)
