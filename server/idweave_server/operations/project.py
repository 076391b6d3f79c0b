"""Keep the graph in Neo4j up with a store's log: compare it once, then take entry after entry and write what changed.

It has a state of its own, as every helper of a server has, and reads the log as any reader does; so it may be a process of its own beside
the writer, and a database that is slow or down holds up nothing but the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from idweave_server.engine.applied import Publication, run
from idweave_server.entries.codec import decode
from idweave_server.entries.columns import ErasureEntry
from idweave_server.errors import DeposedError, StoreCorruptError, UnavailableError
from idweave_server.log.base import Credentials, Entry
from idweave_server.log.neo4j_url import parse_url
from idweave_server.model import EntryKind
from idweave_server.operations.store import Store
from idweave_server.projection.follower import Follower, Progress, Written
from idweave_server.projection.frame import together
from idweave_server.projection.graph import Checkpoint, Graph, GraphAstrayError, GraphClaimedError
from idweave_server.projection.leaving import leaving

READ = 1_024  # entries at a time
BYTES = 2 * 2**20  # of entries that are taken together: some 30,000 observations
POLL_SECONDS = 0.25
STANDSTILL = 120  # polls, within which another projector has to write something, or it is taken for dead


@dataclass(frozen=True, slots=True)
class Told:
    """What a projector tells after each step. sequence: the last entry that the graph shows; at: its state's time; written: rows by kind,
    as (created, updated, deleted); error: what went wrong, and that it tries again."""

    sequence: int
    at: int
    written: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    error: str = ""

    @property
    def rows(self) -> int:
        return sum(sum(counts) for counts in self.written.values())


class Projecting:
    """Of one store and one graph. tell: hears what was done."""

    def __init__(self, store: Store, graph: Graph, *, term: int, writer: int = 0, tell: Callable[[Told], None]) -> None:
        """store: opened to read; term: a random number of its own; writer: the term of the writer for whom it works, 0 where it works
        for nobody: with another writer's first entry it ends."""
        self._store, self._graph, self._term, self._writer, self._tell = store, graph, term, writer, tell
        self._follower = Follower(store.engine, graph)
        self._published: list[Publication] = []
        self._looked: list[np.ndarray] = []
        self._held: Told | None = None  # of what is being written
        self._begun = False
        self._seen: Checkpoint | None = None  # while another projector is at work: what it was doing
        self._still = 0  # and for how many polls it has done no more; 0 while none is
        store.engine.told, store.engine.memberships.looks = self._published.append, self._looked.append

    def begin(self, *, rebuild: bool = False, progress: Progress | None = None) -> Told:
        """Make the graph what the state is, from nothing or by what differs. Raises StoreError."""
        holder = self._store.log.holder() if self._writer else None
        if holder is not None and holder.term != self._writer:
            raise _deposed()
        self._graph.prepare()
        self._graph.claim(self._term, self._store.store_id, rebuild=rebuild)
        if rebuild:
            self._graph.drop()
        told = self._reconcile(progress)
        self._begun = True
        return told

    def catch_up(self) -> None:
        """Take in what the log holds by now. Raises StoreError."""
        if not self._follower.whole:
            self._graph.resume(self._store.store_id)
            self._reconcile(None)
        log, engine = self._store.log, self._store.engine
        if log.term_at(engine.sequence) != engine.term:
            raise StoreCorruptError("the log is not the one that the graph was made from, as after a restore: start the projector again")
        try:
            while entries := log.read(engine.sequence, READ):
                for part in parted(entries):
                    self._take(part)
        finally:
            held, self._held = self._held, None
            self._follower.settle()
            self._tell_of(held)

    def follow(self, sleep: Callable[[float], bool]) -> None:
        """Until `sleep`, which is given seconds, says so by False. A database that is away is waited for, and where it works for a server,
        another projector until that has done. Raises StoreError; GraphClaimedError."""
        waited = 0.0
        while sleep(waited):
            try:
                self._go_on()
                waited = POLL_SECONDS
            except (UnavailableError, GraphAstrayError, GraphClaimedError) as error:
                if isinstance(error, GraphClaimedError):
                    if not self._writer:
                        raise
                    self._begun, self._still = False, 1
                waited = error.retry_seconds if isinstance(error, UnavailableError) else POLL_SECONDS
                self._tell(Told(self._store.engine.sequence, self._store.engine.state_time, error=str(error)))

    def release(self) -> None:
        """Let another projector go on at once. Raises StoreError."""
        self._graph.release()

    def _go_on(self) -> None:
        if self._still:
            seen = self._graph.checkpoint()
            at_work = seen is not None and seen.term != 0
            self._still = self._still + 1 if seen == self._seen else 1
            self._seen = seen
            if at_work and self._still <= STANDSTILL:
                return
            self._still = 0
        if not self._begun:
            self.begin()
        self.catch_up()

    def _take(self, entries: list[Entry]) -> None:
        engine = self._store.engine
        if self._writer and any(entry.term != self._writer for entry in entries):
            raise _deposed()
        if entries[0].kind == EntryKind.ERASURE:
            said = decode(entries[0].kind, entries[0].body)
            if isinstance(said, ErasureEntry):
                self._follower.remember(leaving(engine, said))
        self._published.clear()
        self._looked.clear()
        if engine.memberships.store.idle and not any(entry.kind == EntryKind.SEGMENT for entry in entries):
            engine.replay(entries)
        else:  # one by one: it is to be known since when somebody is in a segment
            for entry in entries:
                run(engine.apply(decode(entry.kind, entry.body), sequence=entry.sequence, term=entry.term, at=entry.at))
        for entry in entries:
            self._store.advanced(entry.sequence, entry.term)
        held, self._held = self._held, self._told(self._follower.take(together(engine, self._published), self._looked))
        self._tell_of(held)

    def _tell_of(self, held: Told | None) -> None:
        """Of what was taken before, which is in the graph by now, or never will be."""
        if held is not None and self._follower.whole:
            self._tell(held)

    def _reconcile(self, progress: Progress | None) -> Told:
        told = self._told(self._follower.reconcile(progress))
        self._tell(told)
        return told

    def _told(self, written: Written) -> Told:
        rows = {
            kind.name.lower(): (written.created[kind], written.updated[kind], written.deleted[kind])
            for kind in written.created
            if written.created[kind] or written.updated[kind] or written.deleted[kind]
        }
        return Told(self._store.engine.sequence, self._store.engine.state_time, rows)


