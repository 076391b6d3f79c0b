"""Put the resolution of a component in the place of what the state said of it, in one step."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.component import Component
from idweave_server.engine.identifier_store import Split, Status
from idweave_server.engine.names import people
from idweave_server.engine.profile_ids import epoch_ids
from idweave_server.engine.state import State
from idweave_server.engine.threads import rows_with
from idweave_server.kernels.components import components
from idweave_server.kernels.histograms import dominant_labels
from idweave_server.model import Verdict
from idweave_server.resolution.resolve import Resolution


def publish(state: State, component: Component, resolution: Resolution, linking: np.ndarray, sequence: int) -> int:
    """How many profiles changed: came, went, or have other nodes than before. linking: uint8[v]."""
    before = _release(state, component)
    slots = _profiles(state, component, resolution, sequence)
    _nodes(state, component, resolution, slots)
    _rings(state, component, resolution)
    _sightings(state, component, resolution, linking, slots)
    after = {(*identity, digest) for *identity, digest in _listed(state, slots)}
    changed = {words[:2] for words in before ^ after}
    return len(changed)


def _listed(state: State, slots: np.ndarray) -> list[tuple[int, int, int]]:
    profiles = state.profiles
    return np.concatenate([profiles.id.array[slots], profiles.digest.array[slots, None]], axis=1).tolist()


def _release(state: State, component: Component) -> set[tuple[int, ...]]:
    """Free the profiles of the identifiers in scope; which they were."""
    ids = state.identifiers
    codes = component.codes[: component.scope]
    held = [ids.profile.array[codes]]
    held += [ids.splits.pop(code).profile for code in _split_codes(state, codes)]
    slots = np.unique(np.concatenate(held))
    slots = slots[slots >= 0]
    before = {tuple(words) for words in _listed(state, slots)}
    state.profiles.release(slots)
    return before


def _split_codes(state: State, codes: np.ndarray) -> list[int]:
    splits = state.identifiers.splits
    if not splits:
        return []
    return [code for code in codes.tolist() if code in splits] if codes.size < len(splits) else sorted(splits.keys() & set(codes.tolist()))


def _profiles(state: State, component: Component, resolution: Resolution, sequence: int) -> np.ndarray:
    """int32[p]: the slots of the profiles that the resolution found."""
    profiles, ids = state.profiles, state.identifiers
    nodes, bearers = resolution.statuses.nodes, resolution.bearers
    slots = profiles.take(resolution.profiles)
    if not slots.size:
        return slots
    code = component.codes[nodes.identifier[bearers.node]]
    words = ids.born.array[ids.birth.array[code]]
    later = np.flatnonzero(~bearers.bears_birth)
    if later.size:
        words[later] = epoch_ids(words[later], bearers.since[later])
    member = resolution.profile >= 0
    digest = np.zeros(slots.size, np.uint64)
    np.add.at(digest, resolution.profile[member], nodes.content[member, 0])
    profiles.id.array[slots], profiles.bearer.array[slots] = words, code
    profiles.digest.array[slots], profiles.published.array[slots] = digest, sequence
    return slots


def _nodes(state: State, component: Component, resolution: Resolution, slots: np.ndarray) -> None:
    ids, nodes, shared = state.identifiers, resolution.statuses.nodes, resolution.statuses.shared
    codes = component.codes[: component.scope]
    slot = np.concatenate([slots, np.array([-1], np.int32)])[resolution.profile].astype(np.int32)
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
    crowded = np.flatnonzero((shared != 0) & (nodes.identifier < component.scope))
    if crowded.size:
        counts = people(resolution.statuses.node_names, component.observations.labels, crowded)
        ids.people.update(zip(component.codes[nodes.identifier[crowded]].tolist(), counts.tolist(), strict=True))
    email = state.namespaces_that(form="email")[component.identifiers.namespace[: component.scope]]
    label = dominant_labels(resolution.statuses.names, component.observations.labels, component.policy.dominance)[: component.scope]
    name = np.concatenate([component.label_numbers, np.array([-1])])[label]
    ids.dominant.array[codes[email]] = name[email]


def _rings(state: State, component: Component, resolution: Resolution) -> None:
    """Thread each component of the identifiers in scope into a ring; a SAME counts as a link."""
    nodes, links, verdicts = resolution.statuses.nodes, resolution.links, component.verdicts
    same = np.flatnonzero(verdicts.kind == Verdict.SAME)
    u = np.concatenate([nodes.identifier[links.a], verdicts.left[same]]).astype(np.int32)
    v = np.concatenate([nodes.identifier[links.b], verdicts.right[same]]).astype(np.int32)
    label = components(u, v, component.codes.size)[: component.scope]
    order = np.argsort(label, kind="stable")
    codes = component.codes[: component.scope][order]
    following = np.concatenate([codes[1:], codes[:1]])
    ends = np.flatnonzero(np.concatenate([np.diff(label[order]) != 0, np.array([True])]))
    begins = np.concatenate([np.array([0]), ends[:-1] + 1])
    following[ends] = codes[begins]
    state.identifiers.ring.array[codes] = following


def _sightings(state: State, component: Component, resolution: Resolution, linking: np.ndarray, slots: np.ndarray) -> None:
    """Whether each sighting in scope links, and whose each observation is, but for those that identifiers out of scope own."""
    seen, start = state.observations, component.observations.start
    inside = component.observations.identifier < component.scope
    node = resolution.statuses.nodes.sighting
    links = ((node >= 0) & (linking[node] != 0 if linking.size else False)).astype(np.uint8)
    beyond = ~inside & (seen.links.array[component.sightings] != 0)
    seen.links.array[component.sightings[inside]] = links[inside]
    own = rows_with(start, beyond.astype(np.uint8)) == 0
    slot = np.concatenate([slots, np.array([-1], np.int32)])[resolution.observation_profiles()]
    seen.profile.array[component.rows[own]] = slot[own]
