# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Varints: numbers of 64 bits as seven bits a byte, the least first; a set high bit says that another byte follows."""

from __future__ import annotations

from numba import njit, uint64

from idweave_server.kernels.instructions import INNER

BEYOND, ENDLESS = -1, -2  # in place of where one ends
LONGEST = 10  # bytes of any


@njit(**INNER)
def varint(data, at, end, longest):
    """(number, where it ends): BEYOND where it is not over at `end`, ENDLESS where it has more than so many bytes, or than 64 bits."""
    number = uint64(0)
    for k in range(min(longest, end - at)):
        byte = uint64(data[at + k])
        if k == LONGEST - 1 and byte > uint64(1):
            return number, ENDLESS
        number |= (byte & uint64(0x7F)) << uint64(7 * k)
        if byte < uint64(0x80):
            return number, at + k + 1
    return number, ENDLESS if end - at >= longest else BEYOND
