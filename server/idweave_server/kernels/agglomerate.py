# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Constrained agglomeration: unite the ends of edges, strongest first, unless the groups they would join contradict each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int32, int64, njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_count, checked_nodes
from idweave_server.kernels.components import AHEAD, flatten, join, number_roots, set_apart
from idweave_server.kernels.edge_order import sort_edges
from idweave_server.kernels.histograms import Histograms, checked_histograms, checked_labels
from idweave_server.kernels.instructions import BORROWING, INNER_BORROWING, prefetch
from idweave_server.kernels.labels import Labels
from idweave_server.kernels.marks import DIFFERENT, NONE, Marks, checked_marks, clash, fill_marks, merge_marks
from idweave_server.kernels.suspects import COUNT_EDGE, ENDS, Suspects, find_suspects
from idweave_server.kernels.tally import Tally, alike, clear, dominant_of, fill, merge, table_size
from idweave_server.model import Apart

NAMES, BIRTH_DATES = int(Apart.NAMES), int(Apart.BIRTH_DATES)
EDGE, REASON = range(2)  # what is kept of a refused edge


class Agglomeration(NamedTuple):
    """label: int32[n], the group of every node, dense, numbered by smallest member; apart: uint8[m] and same_apart: uint8[s], the
    model.Apart that refused an edge or a forced union whose ends are in different groups, else 0."""

    label: NDArray[np.int32]
    apart: NDArray[np.uint8]
    same_apart: NDArray[np.uint8]


class Groups(NamedTuple):
    """Scratch for the groups of one component: parent, size (nodes and entries) int32[largest]; what each kind of entry needs."""

    parent: np.ndarray
    size: np.ndarray
    names: Tally
    births: Tally
    marks: Tally


@njit(inline="always", **BORROWING)
def _find(parent, a):
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@njit(inline="always", **BORROWING)
def _look_ahead(node, i, names, births, marks):
    """Ask for what the nodes to come carry: they lie anywhere."""
    if i + 2 * AHEAD < node.size:
        x = uint64(node[i + 2 * AHEAD])
        prefetch(names.start, x)
        prefetch(births.start, x)
        prefetch(marks.start, x)
    if i + AHEAD < node.size:
        x = node[i + AHEAD]
        prefetch(names.value, uint64(names.start[x]))
        prefetch(names.weight, uint64(names.start[x]))
        prefetch(births.value, uint64(births.start[x]))
        prefetch(births.weight, uint64(births.start[x]))


@njit(**INNER_BORROWING)
def _begin(groups, suspects, c, names, births, marks, labels):
    """Make every node of suspect c a group of its own; returns the table sizes of names, births and marks."""
    lo, hi = suspects.node_start[c], suspects.node_start[c + 1]
    entries_n, entries_b, entries_m = int64(0), int64(0), int64(0)
    for i in range(lo, hi):
        _look_ahead(suspects.node, i, names, births, marks)
        x = suspects.node[i]
        n = names.start[x + 1] - names.start[x]
        b = births.start[x + 1] - births.start[x]
        m = marks.start[x + 1] - marks.start[x]
        entries_n += n
        entries_b += b
        entries_m += m
        groups.parent[i - lo] = int32(i - lo)
        groups.size[i - lo] = int32(1 + n + b + m)
    clear(groups.names, hi - lo, entries_n)
    clear(groups.births, hi - lo, entries_b)
    clear(groups.marks, hi - lo, entries_m)
    slots_n, slots_b, slots_m = table_size(entries_n), table_size(entries_b), table_size(entries_m)
    for i in range(lo, hi):
        x = suspects.node[i]
        for dated in (False, True):
            tally, values, slots = (groups.births, births, slots_b) if dated else (groups.names, names, slots_n)
            fill(tally, i - lo, values.value, values.weight, values.start[x], values.start[x + 1], labels, dated, slots)
        fill_marks(groups.marks, i - lo, marks, x, slots_m)
    return slots_n, slots_b, slots_m