def _deposed() -> DeposedError:
    return DeposedError("another server writes to the store now; its own projector keeps the graph")


def opened_for(graph: Graph, read: Callable[..., Store], *, rebuild: bool = False) -> Store:
    """A store whose state knows since when everybody is in a segment, or can learn it from the graph. read: `Store.read` of that store, but
    for `until` and `exactly`. Raises StoreError.

    No snapshot knows that, and the graph does as of the entry that it shows: so where there are segments, the state begins there.
    """
    store = read()
    shown = graph.checkpoint() if store.engine.memberships.store.names else None
    if not store.engine.memberships.store.names or (shown is not None and shown.sequence >= store.engine.sequence and not rebuild):
        return store
    with store:
        remembered = shown is not None and shown.sequence > 0 and shown.store_id == store.store_id and not rebuild
    return read(until=shown.sequence) if shown is not None and remembered else read(exactly=True)


def open_graph(url: str, credentials: Credentials | None) -> Graph:
    """Raises InputError, StoreError."""
    return Graph(parse_url(url), credentials)


def parted(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Entries that are taken together: of a bounded size, an erasure by itself."""
    part: list[Entry] = []
    size = 0
    for entry in entries:
        if part and (size + len(entry.body) > BYTES or EntryKind.ERASURE in (entry.kind, part[0].kind)):
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry.body)
    if part:
        yield part
