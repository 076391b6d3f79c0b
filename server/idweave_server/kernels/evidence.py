# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Evidence: the pairs of nodes seen together, and what all sightings of a pair add up to."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_offsets
from idweave_server.kernels.instructions import INNER, prefetch
from idweave_server.kernels.numbering import AHEAD, LOAD, first_slot, number_pairs

OCCASIONS = 1 << 14  # distinct (day, kind) expected: few, so that their table stays in the cache


class Links(NamedTuple):
    """Distinct links in the order of their first pair: a < b int32[m]; strength int64[m], the sum of costs; count int32[m] of
    distinct evidence; first and last int64[m], the times of the earliest and the latest sighting."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    strength: NDArray[np.int64]
    count: NDArray[np.int32]  # type: ignore[assignment]  # tuple.count is of no use here
    first: NDArray[np.int64]
    last: NDArray[np.int64]


# Columns of a link's sums, side by side so that a sighting touches one cache line.
STRENGTH, COUNT, FIRST, LAST = range(4)


@njit(cache=True, nogil=True)
def _begin(sums):
    for k in range(sums.shape[0]):
        sums[k, STRENGTH] = 0
        sums[k, COUNT] = 0
        sums[k, FIRST] = np.iinfo(np.int64).max
        sums[k, LAST] = np.iinfo(np.int64).min


@njit(cache=True, nogil=True)
def _add(link, occasion, occasions, cost, time, table, sums):
    """Add every row to its link: the cost where (link, occasion) is new to `table` (uint64 keys, 0 where empty), the time always."""
    slots = uint64(table.size)
    m = link.size
    for i in range(m):
        if i + AHEAD < m:
            ahead = uint64(link[i + AHEAD]) * uint64(occasions) + uint64(occasion[i + AHEAD]) + uint64(1)
            prefetch(table, first_slot(ahead, slots))
            prefetch(sums, uint64(link[i + AHEAD]) * uint64(4))
        k = link[i]
        key = uint64(k) * uint64(occasions) + uint64(occasion[i]) + uint64(1)
        s = first_slot(key, slots)
        while table[s] != uint64(0) and table[s] != key:
            s += uint64(1)
            if s == slots:
                s = uint64(0)
        if table[s] == uint64(0):
            table[s] = key
            sums[k, STRENGTH] += cost[i]
            sums[k, COUNT] += 1
        sums[k, FIRST] = min(sums[k, FIRST], time[i])
        sums[k, LAST] = max(sums[k, LAST], time[i])


def aggregate(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    day: NDArray[np.int32],
    kind: NDArray[np.int32],
    cost: NDArray[np.int64],
    time: NDArray[np.int64],
) -> Links:
    """Add up evidence: each distinct (a, b, day, kind) counts once with its cost; the times span all sightings.

    All int32[p] or int64[p] with a < b, in any order and with repeats; cost is a function of kind; rows with a == b are dropped.
    The links and their sums don't depend on the order of the rows; only the order of the links does. Raises ValueError.
    Cost: about 100 ns a pair; benchmarks/bench_kernels.py.
    """
    a = checked("a", a, np.int32)
    b, day, kind = (checked(name, x, np.int32, a.size) for name, x in (("b", b), ("day", day), ("kind", kind)))
    cost, time = (checked(name, x, np.int64, a.size) for name, x in (("cost", cost), ("time", time)))
    if not bool((a < b).all()):
        if bool((a > b).any()):
            raise ValueError("a must not exceed b: a link is stated with its smaller node first")
        kept = a != b
        a, b, day, kind, cost, time = (x[kept] for x in (a, b, day, kind, cost, time))
    link, seen = number_pairs(a, b)
    occasion, occasions = number_pairs(day, kind, expected=OCCASIONS)
    sums = np.empty((seen.size, 4), np.int64)
    _begin(sums)
    _add(link, occasion, occasions.size, cost, time, np.zeros(int(a.size / LOAD) + 1, np.uint64), sums)
    return Links(a[seen], b[seen], sums[:, STRENGTH].copy(), sums[:, COUNT].astype(np.int32), sums[:, FIRST].copy(), sums[:, LAST].copy())


@njit(**INNER)
def _distinct(offsets, node, linking, row, found):
    """Put the distinct linking nodes of a row into `found`, ascending; returns how many."""
    k = 0
    for i in range(offsets[row], offsets[row + 1]):
        if linking[i] == 0:
            continue
        x = node[i]
        j = k
        while j > 0 and found[j - 1] > x:
            j -= 1
        if j > 0 and found[j - 1] == x:
            continue
        for t in range(k, j, -1):
            found[t] = found[t - 1]
        found[j] = x
        k += 1
    return k


@njit(cache=True, nogil=True)
def _count_pairs(offsets, node, linking, found):
    total = 0
    for row in range(offsets.size - 1):
        k = _distinct(offsets, node, linking, row, found)
        total += k * (k - 1) // 2
    return total


@njit(cache=True, nogil=True)
def _fill_pairs(offsets, node, linking, found, rows, a, b):
    at = 0
    for row in range(offsets.size - 1):
        k = _distinct(offsets, node, linking, row, found)
        for i in range(k):
            for j in range(i + 1, k):
                rows[at] = row
                a[at] = found[i]
                b[at] = found[j]
                at += 1


def pairs(
    offsets: NDArray[np.int64], node: NDArray[np.int32], linking: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """All unordered pairs of the distinct linking nodes of each row, as (row, a, b), int32[p] each, a < b, ordered by (row, a, b).

    offsets: int64[n + 1]; node: int32[k]; linking: uint8[k], 0 where the node does not link. Raises ValueError. Rows are short: the cost
    is quadratic in a row's length, as the number of pairs is.
    """
    node = checked("node", node, np.int32)
    linking = checked("linking", linking, np.uint8, node.size)
    offsets = checked_offsets("offsets", offsets, np.int64, node.size)
    found: NDArray[Any] = np.empty(int(np.diff(offsets).max(initial=0)), np.int32)
    total = _count_pairs(offsets, node, linking, found)
    rows, a, b = (np.empty(total, np.int32) for _ in range(3))
    _fill_pairs(offsets, node, linking, found, rows, a, b)
    return rows, a, b
