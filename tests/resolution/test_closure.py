"""Resolving again what a write touches, and nothing else, gives exactly what resolving everything gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from idweave_server.model import DAY
from idweave_server.resolution import closure
from idweave_server.resolution.policy import Policy, load_policy
from idweave_server.resolution.resolve import Resolution, resolve
from idweave_server.resolution.statuses import find_statuses

from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, Columns, World, columns, random_world

AS_OF = START + 45 * DAY


def state(policy: Policy, built: Columns) -> closure.World:
    statuses = find_statuses(policy, built.observations, built.identifiers, built.verdicts, AS_OF)
    return closure.World(built.observations, built.verdicts, statuses)


def described(built: Columns, r: Resolution, wanted: np.ndarray) -> dict[Any, Any]:
    """Profile members, id material and link outcomes of the wanted identifiers, in words that do not depend on codes of nodes."""
    nodes = r.statuses.nodes
    name = [(built.keys[i], int(e)) for i, e in zip(nodes.identifier, nodes.epoch, strict=True)]
    members: dict[int, frozenset[Any]] = {}
    for p in range(r.profiles):
        members[p] = frozenset(name[v] for v in np.flatnonzero(r.profile == p))
    out: dict[Any, Any] = {}
    for v in np.flatnonzero(wanted[nodes.identifier]):
        p = int(r.profile[v])
        bearer = (name[r.bearers.node[p]], bool(r.bearers.bears_birth[p]), int(r.bearers.since[p])) if p >= 0 else None
        out[name[v]] = (members.get(p), bearer, int(r.statuses.shared[v]), int(nodes.begin[v]), int(nodes.end[v]))
    for a, b, s, c, apart in zip(r.links.a, r.links.b, r.links.strength, r.links.count, r.apart, strict=True):
        if wanted[nodes.identifier[a]]:
            out[frozenset((name[a], name[b]))] = (int(s), int(c), int(apart))
    for o, v in enumerate(r.assigned):
        if v >= 0 and wanted[nodes.identifier[v]]:
            out[tuple(built.observations.content[o].tolist())] = name[v]
    return out


def written_by(built: Columns, world: World, name: str) -> np.ndarray:
    keys = {k for o in world.seen if o.name == name for k in o.keys} | {k for s in world.said if s.name == name for k in (s.left, s.right)}
    return np.array([k in keys for k in built.keys])


def one_label_table(policy: Policy, world: World, part: World) -> tuple[Columns, Columns]:
    """Both worlds with the identifier and label tables of the whole one."""
    whole = columns(policy, world)
    rows = np.array([o in part.seen for o in world.seen], bool)
    said = np.array([s in part.said for s in world.said], bool)
    return whole, replace(whole, observations=whole.observations.take(rows), verdicts=whole.verdicts.take(said))


def resolved(policy: Policy, built: Columns, scope: np.ndarray | None = None) -> Resolution:
    return resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=AS_OF, scope=scope)


@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_a_write_changes_nothing_outside_what_it_touches(text: str) -> None:
    policy = load_policy(text)
    outside = 0
    for seed in range(120):
        world = random_world(seed, observations=4 + seed % 14)
        name = [*(o.name for o in world.seen), *(s.name for s in world.said)][seed % (len(world.seen) + len(world.said))]
        lesser = replace(world, seen=world.without(name).seen, said=tuple(s for s in world.said if s.name != name))
        whole, less = one_label_table(policy, world, lesser)
        written = written_by(whole, world, name)
        for before, after in ((less, whole), (whole, less)):  # a write, and its retraction
            touched = closure.touched(policy, whole.identifiers, state(policy, before), state(policy, after), written)
            assert touched[written].all()
            outside += int((~touched).sum())
            everything = resolved(policy, after)
            assert described(before, resolved(policy, before), ~touched) == described(after, everything, ~touched)
            rows = closure.evidence_of(policy, after.observations, after.identifiers, touched)
            part = replace(after, observations=after.observations.take(rows))
            assert described(part, resolved(policy, part, scope=touched), touched) == described(after, everything, touched)
    assert outside > 300


def test_every_component_resolves_alone_as_in_the_whole() -> None:
    policy = load_policy(FLEETING)
    alone_total = 0
    for seed in range(60):
        built = columns(policy, random_world(seed, observations=10 + seed % 20))
        everything = resolved(policy, built)
        component = closure.components_of(policy, built.identifiers, state(policy, built))
        for label in np.unique(component):
            scope = component == label
            rows = closure.evidence_of(policy, built.observations, built.identifiers, scope)
            part = replace(built, observations=built.observations.take(rows))
            assert described(part, resolved(policy, part, scope=scope), scope) == described(built, everything, scope)
            alone_total += 1
    assert alone_total > 200
