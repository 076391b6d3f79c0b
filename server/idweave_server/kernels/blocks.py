# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Cut a node's life where one group of labels ends for good and another begins."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.labels import Labels, before, similar

MAX_DISTINCT = 512  # more distinct labels than this on one node are not a few owners in turn; also bounds the work on a hub


def cut_points(
    start: np.ndarray,
    time: np.ndarray,
    tie: np.ndarray,
    label: np.ndarray,
    labels: Labels,
    *,
    gap: int,
    share: int,
    max_blocks: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Times at which each node changes hands.

    start: int64[n + 1], each node's labelled sightings; time: int64[s], seconds; tie: uint64[s], orders sightings of one second;
    label: int32[s], no -1. gap: least seconds between two blocks; share: thousandths of a node's sightings that a block needs.
    Returns (start int64[n + 1], cut int64[c]): a sighting belongs to the block numbered by how many of its node's cuts lie before it.

    Labels are grouped greedily in sorted order. With more than four sightings a group counts when it has two and the share of them.
    A node is cut when its counting groups, two to max_blocks, follow one another without interleaving, each gap at least `gap`.
    """
    n = start.size - 1
    count = np.zeros(n, np.int64)
    room = np.zeros((max_blocks - 1) * int(_several(start, label)), np.int64)
    used = _cut(start, time, tie, label, labels, gap, share, max_blocks, count, room)
    out = np.zeros(n + 1, np.int64)
    np.cumsum(count, out=out[1:])
    return out, room[:used].copy()


@njit(cache=True, nogil=True)
def _several(start, label):
    """How many nodes have more than one distinct label."""
    nodes = 0
    for i in range(start.size - 1):
        for k in range(start[i] + 1, start[i + 1]):
            if label[k] != label[start[i]]:
                nodes += 1
                break
    return nodes


@njit(**INNER)
def _in_order(time, tie, lo, hi):
    """Indices lo..hi-1 by (time, tie)."""
    order = np.argsort(time[lo:hi], kind="mergesort") + lo
    for x in range(1, order.size):
        moving = order[x]
        y = x - 1
        while y >= 0 and time[order[y]] == time[moving] and tie[order[y]] > tie[moving]:
            order[y + 1] = order[y]
            y -= 1
        order[y + 1] = moving
    return order


@njit(**INNER)
def group_labels(label, lo, hi, labels, distinct, group):
    """Distinct labels of label[lo:hi] in sorted order into `distinct`, and each one's group into `group`; returns (labels, groups).

    A label joins the first group whose first member it resembles. Returns (-1, 0) when `distinct` is too small.
    """
    d = 0
    for k in range(lo, hi):
        x = label[k]
        y = d
        known = False
        for j in range(d):
            if distinct[j] == x:
                known = True
                break
        if known:
            continue
        if d == distinct.size:
            return -1, 0
        while y > 0 and before(labels, x, distinct[y - 1]):
            distinct[y] = distinct[y - 1]
            y -= 1
        distinct[y] = x
        d += 1
    groups = 0
    first = np.empty(d, np.int32)
    for j in range(d):
        group[j] = groups
        for g in range(groups):
            if similar(labels, distinct[j], first[g]):
                group[j] = g
                break
        if group[j] == groups:
            first[groups] = distinct[j]
            groups += 1
    return d, groups


@njit(cache=True, nogil=True)
def _cut(start, time, tie, label, labels, gap, share, max_blocks, count, room):
    distinct = np.empty(MAX_DISTINCT, np.int32)
    group = np.empty(MAX_DISTINCT, np.int32)
    size = np.empty(MAX_DISTINCT, np.int64)
    used = 0
    for i in range(start.size - 1):
        lo, hi = start[i], start[i + 1]
        several = False
        for k in range(lo + 1, hi):
            if label[k] != label[lo]:
                several = True
                break
        if not several:
            continue
        d, groups = group_labels(label, lo, hi, labels, distinct, group)
        if groups < 2:
            continue
        size[:groups] = 0
        of = np.empty(hi - lo, np.int32)
        for k in range(lo, hi):
            for j in range(d):
                if distinct[j] == label[k]:
                    of[k - lo] = group[j]
                    size[group[j]] += 1
                    break
        few = hi - lo <= 4
        main = 0
        for g in range(groups):
            if not few and (size[g] < 2 or size[g] * 1000 < share * (hi - lo)):
                size[g] = 0
            main += size[g] > 0
        if main < 2 or main > max_blocks:
            continue
        order = _in_order(time, tie, lo, hi)
        here = used
        last = -1
        last_time = np.int64(0)
        blocks = 0
        for k in order:
            g = of[k - lo]
            if size[g] == 0:
                continue
            if g != last:
                if last >= 0 and (time[k] - last_time < gap or blocks == main):
                    blocks = main + 1
                    break
                if last >= 0:
                    room[here] = last_time + (time[k] - last_time) // 2
                    here += 1
                last = g
                blocks += 1
            last_time = time[k]
        if blocks == main:
            count[i] = here - used
            used = here
    return used
