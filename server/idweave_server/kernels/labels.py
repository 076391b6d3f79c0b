# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Short texts compared inside kernels: which two labels are similar, and which one dominates a weighted histogram.

A label is a code into a `Labels` table; -1 is "none". Similarity is symmetric and reflexive but not transitive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import BORROWING


class Labels(NamedTuple):
    """A table of distinct labels, in a layout that a kernel reads.

    chars: uint32[c], code points of all labels, one after another; start: int64[l + 1], where each label's begin.
    family_start: int64[l + 1], family: int32[f], ascending within a label: two labels that share a family are similar.
    alphabetic: uint8[l], 1 where prefixes, initials and single edits count (not so in Chinese, say).
    """

    chars: np.ndarray
    start: np.ndarray
    family_start: np.ndarray
    family: np.ndarray
    alphabetic: np.ndarray


@njit(**BORROWING)
def one_edit(chars, a, a_end, b, b_end):
    """Whether at most one insertion, deletion, substitution or swap of neighbours turns chars[a:a_end] into chars[b:b_end]."""
    if a_end - a > b_end - b:
        a, a_end, b, b_end = b, b_end, a, a_end
    if b_end - b - (a_end - a) > 1:
        return False
    while a < a_end and chars[a] == chars[b]:
        a += 1
        b += 1
    if b_end - b > a_end - a:  # one more in b
        b += 1
    elif a < a_end:
        if a + 1 < a_end and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]:
            swapped = True
            for i in range(2, a_end - a):
                if chars[a + i] != chars[b + i]:
                    swapped = False
                    break
            if swapped:
                return True
        a += 1
        b += 1
    while a < a_end:
        if chars[a] != chars[b]:
            return False
        a += 1
        b += 1
    return True


@njit(**BORROWING)
def similar(labels, a, b):
    """Whether labels a and b may be the same first name: equal, of one family, a prefix, or (from four letters on) one edit apart."""
    if a == b:
        return True
    i, i_end = labels.family_start[a], labels.family_start[a + 1]
    j, j_end = labels.family_start[b], labels.family_start[b + 1]
    while i < i_end and j < j_end:
        x, y = labels.family[i], labels.family[j]
        if x == y:
            return True
        if x < y:
            i += 1
        else:
            j += 1
    if labels.alphabetic[a] == 0 or labels.alphabetic[b] == 0:
        return False
    p, p_end = labels.start[a], labels.start[a + 1]
    q, q_end = labels.start[b], labels.start[b + 1]
    shorter = min(p_end - p, q_end - q)
    prefix = True
    for k in range(shorter):
        if labels.chars[p + k] != labels.chars[q + k]:
            prefix = False
            break
    if prefix:
        return True
    return shorter >= 4 and one_edit(labels.chars, p, p_end, q, q_end)


@njit(**BORROWING)
def before(labels, a, b):
    """Whether label a sorts before label b, by code points: an order that does not depend on how codes were given out."""
    p, p_end = labels.start[a], labels.start[a + 1]
    q, q_end = labels.start[b], labels.start[b + 1]
    while p < p_end and q < q_end:
        if labels.chars[p] != labels.chars[q]:
            return labels.chars[p] < labels.chars[q]
        p += 1
        q += 1
    return p_end - p < q_end - q


@njit(**BORROWING)
def dominant(labels, label, weight, lo, hi, share):
    """The heaviest label of the histogram label[lo:hi], weight[lo:hi] if those similar to it hold share/1000 of the weight, else -1.

    Labels are distinct within the histogram; of two equally heavy the one that sorts last wins.
    """
    top = np.int64(-1)
    heaviest = np.int64(-1)
    total = np.int64(0)
    for k in range(lo, hi):
        total += weight[k]
        if weight[k] > heaviest or (weight[k] == heaviest and before(labels, top, np.int64(label[k]))):
            heaviest = weight[k]
            top = np.int64(label[k])
    if top < 0:
        return np.int64(-1)
    held = np.int64(0)
    for k in range(lo, hi):
        if similar(labels, np.int64(label[k]), top):
            held += weight[k]
    return top if held * 1000 >= share * total else np.int64(-1)


@njit(**BORROWING)
def similar_date(a, b):
    """Whether two dates as yyyymmdd integers are equal or differ by month and day swapped."""
    if a == b:
        return True
    return a // 10000 == b // 10000 and (a // 100) % 100 == b % 100 and a % 100 == (b // 100) % 100


@njit(**BORROWING)
def dominant_date(date, weight, lo, hi, share):
    """As `dominant`, for dates as yyyymmdd integers; of two equally heavy the later wins."""
    top = np.int64(-1)
    heaviest = np.int64(-1)
    total = np.int64(0)
    for k in range(lo, hi):
        total += weight[k]
        if weight[k] > heaviest or (weight[k] == heaviest and date[k] > top):
            heaviest = weight[k]
            top = np.int64(date[k])
    if top < 0:
        return np.int64(-1)
    held = np.int64(0)
    for k in range(lo, hi):
        if similar_date(np.int64(date[k]), top):
            held += weight[k]
    return top if held * 1000 >= share * total else np.int64(-1)
