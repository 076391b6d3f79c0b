# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Where values stand among others, by a small table of hashes that is made for the occasion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.small_table import table_size

GOLDEN, OTHER = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F  # odd; the first spreads numbers that follow one another (Knuth, volume 3, 6.4)


@njit(cache=True, nogil=True, inline="always")
def _home(words, row, shift):
    mixed = words[row, 0]
    for column in range(1, words.shape[1]):
        mixed = (mixed ^ (words[row, column] * uint64(OTHER))) * uint64(GOLDEN)
    return np.int64((mixed * uint64(GOLDEN)) >> uint64(shift))


@njit(cache=True, nogil=True, inline="always")
def _same(a, i, b, j):
    for column in range(a.shape[1]):  # noqa: SIM110 numba compiles no generators within
        if a[i, column] != b[j, column]:
            return False
    return True


@njit(cache=True, nogil=True)
def _enter(among, shift, table):
    last = table.size - 1
    for i in range(among.shape[0]):
        at = _home(among, i, shift)
        while table[at] >= 0:
            at = (at + 1) & last
        table[at] = i


@njit(cache=True, nogil=True)
def _seek(among, shift, table, wanted, out):
    last = table.size - 1
    for i in range(wanted.shape[0]):
        at = _home(wanted, i, shift)
        while table[at] >= 0 and not _same(among, table[at], wanted, i):
            at = (at + 1) & last
        out[i] = table[at]


class Places:
    """Of distinct values, [n] integers or [n, w] words, in any order."""

    def __init__(self, among: NDArray[np.integer[Any]]) -> None:
        self._among = _words(among)
        size = table_size(len(among))
        self._shift, self._table = 65 - size.bit_length(), np.full(size, -1, np.int32)
        _enter(self._among, self._shift, self._table)

    def of(self, wanted: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """int32[k]: where each of k values stands among those, -1 where it does not."""
        out = np.empty(len(wanted), np.int32)
        _seek(self._among, self._shift, self._table, _words(wanted), out)
        return out


def _words(values: NDArray[np.integer[Any]]) -> NDArray[np.uint64]:
    """uint64[n, w]; what is negative wraps, and is equal to itself alone still. A copy, since kernels are compiled for arrays that can be
    written."""
    width = values.shape[1] if values.ndim == 2 else 1
    return values.astype(np.uint64, order="C").reshape(-1, width)
