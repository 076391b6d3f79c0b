"""Why together, why apart: the strongest path judged by networkx, and each reason by the world that made it necessary."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from idweave_server.model import DAY, Apart, Flag, Shared, Verdict
from idweave_server.resolution.explain import FIRM, Separate, Together, Unowned, explain, held_by_verdicts, witnesses
from idweave_server.resolution.policy import Policy, load_policy
from idweave_server.resolution.resolve import Resolution, resolve

from tests.resolution.worlds import START, Columns, Key, Said, Seen, World, columns, random_world

POLICY = load_policy("[shared]\npartners = 3\n[namespaces.loyalty_id]\nunique = true\n")
JO, KIM, LEE, PHONE, OTHER_PHONE = (
    ("email", "", "jo@mail"),
    ("email", "", "kim@mail"),
    ("email", "", "lee@mail"),
    ("phone", "", "+1"),
    ("phone", "", "+2"),
)
DEVICE: Key = ("device", "", "d")


def resolved(world: World, policy: Policy = POLICY) -> tuple[Columns, Resolution]:
    built = columns(policy, world)
    return built, resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START + 60 * DAY)


def seen(kind: str, *keys: Key, day: int = 0, **person: str | int) -> Seen:
    name = f"{kind} {day} {keys}"
    return Seen(name, START + day * DAY, "web", kind, keys, **person)  # type: ignore[arg-type]


def why(world: World, left: Key, right: Key) -> Together | Separate | Unowned:
    built, resolution = resolved(world)
    first = resolution.statuses.nodes.first
    return explain(resolution, built.verdicts, *(int(first[built.keys.index(key)]) for key in (left, right)))


def path_of(world: World, left: Key, right: Key) -> list[Key]:
    """The identifiers that the explanation passes."""
    built, resolution = resolved(world)
    told = why(world, left, right)
    assert isinstance(told, Together)
    owner = [built.keys[i] for i in resolution.statuses.nodes.identifier]
    return [left, *(owner[step.right] for step in told.steps)]


def graph_of(built: Columns, resolution: Resolution) -> nx.Graph:
    """All that holds nodes together; of a link and a verdict between the same two nodes the stronger."""
    graph = nx.Graph()
    links = resolution.links
    united = resolution.apart == 0
    graph.add_weighted_edges_from(zip(links.a[united].tolist(), links.b[united].tolist(), links.strength[united].tolist(), strict=True))
    _, left, right = held_by_verdicts(resolution, built.verdicts)
    graph.add_weighted_edges_from((u, v, FIRM) for u, v in zip(left.tolist(), right.tolist(), strict=True))
    graph.add_nodes_from(np.flatnonzero(resolution.profile >= 0).tolist())
    return graph


def judge_together(told: Together, graph: nx.Graph, widest: nx.Graph, left: int, right: int) -> None:
    assert [left, *(step.right for step in told.steps)] == [*(step.left for step in told.steps), right]
    for step in told.steps:
        assert (step.link >= 0) != (step.verdict >= 0)
        assert graph.edges[step.left, step.right]["weight"] == step.strength
    way = nx.shortest_path(widest, left, right)
    width = min((widest.edges[edge]["weight"] for edge in nx.utils.pairwise(way)), default=FIRM)
    assert min((step.strength for step in told.steps), default=FIRM) == width
    strong = graph.edge_subgraph([edge for edge in graph.edges if graph.edges[edge]["weight"] >= width])
    assert len(told.steps) == (nx.shortest_path_length(strong, left, right) if left != right else 0)
    links = [step.strength for step in told.steps if step.link >= 0]
    assert told.weakest == next((s for s in told.steps if s.link >= 0 and s.strength == min(links)), None)


def judge_separate(told: Separate, resolution: Resolution, left: int, right: int) -> None:
    links, profile = resolution.links, resolution.profile
    sides = {profile[left], profile[right]}
    between = [k for k in range(resolution.apart.size) if {profile[links.a[k]], profile[links.b[k]]} == sides]
    assert (told.link >= 0) == bool(between)
    if not between:
        assert (told.rule == Apart.DIFFERENT) == (told.verdict >= 0)
        return
    assert told.link in between
    assert told.rule == resolution.apart[told.link] != Apart.NONE
    direct = [k for k in between if {links.a[k], links.b[k]} == {left, right}]
    assert resolution.links.strength[told.link] == max(links.strength[direct or between])


@pytest.mark.parametrize("block", range(4))
def test_every_pair_of_nodes_in_random_worlds(block: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(block * 25, block * 25 + 25):
        built, resolution = resolved(random_world(seed, observations=8 + seed % 20))
        graph = graph_of(built, resolution)
        widest = nx.maximum_spanning_tree(graph)
        for left, right in combinations(range(len(resolution.statuses.nodes)), 2):
            told = explain(resolution, built.verdicts, left, right)
            met[type(told).__name__] += 1
            if isinstance(told, Together):
                judge_together(told, graph, widest, left, right)
            elif isinstance(told, Separate):
                judge_separate(told, resolution, left, right)
            else:
                assert -1 in resolution.profile[[left, right]]
                assert told.shared == tuple(resolution.statuses.shared[[left, right]])
    assert min(met[kind] for kind in ("Together", "Separate", "Unowned")) > 100


def answers(world: World, keys: list[Key]) -> dict[tuple[Key, Key], object]:
    """What is said of each pair of identifiers, without the positions of links, which follow the order of the observations."""
    built = columns(POLICY, world, keys)
    resolution = resolve(POLICY, built.observations, built.identifiers, built.verdicts, as_of=START + 60 * DAY)
    links, first = resolution.links, resolution.statuses.nodes.first
    said: dict[tuple[Key, Key], object] = {}
    for a, b in combinations(np.flatnonzero(np.diff(first)).tolist(), 2):
        told = explain(resolution, built.verdicts, int(first[a]), int(first[b]))
        if isinstance(told, Together):
            said[keys[a], keys[b]] = [(s.left, s.right, s.verdict, s.strength) for s in told.steps]
        elif isinstance(told, Separate):
            said[keys[a], keys[b]] = (told.rule, told.verdict, told.link >= 0 and (links.a[told.link], links.b[told.link]))
    return said


def test_the_answer_does_not_depend_on_the_order_of_the_observations() -> None:
    for seed in range(40):
        world = random_world(seed, observations=20)
        order = list(world.seen)
        random.Random(seed).shuffle(order)
        said = answers(world, world.keys())
        assert said
        assert answers(replace(world, seen=tuple(order)), world.keys()) == said


def test_two_strong_links_beat_a_weak_one() -> None:
    """A bought list links Jo and the phone directly; two log-ins by way of her device are the better reason."""
    world = World((seen("APPENDED", JO, PHONE), seen("LOGIN", JO, DEVICE), seen("LOGIN", DEVICE, PHONE)))
    assert path_of(world, JO, PHONE) == [JO, DEVICE, PHONE]


def test_of_equally_strong_paths_the_shortest() -> None:
    world = World((seen("LOGIN", JO, PHONE), seen("LOGIN", JO, DEVICE), seen("LOGIN", DEVICE, PHONE)))
    assert path_of(world, JO, PHONE) == [JO, PHONE]


def test_the_weakest_link_of_the_strongest_path() -> None:
    world = World((seen("LOGIN", JO, DEVICE), seen("POS", DEVICE, PHONE)))
    told = why(world, JO, PHONE)
    assert isinstance(told, Together)
    assert told.weakest == told.steps[1]


def test_one_identifier_with_itself() -> None:
    assert why(World((seen("LOGIN", JO, DEVICE),)), JO, JO) == Together((), None)


def test_what_only_a_verdict_holds_has_no_weakest_link() -> None:
    world = World((seen("LOGIN", JO), seen("LOGIN", KIM)), (Said("v", START, Verdict.SAME, JO, KIM),))
    told = why(world, JO, KIM)
    assert isinstance(told, Together)
    assert [(step.link, step.verdict) for step in told.steps] == [(-1, 0)]
    assert told.weakest is None


def test_the_refused_link_between_the_two_says_why() -> None:
    """Kim's link to the phone is the stronger refused one, but the question was about Lee, who was seen with it, too."""
    world = World(
        (
            seen("LOGIN", JO, PHONE, day=0, first_name="maria"),
            seen("LOGIN", JO, PHONE, day=1, first_name="maria"),
            seen("ORDER", KIM, PHONE, day=2, first_name="omar"),
            seen("LOGIN", KIM, LEE, day=3, first_name="omar"),
            seen("POS", LEE, PHONE, day=4, first_name="omar"),
        )
    )
    for asked in (KIM, LEE):
        told = why(world, PHONE, asked)
        built, resolution = resolved(world)
        assert isinstance(told, Separate)
        assert (told.rule, told.verdict) == (Apart.NAMES, -1)
        ends = {built.keys[resolution.statuses.nodes.identifier[n]] for n in (resolution.links.a[told.link], resolution.links.b[told.link])}
        assert ends == {PHONE, asked}


