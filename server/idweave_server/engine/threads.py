# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Kernels over the sightings of identifiers: threaded from the latest to the first, gathered row by row, closed over components."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def thread(identifier, head, before, first):
    """Thread the sightings from `first` on: before[k] becomes the identifier's previous sighting, head[i] its latest."""
    for k in range(first, identifier.size):
        i = identifier[k]
        before[k] = head[i]
        head[i] = k


@njit(cache=True, nogil=True)
def _mark_rows(codes, head, before, row, gone, mark):
    count = 0
    for i in codes:
        k = head[i]
        while k >= 0:
            r = row[k]
            if gone[r] == 0 and mark[r] == 0:
                mark[r] = 1
                count += 1
            k = before[k]
    return count


@njit(cache=True, nogil=True)
def _list_rows(codes, head, before, row, mark, out):
    n = 0
    for i in codes:
        k = head[i]
        while k >= 0:
            r = row[k]
            if mark[r] != 0:
                mark[r] = 0
                out[n] = r
                n += 1
            k = before[k]


def rows_seen(codes, head, before, row, gone, mark) -> NDArray[np.int64]:
    """int64[r], ascending: the rows, not gone, that saw any of these identifiers, int32[n]. mark: uint8 by row, zeros before and after."""
    out = np.empty(_mark_rows(codes, head, before, row, gone, mark), np.int64)
    _list_rows(codes, head, before, row, mark, out)
    out.sort()
    return out


@njit(cache=True, nogil=True)
def _fill(rows, start, identifier, hint, local, scope, codes, starts, own, hints, sightings):
    n = scope.size
    for j in range(n):
        local[scope[j]] = j
        codes[j] = scope[j]
    at = 0
    starts[0] = 0
    for x in range(rows.size):
        for k in range(start[rows[x]], start[rows[x] + 1]):
            i = identifier[k]
            if local[i] < 0:
                local[i] = n
                codes[n] = i
                n += 1
            own[at] = local[i]
            hints[at] = hint[k]
            sightings[at] = k
            at += 1
        starts[x + 1] = at
    for j in range(n):
        local[codes[j]] = -1
    return n


def gathered(
    rows: NDArray[np.int64],
    start: NDArray[np.int64],
    identifier: NDArray[np.int32],
    hint: NDArray[np.int32],
    local: NDArray[np.int32],
    scope: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Rows with their identifiers numbered anew: (codes int32[i], those of `scope` first; start int64[r + 1]; identifier int32[k], into
    codes; hint int32[k]; sighting int64[k], which one each is). local: int32 by identifier, -1 before and after."""
    total = int((start[rows + 1] - start[rows]).sum())
    codes = np.empty(scope.size + total, np.int32)
    starts, own, hints, sightings = (
        np.empty(rows.size + 1, np.int64),
        np.empty(total, np.int32),
        np.empty(total, np.int32),
        np.empty(total, np.int64),
    )
    n = _fill(rows, start, identifier, hint, local, scope, codes, starts, own, hints, sightings)
    return codes[:n].copy(), starts, own, hints, sightings


@njit(cache=True, nogil=True)
def _count_ring(codes, ring, mark):
    n = 0
    for c in codes:
        x = c
        while mark[x] == 0:
            mark[x] = 1
            n += 1
            x = ring[x]
    return n


@njit(cache=True, nogil=True)
def _list_ring(codes, ring, mark, out):
    n = 0
    for c in codes:
        x = c
        while mark[x] != 0:
            mark[x] = 0
            out[n] = x
            n += 1
            x = ring[x]


def ring_closed(codes, ring, mark) -> NDArray[np.int32]:
    """int32[n], ascending: these identifiers and those of their components. ring: int32, the next of each component; mark: uint8, zeros
    before and after."""
    codes = np.ascontiguousarray(codes, np.int32)
    out = np.empty(_count_ring(codes, ring, mark), np.int32)
    _list_ring(codes, ring, mark, out)
    out.sort()
    return out


@njit(cache=True, nogil=True)
def rows_with(start, flag):
    """uint8[r]: whether any sighting of each row is flagged; flag: uint8[k]."""
    out = np.zeros(start.size - 1, np.uint8)
    for r in range(start.size - 1):
        for k in range(start[r], start[r + 1]):
            out[r] |= flag[k]
    return out
