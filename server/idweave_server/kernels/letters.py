# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Texts of few letters from codes of a few bits, one pass a column."""

from __future__ import annotations

import numpy as np
from numba import njit, uint8
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked

LETTERS = 16  # of an alphabet, at most


@njit(cache=True, nogil=True)
def _spelt(octets, bits, alphabet, fixed, line, out):
    mask, each, k = uint8((1 << bits) - 1), 8 // max(bits, 1), 0
    for row in range(out.shape[0]):
        for place in range(line.size):
            if fixed[place] != 0:
                out[row, place] = line[place]
            elif bits == 0:
                out[row, place] = alphabet[0]
            else:
                out[row, place] = alphabet[(octets[k // each] >> uint8(k % each * bits)) & mask]
                k += 1


def code_bits(letters: int) -> int:
    """Of the code of each letter of an alphabet of so many."""
    return 0 if letters <= 1 else 1 if letters <= 2 else 2 if letters <= 4 else 4


def code_bytes(letters: int, count: int) -> int:
    """That hold the codes of so many letters in all."""
    return -(-count * code_bits(letters) // 8)


def spell(
    octets: NDArray[np.uint8], alphabet: NDArray[np.uint8], fixed: NDArray[np.uint8], line: NDArray[np.uint8], count: int
) -> NDArray[np.uint8]:
    """uint8[count * length]: texts of one length, one behind another.

    octets: uint8, the codes of all letters but the fixed ones, text by text, the first in the lowest bits of a byte; alphabet: uint8[a], a
    up to LETTERS; fixed: uint8[length], 1 where all texts have what `line`, uint8[length], has. Raises ValueError.
    """
    octets, alphabet = checked("octets", octets, np.uint8), checked("alphabet", alphabet, np.uint8)
    fixed = checked("fixed", fixed, np.uint8)
    line = checked("line", line, np.uint8, fixed.size)
    loose = count * int(fixed.size - np.count_nonzero(fixed))
    if alphabet.size > LETTERS or (loose and not alphabet.size):
        raise ValueError("an alphabet has more letters than it may, or none")
    if octets.size != code_bytes(alphabet.size, loose):
        raise ValueError(f"{octets.size} bytes are not the codes of {loose} letters")
    letters = np.zeros(LETTERS, np.uint8)  # so that every code has one
    letters[: alphabet.size] = alphabet
    out = np.empty((count, fixed.size), np.uint8)
    _spelt(octets, code_bits(alphabet.size), letters, fixed, line, out)
    return out.reshape(-1)
