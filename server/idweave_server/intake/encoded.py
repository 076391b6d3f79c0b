"""A column of text as codes into its distinct values, so that each distinct value is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.index import HashIndex

_NONE = pa.scalar(-1, pa.int32())


@dataclass(frozen=True, slots=True)
class Encoded:
    """code: int32[n], position in `values`, -1 for none; values: string[u], distinct."""

    code: np.ndarray
    values: pa.StringArray

    @staticmethod
    def of(chunks: Sequence[pa.Array]) -> Encoded:
        """Encode the chunks of one column one after another; nulls are none."""
        parts = [chunk if pa.types.is_dictionary(chunk.type) else _text(chunk).dictionary_encode() for chunk in chunks]
        if not parts:
            return Encoded(np.zeros(0, np.int32), pa.array([], pa.string()))
        if len(parts) > 1:
            parts = pa.chunked_array(parts).unify_dictionaries().chunks
        code = [_codes(part.indices) for part in parts]
        return Encoded(code[0] if len(code) == 1 else np.concatenate(code), parts[0].dictionary)

    @staticmethod
    def constant(value: str, rows: int) -> Encoded:
        return Encoded(np.zeros(rows, np.int32), pa.array([value], pa.string()))

    @staticmethod
    def none(rows: int) -> Encoded:
        return Encoded(np.full(rows, -1, np.int32), pa.array([], pa.string()))

    def take(self, rows: np.ndarray) -> Encoded:
        """The same values for a selection of rows, int64 positions or a mask."""
        return Encoded(self.code[rows], self.values)

    def filled(self, text: str) -> Encoded:
        """With `text` where there was none."""
        values = pa.concat_arrays([self.values, pa.array([text], pa.string())]).dictionary_encode()
        code = values.indices.to_numpy().astype(np.int32)
        return Encoded(np.where(self.code < 0, code[-1], self.spread(code[:-1], -1)), values.dictionary)

    def compacted(self) -> Encoded:
        """The same rows without the values that none of them holds; what is kept stays in its order."""
        held = self.code[self.code >= 0]
        if held.size < len(self.values) // 8:  # a few rows of a large column: not a look at every value for each source, say
            used = np.unique(held)
            code = np.where(self.code >= 0, np.searchsorted(used, self.code), -1).astype(np.int32)
            return Encoded(code, self.values.take(pa.array(used)))
        used = np.bincount(held, minlength=len(self.values)) > 0
        if used.all():
            return self
        place = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return Encoded(self.spread(place, -1), self.values.filter(pa.array(used)))

    def trimmed(self) -> Encoded:
        """Without white space at the ends of the values."""
        trimmed = pc.utf8_trim_whitespace(self.values)
        return self if trimmed.equals(self.values) else self.mapped(trimmed)

    def spread(self, by_value: np.ndarray, missing: int | bool) -> np.ndarray:
        """A property of the distinct values, [u], as one of the rows; `missing` for none."""
        if not len(self.values):
            return np.full((self.code.size, *by_value.shape[1:]), missing, by_value.dtype)
        out = by_value[self.code]
        out[self.code < 0] = missing
        return out

    def mapped_by(self, change: Callable[[str], str | None]) -> Encoded:
        """With every value changed; for columns of few values."""
        return self.mapped(pa.array([change(value) for value in self.values.to_pylist()], pa.string()))

    def mapped(self, values: pa.StringArray) -> Encoded:
        """With every value replaced by the one at its place (null: none); values need not be distinct."""
        distinct = values.dictionary_encode()
        return Encoded(self.spread(_codes(distinct.indices), -1), distinct.dictionary)


def _text(values: pa.Array) -> pa.StringArray:
    return values if values.type == pa.string() else values.cast(pa.string())


def _codes(indices: pa.Array) -> np.ndarray:
    """int32[n]: the indices of a dictionary, -1 for null."""
    if indices.null_count:
        indices = indices.fill_null(_NONE)
    return np.asarray(indices.to_numpy(zero_copy_only=False)).astype(np.int32, copy=False)


def expanded(code: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(row int64[e], item int64[e]): every row's items, where value c has `size[c]` of them and those of all values are numbered on.

    code: int32[n], -1 for a row without; size: int64[u].
    """
    row = np.flatnonzero(code >= 0)
    start = np.cumsum(size) - size
    count = size[code[row]]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(row, count), np.repeat(start[code[row]], count) + within


def hexadecimal(hashes: np.ndarray) -> pa.StringArray:
    """string[n]: 32 digits of each hash, uint64[n, 2]."""
    octets = np.ascontiguousarray(hashes, ">u8").view(np.uint8).reshape(len(hashes), 16)
    digits = np.stack([octets >> 4, octets & 15], axis=-1)
    text = np.frombuffer(b"0123456789abcdef", np.uint8)[digits].tobytes()
    offsets = np.arange(len(hashes) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(text))


class TextTable:
    """Distinct texts that several columns share, with codes that stay as it grows."""

    def __init__(self) -> None:
        self._index = HashIndex()
        self._parts: list[pa.StringArray] = []

    def __len__(self) -> int:
        return len(self._index)

    def intern(self, values: pa.StringArray) -> np.ndarray:
        """int32[u]: the code of every string, -1 for null."""
        known = len(self._index)
        if values.null_count:
            present = values.is_valid().to_numpy(zero_copy_only=False)
            codes = np.full(len(values), -1, np.int32)
            codes[present] = self._index.intern(content_of(values.filter(pa.array(present))))
        else:
            codes = self._index.intern(content_of(values))
        if len(self._index) - known == len(values):  # none was there, and they are numbered as they stand
            self._parts += [values] if len(values) else []
            return codes
        if len(self._index) == known:
            return codes
        fresh = np.flatnonzero(codes >= known)
        at, first = np.unique(codes[fresh], return_index=True)
        if at.size:
            self._parts.append(values.take(pa.array(fresh[first])))
        return codes

    def encode(self, column: Encoded) -> np.ndarray:
        """int32[n]: the codes of a column's rows."""
        return column.spread(self.intern(column.values), -1)

    @property
    def content(self) -> np.ndarray:
        """uint64[len, 2]: the content hashes."""
        return self._index.hashes

    def values(self) -> pa.StringArray:
        return pa.concat_arrays(self._parts) if self._parts else pa.array([], pa.string())
