"""The identifiers of a store: what each is, its birth, and where it stands at present."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa

from idweave_server.engine.birth_store import BirthStore
from idweave_server.engine.column import Texts
from idweave_server.engine.interned import InternedLabels, InternedWords
from idweave_server.engine.narrow import Narrow
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import Births, IdentifierColumns
from idweave_server.kernels.column import Column
from idweave_server.kernels.index import HashIndex
from idweave_server.model import Shared
from idweave_server.resolution.policy import Policy


class Status(IntEnum):
    """What is known of an identifier at present."""

    UNKNOWN = 0  # never observed, or never looked at, as it cannot link
    ALIVE = 1
    STALE = 2  # nothing of it counts any more
    ERASED = 3


_ERASED = int(Status.ERASED)  # an enumeration's members cost a microsecond each to look up in Python 3.11


@dataclass(frozen=True, slots=True)
class Known:
    """One identifier in words. flags: model.Flag."""

    namespace: str
    issuer: str
    value: str
    flags: int


@dataclass(frozen=True, slots=True)
class Split:
    """The nodes of an identifier with several epochs. begin, end: int64[e]; shared: uint8[e]; profile: int32[e]."""

    begin: np.ndarray
    end: np.ndarray
    shared: np.ndarray
    profile: np.ndarray


class IdentifierStore:
    """Arrays by code (identifier number).

    value: blanks where it was erased; that of one that came back since is in `again`, by the number that `moved` tells; birth: into the
    births, -1 without; head: the latest sighting, -1 without; ring: the next identifier of the same component; status: Status; shared,
    profile: of its only node, or of its latest epoch; dominant: label of an e-mail's dominant first name, -1 without; judged: 1 where a
    verdict names it.
    """

    def __init__(self, policy: Policy, labels: InternedLabels) -> None:
        self._namespaces = {n.name: number for number, n in enumerate(policy.namespaces)}
        self._policy, self._labels = policy, labels
        self.index = HashIndex()
        self.issuers = InternedWords()
        self.namespace, self.issuer = Column(np.uint8), Narrow()
        self.flags, self.mailbox = Column(np.uint8), Column(np.int32)
        self.value, self.again = Texts(), Texts()
        self.moved: dict[int, int] = {}
        self.births = BirthStore()
        self.birth, self.head, self.ring = Column(np.int32, fill=-1), Column(np.int32, fill=-1), Column(np.int32)
        self.status, self.shared, self.profile = Column(np.uint8), Column(np.uint8), Column(np.int32, fill=-1)
        self.dominant, self.judged = Column(np.int32, fill=-1), Column(np.uint8)
        self.splits: dict[int, Split] = {}
        self.people: dict[int, int] = {}  # of shared identifiers, how many dissimilar first names they were seen with
        self.erased: set[int] = set()
        self.orphaned: dict[int, int] = {}  # births whose identifiers were erased from their entries, by keyed hash
        self.mark, self.local = Column(np.uint8), Column(np.int32, fill=-1)  # scratch of kernels, as it was after each

    def __len__(self) -> int:
        return len(self.namespace)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        for name in ("namespace", "issuer", "flags", "mailbox", "birth", "head", "ring", "status", "shared", "profile", "dominant"):
            yield name, getattr(self, name)
        yield "judged", self.judged
        for name, part in (("births", self.births), ("value", self.value), ("again", self.again)):
            yield from ((f"{name}.{of}", column) for of, column in part.columns())

    def intern(self, said: IdentifierColumns, names: np.ndarray) -> np.ndarray:
        """int32[i]: the codes of an entry's identifiers, those seen for the first time included. names: int32, labels of its names."""
        before = len(self.index)
        code = self.index.intern(said.content)
        known = np.flatnonzero(code < before)
        back = known[self.status.array[code[known]] == Status.ERASED].tolist() if self.erased else []
        self.status.array[code[back]] = Status.UNKNOWN
        self.mailbox.array[code[back]] = np.concatenate([names, np.array([-1], np.int32)])[said.mailbox_name[back]]
        self.erased.difference_update(code[back].tolist())
        self.flags.array[code[code < before]] |= said.flags[code < before]
        fresh = np.flatnonzero(code >= before)
        if fresh.size:
            self._add(said, fresh, names)
        if back:
            self.moved.update(zip(code[back].tolist(), range(len(self.again), len(self.again) + len(back)), strict=True))
            self.again.extend(said.value.take(np.array(back)))
        return code

    def _add(self, said: IdentifierColumns, fresh: np.ndarray, names: np.ndarray) -> None:
        before, size = len(self), len(self.index)
        spaces = np.array([self._namespaces[name] for name in said.namespaces], np.uint8)
        issuers = np.concatenate([self.issuers.intern(said.issuers), np.array([-1], np.int32)])
        labels = np.concatenate([names, np.array([-1], np.int32)])
        self.namespace.extend(spaces[said.namespace[fresh]])
        self.issuer.extend(issuers[said.issuer[fresh]])
        self.flags.extend(said.flags[fresh])
        self.mailbox.extend(labels[said.mailbox_name[fresh]])
        self.value.extend(said.value.take(fresh))
        for column in (self.birth, self.head, self.status, self.shared, self.profile, self.dominant, self.judged, self.mark, self.local):
            column.grow(size)
        self.ring.extend(np.arange(before, size, dtype=np.int32))

    def bear(self, births: Births, code: np.ndarray, key: bytes, content: np.ndarray) -> None:
        """Note the births of an entry; code: int32[i], of the entry's identifiers, and content: uint64[i, 2], their hashes."""
        first = len(self.births)
        whose = np.where(births.place >= 0, code[births.place], np.int32(-1)) if code.size else np.full(len(births), -1, np.int32)
        self.births.extend(births, whose)
        alive = whose >= 0
        self.birth.array[whose[alive]] = first + np.flatnonzero(alive)
        for at in np.flatnonzero(~alive).tolist():
            self.orphaned[int(births.keyed[at])] = first + at
        unborn = np.flatnonzero(self.birth.array[code] < 0) if self.orphaned else np.zeros(0, np.int64)
        for place, hashed in zip(unborn.tolist(), keyed(content[unborn], key).tolist(), strict=True):
            number = self.orphaned.pop(hashed, -1)
            if number >= 0:  # the entry that it was born in was rewritten, and it lives on in later ones
                self.birth.array[code[place]], self.births.code.array[number] = number, code[place]

    def known(self, code: int) -> Known:
        issuer = int(self.issuer.array[code])
        return Known(
            self._policy.namespaces[int(self.namespace.array[code])].name,
            self.issuers[issuer] if issuer >= 0 else "",
            self.again[self.moved[code]] if code in self.moved else self.value[code],
            int(self.flags.array[code]),
        )

    def values(self, codes: np.ndarray) -> pa.StringArray:
        """string[n]: the values of these identifiers."""
        found = self.value.take(codes)
        if not self.moved:
            return found
        values = found.to_pylist()
        for at, code in enumerate(codes.tolist()):
            if code in self.moved:
                values[at] = self.again[self.moved[code]]
        return pa.array(values, pa.string())

    def find(self, content: np.ndarray) -> np.ndarray:
        """int32[n]: codes, -1 for identifiers that are not known or were erased."""
        code = self.index.find(content)
        if self.erased:
            known = np.flatnonzero(code >= 0)
            code[known[self.status.array[code[known]] == Status.ERASED]] = -1
        return code

    def find_one(self, high: int, low: int) -> int:
        """The code of one content hash, -1 as `find`."""
        code = self.index.find_one(high, low)
        return -1 if code >= 0 and self.status.array.item(code) == _ERASED else code

    def erase(self, code: int) -> None:
        """Forget what an identifier is; its birth's id stays, as that of somebody who is gone."""
        if code in self.moved:
            self.again.wipe([self.moved.pop(code)])
        else:
            self.value.wipe([code])
        birth = self.birth.array.item(code)
        if birth >= 0:  # an IP address, and what only verdicts named, was never born
            self.births.code.array[birth] = -1
        self.birth.array[code] = -1
        self.status.array[code], self.shared.array[code], self.profile.array[code] = Status.ERASED, Shared.NONE, -1
        self.flags.array[code], self.dominant.array[code] = 0, -1
        self.mailbox.array[code] = -1
        self.splits.pop(code, None)
        self.people.pop(code, None)
        self.erased.add(code)

    @property
    def nbytes(self) -> int:
        return self.index.nbytes + sum(column.nbytes for _, column in self.columns()) + self.mark.nbytes + self.local.nbytes
