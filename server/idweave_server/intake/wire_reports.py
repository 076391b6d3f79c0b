"""Reported observations as the bytes that they were sent as: found and counted without making an object of any.

Bytes that `scanned` declines are for the protobuf library, and go on as reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.arrow_text import strings
from idweave_server.intake.reports import Report, Scalar, scalar_text
from idweave_server.kernels.wire import ABSENT, FIXED64, MANY, ONE, TEXT, VARINT, Messages, Shape, copied, scan

BATCH, OBSERVATION, SOURCE, TIME, IDENTIFIER, TRAIT, EVENT, MONEY = range(8)
VALIDATE_ONLY, BACKFILL = 0, 1  # slots of a BATCH
# The fields of protos/idweave/v1 that a caller sets: by number, what each is and its slot, or the message that it is.
SHAPE = Shape.of(
    [
        {1: (MANY, OBSERVATION), 2: (VARINT, VALIDATE_ONLY), 3: (VARINT, BACKFILL)},
        {1: (TEXT, 0), 2: (ONE, SOURCE), 3: (ONE, TIME), 4: (TEXT, 1), 5: (MANY, IDENTIFIER), 6: (MANY, TRAIT), 7: (MANY, EVENT)},
        {1: (TEXT, 0)},
        {1: (VARINT, 0), 2: (VARINT, 1)},
        {1: (TEXT, 0), 2: (TEXT, 1), 3: (TEXT, 2)},
        {1: (TEXT, 0), 2: (TEXT, 1), 3: (VARINT, 2), 4: (FIXED64, 3), 5: (VARINT, 4)},
        {1: (TEXT, 0), 2: (ONE, MONEY), 3: (MANY, TRAIT)},
        {1: (TEXT, 0), 2: (VARINT, 1), 3: (VARINT, 2)},
    ]
)
VALUES = slice(1, 5)  # of a TRAIT: text, integer, number, boolean; one of them


@dataclass(frozen=True, slots=True, repr=False)
class Spans:
    """Texts where they lie in a request. start: int64[n]; size: int32[n], ABSENT where there is none, which reads as ""."""

    data: np.ndarray
    start: np.ndarray
    size: np.ndarray

    def take(self, rows: np.ndarray) -> Spans:
        """rows: int64[m] or a mask."""
        return Spans(self.data, self.start[rows], self.size[rows])

    def array(self) -> pa.StringArray:
        """string[n]."""
        return strings(*copied(self.data, self.start, self.size))

    def text(self, row: int) -> str:
        begin, size = int(self.start[row]), int(self.size[row])
        return self.data[begin : begin + size].tobytes().decode() if size > 0 else ""

    def unsure(self, longest: int) -> np.ndarray:
        """bool[n]: those that may be blank, or have more bytes than `longest`; all others begin with something that can be seen."""
        if not self.data.size:
            return np.ones(self.size.size, bool)
        first = self.data[np.where(self.size > 0, self.start, 0)]
        return (self.size <= 0) | (self.size > longest) | (first <= ord(" ")) | (first > ord("~"))


@dataclass(frozen=True, slots=True, repr=False)
class Scanned:
    """What a request says. data: uint8; found: its messages."""

    data: np.ndarray
    found: Messages

    def places(self, kind: int) -> np.ndarray:
        """int64: where the messages of a kind are."""
        return np.flatnonzero(self.found.type == kind)

    def texts(self, places: np.ndarray, slot: int) -> Spans:
        """places: int64[n] of messages, -1 for those that are not there."""
        size = np.where(places >= 0, self.found.size[places, slot], ABSENT)
        return Spans(self.data, self.found.start[places, slot], size)

    def values(self, places: np.ndarray) -> tuple[Spans, dict[int, Scalar]]:
        """(texts, numbers and truths by their place among these): the values of TRAITs as texts; places: int64[n]."""
        spans, numbers = self.texts(places, VALUES.start), self._scalars(places)
        octets = [scalar_text(value).encode() for value in numbers.values()]
        at, size = np.array(list(numbers), np.int64), np.array([len(one) for one in octets], np.int32)
        spans.start[at], spans.size[at] = spans.data.size + np.cumsum(size) - size, size
        return Spans(np.concatenate([spans.data, np.frombuffer(b"".join(octets), np.uint8)]), spans.start, spans.size), numbers

    def _scalars(self, places: np.ndarray) -> dict[int, Scalar]:
        """The values that are no texts, by their place among these."""
        given, size = self.found.start[places, VALUES], self.found.size[places, VALUES]
        integers, numbers, truths = (np.flatnonzero(size[:, which] >= 0).tolist() for which in (1, 2, 3))
        values: dict[int, Scalar] = {place: int(given[place, 1]) for place in integers}
        values |= {place: float(given[place : place + 1, 2].view(np.float64)[0]) for place in numbers}
        values |= {place: bool(given[place, 3]) for place in truths}
        return values

    def pieces(self, rows: Iterable[int]) -> bytes:
        """These observations, by number, as a request that has no others."""
        places, said = self.places(OBSERVATION), []
        for row in rows:
            begin, end = int(self.found.begin[places[row]]), int(self.found.end[places[row]])
            said.append(b"\x0a" + _varint(end - begin) + self.data[begin:end].tobytes())
        return b"".join(said)

    def flag(self, slot: int) -> bool:
        """A truth of the request itself."""
        return bool(self.found.size[0, slot] >= 0 and self.found.start[0, slot] != 0)


def scanned(data: bytes) -> Scanned | None:
    """None where the bytes are for the protobuf library."""
    octets = np.frombuffer(data, np.uint8)
    found = scan(octets, SHAPE)
    if found is None:
        return None
    values = (found.size[:, VALUES] >= 0).sum(axis=1)
    return None if (values[found.type == TRAIT] > 1).any() else Scanned(octets, found)


@dataclass(frozen=True, slots=True, repr=False)
class WireReports:
    """Observations as the bytes of one request or of several, one behind another, each of which `scanned` took; it may decline them
    together, when they are more messages than it makes room for. read: makes reports of bytes."""

    data: bytes
    count: int
    read: Callable[[bytes], list[Report]]

    def __len__(self) -> int:
        return self.count

    def all(self) -> list[Report]:
        return self.read(self.data)

    def some(self, rows: Sequence[int]) -> list[Report]:
        """The reports of these observations, by number."""
        if not rows:
            return []
        found = scanned(self.data)
        if found is None:
            every = self.all()
            return [every[row] for row in rows]
        return self.read(found.pieces(rows))

    def part(self, first: int, size: int) -> WireReports | list[Report]:
        """At most so many of them, from number `first` on."""
        if first == 0 and self.count <= size:
            return self
        found = scanned(self.data)
        if found is None:
            return self.all()[first : first + size]
        rows = range(first, min(first + size, self.count))
        return WireReports(found.pieces(rows), len(rows), self.read)


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number >= 128:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes((*digits, number))
