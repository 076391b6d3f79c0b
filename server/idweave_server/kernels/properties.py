# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Which of an event's properties has a name."""

from __future__ import annotations

import numpy as np
from numba import njit


def first_properties(start: np.ndarray, name: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int64[w, e]: where each event's first property of each wanted name stands, -1 without one.

    start: int64[e + 1]; name: int32[q]; wanted: int32[w], distinct.
    """
    out = np.full((wanted.size, start.size - 1), -1, np.int64)
    _first_properties(start, name, wanted, out)
    return out


@njit(cache=True, nogil=True)
def _first_properties(start, name, wanted, out):
    for e in range(start.size - 1):
        for q in range(start[e], start[e + 1]):
            for w in range(wanted.size):
                if name[q] == wanted[w]:
                    if out[w, e] < 0:
                        out[w, e] = q
                    break
