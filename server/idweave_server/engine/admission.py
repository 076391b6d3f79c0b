"""What is to become of a prepared batch: which observations are known already, erased, or taken in, and the births of the entry they make.

It reads the state and changes nothing: the entry that it gives can be logged, and applying a logged entry cannot fail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from idweave_server.engine.state import State
from idweave_server.entries.births import birth_ids, keyed
from idweave_server.entries.choice import select
from idweave_server.entries.columns import Births, ObservationEntry
from idweave_server.intake.prepare import Prepared
from idweave_server.kernels.index import HashIndex
from idweave_server.model import Outcome
from idweave_server.resolution.expiry import NO_TTL, expires_at


@dataclass(frozen=True, slots=True)
class Admission:
    """outcome: uint8[u], model.Outcome of every usable item; entry: those that are taken in, None where none is; taken: int64, their
    positions among the usable items, aligned with the entry's rows; known: int64[u], the row that a DUPLICATE repeats, else -1."""

    outcome: np.ndarray
    entry: ObservationEntry | None
    taken: np.ndarray
    known: np.ndarray


def admit(state: State, prepared: Prepared, *, at: int, milliseconds: int, seed: bytes, backfill: bool) -> Admission:
    """at: commit time, seconds UTC; milliseconds: the same, finer, raised where births would not ascend; seed: 16 random bytes.

    A repeated (source, observation id) is a DUPLICATE with the same content and a CONFLICT with another; within a batch the first counts.
    An observation that has expired on arrival is EXPIRED, and taken in like others: it may come again.
    """
    said = prepared.columns
    outcome, known = _compared(state, prepared)
    outcome[_erased(state, said)] = Outcome.ERASED
    taken = np.flatnonzero(outcome == Outcome.ACCEPTED)
    outcome[taken[_expired(state, said, at)[taken]]] = Outcome.EXPIRED
    if not taken.size:
        return Admission(outcome, None, taken, known)
    entry = select(said, taken) if taken.size < len(said) else said
    finer = max(milliseconds, state.milliseconds + 1)
    return Admission(outcome, replace(entry, backfill=backfill, births=_births(state, entry, finer, seed)), taken, known)


def _compared(state: State, prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """(outcome uint8[u], known int64[u]): by what is known, and by what came earlier in the batch."""
    seen, content = state.observations, prepared.columns.content
    outcome = np.full(content.size, Outcome.ACCEPTED, np.uint8)
    known = np.full(content.size, -1, np.int64)
    row = seen.identity.find(prepared.identity)
    there = np.flatnonzero(row >= 0)
    there = there[seen.gone.array[row[there]] == 0]
    same = seen.content.array[row[there]] == content[there]
    outcome[there] = np.where(same, Outcome.DUPLICATE, Outcome.CONFLICT)
    known[there] = row[there]
    index = HashIndex(content.size)
    code = index.intern(prepared.identity)
    if len(index) < content.size:
        _, first = np.unique(code, return_index=True)
        leader = first[code]
        again = np.flatnonzero((leader != np.arange(content.size)) & (outcome == Outcome.ACCEPTED))
        outcome[again] = np.where(content[again] == content[leader[again]], Outcome.DUPLICATE, Outcome.CONFLICT)
    return outcome, known


def _erased(state: State, said: ObservationEntry) -> np.ndarray:
    """bool[u]: the observations that an erasure covers."""
    out = np.zeros(len(said), bool)
    if len(state.tombstones):
        row = np.repeat(np.arange(len(said)), np.diff(said.start))
        hashed = keyed(said.identifiers.content, state.key)
        out[row[state.tombstones.covers(hashed[said.identifier], said.time[row])]] = True
    return out


def _expired(state: State, said: ObservationEntry, at: int) -> np.ndarray:
    """bool[u]: the observations of which no sighting counts any more."""
    policy = state.policy
    spaces = np.array([policy.namespace(name).ttl_days or NO_TTL for name in said.identifiers.namespaces], np.int32)
    sources = np.array([policy.source(name).ttl_days or NO_TTL for name in said.sources], np.int32)
    if (spaces == NO_TTL).all() and (sources == NO_TTL).all():
        return np.zeros(len(said), bool)
    row = np.repeat(np.arange(len(said)), np.diff(said.start))
    days = np.minimum(spaces[said.identifiers.namespace[said.identifier]], sources[said.source[row]])
    counts = expires_at(said.time[row], days, said.identifiers.content[said.identifier, 0]) > at
    live = np.diff(said.start) == 0
    live[row[counts]] = True
    return ~live


def _births(state: State, entry: ObservationEntry, milliseconds: int, seed: bytes) -> Births:
    """Of the identifiers that no observation has seen yet, in the order in which the entry names them."""
    code = state.identifiers.find(entry.identifiers.content)
    unborn = (code < 0) | (state.identifiers.birth.array[code] < 0) if len(state.identifiers) else np.ones(code.size, bool)
    seen = np.full(len(entry.identifiers), -1, np.int64)
    row = np.repeat(np.arange(len(entry)), np.diff(entry.start))
    seen[entry.identifier[::-1]] = row[::-1]
    context = np.array([not state.policy.namespace(name).links for name in entry.identifiers.namespaces], bool)
    place = np.flatnonzero(unborn & (seen >= 0) & ~context[entry.identifiers.namespace])
    return Births(
        place=place.astype(np.int32),
        keyed=keyed(entry.identifiers.content[place], state.key),
        birth=birth_ids(milliseconds, seed, place.size),
        time=entry.time[seen[place]],
        milliseconds=milliseconds,
        seed=seed,
    )
