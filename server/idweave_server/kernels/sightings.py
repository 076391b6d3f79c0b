# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Sightings of nodes in rows, threaded by node: from a node to its rows, from rows to a table of their own, around a component.

A sighting k stands in row[k] and sees node[k]; before[k] is the same node's sighting before it, head[i] its latest; -1 ends a thread.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def thread(node, head, before, first):
    """Thread the sightings from `first` on: before[k] becomes the node's previous sighting, head[i] its latest."""
    for k in range(first, node.size):
        i = node[k]
        before[k] = head[i]
        head[i] = k


@njit(cache=True, nogil=True)
def _mark_rows(nodes, head, before, row, gone, mark):
    count = 0
    for i in nodes:
        k = head[i]
        while k >= 0:
            r = row[k]
            if gone[r] == 0 and mark[r] == 0:
                mark[r] = 1
                count += 1
            k = before[k]
    return count


@njit(cache=True, nogil=True)
def _list_rows(nodes, head, before, row, mark, out):
    n = 0
    for i in nodes:
        k = head[i]
        while k >= 0:
            r = row[k]
            if mark[r] != 0:
                mark[r] = 0
                out[n] = r
                n += 1
            k = before[k]


def rows_seen(nodes, head, before, row, gone, mark) -> NDArray[np.int64]:
    """int64[r], ascending: the rows, not gone, that saw any of these nodes, int32[n]. gone, mark: uint8 by row; mark is zeros before and
    after."""
    out = np.empty(_mark_rows(nodes, head, before, row, gone, mark), np.int64)
    _list_rows(nodes, head, before, row, mark, out)
    out.sort()
    return out


@njit(cache=True, nogil=True)
def _fill(first, size, node, local, scope, nodes, starts, own, sightings):
    n = scope.size
    for j in range(n):
        local[scope[j]] = j
        nodes[j] = scope[j]
    at = 0
    starts[0] = 0
    for x in range(first.size):
        for k in range(first[x], first[x] + size[x]):
            i = node[k]
            if local[i] < 0:
                local[i] = n
                nodes[n] = i
                n += 1
            own[at] = local[i]
            sightings[at] = k
            at += 1
        starts[x + 1] = at
    for j in range(n):
        local[nodes[j]] = -1
    return n


def gathered(
    first: NDArray[np.int64], size: NDArray[np.int64], node: NDArray[np.int32], local: NDArray[np.int32], scope: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Rows with their nodes numbered anew: (nodes int32[i], those of `scope` first; start int64[r + 1]; node int32[k], positions in nodes;
    sighting int64[k], which one each is). first, size: the sightings of each row; local: int32 by node, -1 before and after."""
    total = int(size.sum())
    nodes = np.empty(scope.size + total, np.int32)
    starts, own, sightings = np.empty(first.size + 1, np.int64), np.empty(total, np.int32), np.empty(total, np.int64)
    n = _fill(first, size, node, local, scope, nodes, starts, own, sightings)
    return nodes[:n].copy(), starts, own, sightings


@njit(cache=True, nogil=True)
def _count_ring(nodes, ring, mark):
    n = 0
    for c in nodes:
        x = c
        while mark[x] == 0:
            mark[x] = 1
            n += 1
            x = ring[x]
    return n


@njit(cache=True, nogil=True)
def _list_ring(nodes, ring, mark, out):
    n = 0
    for c in nodes:
        x = c
        while mark[x] != 0:
            mark[x] = 0
            out[n] = x
            n += 1
            x = ring[x]


def ring_closed(nodes, ring, mark) -> NDArray[np.int32]:
    """int32[n], ascending: these nodes and those of their components. ring: int32, the next of each component; mark: uint8, zeros
    before and after."""
    nodes = np.ascontiguousarray(nodes, np.int32)
    out = np.empty(_count_ring(nodes, ring, mark), np.int32)
    _list_ring(nodes, ring, mark, out)
    out.sort()
    return out


@njit(cache=True, nogil=True)
def rows_with(start, flag):
    """uint8[r]: whether any sighting of each row is flagged; flag: uint8[k]."""
    out = np.zeros(start.size - 1, np.uint8)
    for r in range(start.size - 1):
        for k in range(start[r], start[r + 1]):
            out[r] |= flag[k]
    return out
