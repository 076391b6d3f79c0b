# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Content hashes: 128 bits for every string of a column, and how hashes combine.

hash_strings is SipHash-2-4 with 128-bit output (Aumasson and Bernstein, INDOCRYPT 2012; reference code at github.com/veorq/SipHash), so a
value hashes the same for ever and on every platform, and with a secret seed nobody can choose colliding values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_offsets
from idweave_server.kernels.instructions import INNER

PAIR_KEY = 0x7269_6170  # "pair": mix_hash of two hashes differs from hash_strings of their bytes


@njit(cache=True, nogil=True, inline="always")
def _rotated(x, bits):
    return (x << uint64(bits)) | (x >> uint64(64 - bits))


@njit(cache=True, nogil=True, inline="always")
def _round(v0, v1, v2, v3):
    v0 += v1
    v2 += v3
    v1 = _rotated(v1, 13) ^ v0
    v3 = _rotated(v3, 16) ^ v2
    v0 = _rotated(v0, 32)
    v2 += v1
    v0 += v3
    v1 = _rotated(v1, 17) ^ v2
    v3 = _rotated(v3, 21) ^ v0
    v2 = _rotated(v2, 32)
    return v0, v1, v2, v3


@njit(cache=True, nogil=True, inline="always")
def _begun(key0, key1):
    return (
        key0 ^ uint64(0x736F6D6570736575),
        key1 ^ uint64(0x646F72616E646F6D) ^ uint64(0xEE),  # 0xee asks for 128 bits
        key0 ^ uint64(0x6C7967656E657261),
        key1 ^ uint64(0x7465646279746573),
    )


@njit(cache=True, nogil=True, inline="always")
def _fed(v0, v1, v2, v3, word):
    v0, v1, v2, v3 = _round(v0, v1, v2, v3 ^ word)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@njit(**INNER)
def _ended(v0, v1, v2, v3):
    v2 ^= uint64(0xEE)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= uint64(0xDD)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return first, v0 ^ v1 ^ v2 ^ v3


@njit(cache=True, nogil=True, inline="always")
def _word(data, at):
    # Byte by byte is the same on every platform; LLVM makes one load of it.
    return (
        uint64(data[at])
        | (uint64(data[at + uint64(1)]) << uint64(8))
        | (uint64(data[at + uint64(2)]) << uint64(16))
        | (uint64(data[at + uint64(3)]) << uint64(24))
        | (uint64(data[at + uint64(4)]) << uint64(32))
        | (uint64(data[at + uint64(5)]) << uint64(40))
        | (uint64(data[at + uint64(6)]) << uint64(48))
        | (uint64(data[at + uint64(7)]) << uint64(56))
    )


@njit(cache=True, nogil=True)
def _hash_strings(data, offsets, key0, key1, out):
    for i in range(out.shape[0]):
        at, end = uint64(offsets[i]), uint64(offsets[i + 1])
        size = end - at
        v0, v1, v2, v3 = _begun(key0, key1)
        while end - at >= uint64(8):
            v0, v1, v2, v3 = _fed(v0, v1, v2, v3, _word(data, at))
            at += uint64(8)
        last = size << uint64(56)
        rest = end - at
        if rest > uint64(0) and size >= uint64(8):  # the last eight bytes overlap those read already: never past the end
            last |= _word(data, end - uint64(8)) >> (uint64(64) - rest * uint64(8))
        else:
            for k in range(rest):
                last |= uint64(data[at + uint64(k)]) << (uint64(8) * uint64(k))
        v0, v1, v2, v3 = _fed(v0, v1, v2, v3, last)
        out[i, 0], out[i, 1] = _ended(v0, v1, v2, v3)


@njit(cache=True, nogil=True)
def _hash_words(words, seeds, out):
    for i in range(out.size):
        v0, v1, v2, v3 = _begun(seeds[i, 0], seeds[i, 1])
        v0, v1, v2, v3 = _fed(v0, v1, v2, v3, words[i])
        v0, v1, v2, v3 = _fed(v0, v1, v2, v3, uint64(8) << uint64(56))
        out[i] = _ended(v0, v1, v2, v3)[0]


