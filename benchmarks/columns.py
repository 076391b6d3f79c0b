"""Columns of text made from arrays of numbers, a million at a time: hashes, hexadecimal, fixed patterns, scattered parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Words = NDArray[np.uint64]
_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint16)


def mixed(*parts: Any) -> Words:
    """One hash per row from whole numbers: splitmix64 (Steele, Lea, Flood 2014) folded over the parts."""
    state = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = state ^ np.asarray(part).astype(np.uint64)
            state = state + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return state


def share(*parts: Any) -> NDArray[np.float64]:
    """A number in [0, 1) per row that depends on the parts alone."""
    return (mixed(*parts) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def hexadecimal(words: Words) -> NDArray[np.uint8]:
    """uint8[n, 16]: each word's digits, as ASCII."""
    folded = np.ascontiguousarray(words.astype(">u8")).view(np.uint8)
    return _HEX[folded].view(np.uint8).reshape(len(words), 16)


def digits(numbers: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """uint8[n, width]: each number's last decimal digits, as ASCII."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((numbers[:, None] // powers) % 10 + ord("0")).astype(np.uint8)


def patterned(pattern: str, *matrices: NDArray[np.uint8]) -> pa.Array:
    """Text columns of one width: each letter of the matrices in turn takes the place of a `#` in the pattern."""
    rows = len(matrices[0])
    text = np.tile(np.frombuffer(pattern.encode("ascii"), np.uint8), (rows, 1))
    text[:, [n for n, letter in enumerate(pattern) if letter == "#"]] = np.concatenate(matrices, axis=1)
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(len(pattern))
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def scattered(rows: int, parts: list[tuple[NDArray[np.bool_], pa.Array]]) -> pa.Array:
    """A column of `rows` texts whose values under each mask are the part's, in order; null where no mask holds. Masks do not overlap."""
    position = np.full(rows, -1, np.int64)
    start = 0
    for mask, part in parts:
        position[mask] = np.arange(start, start + len(part))
        start += len(part)
    pool = pa.concat_arrays([part.cast(pa.string()) for _, part in parts])
    return pool.take(pa.array(position, mask=position < 0))


def taken(pool: pa.Array, codes: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> pa.Array:
    """pool[codes] as a column; null where the code is negative, or the mask does not hold."""
    absent = codes < 0 if mask is None else ~mask | (codes < 0)
    return pool.take(pa.array(codes, mask=absent))


def joined(*parts: Any) -> pa.Array:
    """The texts of each row, one after another; whole numbers and constants too; null where one is."""
    texts = [pa.scalar(part) if isinstance(part, str) else pa.array(part).cast(pa.string()) for part in parts]
    return pc.binary_join_element_wise(*texts, "")
