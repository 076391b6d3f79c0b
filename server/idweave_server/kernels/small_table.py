# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""A table from a few codes to dense numbers, in scratch memory that a kernel clears for each of its owners."""

from __future__ import annotations

import numpy as np
from numba import njit, uint32

from idweave_server.kernels.instructions import INNER


def longest(start: np.ndarray) -> int:
    """Entries of the longest row of a ragged table, start int64[n + 1]."""
    return int((start[1:] - start[:-1]).max()) if start.size > 1 else 0


def table_size(most: int) -> int:
    """Slots of a table that is at most half full with `most` codes: a power of two."""
    return int(1 << max(3, (2 * most - 1).bit_length())) if most else 8


@njit(**INNER)
def slots_for(most):
    size = 8
    while size < 2 * most:
        size *= 2
    return size


@njit(cache=True, nogil=True, inline="always")
def number_of(table, size, keys, count, code):
    """The number of a code among keys[:count], or `count`, where it then stands: the caller counts it. table: int32, its first `size`
    slots, -1 where empty; keys: int32."""
    s = np.int64((uint32(code) * uint32(2654435769)) & uint32(size - 1))
    while table[s] >= 0:
        if keys[table[s]] == code:
            return np.int64(table[s])
        s = (s + 1) & (size - 1)
    table[s] = count
    keys[count] = code
    return np.int64(count)
