# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Values that few rows have: a bit a row says which, and how many bits are set before tells where among the values its own is."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

ROWS = 64  # of a word of bits


@njit(cache=True, nogil=True, inline="always")
def _ones(word):
    """How many bits are set (Hacker's Delight, figure 5-2)."""
    word -= (word >> uint64(1)) & uint64(0x5555555555555555)
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return (word * uint64(0x0101010101010101)) >> uint64(56)


@njit(cache=True, nogil=True)
def note(bits, before, first, count, there):
    """Say of the rows from `first` on whether they have a value. bits, before: a word for every ROWS rows, and how many rows before them
    have one; count: how many before `first`; there: uint8[n]."""
    for i in range(there.size):
        r = first + i
        if r % ROWS == 0:
            before[r // ROWS] = count
        if there[i] != 0:
            bits[r // ROWS] |= uint64(1) << uint64(r % ROWS)
            count += 1


@njit(cache=True, nogil=True)
def _values(bits, before, values, rows, out):
    for i in range(rows.size):
        r = rows[i]
        word, bit = bits[r // ROWS], uint64(1) << uint64(r % ROWS)
        if word & bit:
            out[i] = values[np.int64(before[r // ROWS]) + np.int64(_ones(word & (bit - uint64(1))))]
        else:
            out[i] = -1


def values_of(
    bits: NDArray[np.uint64], before: NDArray[np.uint32], values: NDArray[np.int32], rows: NDArray[np.int64]
) -> NDArray[np.int32]:
    """int32[n]: the values of these rows, -1 where there is none."""
    rows = np.ascontiguousarray(rows, np.int64)
    out = np.empty(rows.size, np.int32)
    _values(bits, before, values, rows, out)
    return out
