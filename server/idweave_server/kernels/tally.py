# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What groups carry while they grow together: weighted values per group, merged small into large, with the dominant value kept at hand.

Entries (key, weight) form a linked list per group; one hash table finds the entry of (group, key). When a group is merged into another its
entries change owner, and the table gets a second reference; references to former owners are passed over, and the table is rebuilt when it
is full of them. A value enters a larger group at most log2(entries) times, so all merging together is O(entries log entries).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int32, int64, njit, uint32, uint64

from idweave_server.kernels.hashing import scrambled
from idweave_server.kernels.instructions import BORROWING, INNER_BORROWING
from idweave_server.kernels.labels import before, similar, similar_date

ENTRIES, REFERENCES = range(2)
TOTAL, TOP, HEAVIEST, HELD = range(4)


class Tally(NamedTuple):
    """Scratch for one kind of value.

    state: int64[2], how many entries exist and how many references the table holds.
    head: int32[groups], a group's first entry or -1; following, owner, key: int32[entries]; weight: int64[entries].
    sums: int64[groups, 4], of a group: the whole weight, the heaviest value, its weight, the weight of those similar to it.
    slots: int32[a power of two >= 4 * entries], number of an entry plus one, 0 where empty.
    """

    state: np.ndarray
    head: np.ndarray
    following: np.ndarray
    owner: np.ndarray
    key: np.ndarray
    weight: np.ndarray
    sums: np.ndarray
    slots: np.ndarray


@njit(**BORROWING)
def table_size(entries):
    """Slots that a tally of so many entries uses: a power of two, at most half of it taken by live references."""
    size = 4
    while size < 4 * entries:
        size *= 2
    return size


@njit(**INNER_BORROWING)
def clear(tally, groups, entries):
    """Make the tally empty, for so many groups and at most so many entries."""
    tally.state[ENTRIES] = 0
    tally.state[REFERENCES] = 0
    for g in range(groups):
        tally.head[g] = -1
        tally.sums[g, TOTAL] = 0
        tally.sums[g, TOP] = -1
        tally.sums[g, HEAVIEST] = -1
        tally.sums[g, HELD] = 0
    for s in range(table_size(entries)):
        tally.slots[s] = 0


@njit(inline="always", **BORROWING)
def _slot(group, key, mask):
    return int64(scrambled((uint64(uint32(group)) << uint64(32)) | uint64(uint32(key))) & uint64(mask))


@njit(**INNER_BORROWING)
def entry_of(tally, group, key, slots):
    """The entry of (group, key) in a table of so many slots, or -1."""
    s = _slot(group, key, slots - 1)
    while tally.slots[s] != 0:
        e = tally.slots[s] - 1
        if tally.owner[e] == group and tally.key[e] == key:
            return int64(e)
        s = (s + 1) & (slots - 1)
    return int64(-1)


@njit(**INNER_BORROWING)
def _refer(tally, e, slots):
    s = _slot(tally.owner[e], tally.key[e], slots - 1)
    while tally.slots[s] != 0:
        s = (s + 1) & (slots - 1)
    tally.slots[s] = int32(e + 1)
    tally.state[REFERENCES] += 1


@njit(**INNER_BORROWING)
def enlist(tally, e, group, slots):
    """Make entry `e` the first of the group's list and findable there."""
    tally.owner[e] = group
    tally.following[e] = tally.head[group]
    tally.head[group] = int32(e)
    if 4 * tally.state[REFERENCES] >= 3 * slots:
        tally.state[REFERENCES] = 0
        for s in range(slots):
            tally.slots[s] = 0
        for x in range(tally.state[ENTRIES]):
            if x != e and tally.owner[x] >= 0:
                _refer(tally, x, slots)
    _refer(tally, e, slots)


@njit(**INNER_BORROWING)
def add(tally, group, key, weight, slots):
    """Give a group an entry for a key it does not have yet; returns the entry."""
    e = tally.state[ENTRIES]
    tally.state[ENTRIES] = e + 1
    tally.key[e] = key
    tally.weight[e] = weight
    enlist(tally, e, group, slots)
    return e


@njit(**INNER_BORROWING)
def alike(labels, dated, a, b):
    """Similarity of two values: of dates where `dated`, else of labels."""
    if a == b:
        return True
    if dated:
        return similar_date(a, b)
    return similar(labels, a, b)


@njit(**INNER_BORROWING)
def _outranks(labels, dated, a, weight, b, weight_b):
    if weight != weight_b or a == b:
        return weight > weight_b
    return a > b if dated else before(labels, b, a)


@njit(**INNER_BORROWING)
def _hold(tally, group, labels, dated):
    """Count anew what the values similar to the heaviest one weigh."""
    held = int64(0)
    e = int64(tally.head[group])
    while e >= 0:
        if alike(labels, dated, int64(tally.key[e]), tally.sums[group, TOP]):
            held += tally.weight[e]
        e = int64(tally.following[e])
    tally.sums[group, HELD] = held


@njit(**INNER_BORROWING)
def fill(tally, group, value, weight, lo, hi, labels, dated, slots):
    """Give a group without entries the histogram value[lo:hi], weight[lo:hi]; the values are distinct."""
    for k in range(lo, hi):
        add(tally, group, int64(value[k]), weight[k], slots)
        tally.sums[group, TOTAL] += weight[k]
        if _outranks(labels, dated, int64(value[k]), weight[k], tally.sums[group, TOP], tally.sums[group, HEAVIEST]):
            tally.sums[group, TOP] = value[k]
            tally.sums[group, HEAVIEST] = weight[k]
    _hold(tally, group, labels, dated)


@njit(**INNER_BORROWING)
def dominant_of(tally, group, share):
    """The group's dominant value, or -1: the rule of labels.dominant."""
    if tally.sums[group, TOP] >= 0 and tally.sums[group, HELD] * 1000 >= share * tally.sums[group, TOTAL]:
        return tally.sums[group, TOP]
    return int64(-1)


@njit(**INNER_BORROWING)
def merge(tally, small, large, labels, dated, slots):
    """Add the entries of group `small` to group `large`."""
    e = int64(tally.head[small])
    if e < 0:
        return
    sums = tally.sums
    sums[large, TOTAL] += sums[small, TOTAL]
    former = sums[large, TOP]
    gained = int64(0)  # by values similar to the former heaviest
    while e >= 0:
        following = int64(tally.following[e])
        key, weight = int64(tally.key[e]), tally.weight[e]
        if former >= 0 and alike(labels, dated, key, former):
            gained += weight
        found = entry_of(tally, large, key, slots)
        if found >= 0:
            tally.weight[found] += weight
            weight = tally.weight[found]
            tally.owner[e] = -1
        else:
            enlist(tally, e, large, slots)
        if key == sums[large, TOP]:
            sums[large, HEAVIEST] = weight
        elif _outranks(labels, dated, key, weight, sums[large, TOP], sums[large, HEAVIEST]):
            sums[large, TOP] = key
            sums[large, HEAVIEST] = weight
        e = following
    tally.head[small] = -1
    if sums[large, TOP] == former:
        sums[large, HELD] += gained
    else:
        _hold(tally, large, labels, dated)
