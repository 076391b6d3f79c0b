# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Which components could see a union refused at all, gathered with their nodes and edges for a closer look.

Where all names of a component are similar to one another, all birth dates too, and no mark has two values, no order of unions can meet a
conflict: the component is one group, and need not be sorted. The others are suspects. (A component with more than three spellings of one
name is called a suspect as well: that costs time, not correctness.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit, uint32, uint64
from numpy.typing import NDArray

from idweave_server.kernels.histograms import Histograms
from idweave_server.kernels.instructions import BORROWING, INNER_BORROWING, prefetch
from idweave_server.kernels.labels import Labels, similar, similar_date
from idweave_server.kernels.marks import Marks
from idweave_server.kernels.numbering import AHEAD, first_slot, key_of

FIRST, SECOND, THIRD, BIRTH = range(4)  # the names seen in a component, and a birth date; -1 where there is none yet
SUSPECT = -2  # in place of the first name
NUMBER = SECOND  # once the suspects are known: the suspect's number, or -1
STRENGTH, COUNT_EDGE, TIE, ENDS = range(4)


class Suspects(NamedTuple):
    """Suspect components, numbered by smallest node, each with its nodes (ascending), edges and forced unions (in the given order).

    node_start: int64[k + 1], node: int32[..]; edge_start: int64[k + 1], edge: int64[.., 4] with the strength, the count above the edge's
    number, the tie's bits, and the ends' places among the component's nodes, one above the other; same_start: int64[k + 1],
    same: int32[..], numbers of forced unions; place: int32[n], a node's place among those of its component.
    """

    node_start: NDArray[np.int64]
    node: NDArray[np.int32]
    edge_start: NDArray[np.int64]
    edge: NDArray[np.int64]
    same_start: NDArray[np.int64]
    same: NDArray[np.int32]
    place: NDArray[np.int32]


@njit(**BORROWING)
def _suspect_values(root, names, births, labels, seen):
    n = root.size
    for i in range(n):
        if i + AHEAD < n:
            prefetch(seen, uint64(root[i + AHEAD]) * uint64(4))
        r = root[i]
        for k in range(names.start[i], names.start[i + 1]):
            x = names.value[k]
            if x != seen[r, FIRST] and x != seen[r, SECOND] and x != seen[r, THIRD] and not _fits(seen, r, x, labels):
                seen[r, FIRST] = SUSPECT
                break
        for k in range(births.start[i], births.start[i + 1]):
            x = births.value[k]
            if seen[r, BIRTH] < 0:
                seen[r, BIRTH] = x
            elif not similar_date(int64(x), int64(seen[r, BIRTH])):  # transitive, so the first one stands for all
                seen[r, FIRST] = SUSPECT


@njit(**INNER_BORROWING)
def _fits(seen, r, x, labels):
    """Note another name of component r; whether it is similar to all noted before."""
    if seen[r, FIRST] == SUSPECT:
        return False
    for k in (FIRST, SECOND, THIRD):
        if seen[r, k] < 0:
            seen[r, k] = x
            return True
        if not similar(labels, int64(x), int64(seen[r, k])):
            return False
    return False


@njit(**BORROWING)
def _suspect_marks(root, marks, table, seen):
    slots = uint64(table.shape[0])
    for i in range(root.size):
        for k in range(marks.start[i], marks.start[i + 1]):
            key = key_of(root[i], marks.key[k])
            value = uint64(uint32(marks.value[k])) + uint64(1)
            s = first_slot(key, slots)
            while table[s, 1] != uint64(0) and table[s, 0] != key:
                s += uint64(1)
                if s == slots:
                    s = uint64(0)
            if table[s, 1] == uint64(0):
                table[s, 0] = key
                table[s, 1] = value
            elif table[s, 1] != value:
                seen[root[i], FIRST] = SUSPECT


@njit(**BORROWING)
def _number(root, seen):
    suspects = 0
    for i in range(root.size):
        if root[i] == i:
            if seen[i, FIRST] == SUSPECT:
                seen[i, NUMBER] = suspects
                suspects += 1
            else:
                seen[i, NUMBER] = -1
    return suspects


@njit(**BORROWING)
def _assign_nodes(root, seen, number):
    """The suspect that each node is in, or -1."""
    n = root.size
    for i in range(n):
        if i + AHEAD < n:
            prefetch(seen, uint64(root[i + AHEAD]) * uint64(4))
        number[i] = seen[root[i], NUMBER]


@njit(**BORROWING)
def _assign_edges(end, number, of_edge):
    """The suspect that each edge is in, by one of its ends."""
    m = end.size
    for e in range(m):
        if e + AHEAD < m:
            prefetch(number, uint64(end[e + AHEAD]))
        of_edge[e] = number[end[e]]


@njit(**BORROWING)
def _count(number, start):
    """How many members each suspect has, as offsets."""
    for c in number:
        if c >= 0:
            start[c + 1] += 1
    for c in range(1, start.size):
        start[c] += start[c - 1]


@njit(**BORROWING)
def _gather(number, fill, member):
    """List the members of each suspect in order; fill comes as where each list begins, and goes as where it ends."""
    for i in range(number.size):
        c = number[i]
        if c >= 0:
            member[fill[c]] = i
            fill[c] += 1


@njit(**BORROWING)
def _number_places(start, node, place):
    for c in range(start.size - 1):
        for i in range(start[c], start[c + 1]):
            place[node[i]] = i - start[c]


@njit(**BORROWING)
def _gather_edges(number, fill, place, u, v, strength, count, tie, edge):
    """As `_gather`, with all that is known of an edge."""
    m = number.size
    for e in range(m):
        if e + AHEAD < m and number[e + AHEAD] >= 0:
            prefetch(place, uint64(u[e + AHEAD]))
            prefetch(place, uint64(v[e + AHEAD]))
            prefetch(edge, uint64(fill[number[e + AHEAD]]) * uint64(4))
        c = number[e]
        if c >= 0:
            at = fill[c]
            fill[c] = at + 1
            edge[at, STRENGTH] = strength[e]
            edge[at, COUNT_EDGE] = (int64(count[e]) << 32) | e
            edge[at, TIE] = int64(tie[e])
            edge[at, ENDS] = (int64(place[u[e]]) << 32) | place[v[e]]


def find_suspects(
    root: NDArray[np.int32],
    edges: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.uint64]],
    same_u: NDArray[np.int32],
    names: Histograms,
    births: Histograms,
    marks: Marks,
    labels: Labels,
) -> Suspects | None:
    """The suspects among the components, or None where there are none.

    root: int32[n], the root of every node's component; edges: u, v, strength, count, tie, each [m]; same_u: int32[s].
    """
    seen = np.full((root.size, 4), -1, np.int32)
    _suspect_values(root, names, births, labels, seen)
    if marks.key.size:
        _suspect_marks(root, marks, np.zeros((2 * marks.key.size, 2), np.uint64), seen)
    suspects = _number(root, seen)
    if suspects == 0:
        return None
    node_start, edge_start, same_start = (np.zeros(suspects + 1, np.int64) for _ in range(3))
    number, of_edge, of_same = np.empty(root.size, np.int32), np.empty(edges[0].size, np.int32), np.empty(same_u.size, np.int32)
    _assign_nodes(root, seen, number)
    del seen
    _count(number, node_start)
    node = np.empty(node_start[-1], np.int32)
    _gather(number, node_start[:-1].copy(), node)
    _assign_edges(same_u, number, of_same)
    _count(of_same, same_start)
    same = np.empty(same_start[-1], np.int32)
    _gather(of_same, same_start[:-1].copy(), same)
    _assign_edges(edges[0], number, of_edge)
    _count(of_edge, edge_start)
    edge = np.empty((edge_start[-1], 4), np.int64)
    place = number  # each node's suspect is no longer needed
    _number_places(node_start, node, place)
    _gather_edges(of_edge, edge_start[:-1].copy(), place, *edges, edge)
    return Suspects(node_start, node, edge_start, edge, same_start, same, place)
