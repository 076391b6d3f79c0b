# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Columns of numbers from the log: a form, a width and a base, then byte planes (all lowest bytes, then all second ones, ...).

One call and one pass a column, since an entry of the log has dozens of short ones: what Python did around each, and numpy's dozen passes,
were most of the time to read it.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint8, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked
from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.varints import BEYOND, ENDLESS, LONGEST, varint

CONSTANT, PLAIN, DELTA, CODES = range(4)
_FORMLESS = -3  # in place of where a column ends, as BEYOND and ENDLESS
_WRONG = {
    BEYOND: "a column goes beyond its end",
    ENDLESS: "a number has too many digits",
    _FORMLESS: "a column has a form that is none",
}


@njit(**INNER)
def _joined(planes, width, form, base, out):
    """Returns the least and the greatest number, so that the caller need not look for them."""
    count = out.size
    least, most = np.int64(2**63 - 1), np.int64(-(2**63))
    value, last = base, np.int64(-1)
    for i in range(count):
        word = uint64(0)
        for place in range(width):
            word |= uint64(planes[place * count + i]) << uint64(8 * place)
        if form <= PLAIN:  # a constant has no planes
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


@njit(cache=True, nogil=True)
def _read(data, at, out):
    """(where the column ends or what is wrong, the least number, the greatest)."""
    none = np.int64(0)
    if at >= data.size:
        return BEYOND, none, none
    form, width = np.int64(data[at] & uint8(15)), np.int64(data[at] >> uint8(4))
    if form > CODES or width > 8 or (width == 0) != (form == CONSTANT):
        return _FORMLESS, none, none
    at += 1
    base = none
    if form != CODES:
        number, at = varint(data, at, data.size, LONGEST)
        if at < 0:
            return at, none, none
        base = np.int64(number >> uint64(1)) ^ -np.int64(number & uint64(1))
    end = at + width * out.size
    if end > data.size:
        return BEYOND, none, none
    least, most = _joined(data[at:end], width, form, base, out)
    return end, least, most


def read_numbers(data: NDArray[np.uint8], at: int, count: int) -> tuple[NDArray[np.int64], int, int, int]:
    """(int64[count], where the column ends, the least number, the greatest) of the column that begins at `at`. count: from 1, and bounded
    by the caller.

    A column: one byte, its form and 16 times its width, the bytes of a word; its base as a varint, signed as even and odd (0, -1, 1, -2,
    ... as 0, 1, 2, 3, ...), but for CODES; then width * count bytes. Form: CONSTANT, always base, width 0; PLAIN, base + word; DELTA, base
    and then the sum of signed steps, the first from base; CODES, numbers by first use: 0 for -1, 1 for the next one, 2 + d for the one
    numbered d before the last. Modulo 2**64. Raises ValueError for what is no column.
    """
    data = checked("data", data, np.uint8)
    if count < 1 or at < 0:
        raise ValueError(f"a column has a number from 1 on and begins at 0 or later, not {count} and {at}")
    out = np.empty(count, np.int64)
    end, least, most = _read(data, at, out)
    if end < 0:
        raise ValueError(_WRONG[end])
    return out, end, least, most
