"""Profile ids that no birth gives: of profiles borne by a later epoch of an identifier."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.hashing import mix_hash

_VERSION = np.uint64(0xFFFFFFFFFFFF0FFF), np.uint64(0x8000)  # RFC 9562, section 5.8: version 8, variant 10
_VARIANT = np.uint64(0x3FFFFFFFFFFFFFFF), np.uint64(0x8000000000000000)


def epoch_ids(birth: np.ndarray, since: np.ndarray) -> np.ndarray:
    """uint64[n, 2]: UUIDs of version 8 from hash(birth, earliest observation of the epoch); birth: uint64[n, 2]; since: int64[n]."""
    time = np.zeros((since.size, 2), np.uint64)
    time[:, 0] = since.astype(np.int64).view(np.uint64)
    words = mix_hash(np.ascontiguousarray(birth), time)
    words[:, 0] = words[:, 0] & _VERSION[0] | _VERSION[1]
    words[:, 1] = words[:, 1] & _VARIANT[0] | _VARIANT[1]
    return words


def of_epochs(ids: np.ndarray) -> np.ndarray:
    """bool[n]: those of uint64[n, 2] that `epoch_ids` made; births have version 7."""
    found: np.ndarray = ids[:, 0] & ~_VERSION[0] == _VERSION[1]
    return found
