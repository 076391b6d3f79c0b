"""Who is in which segment since when, and when time alone changes that next: arrays by slot of profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from idweave_server.kernels.column import Column
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.index import HashIndex
from idweave_server.segments.definition import Definition
from idweave_server.segments.subjects import FOREVER

BLOCK = 64  # segments that the rows of `member` grow by


class MembershipStore:
    """member: uint8[p, w], a bit for each segment by its number, least first; wake: int64[p], the first instant at which time alone may
    change what is said of the profile, FOREVER without one.

    The time since when somebody is a member is found by (slot, number) in an index that grows by pairs that were ever members.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Definition] = {}
        self.history: dict[str, list[Definition]] = {}  # all versions of every name there ever was, the oldest first
        self.names: list[str] = []  # the segment of each number, those that were deleted included
        self.numbers: dict[str, int] = {}
        self.versions = Column(np.int32)  # the latest of each number
        self.member = Column(np.uint8, BLOCK // 8)
        self.wake = Column(np.int64, fill=FOREVER)
        self._pairs, self._since = HashIndex(), Column(np.int64)
        self._soonest: int | None = FOREVER  # of `wake`, None where it has to be looked for

    @property
    def idle(self) -> bool:
        return not self.definitions

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("member", self.member), ("wake", self.wake), ("since", self._since))

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for _, column in self.columns()) + self._pairs.nbytes

    def pairs(self) -> np.ndarray:
        """uint64[k, 2]: the keys of `since`, in their order."""
        return self._pairs.take(np.arange(len(self._since), dtype=np.int32))

    def restore(self, member: np.ndarray, wake: np.ndarray, since: np.ndarray, pairs: np.ndarray) -> None:
        """Of a snapshot. Raises ValueError."""
        self.member = Column(np.uint8, member.shape[1])
        self.member.replace(member)
        self.wake.replace(wake)
        self._since.replace(since)
        self._pairs, self._soonest = HashIndex(len(pairs)), None
        if not (self._pairs.intern(np.ascontiguousarray(pairs)) == np.arange(len(pairs))).all():
            raise ValueError("pairs repeat")

    def soonest(self) -> int:
        """The first wake of all, FOREVER without one."""
        if self._soonest is None:
            self._soonest = int(self.wake.array.min(initial=FOREVER))
        return self._soonest

    def put_wake(self, slots: np.ndarray, wake: np.ndarray) -> None:
        if not slots.size:
            return
        if self._soonest is not None:
            first = int(wake.min())
            later = first > self._soonest and self.wake.array[slots].min() <= self._soonest
            self._soonest = None if later else min(first, self._soonest)
        self.wake.array[slots] = wake

    def number(self, name: str) -> int:
        """-1 where there never was a segment of this name."""
        return self.numbers.get(name, -1)

    def name(self, number: int) -> str:
        return self.names[number]

    def put(self, said: Definition) -> None:
        """The latest version of a name."""
        self.history.setdefault(said.name, []).append(said)
        if said.name not in self.numbers:  # a name has the same number for ever
            self.numbers[said.name] = len(self.names)
            self.names.append(said.name)
            self.versions.grow(len(self.names))
            self._widen()
        self.versions.array[self.numbers[said.name]] = said.version
        if said.deleted:
            self.definitions.pop(said.name, None)
        else:
            self.definitions[said.name] = said

    def delete(self, name: str) -> None:
        """One that there is: nobody is a member of it any more."""
        self.history[name][-1] = replace(self.definitions.pop(name), deleted=True)
        number = self.numbers[name]
        self.member.array[:, number // 8] &= np.uint8(~(1 << number % 8) & 0xFF)

    def grow(self, slots: int) -> None:
        """To so many profiles."""
        self.member.grow(slots)
        self.wake.grow(slots)

    def bits(self, slots: np.ndarray) -> np.ndarray:
        """bool[p, numbers]: the memberships of profiles by segment number."""
        packed = self.member.array[slots]
        return np.unpackbits(packed, axis=1, bitorder="little")[:, : len(self.names)].astype(bool)

    def put_bits(self, slots: np.ndarray, bits: np.ndarray) -> None:
        """The same, the other way round."""
        whole = np.zeros((slots.size, self.member.array.shape[1] * 8), bool)
        whole[:, : bits.shape[1]] = bits
        self.member.array[slots] = np.packbits(whole, axis=1, bitorder="little")

    def members(self, number: int) -> np.ndarray:
        """int32: the slots of a segment's members, ascending."""
        return np.flatnonzero(self.member.array[:, number // 8] & np.uint8(1 << number % 8)).astype(np.int32)

    def since(self, slots: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """int64[n]: since when each profile is a member of each segment, pairwise; 0 where that is not known."""
        found = self._pairs.find(_keys(slots, numbers))
        return np.where(found >= 0, self._since.array[np.maximum(found, 0)], 0) if len(self._since) else np.zeros(slots.size, np.int64)

    def put_since(self, slots: np.ndarray, numbers: np.ndarray, since: np.ndarray) -> None:
        """Pairs are distinct."""
        if slots.size:
            found = self._pairs.intern(_keys(slots, numbers))
            self._since.grow(len(self._pairs))
            self._since.array[found] = since

    def recall_since(self, slots: np.ndarray, numbers: np.ndarray, since: np.ndarray) -> None:
        """Of members, since when they are, as somebody else remembers it; nothing happens where that is known here. Pairs are distinct."""
        unknown = np.flatnonzero(self.since(slots, numbers) == 0)
        self.put_since(slots[unknown], numbers[unknown], since[unknown])

    def _widen(self) -> None:
        if len(self.names) > self.member.array.shape[1] * 8:
            wider = Column(np.uint8, self.member.array.shape[1] + BLOCK // 8)
            wider.grow(len(self.member))
            wider.array[:, : self.member.array.shape[1]] = self.member.array
            self.member = wider


def _keys(slots: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    pairs = np.zeros((slots.size, 2), np.uint64)
    pairs[:, 0] = slots
    other = np.zeros((slots.size, 2), np.uint64)
    other[:, 0] = numbers
    return mix_hash(pairs, other)
