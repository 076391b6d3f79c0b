"""How many people an identifier goes by: groups of similar first names."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.histograms import Histograms, dissimilar
from idweave_server.kernels.labels import Labels

MOST = 64  # counted; an identifier seen with more names is said to have at least so many


def people(names: Histograms, labels: Labels, nodes: np.ndarray) -> np.ndarray:
    """int32[n]: the groups of dissimilar first names of these nodes, int64[n], from 0 to MOST."""
    size = np.diff(names.start)[nodes]
    start = np.concatenate(([0], np.cumsum(size)))
    place = np.arange(start[-1]) + np.repeat(names.start[nodes] - start[:-1], size)
    some = Histograms(start, names.value[place], names.weight[place])
    out = (size > 0).astype(np.int32)
    for count in range(2, MOST + 1):
        more = dissimilar(some, labels, count, 1000).astype(bool)
        if not more.any():
            break
        out[more] = count
    return out
