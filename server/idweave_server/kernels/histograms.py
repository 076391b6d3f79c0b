# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Weighted values counted per node: names and birth dates, what dominates them, and how many partners a node has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_count, checked_nodes, checked_offsets
from idweave_server.kernels.instructions import INNER, prefetch
from idweave_server.kernels.labels import Labels, before, dominant, dominant_date, similar
from idweave_server.kernels.numbering import AHEAD, number_pairs

SHORT = 32  # values that insertion sort puts in order; compiling np.argsort takes longer than all else here


class Histograms(NamedTuple):
    """One histogram a node: start int64[n + 1]; value int32[h], distinct and ascending within a node; weight int64[h]."""

    start: NDArray[np.int64]
    value: NDArray[np.int32]
    weight: NDArray[np.int64]


def checked_histograms(name: str, found: Histograms, n: int, values: int | None = None) -> Histograms:
    """Histograms of n nodes with values in [0, values). Raises ValueError."""
    value = checked(f"{name}.value", found.value, np.int32) if values is None else checked_nodes(f"{name}.value", found.value, values)
    weight = checked(f"{name}.weight", found.weight, np.int64, value.size)
    return Histograms(checked_offsets(f"{name}.start", found.start, np.int64, value.size, n + 1), value, weight)


def checked_labels(labels: Labels) -> Labels:
    """A label table whose offsets stay inside it. Raises ValueError."""
    chars = checked("labels.chars", labels.chars, np.uint32)
    family = checked("labels.family", labels.family, np.int32)
    alphabetic = checked("labels.alphabetic", labels.alphabetic, np.uint8)
    start = checked_offsets("labels.start", labels.start, np.int64, chars.size, alphabetic.size + 1)
    family_start = checked_offsets("labels.family_start", labels.family_start, np.int64, family.size, alphabetic.size + 1)
    return Labels(chars, start, family_start, family, alphabetic)


@njit(cache=True, nogil=True)
def _sum_weights(pair, weight, total):
    for i in range(pair.size):
        if i + AHEAD < pair.size:
            prefetch(total, uint64(pair[i + AHEAD]))
        total[pair[i]] += weight[i]


@njit(cache=True, nogil=True)
def _count(node, start):
    for x in node:
        start[x + 1] += 1
    for x in range(1, start.size):
        start[x] += start[x - 1]


@njit(cache=True, nogil=True)
def _arrange(node, value, total, start, out, weight):
    """Put every (value, total) at its node. start[x + 1] serves as node x's fill position and ends as its end."""
    for x in range(start.size - 1, 0, -1):
        start[x] = start[x - 1]
    for i in range(node.size):
        if i + AHEAD < node.size:
            prefetch(start, uint64(node[i + AHEAD]) + uint64(1))
        at = start[node[i] + 1]
        start[node[i] + 1] = at + 1
        out[at] = value[i]
        weight[at] = total[i]


@njit(cache=True, nogil=True)
def _sort_short(start, value, weight):
    for x in range(start.size - 1):
        lo, hi = start[x], start[x + 1]
        if hi - lo > SHORT:
            continue
        for i in range(lo + 1, hi):
            v, w = value[i], weight[i]
            j = i
            while j > lo and value[j - 1] > v:
                value[j] = value[j - 1]
                weight[j] = weight[j - 1]
                j -= 1
            value[j] = v
            weight[j] = w


def count_labels(node: NDArray[np.int32], value: NDArray[np.int32], weight: NDArray[np.int64], n: int) -> Histograms:
    """The distinct values of every node with their summed weights, ascending within a node.

    node: int32[s] in [-1, n); value: int32[s], not below -1; weight: int64[s]. Entries with node or value -1 are ignored.
    Raises ValueError.
    """
    n = checked_count("n", n)
    node = checked_nodes("node", node, n, least=-1)
    value = checked_nodes("value", value, 2**31, node.size, least=-1)
    weight = checked("weight", weight, np.int64, node.size)
    kept = (node >= 0) & (value >= 0)
    if not kept.all():
        node, value, weight = node[kept], value[kept], weight[kept]
    pair, seen = number_pairs(node, value)
    total = np.zeros(seen.size, np.int64)
    _sum_weights(pair, weight, total)
    node, value = node[seen], value[seen]
    start = np.zeros(n + 1, np.int64)
    _count(node, start)
    histograms = Histograms(start, np.empty(seen.size, np.int32), np.empty(seen.size, np.int64))
    _arrange(node, value, total, *histograms)
    _sort_short(*histograms)
    for x in np.flatnonzero(np.diff(start) > SHORT):  # few: what a hub was called
        within = slice(start[x], start[x + 1])
        order = np.argsort(histograms.value[within])
        histograms.value[within] = histograms.value[within][order]
        histograms.weight[within] = histograms.weight[within][order]
    return histograms


