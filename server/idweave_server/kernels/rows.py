# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Loops over rows that list nodes: which partners a node meets, which node of a row comes first, rows grouped by node."""

from __future__ import annotations

import numpy as np
from numba import njit


def row_numbers(start: np.ndarray) -> np.ndarray:
    """int32[k]: the row of every entry of a table in compressed rows, start int64[n + 1]."""
    return np.repeat(np.arange(start.size - 1, dtype=np.int32), np.diff(start))


def group_by(key: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(start int64[n + 1], member int64[k]): positions of each key 0..n-1 in their order; a key of -1 is left out. key: int32[k]."""
    start = np.zeros(n + 2, np.int64)
    _count(key, start)
    np.cumsum(start, out=start)
    member = np.empty(int(start[n + 1]), np.int64)
    _place(key, start, member)
    return start[: n + 1], member


@njit(cache=True, nogil=True)
def _count(key, start):
    for x in key:
        if x >= 0:
            start[x + 2] += 1


@njit(cache=True, nogil=True)
def _place(key, start, member):
    for i in range(key.size):
        x = key[i]
        if x >= 0:
            member[start[x + 1]] = i
            start[x + 1] += 1


def compressed_rows(row: np.ndarray, value: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entries in any order as compressed rows without repeats: (start int64[n + 1], value int32[k], entry int64[k], where each came from).

    row: int32 or int64[s]; value: int32[s]; an entry whose value is -1 is left out. Within a row values keep the order of their first
    entries.
    """
    start, member = group_by(np.where(value >= 0, row, np.int32(-1)).astype(np.int32, copy=False), n)
    kept = np.zeros(member.size, np.bool_)
    size = np.zeros(n + 1, np.int64)
    _first_entries(start, member, value, kept, size)
    np.cumsum(size, out=size)
    entry = member[kept]
    return size, value[entry], entry


@njit(cache=True, nogil=True)
def _first_entries(start, member, value, kept, size):
    for r in range(start.size - 1):
        for x in range(start[r], start[r + 1]):
            fresh = True
            for y in range(start[r], x):
                if value[member[y]] == value[member[x]]:
                    fresh = False
                    break
            kept[x] = fresh
            size[r + 1] += fresh


def strong_partners(start: np.ndarray, node: np.ndarray, identifier: np.ndarray, strong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(node int32[p], partner int32[p]): every node with every strong identifier in its rows but its own, repeats included.

    start: int64[r + 1]; node, identifier: int32[k], entries of the rows, node -1 is left out; strong: uint8[i], by identifier.
    """
    size = _pair_partners(start, node, identifier, strong, np.empty(0, np.int32), np.empty(0, np.int32))
    nodes, partners = np.empty(size, np.int32), np.empty(size, np.int32)
    _pair_partners(start, node, identifier, strong, nodes, partners)
    return nodes, partners


@njit(cache=True, nogil=True)
def _pair_partners(start, node, identifier, strong, nodes, partners):
    """Fills the pairs where there is room; returns how many there are."""
    used = 0
    fill = nodes.size > 0
    for r in range(start.size - 1):
        for y in range(start[r], start[r + 1]):
            if strong[identifier[y]] == 0 or node[y] < 0:
                continue
            for x in range(start[r], start[r + 1]):
                if identifier[x] != identifier[y] and node[x] >= 0:
                    if fill:
                        nodes[used] = node[x]
                        partners[used] = identifier[y]
                    used += 1
    return used


def first_of_row(
    start: np.ndarray, node: np.ndarray, eligible: np.ndarray, rank: np.ndarray, strongest: np.ndarray, content: np.ndarray
) -> np.ndarray:
    """int32[r]: each row's first eligible node by (rank ascending, strongest descending, content ascending); -1 where it has none.

    start: int64[r + 1]; node: int32[k]; rank: int16[k], by entry; eligible: uint8[v], strongest: int64[v], content: uint64[v, 2], by node.
    """
    out = np.empty(start.size - 1, np.int32)
    _first_of_row(start, node, eligible, rank, strongest, content, out)
    return out


@njit(cache=True, nogil=True)
def _first_of_row(start, node, eligible, rank, strongest, content, out):
    for r in range(start.size - 1):
        best = np.int32(-1)
        best_rank = np.int16(0)
        for k in range(start[r], start[r + 1]):
            v = node[k]
            if v < 0 or eligible[v] == 0:
                continue
            if best >= 0:
                if rank[k] != best_rank:
                    if rank[k] > best_rank:
                        continue
                elif strongest[v] != strongest[best]:
                    if strongest[v] < strongest[best]:
                        continue
                elif content[v, 0] > content[best, 0] or (content[v, 0] == content[best, 0] and content[v, 1] >= content[best, 1]):
                    continue
            best = v
            best_rank = rank[k]
        out[r] = best


@njit(cache=True, nogil=True)
def strongest_links(a, b, strength, n):
    """int64[n]: the strength of each node's strongest edge, 0 without one."""
    out = np.zeros(n, np.int64)
    for e in range(a.size):
        out[a[e]] = max(out[a[e]], strength[e])
        out[b[e]] = max(out[b[e]], strength[e])
    return out


@njit(cache=True, nogil=True)
def block_of(start, cut, node, time):
    """int32[s]: how many of each sighting's node's cuts lie before its time. node: int32[s], -1 gives 0; start, cut as of cut_points."""
    out = np.zeros(node.size, np.int32)
    for s in range(node.size):
        x = node[s]
        if x >= 0:
            for c in range(start[x], start[x + 1]):
                out[s] += time[s] > cut[c]
    return out
