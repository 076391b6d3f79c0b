"""A private copy of some components of the graph, in the form that the rules of the batch run read: it resolves in any thread."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job, pause, run
from idweave_server.engine.identifier_store import Status
from idweave_server.engine.state import State
from idweave_server.kernels.sightings import gathered, ring_closed, rows_seen
from idweave_server.resolution.bearers import Births
from idweave_server.resolution.names import LISTED
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.resolve import Resolution, resolve

UNBORN = 2**58  # order of an identifier that was never observed


@dataclass(frozen=True, slots=True)
class Component:
    """codes: int32[i], the store's identifiers, the first `scope` of them those that link here; rows: int64[n], the store's observations;
    sightings: int64[k]; label_numbers: int32[l], of the labels; verdict_numbers: of the verdicts; the rest as `resolve` wants it."""

    policy: Policy
    as_of: int
    scope: int
    codes: np.ndarray
    rows: np.ndarray
    sightings: np.ndarray
    label_numbers: np.ndarray
    verdict_numbers: list[int]
    observations: Observations
    identifiers: Identifiers
    verdicts: Verdicts
    births: Births
    lent: np.ndarray

    def in_scope(self) -> np.ndarray:
        """bool[i]"""
        return np.arange(self.codes.size) < self.scope

    def resolve(self) -> Resolution:
        return resolve(
            self.policy,
            self.observations,
            self.identifiers,
            self.verdicts,
            as_of=self.as_of,
            scope=self.in_scope(),
            lent=self.lent,
            births=self.births,
        )


def inert(state: State, codes: np.ndarray) -> np.ndarray:
    """bool[n]: identifiers that never link as they are, whatever is observed: context and listed ones that no verdict names, and what was
    erased."""
    ids = state.identifiers
    context = state.namespaces_that(links=False)[ids.namespace.array[codes]]
    listed = (ids.flags.array[codes] & LISTED) != 0
    status = ids.status.array[codes]
    return ((context | listed) & (ids.judged.array[codes] == 0) & (status == Status.UNKNOWN)) | (status == Status.ERASED)


def closed(state: State, codes: np.ndarray) -> np.ndarray:
    """int32[n], ascending: these identifiers, but inert ones, with their components."""
    ids = state.identifiers
    return ring_closed(codes[~inert(state, codes)], ids.ring.array, ids.mark.array)


def gather(state: State, scope: np.ndarray, as_of: int) -> Component:
    """Copy what the identifiers in scope, int32[n], need to be resolved."""
    return run(gathering(state, scope, as_of))


def gathering(state: State, scope: np.ndarray, as_of: int) -> Generator[Job, Any, Component]:
    """The same with pauses, in which nothing may be written."""
    ids, seen = state.identifiers, state.observations
    rows = rows_seen(scope, ids.head.array, seen.before.array, seen.sightings.row.array, seen.gone.array, seen.mark.array)
    first, size = seen.sightings.spans(rows)
    codes, start, own, sightings = gathered(first, size, seen.identifier.array, ids.local.array, scope)
    hint = seen.hint.take(sightings)
    yield pause
    numbers = state.verdicts.naming(scope[ids.judged.array[scope] != 0])
    local = _places(state, codes, numbers)
    numbers = [n for n in numbers if all(end in local for end in state.verdicts.ends(state.verdicts.stated[n]))]
    mailbox, lent, name = ids.mailbox.array[codes], ids.dominant.array[codes], seen.first_name.take(rows)
    used = np.unique(np.concatenate([mailbox, lent, name, hint]))
    used = used[used >= 0]
    yield pause
    birth = ids.birth.array[codes]
    born = birth >= 0
    source = seen.source.array[rows]
    spoke = np.bincount(source, minlength=len(seen.sources)) > 0
    return Component(
        policy=state.policy,
        as_of=as_of,
        scope=scope.size,
        codes=codes,
        rows=rows,
        sightings=sightings,
        label_numbers=used,
        verdict_numbers=numbers,
        observations=Observations(
            time=seen.time.take(rows),
            source=(np.cumsum(spoke, dtype=np.int32) - np.int32(1))[source],
            kind=seen.kind.array[rows],
            content=seen.identity.take(rows),
            first_name=_renumbered(used, name),
            birth_date=seen.birth_date.take(rows),
            start=start,
            identifier=own,
            hint=_renumbered(used, hint),
            sources=tuple(seen.sources[number] for number in np.flatnonzero(spoke).tolist()),
            labels=state.labels.table(used),
        ),
        identifiers=Identifiers(
            namespace=ids.namespace.array[codes],
            content=ids.index.take(codes),
            issuer=ids.issuer.array[codes].astype(np.int32),
            flags=ids.flags.array[codes],
            mailbox_name=_renumbered(used, mailbox),
        ),
        verdicts=state.verdicts.columns(numbers, local) if numbers else Verdicts.none(),
        births=Births(
            np.where(born, birth, UNBORN).astype(np.int64),
            np.where(born, ids.births.time.take(np.where(born, birth, 0)), 0) if len(ids.births) else np.zeros(codes.size, np.int64),
        ),
        lent=_renumbered(used, lent),
    )


def _places(state: State, codes: np.ndarray, numbers: list[int]) -> dict[int, int]:
    """Where the identifiers that these verdicts name stand among the codes."""
    if not numbers:
        return {}
    named = np.array(sorted({end for n in numbers for end in state.verdicts.ends(state.verdicts.stated[n])}), np.int32)
    order = np.argsort(codes)
    at = np.searchsorted(codes, named, sorter=order)
    at = order[np.minimum(at, codes.size - 1)]
    return {code: place for code, place in zip(named.tolist(), at.tolist(), strict=True) if codes[place] == code}


def _renumbered(used: np.ndarray, label: np.ndarray) -> np.ndarray:
    """int32: positions in `used`, ascending, of what is among them; -1 stays."""
    return np.where(label >= 0, np.searchsorted(used, label), -1).astype(np.int32)
