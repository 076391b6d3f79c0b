"""Where values stand among others, by a search in sorted ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def places(ascending: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int32[n]: where each of `wanted` stands among values that ascend; -1 where it does not."""
    if not ascending.size:
        return np.full(wanted.size, -1, np.int32)
    at = np.minimum(np.searchsorted(ascending, wanted), ascending.size - 1)
    return np.where(ascending[at] == wanted, at, -1).astype(np.int32)


def finder(among: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The same among distinct values in any order, which are sorted once: int32[n] of values wanted."""
    order = np.append(np.argsort(among), -1).astype(np.int32)  # the last one is for -1
    ascending = among[order[:-1]]
    return lambda wanted: order[places(ascending, wanted)]
