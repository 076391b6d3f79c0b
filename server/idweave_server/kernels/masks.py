# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Predicates over whole columns as packed masks: one bit a row, the first of a byte its highest, as numpy.packbits."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.conditions import ALL_OF, CONSTANT, NOT
from idweave_server.kernels.instructions import INNER

NONE = np.uint64(0)
WORDS = 512  # of a mask that are joined at once
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


@njit(**INNER)
def _clear(mask, begin):
    for i in range(begin, mask.size):
        mask[i] = 0


@njit(cache=True, nogil=True)
def join_masks(masks, code, start, depth, valid, found, sizes):
    """Join masks by formulas: set found: uint64[s, w], and add the bits that are set to sizes: int64[s].

    masks: uint64[k, w]; code: int32[c], postfix, of each formula from start: int64[s + 1] on: a number of a mask, NOT, ALL_OF and
    ANY_OF_THEM and of how many, CONSTANT and 0 or 1; depth: what the deepest leaves on the stack; valid: uint64[w], bits that there are.
    """
    stack = np.empty((depth, WORDS), np.uint64)
    for first in range(0, valid.size, WORDS):
        words = min(WORDS, valid.size - first)
        for s in range(start.size - 1):
            top, i = 0, start[s]
            while i < start[s + 1]:
                word = code[i]
                i += 1
                if word >= 0:
                    _copy(stack[top], masks[word, first : first + words])
                    top += 1
                elif word == NOT:
                    _turn(stack[top - 1])
                elif word == CONSTANT:
                    stack[top, :] = NONE if code[i] == 0 else ~NONE
                    top += 1
                    i += 1
                else:
                    top -= code[i]
                    for k in range(top + 1, top + code[i]):
                        _join(stack[top], stack[k], word == ALL_OF)
                    top += 1
                    i += 1
            size = np.int64(0)
            for w in range(words):
                joined = stack[0, w] & valid[first + w]
                found[s, first + w] = joined
                size += _ones(joined)
            sizes[s] += size


@njit(**INNER)
def _copy(to, source):
    for w in range(source.size):
        to[w] = source[w]


@njit(**INNER)
def _turn(words):
    for w in range(words.size):
        words[w] = ~words[w]


@njit(**INNER)
def _join(words, others, both):
    if both:
        for w in range(words.size):
            words[w] &= others[w]
    else:
        for w in range(words.size):
            words[w] |= others[w]


@njit(**INNER)
def _ones(x):
    """How many bits are set; compilers know these lines."""
    x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))
