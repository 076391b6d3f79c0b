"""Put the resolution of a component in the place of what the state said of it, in one step."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.component import Component
from idweave_server.engine.identifier_store import Split, Status
from idweave_server.engine.profile_ids import epoch_ids
from idweave_server.engine.resolved import Resolved
from idweave_server.engine.state import State
from idweave_server.engine.turnover import Leaving, Owners, Turnover, turn_over
from idweave_server.kernels.sightings import rows_with


def publish(state: State, component: Component, found: Resolved, sequence: int) -> Generator[Job, Any, Turnover]:
    """What became of the profiles that were. Yields a pause before the one step in which all is put in place, and one after it."""
    before, ready = _leaving(state, component), _ready(state, component, found)
    yield pause
    for code in _split_codes(state, component.codes[: component.scope]):
        del state.identifiers.splits[code]
    state.profiles.release(before.slot)
    slots = _profiles(state, ready, found, sequence)
    _nodes(state, component, found, slots)
    codes, following = found.ring
    state.identifiers.ring.array[codes] = following
    owners = _sightings(state, component, found, slots)
    state.rows = len(state.observations)
    yield pause
    return turn_over(state, component, before, slots, owners)


def _leaving(state: State, component: Component) -> Leaving:
    """The profiles that the identifiers in scope have until now."""
    ids = state.identifiers
    codes = component.codes[: component.scope]
    held = [ids.profile.array[codes], *(ids.splits[code].profile for code in _split_codes(state, codes))]
    slots = np.unique(np.concatenate(held))
    return Leaving.of(state, component, slots[slots >= 0])


def _split_codes(state: State, codes: np.ndarray) -> list[int]:
    splits = state.identifiers.splits
    if not splits:
        return []
    return [code for code in codes.tolist() if code in splits] if codes.size < len(splits) else sorted(splits.keys() & set(codes.tolist()))


@dataclass(frozen=True, slots=True)
class _Ready:
    """The profiles that a resolution found, as ProfileStore keeps them. id: uint64[p, 2]; bearer: int32[p]; digest: uint64[p]."""

    id: np.ndarray
    bearer: np.ndarray
    digest: np.ndarray


def _ready(state: State, component: Component, found: Resolved) -> _Ready:
    ids, resolution = state.identifiers, found.resolution
    nodes, bearers = resolution.statuses.nodes, resolution.bearers
    code = component.codes[nodes.identifier[bearers.node]]
    words = ids.births.id_of(ids.birth.array[code])
    later = np.flatnonzero(~bearers.bears_birth)
    if later.size:
        words[later] = epoch_ids(words[later], bearers.since[later])
    member = resolution.profile >= 0
    digest = np.zeros(resolution.profiles, np.uint64)
    np.add.at(digest, resolution.profile[member], nodes.content[member, 0])
    return _Ready(words, code, digest)


def _profiles(state: State, ready: _Ready, found: Resolved, sequence: int) -> np.ndarray:
    """int32[p]: the slots that the profiles get."""
    profiles = state.profiles
    slots = profiles.take(ready.digest.size)
    profiles.id.array[slots], profiles.bearer.array[slots] = ready.id, ready.bearer
    profiles.digest.array[slots], profiles.published.array[slots] = ready.digest, sequence
    profiles.weak_left.array[slots], profiles.weak_right.array[slots] = found.weakest.left, found.weakest.right
    profiles.weak_strength.array[slots] = found.weakest.strength
    return slots


def _nodes(state: State, component: Component, found: Resolved, slots: np.ndarray) -> None:
    ids, nodes, shared = state.identifiers, found.resolution.statuses.nodes, found.resolution.statuses.shared
    codes = component.codes[: component.scope]
    slot = np.concatenate([slots, np.array([-1], np.int32)])[found.resolution.profile].astype(np.int32)
    first = nodes.first[: component.scope + 1]
    count = np.diff(first)
    alive = np.flatnonzero(count > 0)
    last = first[1:][alive] - 1
    observed = ids.head.array[codes] >= 0
    ids.status.array[codes] = np.where(observed, Status.STALE, Status.UNKNOWN)
    ids.shared.array[codes], ids.profile.array[codes] = 0, -1
    ids.status.array[codes[alive]] = Status.ALIVE
    ids.shared.array[codes[alive]], ids.profile.array[codes[alive]] = shared[last], slot[last]
    for at in np.flatnonzero(count > 1).tolist():
        here = slice(int(first[at]), int(first[at + 1]))
        split = Split(nodes.begin[here].copy(), nodes.end[here].copy(), shared[here].copy(), slot[here].copy())
        ids.splits[int(codes[at])] = split
    for code in ids.people.keys() & set(codes.tolist()) if ids.people else ():
        del ids.people[code]
    ids.people.update(found.crowds)
    email = np.flatnonzero(state.namespaces_that(form="email")[component.identifiers.namespace[: component.scope]])
    ids.dominant.array[codes[email]] = found.dominant[email]


def _sightings(state: State, component: Component, found: Resolved, slots: np.ndarray) -> Owners:
    """Whether each sighting in scope links, and whose each observation is, but for those that identifiers out of scope own."""
    seen, start = state.observations, component.observations.start
    inside = component.observations.identifier < component.scope
    beyond = ~inside & (seen.links.array[component.sightings] != 0)
    seen.links.array[component.sightings[inside]] = found.links[inside]
    own = rows_with(start, beyond.astype(np.uint8)) == 0
    slot = np.concatenate([slots, np.array([-1], np.int32)])[found.resolution.observation_profiles()]
    rows = component.rows[own]
    owners = Owners(seen.profile.array[rows], slot[own], rows >= state.rows)
    seen.profile.array[rows] = owners.now
    return owners
