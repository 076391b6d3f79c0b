"""Rows of the graph: what should be there of one kind, each with what names it, its properties and their digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.kernels.index import HashIndex
from idweave_server.projection.columns import Column, row_digests, value_digests
from idweave_server.projection.schema import NODES, TIES, Kind


class InternedNames:
    """What tells relationships between the same two nodes apart, as a number each; 0 for nothing, as of nearly all."""

    def __init__(self) -> None:
        self._number: dict[tuple[object, ...], int] = {}
        self._said: list[tuple[object, ...]] = [()]

    def __getitem__(self, number: int) -> tuple[object, ...]:
        return self._said[number]

    def intern(self, said: tuple[object, ...]) -> int:
        if all(one is None for one in said):
            return 0
        if said not in self._number:
            self._number[said] = len(self._said)
            self._said.append(said)
        return self._number[said]


class InternedIds:
    """Ids of profiles, as a number each."""

    def __init__(self) -> None:
        self._index = HashIndex()

    def intern(self, words: np.ndarray) -> np.ndarray:
        """int32[n]; words: uint64[n, 2]."""
        return self._index.intern(_spread(words))

    def words(self, numbers: np.ndarray) -> np.ndarray:
        """uint64[n, 2]: the same, the other way round."""
        spread = self._index.take(np.ascontiguousarray(numbers, np.int32))
        return np.stack([spread[:, 1], spread[:, 0] >> _TWO | spread[:, 0] << _REST], axis=1)


class Interned:
    """What a follower has numbers for."""

    def __init__(self) -> None:
        self.names, self.ids = InternedNames(), InternedIds()


_TWO, _REST = np.uint64(2), np.uint64(62)


def _spread(words: np.ndarray) -> np.ndarray:
    """An id as what is spread evenly: it begins with its time, and its second word with two bits that all have."""
    return np.stack([words[:, 1] << _TWO | words[:, 1] >> _REST, words[:, 0]], axis=1)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind.

    owner: int32[n], the identifier (its code) whose change can change the row, -1 for what belongs to none, a segment's own number; one,
    two: int64[n], what names a row among its owner's; start, end: string[n], the key of a node (its only one: start), or of the nodes that
    a relationship connects; group: int16[n], of a node, which labels it has; properties: without keys.
    """

    kind: Kind
    owner: np.ndarray
    one: np.ndarray
    two: np.ndarray
    start: pa.StringArray
    end: pa.StringArray | None
    group: np.ndarray | None
    properties: Mapping[str, Column]

    def __len__(self) -> int:
        return int(self.owner.size)

    def take(self, rows: np.ndarray) -> Table:
        place = pa.array(rows)
        return Table(
            self.kind,
            self.owner[rows],
            self.one[rows],
            self.two[rows],
            self.start.take(place),
            None if self.end is None else self.end.take(place),
            None if self.group is None else self.group[rows],
            {name: column.take(rows) for name, column in self.properties.items()},
        )

    def digests(self, labels: np.ndarray | None = None) -> np.ndarray:
        """uint64[n]: of all that is known of a row but what names it. labels: int64[groups], how many a node of each group has."""
        named = [(name, column.present(), column.digests()) for name, column in self.properties.items()]
        count = np.full(len(self), int(self.kind in NODES), np.int64)
        for _, there, _ in named:
            count += there
        more = [count]
        if self.group is not None and labels is not None:
            more += [self.group.astype(np.int64), labels[self.group]]
        if self.end is not None and TIES[self.kind].one:
            more.append(value_digests(self.end).view(np.int64))
        return row_digests(len(self), named, more)
