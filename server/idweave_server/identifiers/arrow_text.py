"""Arrow strings as numpy sees them, and the few whole-column questions that the fast routes ask of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.reading import Claim

Rows = npt.NDArray[np.bool_]
_IS_DIGIT = np.zeros(256, np.bool_)
_IS_DIGIT[ord("0") : ord("9") + 1] = True


def mask(answer: pa.BooleanArray) -> Rows:
    return np.asarray(answer.to_numpy(zero_copy_only=False), dtype=np.bool_)


def matches(values: pa.StringArray, pattern: str) -> Rows:
    """Which values the RE2 pattern is found in (anchor it yourself)."""
    return mask(pc.match_substring_regex(values, pattern))


def contain(values: pa.StringArray, part: str) -> Rows:
    return mask(pc.match_substring(values, part))


def among(values: pa.StringArray, words: frozenset[str]) -> Rows:
    if len(values) < len(words):  # Arrow would hash all the words first
        return np.array([value in words for value in values.to_pylist()], np.bool_)
    return mask(pc.is_in(values, value_set=_sorted_array(words)))


def lengths(values: pa.StringArray) -> npt.NDArray[np.int32]:
    """Bytes of each value, which are its characters where the values are ASCII."""
    return np.diff(offsets_and_bytes(values)[0])


def lengths_within(values: pa.StringArray, least: int, most: int) -> Rows:
    found = lengths(values)
    return (found >= least) & (found <= most)


def offsets_and_bytes(values: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """int32[n + 1] offsets into uint8 text, both without a copy; offsets need not start at 0."""
    _, offsets, data = values.buffers()
    if offsets is None or len(values) == 0:
        return np.zeros(len(values) + 1, np.int32), np.empty(0, np.uint8)
    text = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4), text


def strings(offsets: npt.NDArray[np.int32], text: npt.NDArray[np.uint8]) -> pa.StringArray:
    buffers = [pa.py_buffer(np.ascontiguousarray(part)) for part in (offsets, text)]
    return pa.StringArray.from_buffers(len(offsets) - 1, *buffers)


def digits_of(values: pa.StringArray) -> pa.StringArray:
    """Each value with everything but its ASCII digits removed; the values must be ASCII."""
    offsets, text = offsets_and_bytes(values)
    start = offsets[0]
    kept = _IS_DIGIT[text[start : offsets[-1]]]
    before = np.zeros(len(kept) + 1, np.int32)
    np.cumsum(kept, out=before[1:])
    return strings(before[offsets - start], text[start : offsets[-1]][kept])


def tail_digits(values: pa.StringArray, count: int) -> npt.NDArray[np.uint8]:
    """uint8[count, n]: the last `count` digits as numbers; every value must be ASCII, shorter ones give what stands before them."""
    offsets, text = offsets_and_bytes(values)
    ends = offsets[1:]
    return np.stack([text[np.maximum(ends - back, 0)] - np.uint8(ord("0")) for back in range(count, 0, -1)])


def digit_table(values: pa.StringArray, size: int) -> npt.NDArray[np.uint8]:
    """uint8[n, size]: the digits as numbers; every value must be `size` ASCII digits."""
    offsets, text = offsets_and_bytes(values)
    return (text[offsets[0] : offsets[-1]] - np.uint8(ord("0"))).reshape(-1, size)


def around(values: pa.StringArray, part: str) -> tuple[pa.StringArray, pa.StringArray]:
    """What stands before and after the first occurrence of one ASCII character; every value must contain it."""
    offsets, text = offsets_and_bytes(values)
    cuts = np.empty(3 * len(values) + 1, np.int32)
    cuts[0::3] = offsets
    cuts[1::3] = offsets[:-1] + pc.find_substring(values, part).to_numpy()
    cuts[2::3] = cuts[1::3] + 1
    pieces = strings(cuts, text)  # over the same text: nothing is copied until the two halves are taken
    first = np.arange(0, len(pieces), 3, dtype=np.int32)
    return pieces.take(pa.array(first)), pieces.take(pa.array(first + 2))


def claimed_as_given(values: pa.StringArray, rows: Rows) -> Claim:
    """A claim of rows whose canonical form is the value itself, without flags."""
    found = values if rows.all() else values.filter(pa.array(rows))
    return Claim(rows, found, np.zeros(len(found), np.uint8), np.zeros(len(found), np.uint8))


@lru_cache(maxsize=256)
def scalar(text: str | None) -> pa.StringScalar:
    """A text for Arrow's functions. The type of a bare Python value is guessed anew each time, which costs ten times the call where
    dateutil is not installed: it is looked for on disk."""
    return pa.scalar(text, pa.string())


@lru_cache(maxsize=64)
def _sorted_array(words: frozenset[str]) -> pa.StringArray:
    return pa.array(sorted(words), pa.string())
