# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The order in which edges are tried: strength descending, count descending, tie ascending."""

from __future__ import annotations

from numba import int64, njit, uint64

from idweave_server.kernels.instructions import BORROWING, INNER_BORROWING
from idweave_server.kernels.suspects import COUNT_EDGE, STRENGTH, TIE

RUN = 16  # edges that insertion sort puts in order before runs are merged


@njit(inline="always", **BORROWING)
def _precedes(a, i, b, j):
    if a[i, STRENGTH] != b[j, STRENGTH]:
        return a[i, STRENGTH] > b[j, STRENGTH]
    if a[i, COUNT_EDGE] >> 32 != b[j, COUNT_EDGE] >> 32:
        return a[i, COUNT_EDGE] >> 32 > b[j, COUNT_EDGE] >> 32
    return uint64(a[i, TIE]) < uint64(b[j, TIE])


@njit(inline="always", **BORROWING)
def _copy(target, i, source, j):
    for k in range(4):
        target[i, k] = source[j, k]


@njit(**INNER_BORROWING)
def _sort_run(edge, lo, hi, spare):
    for i in range(lo + 1, hi):
        if not _precedes(edge, i, edge, i - 1):
            continue
        _copy(spare, 0, edge, i)
        j = i
        while j > lo and _precedes(spare, 0, edge, j - 1):
            _copy(edge, j, edge, j - 1)
            j -= 1
        _copy(edge, j, spare, 0)


@njit(**INNER_BORROWING)
def sort_edges(edge, lo, hi, spare):
    """Sort edge[lo:hi]: strength descending, count descending, tie ascending. Merge sort: no input makes it slow."""
    for run in range(lo, hi, RUN):
        _sort_run(edge, run, min(run + RUN, hi), spare)
    width = int64(RUN)  # as a literal it would be compiled for twice
    while width < hi - lo:
        for at in range(lo, hi - width, 2 * width):
            middle = at + width
            if _precedes(edge, middle, edge, middle - 1):
                # only the left run needs to be out of the way
                for i in range(width):
                    _copy(spare, i, edge, at + i)
                _merge_back(edge, spare, width, middle, min(middle + width, hi), at)
        width *= 2


@njit(**INNER_BORROWING)
def _merge_back(edge, spare, width, right, end, out):
    """Merge spare[:width] and edge[right:end] into edge from `out` on; what is read lies ahead of what is written."""
    left = 0
    while left < width:
        if right < end and _precedes(edge, right, spare, left):
            _copy(edge, out, edge, right)
            right += 1
        else:
            _copy(edge, out, spare, left)
            left += 1
        out += 1
