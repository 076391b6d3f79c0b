"""Content hashes of texts: stable for ever, the same in every column and every process."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa

from idweave_server.kernels.hashing import hash_strings

_BLANK = pa.scalar("")  # what a null hashes as


def content_of(values: pa.Array, seed: int = 0) -> np.ndarray:
    """uint64[n, 2]: the 128-bit content hash of every string; a null hashes as the empty string."""
    if not len(values):
        return np.zeros((0, 2), np.uint64)
    array = values.fill_null(_BLANK) if values.null_count else values
    _, offsets, data = array.buffers()
    wide = array.type == pa.large_string()
    starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    return hash_strings(np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8), starts, seed)


@lru_cache(maxsize=1_024)
def text_hash(text: str) -> np.ndarray:
    """uint64[1, 2], read-only: the content hash of one text."""
    found = content_of(pa.array([text], pa.string()))
    found.flags.writeable = False
    return found
