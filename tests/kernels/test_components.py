"""Components against networkx."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.kernels.components import components

from tests.kernels import naive
from tests.kernels.graphs import ends, shapes


@pytest.mark.parametrize(("n", "edges"), [pytest.param(n, edges, id=name) for name, n, edges in shapes()])
def test_equals_networkx_in_any_order(n: int, edges: list[tuple[int, int]]) -> None:
    wanted = naive.components(n, edges)
    assert components(*ends(edges), n).tolist() == wanted
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(edges))
        turned = [edges[i][::-1] if i % 2 else edges[i] for i in order]
        assert components(*ends(turned), n).tolist() == wanted


@pytest.mark.parametrize("seed", range(4))
def test_enough_edges_to_look_ahead(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = [(int(a), int(b)) for a, b in rng.integers(0, 3_000, (2_000, 2))]
    assert components(*ends(edges), 3_000).tolist() == naive.components(3_000, edges)


def test_misuse_is_refused() -> None:
    u = np.array([0, 3], np.int32)
    with pytest.raises(ValueError, match=r"u must lie in \[0, 3\), but spans \[0, 3\]"):
        components(u, u, 3)
    with pytest.raises(ValueError, match="v must have 2 rows"):
        components(u, u[:1], 4)
    with pytest.raises(ValueError, match="u must be an array of int32, not int64"):
        components(u.astype(np.int64), u, 4)
    with pytest.raises(ValueError, match="n must lie in"):
        components(u, u, 2**31)