@njit(**INNER)
def mixed(a0, a1, b0, b1):
    """The ordered combination of two 128-bit hashes: SipHash of their four words."""
    v0, v1, v2, v3 = _begun(uint64(PAIR_KEY), uint64(0))
    v0, v1, v2, v3 = _fed(v0, v1, v2, v3, a0)
    v0, v1, v2, v3 = _fed(v0, v1, v2, v3, a1)
    v0, v1, v2, v3 = _fed(v0, v1, v2, v3, b0)
    v0, v1, v2, v3 = _fed(v0, v1, v2, v3, b1)
    v0, v1, v2, v3 = _fed(v0, v1, v2, v3, uint64(32) << uint64(56))
    return _ended(v0, v1, v2, v3)


@njit(**INNER)
def scrambled(x):
    """A bijection of 64-bit words whose every output bit depends on every input bit (SplitMix64; Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB)
    return x ^ (x >> uint64(31))


@njit(**INNER)
def tied(a, b):
    """The 64-bit combination of two words, in this order."""
    return scrambled(a + scrambled(b + uint64(0x9E3779B97F4A7C15)))


@njit(cache=True, nogil=True)
def _mix_hash(a, b, out):
    for i in range(out.shape[0]):
        out[i, 0], out[i, 1] = mixed(a[i, 0], a[i, 1], b[i, 0], b[i, 1])


@njit(cache=True, nogil=True)
def _tie_hash(a, b, out):
    for i in range(out.size):
        out[i] = tied(a[i], b[i])


def hash_strings(data: NDArray[np.uint8], offsets: NDArray[Any], seed: int = 0) -> NDArray[np.uint64]:
    """The 128-bit hash of every string of a column in Arrow's layout.

    data: uint8[d], the bytes of all strings; offsets: int32 or int64[n + 1]; seed: the 128-bit SipHash key as a little-endian number.
    Returns uint64[n, 2]. Stable for ever. Raises ValueError. Cost: about 40 ns for a string of 20 bytes.
    """
    if not 0 <= seed < 2**128:
        raise ValueError(f"seed must lie in [0, 2**128), not {seed}")
    data = checked("data", data, np.uint8)
    if offsets.dtype == np.int32:  # widened rather than compiled for twice
        offsets = offsets.astype(np.int64)
    offsets = checked_offsets("offsets", offsets, np.int64, data.size)
    out = np.empty((offsets.size - 1, 2), np.uint64)
    _hash_strings(data, offsets, np.uint64(seed & (2**64 - 1)), np.uint64(seed >> 64), out)
    return out


def hash_words(words: NDArray[np.uint64], seeds: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """uint64[n]: the first word of what hash_strings gives for the eight bytes, the least first, of each of `words`, uint64[n], under a
    seed of its own: uint64[n, 2], low and high word. Raises ValueError."""
    words = checked("words", words, np.uint64)
    seeds = checked("seeds", seeds, np.uint64, words.shape[0], width=2)
    out = np.empty_like(words)
    _hash_words(words, seeds, out)
    return out


def mix_hash(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Row by row the hash of hash a followed by hash b (uint64[n, 2] each); (a, b) and (b, a) differ. Raises ValueError."""
    a = checked("a", a, np.uint64, width=2)
    b = checked("b", b, np.uint64, a.shape[0], width=2)
    out = np.empty_like(a)
    _mix_hash(a, b, out)
    return out


def tie_hash(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Row by row a 64-bit mix of a and b (uint64[n] each), to rank ties by content; callers put the two in order. Raises ValueError."""
    a = checked("a", a, np.uint64)
    b = checked("b", b, np.uint64, a.shape[0])
    out = np.empty_like(a)
    _tie_hash(a, b, out)
    return out
