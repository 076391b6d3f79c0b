"""What identifiers are born with: time-ordered ids that cost no bytes, content hashes, and keyed hashes that outlive erasure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.entries.columns import Births, IdentifierColumns
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.hashing import hash_strings, hash_words, mix_hash

SEED_BYTES = 16
MAX_BIRTHS = 2**25  # in one entry
_COUNTER_BITS = 26  # of which 12 lie before the variant and 14 behind it
_CHANCE_BITS = 48


def birth_ids(milliseconds: int, seed: bytes, count: int) -> np.ndarray:
    """uint64[count, 2]: ascending UUIDv7 (RFC 9562, section 6.2, method 1: a counter with a random start), high and low word.

    milliseconds: since 1970, in 48 bits; seed: 16 random bytes, another for every entry. The same arguments give the same ids. Two entries
    of one millisecond share an id with a chance of 2**-48 for each pair of their ids whose counters meet. Raises ValueError.
    """
    if not 0 <= milliseconds < 2**48:
        raise ValueError(f"milliseconds must lie in [0, 2**48), not {milliseconds}")
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes, not {len(seed)}")
    if not 0 <= count <= MAX_BIRTHS:
        raise ValueError(f"an entry has at most {MAX_BIRTHS:,} births, not {count:,}")
    number = np.arange(count + 1, dtype="<u8")
    chance = hash_strings(number.view(np.uint8), np.arange(count + 2, dtype=np.int64) * 8, int.from_bytes(seed, "little"))
    return _ids(np.array(milliseconds), (chance[count, 1] % np.uint64(MAX_BIRTHS)) + number[:count], chance[:count, 0])


def counter_ids(milliseconds: np.ndarray, seed: np.ndarray, counter: np.ndarray, number: np.ndarray) -> np.ndarray:
    """uint64[n, 2]: of `birth_ids`, those of any numbers, int64[n], each among the ids of an entry of its own, of which milliseconds:
    int64[n]; seed: uint64[n, 2], low and high word; counter: int64[n], that of its first id."""
    return _ids(milliseconds, (counter + number).astype(np.uint64), hash_words(number.astype(np.uint64), seed))


def _ids(milliseconds: np.ndarray, counter: np.ndarray, chance: np.ndarray) -> np.ndarray:
    ids = np.empty((counter.size, 2), np.uint64)
    ids[:, 0] = np.uint64(7 << 12) | (milliseconds.astype(np.uint64) << np.uint64(16)) | (counter >> np.uint64(_COUNTER_BITS - 12))
    below = counter & np.uint64(2 ** (_COUNTER_BITS - 12) - 1)
    ids[:, 1] = np.uint64(2 << 62) | (below << np.uint64(_CHANCE_BITS)) | (chance & np.uint64(2**_CHANCE_BITS - 1))
    return ids


@dataclass(frozen=True, slots=True)
class CounterIds:
    """What the ids of an entry's births are made from; counter: of the first one; seed: low and high word."""

    milliseconds: int
    counter: int
    seed: tuple[int, int]

    @staticmethod
    def of(births: Births) -> CounterIds | None:
        """None for ids from elsewhere."""
        if not births.seed:
            return None
        seed = int.from_bytes(births.seed, "little")
        return CounterIds(*CounterIds.read((births.birth.item(0, 0), births.birth.item(0, 1))), (seed & (2**64 - 1), seed >> 64))

    @staticmethod
    def read(words: tuple[int, int]) -> tuple[int, int]:
        """(milliseconds, counter) that an id tells."""
        high, low = words
        below = _COUNTER_BITS - 12
        return high >> 16, (high & (2**12 - 1)) << below | low >> _CHANCE_BITS & (2**below - 1)


def keyed(content: np.ndarray, key: bytes) -> np.ndarray:
    """uint64[n]: the hash of content hashes uint64[n, 2] under the store's key, of at least 16 bytes. Raises ValueError.

    Without the key nobody can try identifiers against it.
    """
    if len(key) < 16:
        raise ValueError(f"a store's key has at least 16 bytes, not {len(key)}")
    seed = hashlib.blake2b(key, digest_size=16, person=b"idweave keyed").digest()
    data = np.ascontiguousarray(content, "<u8").reshape(-1).view(np.uint8)
    return hash_strings(data, np.arange(len(content) + 1, dtype=np.int64) * 16, int.from_bytes(seed, "little"))[:, 0].copy()


def content_hashes(identifiers: IdentifierColumns) -> np.ndarray:
    """uint64[i, 2]: exactly what intake's IdentifierInterner computes for these (namespace, issuer, value)."""
    space = content_of(pa.array(identifiers.namespaces, pa.string()))
    content = mix_hash(space[identifiers.namespace], content_of(identifiers.value))
    issued = np.flatnonzero(identifiers.issuer >= 0)
    if issued.size:
        issuers = content_of(pa.array(identifiers.issuers, pa.string()))
        content[issued] = mix_hash(issuers[identifiers.issuer[issued]], content[issued])
    return content
