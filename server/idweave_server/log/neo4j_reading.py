"""Reading entries from Neo4j in order and whole, although a reader there sees a commit as it is being put in place.

Neo4j reads without locks: beside a commit a reader may see the writer's node already and not yet the entry in its index, or a body half
replaced. What does not fit is therefore looked at again under the writer's lock, which a commit keeps until it is in place; what does not
fit then is damage.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, LiteralString, TypeVar

from idweave_server.errors import StoreCorruptError, StoreReadOnlyError
from idweave_server.log.base import Entry, Head
from idweave_server.log.checksum import checksum
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_errors import corrupt, foreign
from idweave_server.log.neo4j_schema import LOCKED, WRITER
from idweave_server.model import EntryKind

T = TypeVar("T")
READ_SECONDS = 60.0
READ_BYTES = 8 * 2**20  # a read ends with the entry that brings its bodies to this; measured: more takes the database's heap, and longer
# The writer's node comes first in every question: what it says is there was there before the entries are looked for.
_HEAD = """
WITH w OPTIONAL MATCH (e:Entry {seq: w.seq})
RETURN w.store_id AS store_id, w.seq AS seq, e.term AS term, e.at AS at
"""
# Bodies come along where they are not more than $bytes in all, else only their sizes, of which so many are asked for again.
_ENTRIES = """
WITH w, CASE WHEN $until < w.seq THEN $until ELSE w.seq END AS last
CALL (last) {
    MATCH (e:Entry) WHERE e.seq > $after AND e.seq <= last
    WITH e ORDER BY e.seq LIMIT $limit
    RETURN collect(e) AS entries, collect(e.size) AS sizes, sum(e.size) AS total
}
CALL (entries, total) {
    UNWIND CASE WHEN total <= $bytes THEN entries ELSE [] END AS e
    RETURN collect(e.seq) AS seqs, collect(e.term) AS terms, collect(e.kind) AS kinds, collect(e.at) AS ats,
        collect(e.checksum) AS checksums, collect(e.parts) AS parts, collect(e.body) AS bodies
}
CALL (seqs, parts) {
    UNWIND [i IN range(0, size(seqs) - 1) WHERE parts[i] > 1 | i] AS i
    UNWIND range(1, parts[i] - 1) AS part
    MATCH (p:EntryPart {entry: seqs[i], part: part})
    WITH p ORDER BY p.entry, p.part
    RETURN collect(p.entry) AS owners, collect(p.body) AS rest
}
RETURN w.store_id AS store_id, last, sizes, seqs, terms, kinds, ats, checksums, bodies, owners, rest
"""


class Neo4jReader:
    """Asks questions of one store; another store in its place is told."""

    def __init__(self, database: Neo4jDatabase, store_id: str, *, read_only: bool) -> None:
        self._database, self._store_id, self._read_only = database, store_id, read_only

    def head(self) -> Head:
        return self._sure(self._head)

    def read(self, after: int, limit: int, until: int) -> list[Entry]:
        return self._sure(lambda locked: self._read(locked, after, limit, until))

    def term_at(self, sequence: int) -> int | None:
        found = self._ask(False, "WITH w OPTIONAL MATCH (e:Entry {seq: $seq}) RETURN w.store_id AS store_id, e.term AS term", seq=sequence)
        term: int | None = found["term"]
        return term

    def _sure(self, question: Callable[[bool], T]) -> T:
        """The answer; where it says damage, the one under the lock."""
        try:
            return question(False)
        except StoreCorruptError:
            try:
                return question(not self._read_only)
            except StoreReadOnlyError:  # nobody writes there
                return question(False)

    def _ask(self, locked: bool, question: LiteralString, **parameters: Any) -> Any:
        asked = (LOCKED if locked else WRITER) + question
        records = self._database.ask(asked, READ_SECONDS, **parameters)
        if not records or records[0]["store_id"] != self._store_id:
            raise foreign(self._database.url, f"holds another store now, or none, and no longer {self._store_id}: start again")
        return records[0]

    def _head(self, locked: bool) -> Head:
        found = self._ask(locked, _HEAD)
        if not found["seq"]:
            return Head(0, 0, 0)
        if found["term"] is None:
            raise corrupt(self._database.url, f"entry {found['seq']:,} is missing")
        return Head(found["seq"], found["term"], found["at"])

    def _read(self, locked: bool, after: int, limit: int, until: int) -> list[Entry]:
        found = self._ask(locked, _ENTRIES, after=after, limit=limit, until=until, bytes=READ_BYTES)
        wanted = min(limit, found["last"] - after)
        if wanted > 0 and found["sizes"] and not found["seqs"]:
            wanted = min(wanted, _fitting(found["sizes"]))
            found = self._ask(locked, _ENTRIES, after=after, limit=wanted, until=until, bytes=2**62)
        expected = range(after + 1, after + wanted + 1)
        if found["seqs"] != list(expected):
            missing = next(
                (right for right, seq in zip(expected, found["seqs"], strict=False) if right != seq), after + len(found["seqs"]) + 1
            )
            raise corrupt(self._database.url, f"entry {missing:,} is missing")
        return self._entries(found)

    def _entries(self, found: Any) -> list[Entry]:
        more: dict[int, list[bytes]] = {}
        for owner, part in zip(found["owners"], found["rest"], strict=True):
            more.setdefault(owner, []).append(part)
        names = ("seqs", "terms", "kinds", "ats", "checksums", "bodies")
        entries: list[Entry] = []
        try:
            for sequence, term, kind, at, expected, first in zip(*(found[name] for name in names), strict=True):
                body = b"".join((first, *more.get(sequence, ())))
                if checksum(sequence, term, kind, at, body) != expected:
                    raise corrupt(self._database.url, f"entry {sequence:,} is not what was written")
                if kind not in EntryKind._value2member_map_:
                    raise corrupt(self._database.url, f"entry {sequence:,} is of kind {kind}, which only a newer release may know")
                entries.append(Entry(sequence, term, EntryKind(kind), at, body))
        except (TypeError, ValueError, struct.error) as error:
            raise corrupt(self._database.url, f"an entry from {found['seqs'][0]:,} on lacks a part, or has one of another kind") from error
        return entries


def _fitting(sizes: list[int]) -> int:
    """How many entries a read takes, at least one."""
    total = 0
    for count, size in enumerate(sizes, 1):
        total += size
        if total >= READ_BYTES:
            return count
    return len(sizes)
