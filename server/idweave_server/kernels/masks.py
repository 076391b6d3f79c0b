# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Predicates over whole columns as packed masks: one bit a row, the first of a byte its highest, as numpy.packbits."""

from __future__ import annotations

import numpy as np
from numba import njit

RUN = 512  # rows that are compared at once: as bytes they stay in the nearest cache
GATHER = np.uint64(0x8040201008040201)  # times eight bytes of 0 or 1: their bits, first byte highest, in the highest byte


@njit(cache=True, nogil=True)
def mask_between(column, low, high, mask):
    """Set mask: uint8[(n + 7) // 8] to the rows whose value lies in [low, high], of the column's type."""
    truths = np.empty(RUN, np.uint8)
    words = truths.view(np.uint64)
    whole = column.size // RUN
    for run in range(whole):
        first = run * RUN
        for i in range(RUN):  # becomes vector code
            value = column[first + i]
            truths[i] = (value >= low) & (value <= high)
        for i in range(RUN // 8):
            mask[first // 8 + i] = np.uint8((words[i] * GATHER) >> np.uint64(56))
    _clear(mask, whole * RUN // 8)
    for i in range(whole * RUN, column.size):
        if column[i] >= low and column[i] <= high:
            mask[i >> 3] |= np.uint8(128 >> (i & 7))


@njit(cache=True, nogil=True)
def mask_of_table(column, low, table, mask):
    """Set mask to the rows whose value v has table[v - low]: uint8[t], 0 or 1. Those outside the table have not."""
    _clear(mask, 0)
    for i in range(column.size):
        place = np.int64(column[i]) - low
        if 0 <= place < table.size and table[place]:
            mask[i >> 3] |= np.uint8(128 >> (i & 7))


@njit(cache=True, nogil=True)
def mask_of_runs(column, runs, mask):
    """Set mask to the rows whose value lies in one of the runs: int64[r, 2], first and last value, ascending and apart."""
    _clear(mask, 0)
    for i in range(column.size):
        value = np.int64(column[i])
        low, high = 0, runs.shape[0]
        while low < high:  # the first run that ends at the value or after it
            middle = (low + high) >> 1
            if runs[middle, 1] < value:
                low = middle + 1
            else:
                high = middle
        if low < runs.shape[0] and runs[low, 0] <= value:
            mask[i >> 3] |= np.uint8(128 >> (i & 7))


@njit(cache=True, nogil=True)
def _clear(mask, begin):
    for i in range(begin, mask.size):
        mask[i] = 0
