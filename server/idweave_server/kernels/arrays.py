# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What a public kernel function demands of its arrays, checked before compiled code sees them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

IDS = 2**31 - 2  # nodes, labels and links are numbered by int32


@njit(cache=True, nogil=True)
def _within(values, least, end):
    inside = True
    for x in values:  # no early way out, so that it becomes vector code
        inside &= least <= x and x < end
    return inside


@njit(cache=True, nogil=True)
def _ascends(offsets, total):
    if offsets[0] < 0 or offsets[-1] > total:
        return False
    ascending = True
    for i in range(1, offsets.size):
        ascending &= offsets[i - 1] <= offsets[i]
    return ascending


class _Alias:
    """A read-only array's memory, offered as writable (numba compiles a second version of a kernel for read-only arguments)."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array  # keeps the memory alive
        self.__array_interface__ = {**array.__array_interface__, "data": (array.__array_interface__["data"][0], False)}


def checked(name: str, array: NDArray[Any], dtype: DTypeLike, length: int | None = None, width: int | None = None) -> NDArray[Any]:
    """The array itself, or an equal one in C order, so that every kernel is compiled for one layout only. Kernels don't write to it.

    length: demanded first dimension; width: demanded second dimension (None: one dimension). Raises ValueError.
    """
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"{name} must be an array of {np.dtype(dtype)}, not {found}")
    if array.ndim != (1 if width is None else 2) or (width is not None and array.shape[1] != width):
        raise ValueError(f"{name} must have shape [n{'' if width is None else f', {width}'}], not {list(array.shape)}")
    if length is not None and array.shape[0] != length:
        raise ValueError(f"{name} must have {length} rows, not {array.shape[0]}")
    if not array.flags.c_contiguous:
        return np.ascontiguousarray(array)
    if not array.flags.writeable:
        return np.asarray(_Alias(array)) if array.size else array.copy()
    return array


def checked_offsets(name: str, offsets: NDArray[Any], dtype: DTypeLike, total: int, length: int | None = None) -> NDArray[Any]:
    """Offsets of a ragged column: ascending, at least one, within [0, total]. Raises ValueError."""
    offsets = checked(name, offsets, dtype, length)
    if offsets.size == 0:
        raise ValueError(f"{name} must hold one more entry than there are rows, not none")
    if not _ascends(offsets, total):
        raise ValueError(f"{name} must ascend within 0 and {total}")
    return offsets


def checked_nodes(name: str, nodes: NDArray[Any], n: int, length: int | None = None, least: int = 0) -> NDArray[Any]:
    """Node numbers int32[...] in [least, n). Raises ValueError."""
    nodes = checked(name, nodes, np.int32, length)
    if not _within(nodes, least, n):
        raise ValueError(f"{name} must lie in [{least}, {n}), but spans [{int(nodes.min())}, {int(nodes.max())}]")
    return nodes


def checked_count(name: str, n: int) -> int:
    """A number of nodes that int32 can number. Raises ValueError."""
    if not 0 <= n <= IDS:
        raise ValueError(f"{name} must lie in [0, {IDS}], not {n}")
    return n
