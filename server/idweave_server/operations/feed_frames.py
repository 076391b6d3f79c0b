"""The feed as bytes: a head that says where it begins, then a frame for each entry with changes, and now and then one without.

A frame has every change of its entry, and a frame at entry n says that all changes up to n are in the frames up to it. The checksum of each
goes on from the one before it, so what is cut off, torn, altered, left out or out of place ends the good part there.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from idweave_server.engine.changes import CHANGE
from idweave_server.operations.feed import Position, Run

MAGIC = b"IDWVFEED"
FORMAT = 1
_MARK = 16  # bytes that stand for the store and its rules
_HEAD = struct.Struct(f"<8sH{_MARK}sqqq")  # magic, format, mark, position; then the checksum
_FRAME = struct.Struct("<qqqI")  # position, count; after the checksum, before the rows
_CHECK = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECK.size
_FRAME_HEAD = _CHECK.size + _FRAME.size


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of what was written. check: the checksum that the next frame's goes on from."""

    position: Position
    check: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stretch:
    """The good part of one file. mark: of whose feed it is; begin: where the file begins; end: after the last good frame; run: its entries
    with changes; waste: bytes behind the good part."""

    mark: bytes
    begin: Position
    end: Position
    run: Run
    waste: int


def mark_of(store_id: str, rules: str) -> bytes:
    """What tells the feed of a store by some rules from every other. Other rules may make other changes of the same entries."""
    return hashlib.blake2b(f"{store_id}\n{rules}".encode(), digest_size=_MARK, person=b"feed").digest()


def head(mark: bytes, begin: Position) -> tuple[bytes, Chain]:
    """The first bytes of a file, and what its first frame goes on from."""
    data = _HEAD.pack(MAGIC, FORMAT, mark, begin.sequence, begin.term, begin.at)
    check = zlib.crc32(data)
    return data + _CHECK.pack(check), Chain(begin, check)


def frame(chain: Chain, position: Position, rows: np.ndarray) -> tuple[bytes, Chain]:
    """The bytes that lead from the end of the chain to a later position. rows: CHANGE[n], of the entry there alone."""
    data = _FRAME.pack(position.sequence, position.term, position.at, rows.size) + rows.tobytes()
    check = zlib.crc32(data, chain.check)
    return _CHECK.pack(check) + data, Chain(position, check)


def read(path: Path) -> Stretch | None:
    """What is good of a file; None where not even its head is. Raises OSError."""
    data = path.read_bytes()
    begun = _begin(data)
    if begun is None:
        return None
    mark, chain = begun
    end, place = chain.position, HEAD_BYTES
    entries: list[tuple[int, int, int]] = []
    counts, parts = [0], []
    for position, rows_at, after in _frames(data, chain):
        if after > rows_at:
            entries.append((position.sequence, position.term, position.at))
            counts.append((after - rows_at) // CHANGE.itemsize)
            parts.append(memoryview(data)[rows_at:after])
        end, place = position, after
    columns = np.array(entries, np.int64).reshape(-1, 3)
    sequence, term, at = (np.ascontiguousarray(columns[:, column]) for column in range(3))
    run = Run(sequence, term, at, np.cumsum(counts), np.frombuffer(b"".join(parts), CHANGE))
    return Stretch(mark, begun[1].position, end, run, len(data) - place)


def _begin(data: bytes) -> tuple[bytes, Chain] | None:
    if len(data) < HEAD_BYTES:
        return None
    magic, form, mark, *position = _HEAD.unpack_from(data)
    (check,) = _CHECK.unpack_from(data, _HEAD.size)
    if (magic, form) != (MAGIC, FORMAT) or zlib.crc32(data[: _HEAD.size]) != check:
        return None
    return mark, Chain(Position(*position), check)


def _frames(data: bytes, chain: Chain) -> Iterator[tuple[Position, int, int]]:
    """(position, where its rows begin, where they end) of every good frame, up to the first bad one."""
    view, check, last = memoryview(data), chain.check, chain.position.sequence
    at = HEAD_BYTES
    while at + _FRAME_HEAD <= len(data):
        (said,) = _CHECK.unpack_from(data, at)
        sequence, term, time, count = _FRAME.unpack_from(data, at + _CHECK.size)
        end = at + _FRAME_HEAD + count * CHANGE.itemsize
        if end > len(data) or sequence <= last or zlib.crc32(view[at + _CHECK.size : end], check) != said:
            return
        yield Position(sequence, term, time), at + _FRAME_HEAD, end
        at, check, last = end, said, sequence
