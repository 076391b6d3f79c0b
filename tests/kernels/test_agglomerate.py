"""Rule 5 against plain Kruskal with Counters, and what it promises: no order matters, components don't touch one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from idweave_server.kernels.agglomerate import Agglomeration, agglomerate
from idweave_server.kernels.histograms import Histograms
from idweave_server.kernels.marks import Marks

from tests.kernels import naive
from tests.kernels.graphs import ends, label_table, shapes
from tests.kernels.naive import BIRTH_DATES, DIFFERENT, NAMES, NONE, UNIQUE, Edge, Node

WORDS = ["a", "anna", "anne", "ann", "hanna", "bob", "rob", "robert", "b", "carla", "karla", "小明", "小红", "zoe"]
FAMILIES = {"bob": {1}, "rob": {1}, "robert": {1, 2}}
ALPHABETIC = {word: word.isascii() for word in WORDS}
SIMILAR = naive.similar_names({word: FAMILIES.get(word, set()) for word in WORDS}, ALPHABETIC)
DATES = [19850304, 19850403, 19900101, 19901212, 20010203, 20010302]
VERDICTS = 100  # mark keys from here on are verdicts
SHARE = 600


def histograms(counts: Sequence[Counter[int]]) -> Histograms:
    items = [sorted(c.items()) for c in counts]
    return Histograms(
        np.cumsum([0, *map(len, items)]).astype(np.int64),
        np.array([value for c in items for value, _ in c], np.int32),
        np.array([weight for c in items for _, weight in c], np.int64),
    )


def compiled(nodes: Sequence[Node], edges: Sequence[Edge], same: Sequence[tuple[int, int]], words: Sequence[str] = WORDS) -> Agglomeration:
    """The kernel on what the oracle takes."""
    code = {word: i for i, word in enumerate(words)}
    u, v = ends((e.u, e.v) for e in edges)
    marks = [sorted(node.marks) for node in nodes]
    return agglomerate(
        len(nodes),
        u,
        v,
        np.array([e.strength for e in edges], np.int64),
        np.array([e.count for e in edges], np.int32),
        np.array([e.tie for e in edges], np.uint64),
        histograms([Counter({code[name]: weight for name, weight in node.names.items()}) for node in nodes]),
        label_table(list(words), FAMILIES, ALPHABETIC),
        histograms([node.births for node in nodes]),
        Marks(
            np.cumsum([0, *map(len, marks)]).astype(np.int64),
            np.array([key for m in marks for key, _ in m], np.int32),
            np.array([value for m in marks for _, value in m], np.int32),
        ),
        *ends(same),
        SHARE,
        VERDICTS,
    )


def world(seed: int, n: int, pairs: Sequence[tuple[int, int]], named: float = 0.6) -> tuple[list[Node], list[Edge], list[tuple[int, int]]]:
    """Nodes with few names, so that refusals are frequent, on given edges; strengths tie often, and verdicts on some pairs."""
    rng = np.random.default_rng(seed)
    nodes = [Node() for _ in range(n)]
    few = list(rng.permutation(WORDS)[: int(rng.integers(2, len(WORDS) + 1))])
    for node in nodes:
        for _ in range(int(rng.integers(0, 4)) if rng.random() < named else 0):
            node.names[str(rng.choice(few))] += int(rng.integers(1, 5)) * 10
        for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
            node.births[int(rng.choice(DATES))] += int(rng.integers(1, 3)) * 10
        if rng.random() < 0.15:
            node.marks.add((int(rng.integers(0, 3)), int(rng.integers(0, 3))))
    for verdict in range(n // 12):
        for side in (0, 1):
            for node_number in rng.integers(0, n, int(rng.integers(1, 3))):
                nodes[node_number].marks.add((VERDICTS + verdict, side))
    edges = [Edge(a, b, int(rng.integers(1, 4)), int(rng.integers(1, 3)), int(rng.integers(0, 2**64, dtype=np.uint64))) for a, b in pairs]
    same = [(int(a), int(b)) for a, b in rng.integers(0, n, (int(rng.integers(0, 1 + n // 3)), 2))] if n else []
    return nodes, edges, same


def assert_equal(found: Agglomeration, wanted: tuple[list[int], list[int], list[int]]) -> None:
    assert found.label.tolist() == wanted[0]
    assert found.apart.tolist() == wanted[1]
    assert found.same_apart.tolist() == wanted[2]


@pytest.mark.parametrize(("n", "pairs"), [pytest.param(n, pairs, id=name) for name, n, pairs in shapes()])
def test_equals_the_oracle_on_every_shape(n: int, pairs: list[tuple[int, int]]) -> None:
    nodes, edges, same = world(7, n, pairs)
    assert_equal(compiled(nodes, edges, same), naive.agglomerate(nodes, edges, same, SIMILAR, SHARE, VERDICTS))


def random_world(seed: int) -> tuple[list[Node], list[Edge], list[tuple[int, int]]]:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    pairs = rng.integers(0, n, (int(rng.integers(0, 3 * n)), 2))
    return world(seed, n, [(int(a), int(b)) for a, b in pairs], float(rng.random()))


def test_equals_the_oracle_on_random_worlds_and_they_meet_every_refusal() -> None:
    reasons: Counter[int] = Counter()
    for seed in range(250):
        nodes, edges, same = random_world(seed)
        wanted = naive.agglomerate(nodes, edges, same, SIMILAR, SHARE, VERDICTS)
        assert_equal(compiled(nodes, edges, same), wanted)
        reasons.update(wanted[1])
        reasons.update(10 + reason for reason in wanted[2])
    assert all(reasons[reason] >= 100 for reason in (NONE, NAMES, BIRTH_DATES, UNIQUE, DIFFERENT)), reasons
    assert reasons[10 + DIFFERENT] >= 10, reasons


KIN = ["anna", "ann", "a", "hanna", "anne"]  # alike in a chain: hanna is like anna, but neither like ann nor like anne


@pytest.mark.parametrize("rule", ["names", "kin", "births", "marks"])
def test_each_rule_alone_finds_its_conflicts(rule: str) -> None:
    """Small components that only one rule has anything to say of: none may pass for free of conflict by mistake."""
    refused = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        pairs = [(int(a), int(b)) for a, b in rng.integers(0, 30, (22, 2))]
        nodes, edges, _ = world(seed, 30, pairs, 1.0)
        for node in nodes:
            node.names = node.names if rule == "names" else Counter()
            node.births = node.births if rule == "births" else Counter()
            node.marks = node.marks if rule == "marks" else set()
            if rule == "kin" and rng.random() < 0.7:
                node.names[str(rng.choice(KIN))] = 10
        wanted = naive.agglomerate(nodes, edges, [], SIMILAR, SHARE, VERDICTS)
        assert_equal(compiled(nodes, edges, []), wanted)
        refused += sum(reason != NONE for reason in wanted[1])
    assert refused >= 40


def test_groups_that_merge_often_keep_count_of_every_value() -> None:
    """Half a thousand nodes, each with a date of its own, united pair by pair, then four by four: every value changes hands nine times.

    One date is the heaviest only when its two sightings, which meet in the last union, are added up; then it forbids the edge.
    """
    n = 512
    nodes = [Node(births=Counter({19500000 + k // 28 * 100 + k % 28 + 1: 1})) for k in range(n)] + [Node(births=Counter({20200230: 1}))]
    for k in range(5, n, 64):  # at most 512 values in all: a table of 2,048 places, which the references outgrow
        nodes[k] = Node()
    heavy, other = 20100101, 20150515
    nodes[0] = Node(births=Counter({heavy: 2000}))
    nodes[n - 1] = Node(births=Counter({heavy: 2000, other: 2001}))
    same = [(k, k + step) for step in (1, 2, 4, 8, 16, 32, 64, 128, 256) for k in range(0, n, 2 * step)]
    assert_equal(compiled(nodes, [Edge(0, n, 1, 1, 1)], same), ([0] * n + [1], [BIRTH_DATES], [NONE] * len(same)))
    nodes[n - 1] = Node(births=Counter({heavy: 700, other: 2001}))
    assert_equal(compiled(nodes, [Edge(0, n, 1, 1, 1)], same), ([0] * (n + 1), [NONE], [NONE] * len(same)))


def test_a_large_component_takes_the_same_way() -> None:
    """Long enough for merge sort to have several levels, and for the tables to be rebuilt."""
    rng = np.random.default_rng(3)
    n = 300
    nodes, edges, same = world(3, n, [(int(a), int(b)) for a, b in rng.integers(0, n, (1500, 2))])
    assert_equal(compiled(nodes, edges, same), naive.agglomerate(nodes, edges, same, SIMILAR, SHARE, VERDICTS))


@pytest.mark.parametrize("seed", range(0, 250, 10))
def test_the_order_of_edges_and_the_numbering_of_nodes_and_labels_do_not_matter(seed: int) -> None:
    nodes, edges, same = random_world(seed)
    rng = np.random.default_rng(seed)
    before = compiled(nodes, edges, same)
    number = rng.permutation(len(nodes))  # node i becomes number[i]
    order = rng.permutation(len(edges))
    moved: list[Node] = [Node()] * len(nodes)
    for i, node in enumerate(nodes):
        moved[number[i]] = node
    renamed = [Edge(int(number[edges[e].v]), int(number[edges[e].u]), edges[e].strength, edges[e].count, edges[e].tie) for e in order]
    after = compiled(moved, renamed, [(int(number[b]), int(number[a])) for a, b in same], list(rng.permutation(WORDS)))
    assert naive.dense(after.label[number].tolist()) == before.label.tolist()
    assert after.apart.tolist() == before.apart[order].tolist()
    assert after.same_apart.tolist() == before.same_apart.tolist()


@pytest.mark.parametrize("seed", range(1, 250, 25))
def test_each_component_resolved_on_its_own_equals_the_whole(seed: int) -> None:
    nodes, edges, same = random_world(seed)
    whole = compiled(nodes, edges, same)
    component = naive.components(len(nodes), [(e.u, e.v) for e in edges] + same)
    parted = [(0, 0)] * len(nodes)
    for c in set(component):
        members = [i for i in range(len(nodes)) if component[i] == c]
        place = {i: k for k, i in enumerate(members)}
        inside = [e for e in range(len(edges)) if edges[e].u in place]
        forced = [s for s in range(len(same)) if same[s][0] in place]
        part = compiled(
            [nodes[i] for i in members],
            [Edge(place[edges[e].u], place[edges[e].v], edges[e].strength, edges[e].count, edges[e].tie) for e in inside],
            [(place[same[s][0]], place[same[s][1]]) for s in forced],
        )
        assert part.apart.tolist() == whole.apart[inside].tolist()
        assert part.same_apart.tolist() == whole.same_apart[forced].tolist()
        for i in members:
            parted[i] = (c, int(part.label[place[i]]))
    assert naive.dense(parted) == whole.label.tolist()


def test_the_stronger_link_decides_who_belongs_together() -> None:
    """A shared tablet (1) between Anna (0) and Bob (2): it goes with the stronger link, and the other is refused for the names."""
    nodes = [Node(Counter(anna=90)), Node(), Node(Counter(bob=90))]
    found = compiled(nodes, [Edge(0, 1, 10, 1, 5), Edge(1, 2, 11, 1, 6)], [])
    assert_equal(found, ([0, 1, 1], [NAMES, NONE], []))
    found = compiled(nodes, [Edge(0, 1, 11, 1, 5), Edge(1, 2, 11, 2, 6)], [])  # as strong: more evidence
    assert_equal(found, ([0, 1, 1], [NAMES, NONE], []))
    found = compiled(nodes, [Edge(0, 1, 11, 2, 5), Edge(1, 2, 11, 2, 6)], [])  # as much: the smaller hash
    assert_equal(found, ([0, 0, 1], [NONE, NAMES], []))


def test_a_verdict_same_overrides_names_dates_and_unique_namespaces_but_not_a_verdict_different() -> None:
    nodes = [Node(Counter(anna=90), Counter({19900101: 9}), {(0, 1)}), Node(Counter(bob=90), Counter({20010203: 9}), {(0, 2)})]
    assert_equal(compiled(nodes, [Edge(0, 1, 1, 1, 1)], []), ([0, 1], [UNIQUE], []))
    assert_equal(compiled(nodes, [Edge(0, 1, 1, 1, 1)], [(0, 1)]), ([0, 0], [NONE], [NONE]))
    nodes[0].marks.add((VERDICTS, 0))
    nodes[1].marks.add((VERDICTS, 1))
    assert_equal(compiled(nodes, [Edge(0, 1, 1, 1, 1)], [(0, 1)]), ([0, 1], [DIFFERENT], [DIFFERENT]))


def test_a_refusal_is_forgotten_where_a_later_union_joins_the_ends() -> None:
    """Anna's device is refused to Bob until a family tablet has made it nobody's in particular."""
    nodes = [Node(Counter(anna=30)), Node(Counter(bob=30)), Node(Counter(carla=25, zoe=25))]
    edges = [Edge(0, 1, 9, 1, 1), Edge(0, 2, 8, 1, 2)]
    assert_equal(compiled(nodes, edges, []), ([0, 1, 0], [NAMES, NONE], []))
    assert_equal(compiled(nodes, [*edges, Edge(1, 2, 7, 1, 3)], []), ([0, 0, 0], [NONE, NONE, NONE], []))


def test_misuse_is_refused_by_name() -> None:
    nodes = [Node(), Node()]
    with pytest.raises(ValueError, match=r"v must lie in \[0, 2\)"):
        compiled(nodes, [Edge(0, 2, 1, 1, 1)], [])
    with pytest.raises(ValueError, match="same_u must lie in"):
        compiled(nodes, [], [(5, 0)])