@njit(**INNER_BORROWING)
def _conflict(groups, a, b, labels, share):
    """NAMES or BIRTH_DATES where both groups have a dominant one and the two are not similar."""
    for dated in (False, True):
        tally = groups.births if dated else groups.names
        x, y = dominant_of(tally, a, share), dominant_of(tally, b, share)
        if x >= 0 and y >= 0 and not alike(labels, dated, x, y):
            return BIRTH_DATES if dated else NAMES
    return NONE


@njit(**INNER_BORROWING)
def _unite(groups, a, b, forced, labels, share, different_from, slots):
    """Unite groups a and b, or return the rule that refuses: DIFFERENT, and unless forced UNIQUE, NAMES, BIRTH_DATES."""
    small, large = (a, b) if groups.size[a] < groups.size[b] else (b, a)
    reason = clash(groups.marks, small, large, different_from, slots[2])
    if reason != DIFFERENT:
        if forced:
            reason = NONE
        elif reason == NONE:
            reason = _conflict(groups, a, b, labels, share)
    if reason != NONE:
        return reason
    groups.parent[small] = large
    groups.size[large] += groups.size[small]
    for dated in (False, True):
        merge(groups.births if dated else groups.names, small, large, labels, dated, slots[1] if dated else slots[0])
    merge_marks(groups.marks, small, large, slots[2])
    return NONE


@njit(**BORROWING)
def _resolve(suspects, names, births, marks, labels, same_u, same_v, share, different_from, groups, spare, root, apart, same_apart):
    """Agglomerate one suspect component after the other; writes root (each group's smallest node), apart and same_apart."""
    place, parent, edge = suspects.place, groups.parent, suspects.edge
    for c in range(suspects.node_start.size - 1):
        slots = _begin(groups, suspects, c, names, births, marks, labels)
        first, lo, hi = suspects.same_start[c], suspects.edge_start[c], suspects.edge_start[c + 1]
        forced = suspects.same_start[c + 1] - first
        sort_edges(edge, lo, hi, spare)
        refused = 0
        for i in range(lo - forced, hi):  # the forced unions first; one place for both, since _unite is large once it is compiled
            if i < lo:
                s = suspects.same[first + i - (lo - forced)]
                a, b = int64(_find(parent, place[same_u[s]])), int64(_find(parent, place[same_v[s]]))
            else:
                a, b = int64(_find(parent, int32(edge[i, ENDS] >> 32))), int64(_find(parent, int32(edge[i, ENDS] & 0xFFFFFFFF)))
            if a == b:
                continue
            reason = _unite(groups, a, b, i < lo, labels, share, different_from, slots)
            if i < lo:
                same_apart[s] = reason
            elif reason != NONE:
                spare[refused, EDGE], spare[refused, REASON] = i, reason
                refused += 1
        for k in range(refused):  # later unions may have joined what an earlier one could not
            i = spare[k, EDGE]
            if _find(parent, int32(edge[i, ENDS] >> 32)) != _find(parent, int32(edge[i, ENDS] & 0xFFFFFFFF)):
                apart[edge[i, COUNT_EDGE] & 0xFFFFFFFF] = spare[k, REASON]
        _write_roots(suspects.node, suspects.node_start[c], suspects.node_start[c + 1], groups, root)


@njit(**INNER_BORROWING)
def _write_roots(node, lo, hi, groups, root):
    least = groups.size  # no longer needed: each group's smallest member
    for i in range(hi - lo):
        least[i] = -1
    for i in range(hi - lo):
        r = _find(groups.parent, int32(i))
        if least[r] < 0:
            least[r] = i
        root[node[lo + i]] = node[lo + least[r]]


