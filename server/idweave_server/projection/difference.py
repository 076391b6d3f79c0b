"""Differences between the graph and the state, in words: which node or relationship, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from idweave_server.projection.account import Change
from idweave_server.projection.follower import Follower
from idweave_server.projection.reading_back import Found, GraphReader
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import NODE_FORMS, NODES, TIES, Kind

MISSING, EXTRA, DIFFERS = "is missing", "should not be there", "differs"


@dataclass(frozen=True, slots=True)
class Difference:
    """kind: of row; subject: the keys of the node, or of the two that a relationship connects; wrong: MISSING, EXTRA or DIFFERS;
    properties: those that differ, as far as they can be told."""

    kind: Kind
    subject: tuple[str, ...] = field(repr=False)  # personal data: for who asked, never for a log
    wrong: str
    properties: tuple[str, ...] = ()

    def __str__(self) -> str:
        which = f": {', '.join(self.properties)}" if self.properties else ""
        return f"{self._what()} {self.wrong}{which}"

    def _what(self) -> str:
        if self.kind in NODES:
            return f"(:{NODE_FORMS[self.kind].label} {self.subject[0]})"
        start, end = self.subject[0], self.subject[1] if len(self.subject) > 1 else "…"
        return f"({start})-[:{TIES[self.kind].type}]->({end})"


def differences(follower: Follower) -> Iterator[Difference]:
    """All between a follower's graph and its engine's state; nothing is changed. Raises StoreError."""
    reader = follower.reader()
    nameless = reader.nameless()
    if nameless:
        yield Difference(Kind.IDENTIFIERS, (f"{nameless} nodes without a key",), EXTRA)
    for found in follower.compare():
        if isinstance(found, Found):
            for row in np.flatnonzero(found.strange).tolist():
                keys = (found.start[row],) if found.kind in NODES else (found.start[row], str(found.end[row] or "…"))
                yield Difference(found.kind, keys, EXTRA)
            continue
        table, gone = found.table, _gone(follower, found)
        yield from (Difference(table.kind, keys, EXTRA) for keys in gone)
        again = set(gone)  # one of several copies that a person made has to stay
        for row in found.create.tolist():
            if _keys(table, row)[: 1 if table.kind in TIES and TIES[table.kind].one else 2] not in again:
                yield Difference(table.kind, _keys(table, row), MISSING)
        yield from _differing(found, reader)


def _gone(follower: Follower, change: Change) -> list[tuple[str, ...]]:
    naming = follower.naming(change.table.kind, change.delete)
    start = naming.start.to_pylist()
    return [(one,) for one in start] if naming.end is None else list(zip(start, naming.end.to_pylist(), strict=True))


def _differing(change: Change, reader: GraphReader) -> Iterator[Difference]:
    table = change.table
    for low in range(0, change.update.size, 1_000):
        rows = change.update[low : low + 1_000]
        part = table.take(rows)
        found = reader.of(table.kind, sorted(set(part.start.to_pylist())))
        names = {
            name: at
            for at, name in enumerate(zip(*(c.tolist() for c in (found.names.owner, found.names.one, found.names.two)), strict=True))
        }
        for place in range(len(part)):
            at = names.get((int(part.owner[place]), int(part.one[place]), int(part.two[place])))
            wrong = () if at is None else tuple(_properties(part, place, found, at))
            yield Difference(table.kind, _keys(part, place), DIFFERS, wrong)


def _properties(part: Table, place: int, found: Found, at: int) -> Iterator[str]:
    told = False
    for name, (there, digests) in found.columns.items():
        column = part.properties.get(name)
        wanted = column is not None and bool(column.present()[place])
        if wanted != bool(there[at]) or (wanted and column is not None and column.digests()[place] != digests[at]):
            told = True
            yield name
    if part.end is not None and TIES[part.kind].one and found.end[at] != part.end[place].as_py():
        told = True
        yield "where it leads"
    if not told:
        yield "labels, or properties that are not the projector's"


def _keys(table: Table, row: int) -> tuple[str, ...]:
    start = table.start[row].as_py()
    return (start,) if table.end is None else (start, table.end[row].as_py())
