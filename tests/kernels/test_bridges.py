"""Weakest bridges against taking every edge away in turn."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.kernels.bridges import weakest_bridges

from tests.kernels import naive
from tests.kernels.graphs import ends, shapes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("n", "edges"), [pytest.param(n, edges, id=name) for name, n, edges in shapes()])
def test_equals_the_oracle_on_every_shape(n: int, edges: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    distinct = sorted({(min(e), max(e)) for e in edges})
    edges = [distinct[i] for i in rng.permutation(len(distinct))]
    group = np.array(naive.components(n, edges), np.int32)
    strength = rng.integers(1, 4, len(edges))
    tie = rng.permutation(len(edges)).astype(np.uint64)
    lasting = (rng.random(n) < (0.1, 0.5, 0.9, 1.0)[seed]).astype(np.uint8)
    found = weakest_bridges(n, *ends(edges), strength, tie, group, lasting)
    assert found.tolist() == naive.weakest_bridges(n, edges, strength.tolist(), tie.tolist(), group.tolist(), lasting.astype(bool).tolist())


def test_only_a_link_that_parts_something_lasting_is_necessary() -> None:
    """E-mail 0 and phone 1 share a login; cookie 2 hangs on a weaker link, whose loss would part nobody."""
    u, v = ends([(0, 1), (1, 2)])
    found = weakest_bridges(3, u, v, np.array([9, 1]), np.array([1, 2], np.uint64), np.zeros(3, np.int32), np.array([1, 1, 0], np.uint8))
    assert found.tolist() == [0]


def test_nodes_in_no_group_are_passed_over() -> None:
    found = weakest_bridges(
        3, *ends([(1, 2)]), np.array([1]), np.array([1], np.uint64), np.array([-1, 0, 0], np.int32), np.ones(3, np.uint8)
    )
    assert found.tolist() == [0]


def test_an_edge_between_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="only the edges inside groups"):
        weakest_bridges(2, *ends([(0, 1)]), np.array([1]), np.array([1], np.uint64), np.arange(2, dtype=np.int32), np.ones(2, np.uint8))


def test_a_doubled_link_is_no_bridge() -> None:
    """A link and a SAME verdict on the same two: neither loss would part them."""
    u, v = ends([(0, 1), (1, 0), (1, 2)])
    found = weakest_bridges(3, u, v, np.array([1, 1, 9]), np.arange(3, dtype=np.uint64), np.zeros(3, np.int32), np.ones(3, np.uint8))
    assert found.tolist() == [2]