def test_birth_dates_and_unique_namespaces_are_named() -> None:
    dates = World((seen("LOGIN", JO, PHONE, day=0, birth_date=19580211), seen("POS", KIM, PHONE, day=1, birth_date=19860730)))
    cards = World((seen("POS", ("loyalty_id", "shop", "1"), PHONE, day=0), seen("POS", ("loyalty_id", "shop", "2"), PHONE, day=1)))
    told = [why(dates, JO, KIM), why(cards, ("loyalty_id", "shop", "1"), ("loyalty_id", "shop", "2"))]
    assert [each.rule for each in told if isinstance(each, Separate)] == [Apart.BIRTH_DATES, Apart.UNIQUE]


def test_a_verdict_is_named_with_and_without_a_link() -> None:
    said = (Said("old", START, Verdict.DIFFERENT, KIM, JO), Said("v", START + DAY, Verdict.DIFFERENT, JO, KIM))
    met = why(World((seen("LOGIN", JO, PHONE), seen("POS", KIM, PHONE)), said), JO, KIM)
    strangers = why(World((seen("LOGIN", JO, PHONE), seen("POS", KIM, OTHER_PHONE)), said), OTHER_PHONE, PHONE)
    assert isinstance(met, Separate)
    assert (met.rule, met.link >= 0, met.verdict) == (Apart.DIFFERENT, True, 1)
    assert strangers == Separate(Apart.DIFFERENT, -1, 1)


def test_nothing_ever_seen_with_both() -> None:
    assert why(World((seen("LOGIN", JO, PHONE), seen("POS", KIM, OTHER_PHONE))), JO, KIM) == Separate(Apart.NONE, -1, -1)


def test_a_shared_identifier_is_nobodys() -> None:
    world = World((seen("LOGIN", JO, PHONE), seen("POS", KIM, ("ip", "", "192.0.2.1"))), flags={PHONE: Flag.SERVICE})
    assert why(world, JO, PHONE) == Unowned((Shared.NONE, Shared.SERVICE))
    assert why(world, ("ip", "", "192.0.2.1"), KIM) == Unowned((Shared.NONE, Shared.NONE))


def test_the_observations_behind_a_link() -> None:
    world = World((seen("LOGIN", JO, PHONE, day=3), seen("POS", PHONE, DEVICE), seen("ORDER", PHONE, JO, DEVICE, day=1)))
    told = why(world, JO, PHONE)
    built, resolution = resolved(world)
    assert isinstance(told, Together)
    assert witnesses(resolution, built.observations, told.steps[0].link).tolist() == [2, 0]
