"""Seeded graphs and label tables for the kernel tests: random ones and the shapes that break things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from idweave_server.kernels.labels import Labels
from numpy.typing import NDArray

Ints = NDArray[np.int32]


def ends(edges: Iterable[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Edges as two columns."""
    table = np.array(list(edges), np.int32).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def shapes() -> Iterator[tuple[str, int, list[tuple[int, int]]]]:
    """(name, number of nodes, edges)."""
    yield "empty", 0, []
    yield "one node", 1, []
    yield "self-link", 2, [(1, 1)]
    yield "no edges", 5, []
    yield "two", 2, [(1, 0)]
    yield "duplicates", 4, [(0, 3), (3, 0), (0, 3), (1, 2), (1, 2)]
    yield "star", 200, [(0, i) for i in range(1, 200)]
    yield "star around the last", 200, [(199, i) for i in range(199)]
    yield "chain", 300, [(i, i + 1) for i in range(299)]
    yield "chain backwards", 300, [(i + 1, i) for i in reversed(range(299))]
    yield "clique", 25, [(i, j) for i in range(25) for j in range(i)]
    yield "two cliques and a bridge", 20, [(i + o, j + o) for o in (0, 10) for i in range(10) for j in range(i)] + [(3, 13)]
    yield "ring", 50, [(i, (i + 1) % 50) for i in range(50)]
    yield "zip", 400, [(i, 399 - i) for i in range(200)] + [(i, i + 1) for i in range(0, 399, 7)]
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 150))
        m = int(rng.integers(0, 2 * n))
        yield f"random {seed}", n, [(int(a), int(b)) for a, b in rng.integers(0, n, (m, 2))]


def label_table(words: list[str], families: Mapping[str, set[int]] | None = None, alphabetic: Mapping[str, bool] | None = None) -> Labels:
    """The table of these words in this order."""
    codes = [[ord(c) for c in word] for word in words]
    kin = [sorted((families or {}).get(word, ())) for word in words]
    return Labels(
        np.array([c for word in codes for c in word], np.uint32),
        np.cumsum([0, *map(len, codes)]).astype(np.int64),
        np.cumsum([0, *map(len, kin)]).astype(np.int64),
        np.array([f for family in kin for f in family], np.int32),
        np.array([(alphabetic or {}).get(word, True) for word in words], np.uint8),
    )
