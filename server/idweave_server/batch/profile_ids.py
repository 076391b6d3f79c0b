"""Profile ids of a batch, which has no log: derived from the canonical content of each profile's bearer, so that runs compare."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from idweave_server.kernels.hashing import hash_strings
from idweave_server.resolution.resolve import Resolution

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_DASHES = (8, 13, 18, 23)


def profile_ids(resolution: Resolution, erased_until: np.ndarray, key: bytes) -> pa.StringArray:
    """The id of every profile, string[p], as a UUID of version 8 (RFC 9562, section 5.8).

    erased_until: int64[i], an identifier's latest erasure: what is seen of it later is a new birth with a new id. key: secret text; without
    knowing it nobody can tell which identifier an id was made from.
    """
    bearers, nodes = resolution.bearers, resolution.statuses.nodes
    since = np.where(bearers.bears_birth, 0, bearers.since)
    material = np.empty((bearers.node.size, 4), "<u8")
    material[:, :2] = nodes.content[bearers.node]  # a later epoch's content names its epoch
    material[:, 2] = erased_until[nodes.identifier[bearers.node]].astype(np.uint64)
    material[:, 3] = since.astype(np.uint64)
    # SipHash under a secret key is a pseudo-random function: ids tell nothing of their material to who lacks the key.
    secret = int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "little") if key else 0
    offsets = np.arange(len(material) + 1, dtype=np.int64) * material.itemsize * 4
    hashed = hash_strings(material.reshape(-1).view(np.uint8), offsets, secret)
    return as_uuids(hashed.astype("<u8").view(np.uint8).reshape(-1, 16))


def as_uuids(digest: np.ndarray) -> pa.StringArray:
    """uint8[n, 16] as the text of UUIDs of version 8, string[n]."""
    digest = digest.copy()
    digest[:, 6] = digest[:, 6] & 0x0F | 0x80
    digest[:, 8] = digest[:, 8] & 0x3F | 0x80
    text = np.full((len(digest), 36), ord("-"), np.uint8)
    places = [i for i in range(36) if i not in _DASHES]
    text[:, places[0::2]] = _HEX[digest >> 4]
    text[:, places[1::2]] = _HEX[digest & 15]
    offsets = np.arange(len(digest) + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(len(digest), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
