"""Keeps a graph what an engine's state says it should be: compares, writes what differs, and moves the checkpoint with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import Publication
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_texts
from idweave_server.projection.account import Account, Change, Names
from idweave_server.projection.frame import everything
from idweave_server.projection.graph import Graph, moved
from idweave_server.projection.keys import identifier_keys
from idweave_server.projection.present import Present, present
from idweave_server.projection.profile_rows import orphaned
from idweave_server.projection.reading_back import Found, GraphReader, drop_nameless
from idweave_server.projection.rows import InternedNames
from idweave_server.projection.schema import IDENTIFIER, NODES, PROFILE, PROFILE_LABELS, TIES, Kind, identifier_labels
from idweave_server.projection.statements import ROWS, Naming, Statement, creations, deletions, updates

CHUNK = 50_000  # identifiers that are compared at a time
NONE = Publication(np.zeros(0, np.int32), None, None)

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Written:
    """How many rows were created, updated and deleted, by kind."""

    created: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    updated: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    deleted: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))

    def add(self, change: Change) -> None:
        self.created[change.table.kind] += change.create.size
        self.updated[change.table.kind] += change.update.size
        self.deleted[change.table.kind] += len(change.delete)

    def __len__(self) -> int:
        return sum(sum(counts.values()) for counts in (self.created, self.updated, self.deleted))


class Follower:
    """Of one engine and one graph. Any error in the midst of writing leaves `whole` False: then `reconcile` has to come first."""

    def __init__(self, engine: Engine, graph: Graph) -> None:
        self.engine, self.graph = engine, graph
        self.names = InternedNames()
        self.accounts = {kind: Account(kind) for kind in Kind}
        self.whole = False
        self._labels = identifier_labels(engine.policy)
        self._counts = {
            Kind.IDENTIFIERS: np.array([len(labels) for labels in self._labels]),
            Kind.PROFILES: np.array([len(labels) for labels in PROFILE_LABELS]),
        }
        self._orphans: np.ndarray | None = None
        self._erased: dict[int, str] = {}  # keys of identifiers that the engine is about to forget

    def remember(self, codes: np.ndarray) -> None:
        """Of identifiers that the next entry may erase, what names them in the graph."""
        self._erased.update(zip(codes.tolist(), identifier_keys(self.engine, codes).to_pylist(), strict=True))

    def take(self, published: Publication) -> Written:
        """Write what a publishing changed, before the engine takes in anything else, and move the checkpoint. Raises StoreError."""
        if not self.whole:
            raise ValueError("the graph has to be reconciled first")
        written = self._write(self._changes(published, self._fresh_orphans()), self._moved())
        self._erased.clear()
        return written

    def reconcile(self, progress: Progress | None = None) -> Written:
        """Read the whole graph, and write what differs. Raises StoreError."""
        self.whole = False
        strays = self._read()
        total = Written()
        for kind in (*(k for k in Kind if k not in NODES), *NODES):
            for found in strays[kind]:
                self._remove(found)
                total.deleted[kind] += int(found.strange.sum())
        for form, kind in ((IDENTIFIER, Kind.IDENTIFIERS), (PROFILE, Kind.PROFILES)):
            total.deleted[kind] += self.graph.remove(drop_nameless(form))
        self._orphans = orphaned(self.engine)
        known, done = len(self.engine.state.identifiers), 0
        for published, orphans in self._all():
            written = self._write(self._changes(published, orphans), None)
            for kind in Kind:
                total.created[kind] += written.created[kind]
                total.updated[kind] += written.updated[kind]
                total.deleted[kind] += written.deleted[kind]
            done += CHUNK
            if progress is not None:
                progress(min(done, known), known)
        self.graph.transact([self._moved()])
        self.whole = True
        return total

    def compare(self) -> Iterator[Change | Found]:
        """What `reconcile` would write: first what nothing in the state names, then what differs. Changes nothing. Raises StoreError."""
        for strays in self._read().values():
            yield from strays
        for published, orphans in self._all():
            yield from self._changes(published, orphans)

    def counts(self) -> tuple[int, int]:
        """(nodes, relationships) that the graph holds, as far as the state names them."""
        nodes = sum(len(self.accounts[kind]) for kind in NODES)
        return nodes, sum(map(len, self.accounts.values())) - nodes

    def reader(self) -> GraphReader:
        return GraphReader(self.graph, self.engine, self.names)

    def _all(self) -> Iterator[tuple[Publication, np.ndarray | None]]:
        for published in everything(self.engine, CHUNK):
            yield published, None
        yield NONE, orphaned(self.engine)

    def _read(self) -> dict[Kind, list[Found]]:
        """Fill the accounts with what the graph holds; the rows that nothing in the state names."""
        for account in self.accounts.values():
            account.clear()
        reader = self.reader()
        rows: dict[Kind, list[tuple[Names, np.ndarray]]] = {kind: [] for kind in Kind}
        strays: dict[Kind, list[Found]] = {kind: [] for kind in Kind}
        for found in reader.pages():
            usable = np.flatnonzero(~found.strange)
            rows[found.kind].append((found.names.take(usable), found.digests[usable]))
            if usable.size < found.strange.size:
                strays[found.kind].append(found)
        for kind, pages in rows.items():
            if pages:
                names = Names(*(np.concatenate([getattr(page, part) for page, _ in pages]) for part in ("owner", "one", "two")))
                self.accounts[kind].hold(names, np.concatenate([digests for _, digests in pages]))
        return strays

    def _changes(self, published: Publication, orphans: np.ndarray | None) -> list[Change]:
        wanted: Present = present(self.engine, published, self.names, orphans)
        changes = []
        for kind in Kind:
            table = wanted.tables[kind]
            change = self.accounts[kind].change(table, wanted.owners[kind], table.digests(self._counts.get(kind)))
            if len(change):
                changes.append(change)
        return changes

    def _fresh_orphans(self) -> np.ndarray | None:
        orphans = orphaned(self.engine)
        if self._orphans is not None and np.array_equal(orphans, self._orphans):
            return None
        self._orphans = orphans
        return orphans

    def _write(self, changes: list[Change], last: Statement | None) -> Written:
        self.whole, begun, written = False, self.whole, Written()
        parts = list(_packed(self._statements(changes, mending=last is None)))
        if last is not None:
            if not parts:
                parts = [[]]
            if len(parts) > 1:
                parts[0].insert(0, _unsettled())
            parts[-1].append(last)
        for part in parts:
            self.graph.transact(part)
        for change in changes:
            self.accounts[change.table.kind].apply(change)
            written.add(change)
        self.whole = begun
        return written

    def _statements(self, changes: list[Change], mending: bool) -> Iterator[Statement]:
        """Relationships go before nodes, and come after them."""
        for change in sorted(changes, key=lambda c: c.table.kind in NODES):
            yield from deletions(self.naming(change.table.kind, change.delete))
        for change in sorted(changes, key=lambda c: c.table.kind):
            yield from updates(change.table, change.update, self._labels, mending=mending)
            yield from creations(change.table, change.create, self._labels)

    def naming(self, kind: Kind, gone: Names) -> Naming:
        """What deletes rows, from what names them."""
        if kind == Kind.PROFILES or kind == Kind.REDIRECTS:
            return Naming(kind, uuid_texts(np.stack([gone.one, gone.two], axis=1).view(np.uint64)))
        start = self._keys(gone.owner)
        if kind in NODES:
            return Naming(kind, start)
        names = [self.names[number] for number in gone.two.tolist()]
        return Naming(kind, start, None if TIES[kind].one else self._keys(gone.one.astype(np.int32)), names)

    def _keys(self, codes: np.ndarray) -> pa.StringArray:
        keys = identifier_keys(self.engine, codes)
        if self._erased:
            told = [self._erased.get(code, key) for code, key in zip(codes.tolist(), keys.to_pylist(), strict=True)]
            keys = pa.array(told, pa.string())
        return keys

    def _remove(self, found: Found) -> None:
        """Rows that nothing in the state names."""
        rows = np.flatnonzero(found.strange).tolist()
        start = pa.array([found.start[row] for row in rows], pa.string())
        if found.kind in NODES:
            for part in _packed(deletions(Naming(found.kind, start))):
                self.graph.transact(part)
            return
        form = TIES[found.kind]
        ends = [found.end[row] for row in rows]
        text = (
            f"UNWIND range(0, $n - 1) AS i MATCH (a:{form.start.label} {{{form.start.key}: $start[i]}})-[r:{form.type}]->(b)"
            f" WHERE coalesce(b.{form.end.key}, '') = $end[i] DELETE r RETURN count(*) AS n"
        )
        keys = ["" if key is None else key for key in ends]
        self.graph.transact([Statement(text, {"n": len(rows), "start": start.to_pylist(), "end": keys}, len(rows), None)])

    def _moved(self) -> Statement:
        return moved(self.engine.sequence, self.engine.state_time)


def _unsettled() -> Statement:
    """While several transactions write one state, the graph shows none."""
    return Statement("MATCH (p:Projection {name: 'graph'}) SET p.whole = false RETURN count(*) AS n", {}, 1, 1)


def _packed(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """In transactions of about ROWS rows."""
    part: list[Statement] = []
    rows = 0
    for statement in statements:
        if part and rows + statement.rows > ROWS:
            yield part
            part, rows = [], 0
        part.append(statement)
        rows += statement.rows
    if part:
        yield part