@njit(cache=True, nogil=True)
def _dominant_labels(start, value, weight, labels, share, out):
    for x in range(out.size):
        out[x] = dominant(labels, value, weight, start[x], start[x + 1], share)


@njit(cache=True, nogil=True)
def _dominant_dates(start, value, weight, share, out):
    for x in range(out.size):
        out[x] = dominant_date(value, weight, start[x], start[x + 1], share)


def dominant_labels(histograms: Histograms, labels: Labels, share: int) -> NDArray[np.int32]:
    """The dominant label of every node at `share` thousandths of its weight, -1 where there is none: int32[n]. Raises ValueError."""
    labels = checked_labels(labels)
    histograms = checked_histograms("histograms", histograms, histograms.start.size - 1, labels.alphabetic.size)
    out = np.empty(histograms.start.size - 1, np.int32)
    _dominant_labels(*histograms, labels, share, out)
    return out


def dominant_dates(histograms: Histograms, share: int) -> NDArray[np.int32]:
    """The dominant date of every node (yyyymmdd) at `share` thousandths of its weight, -1 where there is none. Raises ValueError."""
    histograms = checked_histograms("histograms", histograms, histograms.start.size - 1)
    out = np.empty(histograms.start.size - 1, np.int32)
    _dominant_dates(*histograms, share, out)
    return out


@njit(**INNER)
def _sink(labels, heap, i, size):
    """Restore the heap (last in order on top) below position i."""
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and before(labels, int64(heap[child]), int64(heap[child + 1])):
            child += 1
        if not before(labels, int64(heap[i]), int64(heap[child])):
            return
        heap[i], heap[child] = heap[child], heap[i]
        i = child


@njit(**INNER)
def _sort_labels(labels, found, size):
    """Heapsort by code points: a hotline's node can have thousands of names."""
    for i in range(size // 2 - 1, -1, -1):
        _sink(labels, found, int64(i), int64(size))
    for end in range(size - 1, 0, -1):
        found[0], found[end] = found[end], found[0]
        _sink(labels, found, int64(0), int64(end))


@njit(**INNER)
def _groups(labels, found, size, enough):
    """How many groups of similar labels the sorted labels found[:size] form, counted up to `enough`; overwrites `found`."""
    groups = 0
    for i in range(size):
        new = True
        for g in range(groups):
            if similar(labels, int64(found[i]), int64(found[g])):
                new = False
                break
        if new:
            found[groups] = found[i]
            groups += 1
            if groups == enough:
                break
    return groups


@njit(cache=True, nogil=True)
def _dissimilar(start, value, weight, labels, names, share, found, out):
    for x in range(out.size):
        lo, hi = start[x], start[x + 1]
        out[x] = 0
        if hi - lo < names or dominant(labels, value, weight, lo, hi, share) >= 0:
            continue
        size = int64(0)
        for k in range(lo, hi):
            if labels.start[value[k] + 1] - labels.start[value[k]] > 1:
                found[size] = value[k]
                size += 1
        _sort_labels(labels, found, size)
        out[x] = _groups(labels, found, size, names) >= names


def dissimilar(histograms: Histograms, labels: Labels, names: int, share: int) -> NDArray[np.uint8]:
    """1 for every node with at least `names` groups of similar labels and no label that is dominant at `share` thousandths: uint8[n].

    Labels of one character form no group. The others are taken in the order of their code points; each joins the first group whose
    first member it is similar to, or else begins one. Raises ValueError.
    """
    labels = checked_labels(labels)
    histograms = checked_histograms("histograms", histograms, histograms.start.size - 1, labels.alphabetic.size)
    if names < 1:
        raise ValueError(f"names must be at least 1, not {names}")
    out = np.empty(histograms.start.size - 1, np.uint8)
    found = np.empty(int(np.diff(histograms.start).max(initial=0)), np.int32)
    _dissimilar(*histograms, labels, names, share, found, out)
    return out


def distinct_partners(node: NDArray[np.int32], partner: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    """How many distinct partners every node has: int32[n].

    node: int32[s] in [0, n); partner: int32[s], any numbers. Raises ValueError.
    """
    n = checked_count("n", n)
    node = checked_nodes("node", node, n)
    partner = checked("partner", partner, np.int32, node.size)
    _, seen = number_pairs(node, partner)
    return np.bincount(node[seen], minlength=n).astype(np.int32)
