"""Kernels on a graph of people in random order: components beside scipy, networkx and plain Python; agglomeration; evidence; interning."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import networkx as nx
import numpy as np
from idweave_server.kernels.agglomerate import agglomerate
from idweave_server.kernels.components import components
from idweave_server.kernels.evidence import aggregate
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.index import HashIndex
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks import results
from benchmarks.bench_resolve import union_find
from benchmarks.people_graph import VERDICTS_FROM, PeopleGraph, people_graph

NAME = "kernels"
SIZES = {"small": 100_000, "full": 10_000_000}
PYTHON_SHARE = 50  # networkx and plain Python get this fraction of the links: they would take minutes
DOMINANCE = 600
SEED = 11
NOBODY = np.empty(0, np.int32)

T = TypeVar("T")


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows for `size` links. Raises AssertionError where a kernel and its baseline disagree."""
    graph = people_graph(size, SEED)
    small = people_graph(max(100, size // PYTHON_SHARE), SEED)
    _run_all(people_graph(1_000, SEED), 1)  # compiles, or loads what is compiled
    return _run_all(graph, repeats) + _in_python(small, repeats)


def _run_all(graph: PeopleGraph, repeats: int) -> list[dict[str, Any]]:
    return _components(graph, repeats) + _evidence(graph, repeats) + _interning(graph, repeats)


def timed(repeats: int, function: Callable[[], T]) -> tuple[list[float], T]:
    """Seconds of every repeat, and the last result."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        found = function()
        seconds.append(time.perf_counter() - begun)
    return seconds, found


def _components(graph: PeopleGraph, repeats: int) -> list[dict[str, Any]]:
    """Components, agglomeration and scipy turn by turn, so that a slow moment of the machine hits all of them."""
    n, u, v, strength, count, tie, names, labels, births, marks = graph
    ones = np.ones(u.size)  # scipy would silently convert any other type
    own: list[float] = []
    solve: list[float] = []
    convert: list[float] = []
    united: list[float] = []
    for _ in range(repeats):
        seconds, label = timed(1, lambda: components(u, v, n))
        own += seconds
        seconds, matrix = timed(1, lambda: coo_array((ones, (u, v)), shape=(n, n)).tocsr())
        convert += seconds
        seconds, (_, theirs) = timed(1, partial(connected_components, matrix, directed=False))
        solve += seconds
        del matrix
        seconds, groups = timed(
            1,
            lambda: agglomerate(n, u, v, strength, count, tie, names, labels, births, marks, NOBODY, NOBODY, DOMINANCE, VERDICTS_FROM),
        )
        united += seconds
    assert same_partition(label, theirs), "components and scipy disagree"
    per_link = 1e9 / u.size
    return [
        results.row("components", [s * per_link for s in own], "ns/link"),
        results.row("scipy connected_components, conversion excluded", [s * per_link for s in solve], "ns/link"),
        results.row("scipy over components, conversion excluded", ratios(solve, own), "times", "higher"),
        results.row(
            "scipy over components, conversion included",
            ratios([a + b for a, b in zip(solve, convert, strict=True)], own),
            "times",
            "higher",
        ),
        results.row("agglomerate", [s * per_link for s in united], "ns/link"),
        results.row("agglomerate over components", ratios(united, own), "times"),
        results.row("links refused by agglomerate", [float(np.count_nonzero(groups.apart) / u.size)], "of links", "neither"),
    ]


def _in_python(graph: PeopleGraph, repeats: int) -> list[dict[str, Any]]:
    """networkx and a plain-Python union-find on fewer links, beside components on the same ones."""
    n, u, v = graph.n, graph.u, graph.v
    left, right = u.tolist(), v.tolist()
    network = nx.Graph()
    network.add_nodes_from(range(n))
    network.add_edges_from(zip(left, right, strict=True))
    own, label = timed(repeats, lambda: components(u, v, n))
    theirs, found = timed(repeats, lambda: list(nx.connected_components(network)))
    plain, profiles = timed(repeats, lambda: union_find(left, right, n))
    wanted = np.empty(n, np.int32)
    for number, members in enumerate(found):
        wanted[list(members)] = number
    assert same_partition(label, wanted), "components and networkx disagree"
    assert profiles == len(found), "union-find and networkx disagree"
    return [
        results.row(f"components, {u.size:,} links", [s * 1e9 / u.size for s in own], "ns/link"),
        results.row(f"networkx over components, {u.size:,} links", ratios(theirs, own), "times", "higher"),
        results.row(f"plain-Python union-find over components, {u.size:,} links", ratios(plain, own), "times", "higher"),
    ]


def _evidence(graph: PeopleGraph, repeats: int) -> list[dict[str, Any]]:
    """As many pairs as links, every second one a repeat of a link, one in ten a repeat of its evidence."""
    rng = np.random.default_rng(SEED)
    m = graph.u.size
    link = rng.integers(0, max(1, m // 2), m)
    a, b = np.minimum(graph.u, graph.v)[link], np.maximum(graph.u, graph.v)[link]
    day = (18_000 + rng.integers(0, 400, m)).astype(np.int32)
    kind = rng.integers(0, 60, m).astype(np.int32)
    again = rng.permutation(m)[: m // 10]
    for column in (a, b, day, kind):
        column[again] = column[again[::-1]]
    cost, seen = kind.astype(np.int64) * 30_000 + 100_000, day.astype(np.int64) * 86_400
    seconds, _ = timed(repeats, lambda: aggregate(a, b, day, kind, cost, seen))
    return [results.row("evidence", [s * 1e9 / m for s in seconds], "ns/pair")]


def _interning(graph: PeopleGraph, repeats: int) -> list[dict[str, Any]]:
    """Two sightings of every node in random order, into an index that grows from nothing and one made large enough at once."""
    rng = np.random.default_rng(SEED)
    words = np.arange(2 * graph.n, dtype=np.uint64).reshape(graph.n, 2)
    hashes = mix_hash(words, words)[np.concatenate([rng.permutation(graph.n), rng.permutation(graph.n)])]
    rows = []
    for name, capacity in (("intern, growing", 0), ("intern, room made", graph.n)):
        seconds, index = timed(repeats, partial(_interned, hashes, capacity))
        assert len(index) == graph.n
        rows.append(results.row(name, [s * 1e9 / len(hashes) for s in seconds], "ns/hash"))
    rows.append(results.row("index, full", [index.nbytes / len(index)], "bytes/number"))
    seconds, _ = timed(repeats, lambda: index.find(hashes))
    return [*rows, results.row("find", [s * 1e9 / len(hashes) for s in seconds], "ns/hash")]


def _interned(hashes: NDArray[np.uint64], capacity: int) -> HashIndex:
    index = HashIndex(capacity)
    index.intern(hashes)
    return index


def ratios(slow: list[float], quick: list[float]) -> list[float]:
    """How many times longer, repeat by repeat."""
    return [a / b for a, b in zip(slow, quick, strict=True)]


def same_partition(a: NDArray[np.int32], b: NDArray[np.int32]) -> bool:
    """Whether two labellings group the nodes alike."""
    pairs = np.unique(a.astype(np.int64) << 32 | b).size
    return bool(pairs == np.unique(a).size == np.unique(b).size)
