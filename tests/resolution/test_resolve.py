"""The rules as kernels against the rules in plain Python, on small worlds that cross every threshold often."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from idweave_server.model import DAY, Apart, Flag, Shared
from idweave_server.resolution.policy import Policy, load_policy
from idweave_server.resolution.resolve import Resolution, resolve

from tests.resolution.naive import Found, Naive, Node
from tests.resolution.worlds import START, Columns, Key, Seen, World, columns, random_world

TIGHT = """
[shared]
partners = 3
[namespaces.loyalty_id]
unique = true
"""
FLEETING = (
    TIGHT
    + """
[namespaces.cookie]
ttl_days = 2
[namespaces.phone]
ttl_days = 30
[sources.list]
ttl_days = 20
trust = 0.7
"""
)


def found(columns: Columns, resolution: Resolution) -> tuple[Found, list[Node | None]]:
    """A resolution in the words of the naive one."""
    nodes = resolution.statuses.nodes
    node = [(columns.keys[i], int(e)) for i, e in zip(nodes.identifier, nodes.epoch, strict=True)]
    members: dict[int, set[Node]] = {}
    for n, p in zip(node, resolution.profile, strict=True):
        members.setdefault(int(p), set()).add(n)
    links = resolution.links
    pair = [(min(node[a], node[b]), max(node[a], node[b])) for a, b in zip(links.a, links.b, strict=True)]
    epochs: dict[Key, list[int]] = {}
    for n, begin in zip(node, nodes.begin, strict=True):
        if n[1]:
            epochs.setdefault(n[0], []).append(int(begin))
    return Found(
        profile={n: frozenset(members[int(p)]) for n, p in zip(node, resolution.profile, strict=True) if p >= 0},
        shared={n: Shared(int(s)) for n, s in zip(node, resolution.statuses.shared, strict=True) if s},
        assigned={},
        links={p: (int(s), int(c)) for p, s, c in zip(pair, links.strength, links.count, strict=True)},
        apart={p: Apart(int(a)) for p, a in zip(pair, resolution.apart, strict=True)},
        epochs=epochs,
    ), [node[a] if a >= 0 else None for a in resolution.assigned]


def check(policy: Policy, world: World, as_of: int) -> Resolution:
    built = columns(policy, world)
    resolution = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=as_of)
    mine, assigned = found(built, resolution)
    oracle = Naive(policy, world, as_of).resolve()
    assert mine.epochs == oracle.epochs
    assert mine.shared == oracle.shared
    assert mine.links == oracle.links
    assert mine.profile == oracle.profile
    assert mine.apart == oracle.apart
    assert dict(zip((o.name for o in world.seen), assigned, strict=True)) == oracle.assigned
    return resolution


@pytest.mark.parametrize("block", range(8))
@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_rules_agree_with_the_naive_resolver(text: str, block: int) -> None:
    policy = load_policy(text)
    for seed in range(block * 40, block * 40 + 40):
        check(policy, random_world(seed, observations=6 + seed % 30), START + 45 * DAY)


def test_small_worlds_cross_every_threshold() -> None:
    policy = load_policy(FLEETING)
    shared, apart, epochs, dead = set(), set(), 0, 0
    for seed in range(150):
        built = columns(policy, random_world(seed, observations=6 + seed % 30))
        r = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START + 45 * DAY)
        shared |= set(r.statuses.shared.tolist())
        apart |= set(r.apart.tolist())
        epochs += int(r.statuses.nodes.epoch.any())
        dead += int((~r.live).sum())
    assert shared == set(range(7))
    assert apart == set(range(5))
    assert epochs > 5
    assert dead > 20


def profiles_by_name(policy: Policy, world: World) -> dict[str, tuple[Any, ...]]:
    """Each observation's profile, by the bearer's content and birth: what its id is made of."""
    built = columns(policy, world)
    r = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START + 45 * DAY)
    content = r.statuses.nodes.content[r.bearers.node]
    mine = r.observation_profiles()
    return {
        o.name: (content[p].tolist(), bool(r.bearers.bears_birth[p]), int(r.bearers.since[p])) if p >= 0 else ()
        for o, p in zip(world.seen, mine, strict=True)
    }


@pytest.mark.parametrize("text", [TIGHT, FLEETING], ids=["tight", "fleeting"])
def test_arrival_order_changes_nothing(text: str) -> None:
    policy = load_policy(text)
    for seed in range(60):
        world = random_world(seed, observations=20)
        seen, said = list(world.seen), list(world.said)
        random.Random(seed + 1).shuffle(seen)
        random.Random(seed + 2).shuffle(said)
        assert profiles_by_name(policy, replace(world, seen=tuple(seen), said=tuple(said))) == profiles_by_name(policy, world)


def test_an_empty_world_has_no_profiles() -> None:
    policy = load_policy("")
    built = columns(policy, World(()))
    r = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=0)
    assert r.profiles == 0
    assert r.assigned.size == 0


def bearer(policy: Policy, world: World, built: Columns, r: Resolution, profile: int) -> int:
    """The node that gives a profile its id, by the words of the design."""
    nodes = r.statuses.nodes

    def rank(v: int) -> tuple[Any, ...]:
        key = built.keys[nodes.identifier[v]]
        birth = min(o.time for o in world.seen if key in o.keys)
        standing = ["lasting", "passing", "derived"].index(policy.namespace(key[0]).standing)
        return (not nodes.begin[v] < birth <= nodes.end[v], standing, birth, tuple(nodes.content[v].tolist()))

    return min(np.flatnonzero(r.profile == profile).tolist(), key=rank)


def test_bearers_prefer_what_lasts_then_the_earliest_birth() -> None:
    policy = load_policy("")
    for seed in range(60):
        world = random_world(seed, observations=20)
        built = columns(policy, world)
        r = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START + 400 * DAY)
        assert r.bearers.node.tolist() == [bearer(policy, world, built, r, p) for p in range(r.profiles)]


def shared_number(*names: str | None, sightings: int = 3) -> bool:
    """Whether a toll-free number links two e-mails, given the names stated with it."""
    policy = load_policy(f"[shared]\nservice_sightings = {sightings}")
    phone = ("phone", "", "+18005550199")
    seen = tuple(
        Seen(f"o{i}", START + i * DAY, "web", "ORDER", (phone, ("email", "", f"{i}@mail")), first_name=name) for i, name in enumerate(names)
    )
    built = columns(policy, World(seen, flags={phone: Flag.SERVICE}))
    return resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START + 99 * DAY).profiles == 1


def test_a_service_number_is_guilty_until_proven_exclusive() -> None:
    assert not shared_number("kelly", "kelly")
    assert not shared_number("kelly", "kelly", None)
    assert shared_number("kelly", "kellie", "kelly")
    assert not shared_number("kelly", "kelly", "omar", "kelly")
    assert not shared_number("kelly", "kelly", "kelly", sightings=0)


def test_callers_of_a_hotline_in_turn_are_not_its_owners_in_turn() -> None:
    """Three orders of one customer and, months later, three of another would otherwise be two epochs, each proven exclusive."""
    phone = ("phone", "", "+18005550199")
    named = [("nadia", day) for day in (0, 1, 2)] + [("oscar", day) for day in (100, 101, 102)]
    seen = tuple(
        Seen(f"o{i}", START + day * DAY, "web", "ORDER", (phone, ("email", "", f"{i}@mail")), first_name=name)
        for i, (name, day) in enumerate(named)
    )
    built = columns(load_policy(""), World(seen, flags={phone: Flag.SERVICE}))
    found = resolve(load_policy(""), built.observations, built.identifiers, built.verdicts, as_of=START + 200 * DAY)
    assert found.profiles == len(named)
