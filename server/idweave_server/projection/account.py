"""What the graph holds, as digests in arrays: some thirty bytes a row, so that what changed is found without asking the database.

Rows lie together by owner. An owner whose rows change gets a fresh stretch at the end; what is left behind is taken out once it is half of
all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.column import Column
from idweave_server.kernels.hashing import tie_hash
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import Kind

SPARE = 65_536  # rows left behind before it is worth the while to take them out


@dataclass(frozen=True, slots=True)
class Names:
    """What names rows: owner int32[n], one int64[n], two int64[n], as in rows.Table."""

    owner: np.ndarray
    one: np.ndarray
    two: np.ndarray

    def __len__(self) -> int:
        return int(self.owner.size)

    def take(self, rows: np.ndarray) -> Names:
        return Names(self.owner[rows], self.one[rows], self.two[rows])

    def keys(self) -> np.ndarray:
        """uint64[n]: a hash of each name."""
        inner = tie_hash(np.ascontiguousarray(self.one).view(np.uint64), np.ascontiguousarray(self.two).view(np.uint64))
        return tie_hash(np.ascontiguousarray(self.owner).astype(np.int64).view(np.uint64), inner)

    @staticmethod
    def of(table: Table) -> Names:
        return Names(table.owner, table.one, table.two)


@dataclass(frozen=True, slots=True)
class Change:
    """What makes the rows of some owners what they should be: rows of the table to create and to update, int64 each, and names of rows to
    delete, before anything is created. digests: uint64[n], of the table's rows."""

    table: Table
    owners: np.ndarray
    digests: np.ndarray
    create: np.ndarray
    update: np.ndarray
    delete: Names

    def __len__(self) -> int:
        return int(self.create.size + self.update.size + len(self.delete))


class Account:
    """The rows of one kind that the graph holds."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.clear()

    def clear(self) -> None:
        """It holds nothing."""
        self._start, self._count = Column(np.int64), Column(np.int32)  # by owner + 1
        self._owner, self._one, self._two, self._digest = Column(np.int32), Column(np.int64), Column(np.int64), Column(np.uint64)
        self._held = 0

    def __len__(self) -> int:
        return self._held

    @property
    def nbytes(self) -> int:
        columns = (self._start, self._count, self._owner, self._one, self._two, self._digest)
        return sum(column.nbytes for column in columns)

    def change(self, table: Table, owners: np.ndarray, digests: np.ndarray) -> Change:
        """Compare rows that are all that `owners`, int32, should own with what they do own."""
        held = self._rows_of(owners)
        names = self._names(held)
        wanted, there = Names.of(table).keys(), names.keys()
        order = np.argsort(there)
        there, held = there[order], held[order]
        twice = np.zeros(there.size, bool)
        twice[1:] = there[1:] == there[:-1]
        doubled = np.isin(there, there[twice])  # a person copied a relationship: take all away and make one
        at = np.minimum(np.searchsorted(there, wanted), max(there.size - 1, 0))
        known = (there[at] == wanted) & ~doubled[at] if there.size else np.zeros(wanted.size, bool)
        same = np.zeros(wanted.size, bool)
        same[known] = self._digest.array[held[at[known]]] == digests[known]
        kept = np.zeros(there.size, bool)
        kept[at[known]] = True
        gone = held[~kept]
        return Change(table, owners, digests, np.flatnonzero(~known), np.flatnonzero(known & ~same), self._names(gone))

    def apply(self, change: Change) -> None:
        """The graph holds what was wanted."""
        if not len(change):
            return
        if not change.create.size and not len(change.delete):
            self._refresh(change)
        else:
            self._replace(change)

    def owners_of(self, two: np.ndarray) -> np.ndarray:
        """int32, ascending: who owns rows that are named by one of these, and perhaps others."""
        return np.unique(self._owner.array[np.isin(self._two.array, two)])

    def hold(self, names: Names, digests: np.ndarray) -> None:
        """Rows that were found in the graph, all of their owners at once."""
        self._append(names.owner, names.one, names.two, digests)

    def _refresh(self, change: Change) -> None:
        held = self._rows_of(change.owners)
        there = self._names(held).keys()
        order = np.argsort(there)
        keys = Names.of(change.table).take(change.update).keys()
        self._digest.array[held[order[np.searchsorted(there[order], keys)]]] = change.digests[change.update]

    def _replace(self, change: Change) -> None:
        touched = np.unique(
            np.concatenate([change.table.owner[change.create], change.table.owner[change.update], change.delete.owner]).astype(np.int64)
        )
        known = touched[touched + 1 < len(self._count)]
        self._held -= int(self._count.array[known + 1].sum())
        self._count.array[known + 1] = 0
        mine = np.flatnonzero(np.isin(change.table.owner, touched))
        table = change.table
        self._append(table.owner[mine], table.one[mine], table.two[mine], change.digests[mine])
        if len(self._owner) > 2 * self._held + SPARE:
            self._tidy()

    def _append(self, owner: np.ndarray, one: np.ndarray, two: np.ndarray, digest: np.ndarray) -> None:
        order = np.argsort(owner, kind="stable")
        owner = owner[order]
        first = np.flatnonzero(np.diff(owner, prepend=np.int32(-2)))
        size = np.diff(np.append(first, owner.size))
        if owner.size:
            self._start.grow(int(owner[-1]) + 2)
            self._count.grow(int(owner[-1]) + 2)
        self._start.array[owner[first].astype(np.int64) + 1] = len(self._owner) + first
        self._count.array[owner[first].astype(np.int64) + 1] = size
        for column, values in ((self._owner, owner), (self._one, one[order]), (self._two, two[order]), (self._digest, digest[order])):
            column.extend(values)
        self._held += owner.size

    def _tidy(self) -> None:
        rows = self._rows_of(np.flatnonzero(self._count.array > 0) - 1)
        kept = [column.array[rows] for column in (self._owner, self._one, self._two, self._digest)]
        for column in (self._owner, self._one, self._two, self._digest):
            column.replace(column.array[:0])
        self._held = 0
        self._count.array[:] = 0
        self._append(*kept)

    def _rows_of(self, owners: np.ndarray) -> np.ndarray:
        """int64: where the rows of these owners lie."""
        known = owners.astype(np.int64) + 1
        known = known[known < len(self._count)]
        size = self._count.array[known].astype(np.int64)
        return np.arange(size.sum()) + np.repeat(self._start.array[known] - np.cumsum(size) + size, size)

    def _names(self, rows: np.ndarray) -> Names:
        return Names(self._owner.array[rows], self._one.array[rows], self._two.array[rows])
