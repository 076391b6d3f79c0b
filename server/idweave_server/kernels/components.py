# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Connected components: Rem's union-find with splicing (Dijkstra 1976; Patwary, Blair and Manne, SEA 2010)."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked_count, checked_nodes
from idweave_server.kernels.instructions import prefetch

AHEAD = 16  # edges whose parents are asked for in advance; 12 to 20 do equally well


@njit(cache=True, nogil=True)
def set_apart(parent):
    """Every node its own root."""
    for i in range(parent.size):
        parent[i] = i


@njit(cache=True, nogil=True)
def join(parent, u, v):
    """Unite the ends of all edges. A parent is never larger than its child, so every root is its component's smallest node."""
    m = u.size
    for i in range(m):
        if i + 2 * AHEAD < m:
            prefetch(parent, uint64(u[i + 2 * AHEAD]))
            prefetch(parent, uint64(v[i + 2 * AHEAD]))
            prefetch(parent, uint64(parent[u[i + AHEAD]]))
            prefetch(parent, uint64(parent[v[i + AHEAD]]))
        a, b = uint64(u[i]), uint64(v[i])
        above_a, above_b = parent[a], parent[b]
        while above_a != above_b:
            # selects, not branches: which of the two is larger is a coin toss that the processor would often guess wrong
            swap = above_a < above_b
            upper = b if swap else a
            lower = a if swap else b
            above_upper = above_b if swap else above_a
            above_lower = above_a if swap else above_b
            parent[upper] = above_lower  # links a root, splices any other node: the same store
            if upper == uint64(above_upper):
                break
            a = uint64(above_upper)
            above_a = parent[a]
            b = lower
            above_b = above_lower


@njit(cache=True, nogil=True)
def flatten(parent):
    """Let every node point at its root."""
    n = parent.size
    for i in range(n):
        if i + AHEAD < n:
            prefetch(parent, uint64(parent[i + AHEAD]))
        parent[i] = parent[parent[i]]


@njit(cache=True, nogil=True)
def number_roots(parent, label):
    """Labels dense by smallest member, where the parent of every node is smaller (or itself) and labelled like it."""
    n = parent.size
    count = 0
    for i in range(n):
        if i + AHEAD < n:
            prefetch(label, uint64(parent[i + AHEAD]))
        root = parent[i]
        label[i] = count if root == i else label[root]
        count += root == i


def components(u: NDArray[np.int32], v: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    """The connected component of every node: int32[n], dense, numbered by smallest member.

    u, v: int32[m], the ends of the edges in any order, repeats and self-links allowed. Raises ValueError.
    Cost: 20 to 30 ns an edge at ten million in random order; benchmarks/bench_kernels.py.
    """
    n = checked_count("n", n)
    u = checked_nodes("u", u, n)
    v = checked_nodes("v", v, n, u.size)
    parent, label = np.empty(n, np.int32), np.empty(n, np.int32)
    set_apart(parent)
    join(parent, u, v)
    number_roots(parent, label)
    return label
