# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The weakest necessary link of every group: the bridge whose loss would part it (Tarjan, Information Processing Letters 2, 1974)."""

from __future__ import annotations

import numpy as np
from numba import int64, njit
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_count, checked_nodes
from idweave_server.kernels.instructions import INNER

# Columns of the search tree: order of discovery from 1 on (0: not yet); the earliest found that the subtree reaches; the edge from the
# parent; lasting nodes in the subtree; and, by order of discovery, the node.
FOUND, LOW, INTO, HELD, TRAIL = range(5)


@njit(cache=True, nogil=True)
def _adjacency(u, v, start, neighbour, through):
    """Both directions of every edge, by node; start comes zeroed."""
    for e in range(u.size):
        start[u[e] + 1] += 1
        start[v[e] + 1] += 1
    for x in range(1, start.size):
        start[x] += start[x - 1]
    fill = start[:-1].copy()
    for e in range(u.size):
        neighbour[fill[u[e]]], through[fill[u[e]]] = v[e], e
        fill[u[e]] += 1
        neighbour[fill[v[e]]], through[fill[v[e]]] = u[e], e
        fill[v[e]] += 1


@njit(**INNER)
def _search(origin, clock, u, v, start, neighbour, through, lasting, next_at, tree):
    """Depth-first search from `origin`, filling the columns of `tree` for what it reaches; returns the clock at its end.

    next_at: int64[n], the next neighbour to look at. tree: int32[n, 5], see the names of its columns.
    """
    clock += 1
    _enter(tree, int64(origin), int64(-1), clock, lasting)
    next_at[origin] = start[origin]
    x = origin
    while True:
        if next_at[x] < start[x + 1]:
            y, e = neighbour[next_at[x]], through[next_at[x]]
            next_at[x] += 1
            if tree[y, FOUND] == 0:
                clock += 1
                _enter(tree, int64(y), int64(e), clock, lasting)
                next_at[y] = start[y]
                x = y
            elif e != tree[x, INTO]:
                tree[x, LOW] = min(tree[x, LOW], tree[y, FOUND])
        elif x == origin:
            return clock
        else:
            e = tree[x, INTO]
            above = u[e] ^ v[e] ^ x  # the edge's other end
            tree[above, LOW] = min(tree[above, LOW], tree[x, LOW])
            tree[above, HELD] += tree[x, HELD]
            x = above


@njit(**INNER)
def _enter(tree, x, e, clock, lasting):
    tree[x, FOUND] = clock
    tree[x, LOW] = clock
    tree[x, INTO] = e
    tree[x, HELD] = lasting[x] != 0
    tree[clock - 1, TRAIL] = x


@njit(cache=True, nogil=True)
def _weakest(u, v, start, neighbour, through, strength, tie, group, lasting, next_at, tree, weakest):
    clock = int64(0)
    for origin in range(group.size):
        if tree[origin, FOUND] != 0 or group[origin] < 0:
            continue
        begun = clock
        clock = _search(origin, clock, u, v, start, neighbour, through, lasting, next_at, tree)
        for i in range(begun, clock):
            x = tree[i, TRAIL]
            e = tree[x, INTO]
            # nothing below x reaches above it, and both sides hold something lasting
            if e < 0 or tree[x, LOW] != tree[x, FOUND] or tree[x, HELD] == 0 or tree[x, HELD] == tree[origin, HELD]:
                continue
            best = weakest[group[x]]
            if best < 0 or strength[e] < strength[best] or (strength[e] == strength[best] and tie[e] < tie[best]):
                weakest[group[x]] = e


def weakest_bridges(
    n: int,
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    strength: NDArray[np.int64],
    tie: NDArray[np.uint64],
    group: NDArray[np.int32],
    lasting: NDArray[np.uint8],
) -> NDArray[np.int32]:
    """For every group the weakest edge whose loss would leave a lasting node on both sides, -1 where there is none: int32[groups].

    u, v: int32[m], edges whose ends are in one group (ValueError otherwise); strength: int64[m]; tie: uint64[m], the smaller decides
    between equally weak ones; group: int32[n], -1 for a node in none; lasting: uint8[n]. A group that its edges do not connect is looked
    at part by part. Raises ValueError.
    """
    n = checked_count("n", n)
    u = checked_nodes("u", u, n)
    v = checked_nodes("v", v, n, u.size)
    strength = checked("strength", strength, np.int64, u.size)
    tie = checked("tie", tie, np.uint64, u.size)
    group = checked_nodes("group", group, n, n, least=-1)
    lasting = checked("lasting", lasting, np.uint8, n)
    if not np.array_equal(group[u], group[v]):
        raise ValueError("u and v must be in one group: pass only the edges inside groups")
    start = np.zeros(n + 1, np.int64)
    neighbour, through = np.empty(2 * u.size, np.int32), np.empty(2 * u.size, np.int32)
    _adjacency(u, v, start, neighbour, through)
    weakest = np.full(int(group.max(initial=-1)) + 1, -1, np.int32)
    tree = np.zeros((n, 5), np.int32)
    _weakest(u, v, start, neighbour, through, strength, tie, group, lasting, np.empty(n, np.int64), tree, weakest)
    return weakest
