# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Marks: keys that two groups may carry only with the same value: a unique namespace's identifier, a verdict's side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_offsets
from idweave_server.kernels.instructions import INNER_BORROWING
from idweave_server.kernels.tally import Tally, add, enlist, entry_of
from idweave_server.model import Apart

NONE, UNIQUE, DIFFERENT = int(Apart.NONE), int(Apart.UNIQUE), int(Apart.DIFFERENT)
SEVERAL = np.iinfo(np.int64).min  # the value of a key that a group carries with more than one


class Marks(NamedTuple):
    """The marks of every node: start int64[n + 1]; key, value int32[x], in any order within a node."""

    start: NDArray[np.int64]
    key: NDArray[np.int32]
    value: NDArray[np.int32]


def checked_marks(marks: Marks, n: int) -> Marks:
    """Marks of n nodes. Raises ValueError."""
    key = checked("marks.key", marks.key, np.int32)
    value = checked("marks.value", marks.value, np.int32, key.size)
    return Marks(checked_offsets("marks.start", marks.start, np.int64, key.size, n + 1), key, value)


@njit(**INNER_BORROWING)
def _bear(tally: Tally, group, key, value, slots):
    """Let the group carry the key with this value, or with several where it has another one."""
    e = entry_of(tally, group, key, slots)
    if e < 0:
        add(tally, group, key, value, slots)
    elif tally.weight[e] != value:
        tally.weight[e] = SEVERAL


@njit(**INNER_BORROWING)
def fill_marks(tally, group, marks, node, slots):
    """Give a group the marks of a node."""
    for k in range(marks.start[node], marks.start[node + 1]):
        _bear(tally, group, int64(marks.key[k]), int64(marks.value[k]), slots)


@njit(**INNER_BORROWING)
def clash(tally, small, large, different_from, slots):
    """DIFFERENT, else UNIQUE, where the groups carry a key from `different_from` on, or below, with different values; NONE otherwise."""
    reason = NONE
    e = int64(tally.head[small])
    while e >= 0:
        found = entry_of(tally, large, int64(tally.key[e]), slots)
        if found >= 0 and (tally.weight[found] != tally.weight[e] or tally.weight[e] == SEVERAL):
            if tally.key[e] >= different_from:
                return DIFFERENT
            reason = UNIQUE
        e = int64(tally.following[e])
    return reason


@njit(**INNER_BORROWING)
def merge_marks(tally, small, large, slots):
    """Add the marks of group `small` to group `large`."""
    e = int64(tally.head[small])
    while e >= 0:
        following = int64(tally.following[e])
        found = entry_of(tally, large, int64(tally.key[e]), slots)
        if found < 0:
            enlist(tally, e, large, slots)
        else:
            tally.owner[e] = -1
            if tally.weight[found] != tally.weight[e]:
                tally.weight[found] = SEVERAL
        e = following
    tally.head[small] = -1
