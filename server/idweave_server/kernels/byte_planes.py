# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Numbers from byte planes (all lowest bytes, then all second ones, ...): as they are, as steps from one to the next, or as codes.

One pass a column, since an entry of the log has dozens of short ones and numpy's dozen passes over each were most of the time to read it.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked

PLAIN, DELTA, CODES = 1, 2, 3


@njit(cache=True, nogil=True)
def _joined(planes, form, base, out):
    """Returns the least and the greatest number, so that the caller need not look for them."""
    count = out.size
    width = planes.size // count
    least, most = np.int64(2**63 - 1), np.int64(-(2**63))
    value, last = base, np.int64(-1)
    for i in range(count):
        word = uint64(0)
        for place in range(width):
            word |= uint64(planes[place * count + i]) << uint64(8 * place)
        if form == PLAIN:
            value = base + np.int64(word)
        elif form == DELTA:
            value += np.int64(word >> uint64(1)) ^ -np.int64(word & uint64(1))
        elif word == uint64(0):
            value = np.int64(-1)
        elif word == uint64(1):
            last += 1
            value = last
        else:
            value = last - np.int64(word) + 2
        out[i] = value
        least = min(least, value)
        most = max(most, value)
    return least, most


def join_planes(planes: NDArray[np.uint8], count: int, form: int, base: int) -> tuple[NDArray[np.int64], int, int]:
    """(int64[count], the least of them, the greatest).

    planes: uint8[width * count], width from 1 to 8, count from 1. form: PLAIN, base + word; DELTA, base and then the sum of signed steps
    (0, -1, 1, -2, ... as 0, 1, 2, 3, ...), the first from base; CODES, numbers by first use: 0 for -1, 1 for the next one, 2 + d for the
    one numbered d before the last. Modulo 2**64. Raises ValueError.
    """
    planes = checked("planes", planes, np.uint8)
    if count < 1 or planes.size % count or not 1 <= planes.size // count <= 8:
        raise ValueError(f"{planes.size} bytes are no planes of {count} numbers")
    if form not in (PLAIN, DELTA, CODES):
        raise ValueError(f"form must be PLAIN, DELTA or CODES, not {form}")
    out = np.empty(count, np.int64)
    least, most = _joined(planes, form, np.int64(base), out)
    return out, least, most
