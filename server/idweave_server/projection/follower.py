"""Keeps a graph what an engine's state says it should be: compares, writes what differs, and moves the checkpoint with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import Publication
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_texts
from idweave_server.projection.account import Account, Change, Names
from idweave_server.projection.frame import everything
from idweave_server.projection.graph import Graph, moved
from idweave_server.projection.keys import identifier_keys
from idweave_server.projection.lanes import in_lanes
from idweave_server.projection.present import Present, present
from idweave_server.projection.profile_rows import orphaned
from idweave_server.projection.reading_back import Found, GraphReader, drop_nameless
from idweave_server.projection.rows import Interned, Table
from idweave_server.projection.schema import NODE_FORMS, NODES, PAIRS, PROFILE_LABELS, SEGMENT_LABELS, TIES, Kind, identifier_labels
from idweave_server.projection.segment_rows import bearers, recall, segment_rows
from idweave_server.projection.sending import Sending, Stage
from idweave_server.projection.statements import ROWS, Naming, Statement, creations, creations_in_pairs, deletions, paired, updates

CHUNK = 50_000  # identifiers that are compared at a time
NOBODY = np.zeros(0, np.int32)
NONE = Publication(NOBODY, None, None)

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

    def include(self, other: Written) -> None:
        for mine, others in ((self.created, other.created), (self.updated, other.updated), (self.deleted, other.deleted)):
            for kind, count in others.items():
                mine[kind] += count

    def __len__(self) -> int:
        return sum(sum(counts.values()) for counts in (self.created, self.updated, self.deleted))


@dataclass(frozen=True, slots=True)
class _Step:
    """What is compared at once: all that the identifiers own that were touched; orphans, looked: as for `present`; segments: int32[n], by
    number."""

    published: Publication = NONE
    orphans: np.ndarray | None = None
    looked: np.ndarray = field(default_factory=lambda: NOBODY)
    segments: np.ndarray = field(default_factory=lambda: NOBODY)


class Follower:
    """Of one engine and one graph. What it takes is written in the background, one taking after the other, so that the engine may go on
    meanwhile. Any error in the midst of writing leaves `whole` False: then `reconcile` has to come first."""

    def __init__(self, engine: Engine, graph: Graph) -> None:
        self.engine, self.graph = engine, graph
        self.known = Interned()
        self.accounts = {kind: Account(kind) for kind in Kind}
        self.whole = False
        self._sending = Sending(graph)
        self._labels = identifier_labels(engine.policy)
        self._counts = {
            Kind.IDENTIFIERS: np.array([len(labels) for labels in self._labels]),
            Kind.PROFILES: np.array([len(labels) for labels in PROFILE_LABELS]),
            Kind.SEGMENTS: np.array([len(labels) for labels in SEGMENT_LABELS]),
        }
        self._orphans: np.ndarray | None = None
        self._erased: dict[int, str] = {}  # keys of identifiers that the engine is about to forget
        self._defined: dict[str, int] = {}  # the segments that the graph shows, each with its version

    def remember(self, codes: np.ndarray) -> None:
        """Of identifiers that the next entry may erase, what names them in the graph."""
        self._erased.update(zip(codes.tolist(), identifier_keys(self.engine, codes).to_pylist(), strict=True))

    def take(self, published: Publication, looked: Sequence[np.ndarray] = ()) -> Written:
        """Begin to write what a publishing changed, before the engine takes in anything else, and to move the checkpoint; what was taken
        before is in the graph when this returns. looked: int32[n] each, the slots that `Memberships.looks` heard of. Raises StoreError."""
        if not self.whole:
            raise ValueError("the graph has to be reconciled first")
        fresh = self._versions()
        named = self._numbers(fresh) if fresh != self._defined else NOBODY
        gone = self._numbers(self._defined.keys() - fresh.keys())
        owners = np.union1d(bearers(self.engine, looked), self.accounts[Kind.IN_SEGMENT].owners_of(gone) if gone.size else NOBODY)
        parts = np.split(owners.astype(np.int32), np.arange(CHUNK, owners.size, CHUNK))
        steps = [_Step(looked=part) for part in parts]
        steps[0] = _Step(published, self._fresh_orphans(), parts[0], named)
        if gone.size:  # a segment goes after its relationships, which may be many
            steps[-1] = replace(steps[-1], segments=np.union1d(steps[-1].segments, gone).astype(np.int32))
        written = self._stepwise(steps)
        self._erased.clear()
        self._defined = fresh
        return written

    def _stepwise(self, steps: list[_Step]) -> Written:
        if len(steps) == 1:
            return self._write(self._changes(steps[0]), self._moved(), mending=False)
        self.whole, total = False, Written()
        self._send([_alone(_unsettled())])
        for step in steps:
            total.include(self._write(self._changes(step), None, mending=False))
        self._send([_alone(self._moved())])
        self.whole = True
        return total

    def settle(self) -> None:
        """Return when all that was taken is in the graph. Raises StoreError."""
        try:
            self._sending.settle()
        except BaseException:
            self.whole = False
            raise

    def _send(self, stages: list[Stage]) -> None:
        self.settle()
        self._sending.send(stages)

    def reconcile(self, progress: Progress | None = None) -> Written:
        """Read the whole graph, and write what differs. Raises StoreError."""
        self.settle()
        self.whole = False
        try:
            written = self._reconcile(progress)
        finally:
            self.settle()
        self.whole = True
        return written

    def _reconcile(self, progress: Progress | None) -> Written:
        strays = self._read()
        total = Written()
        for kind in (*(k for k in Kind if k not in NODES), *NODES):
            for found in strays[kind]:
                self._remove(found)
                total.deleted[kind] += int(found.strange.sum())
        for kind in NODES:
            total.deleted[kind] += self.graph.remove(drop_nameless(NODE_FORMS[kind]))
        self._orphans, self._defined = orphaned(self.engine), self._versions()
        known, done = len(self.engine.state.identifiers), 0
        for step in self._all():
            total.include(self._write(self._changes(step), None, mending=True))
            done += CHUNK if step.published is not NONE else 0
            if progress is not None:
                progress(min(done, known), known)
        self._send([_alone(self._moved())])
        return total

    def compare(self) -> Iterator[Change | Found]:
        """What `reconcile` would write: first what nothing in the state names, then what differs. Changes nothing. Raises StoreError."""
        for strays in self._read().values():
            yield from strays
        for step in self._all():
            yield from self._changes(step)

    def counts(self) -> tuple[int, int]:
        """(nodes, relationships) that the graph holds, as far as the state names them."""
        nodes = sum(len(self.accounts[kind]) for kind in NODES)
        return nodes, sum(map(len, self.accounts.values())) - nodes

    def reader(self) -> GraphReader:
        return GraphReader(self.graph, self.engine, self.known)

    def _all(self) -> Iterator[_Step]:
        live = self._numbers(self._versions())
        yield _Step(segments=live)
        for published in everything(self.engine, CHUNK):
            yield _Step(published)
        all_ = np.arange(len(self.engine.memberships.store.names), dtype=np.int32)
        yield _Step(orphans=orphaned(self.engine), segments=np.setdiff1d(all_, live))

    def _versions(self) -> dict[str, int]:
        return {name: said.version for name, said in self.engine.memberships.definitions.items()}

    def _numbers(self, names: Iterable[str]) -> np.ndarray:
        return np.array(sorted(self.engine.memberships.store.numbers[name] for name in names), np.int32)

    def _read(self) -> dict[Kind, list[Found]]:
        """Fill the accounts with what the graph holds; the rows that nothing in the state names."""
        for account in self.accounts.values():
            account.clear()
        reader, recalls = self.reader(), self._recalls()
        rows: dict[Kind, list[tuple[Names, np.ndarray]]] = {kind: [] for kind in Kind}
        strays: dict[Kind, list[Found]] = {kind: [] for kind in Kind}
        for found in reader.pages():
            usable = np.flatnonzero(~found.strange)
            rows[found.kind].append((found.names.take(usable), found.digests[usable]))
            if usable.size < found.strange.size:
                strays[found.kind].append(found)
            if recalls and found.kind == Kind.IN_SEGMENT:
                self._recall(found.names, found.columns["since"], ~found.strange)
        for kind, pages in rows.items():
            if pages:
                names = Names(*(np.concatenate([getattr(page, part) for page, _ in pages]) for part in ("owner", "one", "two")))
                self.accounts[kind].hold(names, np.concatenate([digests for _, digests in pages]))
        return strays

    def _recalls(self) -> bool:
        """Whether what is a member in the graph and in the state is the same membership: not where there was time between the two in which
        it may have ended and begun again."""
        shown = self.graph.checkpoint()
        return shown is not None and shown.sequence >= self.engine.sequence

    def _recall(self, names: Names, since: tuple[np.ndarray, np.ndarray], usable: np.ndarray) -> None:
        """The graph remembers since when somebody is a member; a state that was made by a replay does not."""
        rows = np.flatnonzero(usable & since[0])
        recall(self.engine, names.owner[rows], names.one[rows], names.two[rows], since[1][rows].view(np.int64), self.known.ids)

    def _changes(self, step: _Step) -> list[Change]:
        wanted: Present = present(self.engine, step.published, self.known, step.orphans, step.looked)
        segments = segment_rows(self.engine, step.segments)
        owners = {**wanted.owners, Kind.SEGMENTS: step.segments}
        changes = []
        for kind, table in sorted({**wanted.tables, Kind.SEGMENTS: segments}.items()):
            change = self.accounts[kind].change(table, owners[kind], table.digests(self._counts.get(kind)))
            if len(change):
                changes.append(change)
        return changes

    def _fresh_orphans(self) -> np.ndarray | None:
        orphans = orphaned(self.engine)
        if self._orphans is not None and np.array_equal(orphans, self._orphans):
            return None
        self._orphans = orphans
        return orphans

    def _write(self, changes: list[Change], last: Statement | None, *, mending: bool) -> Written:
        self.whole, begun, written = False, self.whole, Written()
        self._send(self._stages(changes, last, mending=mending))
        for change in changes:  # should the writing fail, they are made anew
            self.accounts[change.table.kind].apply(change)
            written.add(change)
        self.whole = begun
        return written

    def _stages(self, changes: list[Change], last: Statement | None, *, mending: bool) -> list[Stage]:
        """last: what moves the checkpoint, in the same transaction where there is but one, else when all are done."""
        gone = self._deletions(changes)
        if sum(map(len, changes)) <= ROWS:
            transactions = list(_packed(chain(gone, self._writes(changes, mending=mending))))
            if len(transactions) <= 1 and last is not None:
                return [_alone(*chain(*transactions), last)]
            stages: list[Stage] = [[transactions]]
        else:  # what is deleted may come back by the other lane, as an id does whose identifier is erased
            lanes, after = in_lanes(changes)
            *writes, then = (list(_packed(self._writes(some, mending=mending))) for some in (*lanes, after))
            stages = [[list(_packed(gone))], writes, [then]]
        return stages if last is None else [_alone(_unsettled()), *stages, _alone(last)]

    def _deletions(self, changes: list[Change]) -> Iterator[Statement]:
        """Relationships go before nodes."""
        for change in sorted(changes, key=lambda c: c.table.kind in NODES):
            yield from deletions(self.naming(change.table.kind, change.delete))

    def _writes(self, changes: list[Change], *, mending: bool) -> Iterator[Statement]:
        """Relationships come after nodes, or with them."""
        couples, single = _coupled(changes)
        changes = sorted(changes, key=lambda c: c.table.kind)
        for change in (c for c in changes if c.table.kind in NODES):
            yield from updates(change.table, change.update, self._labels, mending=mending)
            yield from creations(change.table, single[change.table.kind], self._labels)
        for nodes, ties in couples:
            yield from creations_in_pairs(nodes, ties, self._labels)
        for change in (c for c in changes if c.table.kind in TIES):
            yield from updates(change.table, change.update, self._labels)
            yield from creations(change.table, single[change.table.kind], self._labels)

    def naming(self, kind: Kind, gone: Names) -> Naming:
        """What deletes rows, from what names them."""
        if kind == Kind.PROFILES or kind == Kind.REDIRECTS:
            return Naming(kind, uuid_texts(np.stack([gone.one, gone.two], axis=1).view(np.uint64)))
        segments = self.engine.memberships.store.names
        if kind == Kind.SEGMENTS:
            return Naming(kind, pa.array([segments[number] for number in gone.owner.tolist()], pa.string()))
        if kind == Kind.IN_SEGMENT:
            ends = pa.array([segments[number] for number in gone.two.tolist()], pa.string())
            return Naming(kind, uuid_texts(self.known.ids.words(gone.one)), ends)
        start = self._keys(gone.owner)
        if kind in NODES:
            return Naming(kind, start)
        names = [self.known.names[number] for number in gone.two.tolist()]
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
        text = (
            f"UNWIND range(0, $n - 1) AS i MATCH (a:{form.start.label} {{{form.start.key}: $start[i]}})-[r:{form.type}]->(b)"
            f" WHERE coalesce(b.{form.end.key}, '') = $end[i] DELETE r RETURN count(*) AS n"
        )
        keys = [found.end[row] or "" for row in rows]
        for low in range(0, len(rows), ROWS):
            given = {"n": len(rows[low : low + ROWS]), "start": start.to_pylist()[low : low + ROWS], "end": keys[low : low + ROWS]}
            self.graph.transact([Statement(text, given, given["n"], None)])

    def _moved(self) -> Statement:
        return moved(self.engine.sequence, self.engine.state_time)


def _coupled(changes: Sequence[Change]) -> tuple[list[tuple[Table, Table]], dict[Kind, np.ndarray]]:
    """(nodes, each with its only relationship, which come together; int64 by kind, the rows that come by themselves)"""
    by_kind = {change.table.kind: change for change in changes}
    couples, single = [], {kind: change.create for kind, change in by_kind.items()}
    for node, tie in PAIRS:
        if node in by_kind and tie in by_kind:
            nodes, ties = by_kind[node].table.take(single[node]), by_kind[tie].table.take(single[tie])
            ones, others = paired(nodes.start, ties.start)
            couples.append((nodes.take(ones), ties.take(others)))
            single[node], single[tie] = np.delete(single[node], ones), np.delete(single[tie], others)
    return couples, single


def _alone(*statements: Statement) -> Stage:
    """In one transaction, with none beside it."""
    return [[statements]]


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
