# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Protobuf's wire format read where it lies: which message is in which, and where the bytes of each field are; no object is made.

Reads what writers write: known fields, each of its type, texts that are UTF-8. Anything else that may be right after all (unknown fields, a
single message given twice, groups) is declined, and then the protobuf library has the last word.
Format: the "Encoding" page of the Protocol Buffers documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit, uint64

from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.varints import LONGEST, varint

TEXT, VARINT, FIXED64, ONE, MANY = 1, 2, 3, 4, 5  # what a field is; ONE and MANY are messages
FIELDS = 8  # field numbers are less
SLOTS = 5  # fields of a message that are kept
DEEPEST = 8
ABSENT = -1
SPARE = 8  # bytes of input that a message takes at least, on average: more are declined


@dataclass(frozen=True, slots=True)
class Shape:
    """Message types by number, the outermost is 0. kind, target: int16[types, FIELDS], what each field is (0: unknown), and its slot, or
    for messages their type."""

    kind: np.ndarray
    target: np.ndarray

    @staticmethod
    def of(types: Sequence[Mapping[int, tuple[int, int]]]) -> Shape:
        """types: for each, field number to (kind, slot or type)."""
        kind, target = np.zeros((len(types), FIELDS), np.int16), np.zeros((len(types), FIELDS), np.int16)
        for number, fields in enumerate(types):
            for field, (what, where) in fields.items():
                kind[number, field], target[number, field] = what, where
        return Shape(kind, target)


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages in the order in which they begin, the outermost first.

    type: int16[m]; parent: int32[m], -1 for the outermost; begin, end: int64[m], where its bytes lie; start: int64[m, SLOTS], where a text
    begins, or the number itself, as its 64 bits; size: int32[m, SLOTS], bytes of a text, 0 of a number, ABSENT where the field is not there
    (of several, the last counts).
    """

    type: np.ndarray
    parent: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    start: np.ndarray
    size: np.ndarray


def scan(data: np.ndarray, shape: Shape) -> Messages | None:
    """The messages in `data`, uint8[n]; None where it is for the protobuf library to say what it is."""
    room = 64 + data.size // SPARE
    found = Messages(
        np.empty(room, np.int16),
        np.empty(room, np.int32),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty((room, SLOTS), np.int64),
        np.empty((room, SLOTS), np.int32),
    )
    count = _scan(data, shape.kind, shape.target, found.type, found.parent, found.begin, found.end, found.start, found.size)
    if count < 0:
        return None
    return Messages(*(column[:count] for column in (found.type, found.parent, found.begin, found.end, found.start, found.size)))


def copied(data: np.ndarray, start: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(offsets int32[n + 1], bytes uint8[total]): pieces of `data`, uint8, one behind another.

    start: int64[n]; size: int32[n], of which negative ones count as 0. Raises OverflowError for 2 GiB and more.
    """
    offsets = np.zeros(size.size + 1, np.int64)
    np.cumsum(np.maximum(size, 0), out=offsets[1:])
    if offsets[-1] >= 2**31:
        raise OverflowError("2 GiB of text are too much for one column")
    out = np.empty(int(offsets[-1]), np.uint8)
    _copy(data, start, offsets, out)
    return offsets.astype(np.int32), out


@njit(cache=True, nogil=True)
def _copy(data, start, offsets, out):
    for i in range(start.size):
        begin, at = start[i], offsets[i]
        for k in range(offsets[i + 1] - at):
            out[at + k] = data[begin + k]


@njit(**INNER)
def _is_text(data, at, end):
    """Whether bytes are UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF (RFC 3629)."""
    while at < end:
        first = data[at]
        at += 1
        if first < 0x80:
            continue
        if 0xC2 <= first <= 0xDF:
            more = 1
        elif 0xE0 <= first <= 0xEF:
            more = 2
        elif 0xF0 <= first <= 0xF4:
            more = 3
        else:
            return False
        if at + more > end:
            return False
        second = data[at]
        if (first == 0xE0 and second < 0xA0) or (first == 0xED and second > 0x9F):
            return False
        if (first == 0xF0 and second < 0x90) or (first == 0xF4 and second > 0x8F):
            return False
        for k in range(more):
            if data[at + k] & 0xC0 != 0x80:
                return False
        at += more
    return True


@njit(cache=True, nogil=True)
def _scan(data, kind, target, types, parent, begin, end, start, size):
    """How many messages there are, -1 where they are declined."""
    stack = np.empty(DEEPEST, np.int32)
    depth, at, count = 0, 0, 1
    stack[0] = 0
    types[0], parent[0], begin[0], end[0] = 0, -1, 0, data.size
    start[0], size[0] = 0, ABSENT
    while True:
        message = stack[depth]
        stop = end[message]
        if at == stop:
            if depth == 0:
                return count
            depth -= 1
            continue
        field, wire = data[at] >> 3, data[at] & 7
        at += 1
        if field == 0 or field >= FIELDS:
            return -1
        what, where = kind[types[message], field], target[types[message], field]
        if what == VARINT and wire == 0:
            value, at = varint(data, at, stop, LONGEST)
            if at < 0:
                return -1
            start[message, where], size[message, where] = np.int64(value), 0
        elif what == FIXED64 and wire == 1:
            if at + 8 > stop:
                return -1
            value = uint64(0)
            for k in range(8):
                value |= uint64(data[at + k]) << uint64(8 * k)
            start[message, where], size[message, where] = np.int64(value), 0
            at += 8
        elif what in (TEXT, ONE, MANY) and wire == 2:
            length, at = varint(data, at, stop, 5)
            if at < 0 or length > uint64(stop - at):
                return -1
            after = at + np.int64(length)
            if what == TEXT:
                if not _is_text(data, at, after):
                    return -1
                start[message, where], size[message, where] = at, np.int32(after - at)
                at = after
                continue
            if count == types.size or depth + 1 == DEEPEST:
                return -1
            if what == ONE:
                for k in range(message + 1, count):
                    if parent[k] == message and types[k] == where:
                        return -1
            types[count], parent[count], begin[count], end[count] = where, message, at, after
            start[count], size[count] = 0, ABSENT
            depth += 1
            stack[depth] = count
            count += 1
        else:
            return -1