@njit(**BORROWING)
def _largest(suspects, names, births, marks):
    """The most nodes, edges, names, births and marks of any suspect."""
    nodes, edges, most_n, most_b, most_m = 0, 0, 0, 0, 0
    for c in range(suspects.node_start.size - 1):
        n, b, m = 0, 0, 0
        for i in range(suspects.node_start[c], suspects.node_start[c + 1]):
            if i + AHEAD < suspects.node.size:
                prefetch(names.start, uint64(suspects.node[i + AHEAD]))
                prefetch(births.start, uint64(suspects.node[i + AHEAD]))
                prefetch(marks.start, uint64(suspects.node[i + AHEAD]))
            x = suspects.node[i]
            n += names.start[x + 1] - names.start[x]
            b += births.start[x + 1] - births.start[x]
            m += marks.start[x + 1] - marks.start[x]
        nodes = max(nodes, suspects.node_start[c + 1] - suspects.node_start[c])
        edges = max(edges, suspects.edge_start[c + 1] - suspects.edge_start[c])
        most_n, most_b, most_m = max(most_n, n), max(most_b, b), max(most_m, m)
    return nodes, edges, most_n, most_b, most_m


def _tally(groups: int, entries: int) -> Tally:
    following, owner, key = (np.empty(entries, np.int32) for _ in range(3))
    sums, slots = np.empty((groups, 4), np.int64), np.empty(table_size(entries), np.int32)
    return Tally(np.empty(2, np.int64), np.empty(groups, np.int32), following, owner, key, np.empty(entries, np.int64), sums, slots)


def _scratch(suspects: Suspects, names: Histograms, births: Histograms, marks: Marks) -> tuple[Groups, NDArray[np.int64]]:
    nodes, edges, *entries = _largest(suspects, names, births, marks)
    groups = Groups(np.empty(nodes, np.int32), np.empty(nodes, np.int32), *(_tally(nodes, most) for most in entries))
    return groups, np.empty((max(edges, 1), 4), np.int64)


def agglomerate(
    n: int,
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    strength: NDArray[np.int64],
    count: NDArray[np.int32],
    tie: NDArray[np.uint64],
    names: Histograms,
    labels: Labels,
    births: Histograms,
    marks: Marks,
    same_u: NDArray[np.int32],
    same_v: NDArray[np.int32],
    dominance: int,
    different_from: int,
) -> Agglomeration:
    """Group n nodes: forced unions in the given order, then edges by strength and count, both descending, and tie ascending.

    u, v: int32[m]; strength: int64[m]; count: int32[m]; tie: uint64[m], a content hash that differs between edges. names: label codes;
    births: dates as yyyymmdd; same_u, same_v: int32[s]; dominance: thousandths of a group's weight that make a value dominant.

    A union is refused, in this order of reasons, where the groups carry a mark with different values (keys from `different_from` on:
    DIFFERENT, below: UNIQUE), or have dominant names, or dominant birth dates, that are not similar. A forced union is refused only by
    DIFFERENT. A group's histograms are the sums of its members'. The result depends neither on the order of the edges nor on how nodes
    and labels are numbered, and a component resolved on its own comes out the same. Raises ValueError.
    Cost: see benchmarks/bench_kernels.py.
    """
    n = checked_count("n", n)
    u = checked_nodes("u", u, n)
    v = checked_nodes("v", v, n, u.size)
    strength = checked("strength", strength, np.int64, u.size)
    count = checked("count", count, np.int32, u.size)
    tie = checked("tie", tie, np.uint64, u.size)
    labels = checked_labels(labels)
    names = checked_histograms("names", names, n, labels.alphabetic.size)
    births = checked_histograms("births", births, n)
    marks = checked_marks(marks, n)
    same_u = checked_nodes("same_u", same_u, n)
    same_v = checked_nodes("same_v", same_v, n, same_u.size)
    root, label = np.empty(n, np.int32), np.empty(n, np.int32)
    set_apart(root)
    join(root, u, v)
    join(root, same_u, same_v)
    flatten(root)
    apart, same_apart = np.zeros(u.size, np.uint8), np.zeros(same_u.size, np.uint8)
    suspects = find_suspects(root, (u, v, strength, count, tie), same_u, names, births, marks, labels)
    if suspects is not None:
        groups, spare = _scratch(suspects, names, births, marks)
        _resolve(suspects, names, births, marks, labels, same_u, same_v, dominance, different_from, groups, spare, root, apart, same_apart)
    number_roots(root, label)
    return Agglomeration(label, apart, same_apart)
