"""The questions that change a log in Neo4j: each is one transaction, which takes the writer's lock, looks at the term, then writes.

So an append cannot be half done, and a writer that was deposed while it slept finds another term under the lock, however late its
question arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from idweave_server.log.base import Draft
from idweave_server.log.checksum import checksum
from idweave_server.log.neo4j_schema import LOCKED, PART_BYTES

WRITE_SECONDS = 60.0  # after which the database gives a write up

# What follows LOCKED reads the node anew (in the plan: SetProperty, then CacheProperties).
ACQUIRE: Final = (
    LOCKED
    + """
WITH w, datetime.realtime() AS now
WITH w, now, w.store_id = $store_id AND (w.term = 0 OR w.expires <= now OR ($again AND w.term = $term)) AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
    SET w.term = $term, w.holder = $holder, w.address = $address, w.expires = now + duration({milliseconds: $lease}))
WITH w, free
OPTIONAL MATCH (e:Entry {seq: w.seq})
OPTIONAL MATCH (beyond:Entry) WHERE beyond.seq > w.seq
RETURN free, w.store_id AS store_id, w.holder AS holder, w.address AS address, w.seq AS seq, e.term AS term, e.at AS at,
    min(beyond.seq) AS beyond
"""
)
RENEW: Final = (
    LOCKED
    + """
WITH w, w.store_id = $store_id AND w.term = $term AS mine
FOREACH (_ IN CASE WHEN mine THEN [1] ELSE [] END | SET w.expires = datetime.realtime() + duration({milliseconds: $lease}))
RETURN mine
"""
)
RELEASE: Final = (
    LOCKED
    + """
WITH w WHERE w.store_id = $store_id AND w.term = $term
SET w.term = 0, w.holder = '', w.address = '' REMOVE w.expires
"""
)
HOLDER: Final = """
MATCH (w:Writer {name: 'log'})
RETURN w.term > 0 AND w.expires > datetime.realtime() AS held, w.holder AS holder, w.address AS address, w.term AS term
"""
APPEND: Final = (
    LOCKED
    + """
WITH w, w.store_id = $store_id AND w.term = $term AS mine, w.seq AS seq
WITH w, mine, seq, mine AND seq = $after AS fits
FOREACH (_ IN CASE WHEN fits THEN [1] ELSE [] END |
    SET w.seq = seq + size($kinds), w.expires = datetime.realtime() + duration({milliseconds: $lease}))
FOREACH (i IN CASE WHEN fits THEN range(0, size($kinds) - 1) ELSE [] END |
    CREATE (:Entry {seq: seq + 1 + i, term: $term, kind: $kinds[i], at: $ats[i], checksum: $checksums[i], size: $sizes[i],
        parts: $parts[i], body: $bodies[i]}))
FOREACH (i IN CASE WHEN fits THEN range(0, size($owners) - 1) ELSE [] END |
    CREATE (:EntryPart {entry: $owners[i], part: $numbers[i], body: $rest[i]}))
RETURN mine, fits, seq
"""
)
# What became of an append whose answer was lost: the lock is free once it has been done or given up.
SETTLE: Final = (
    LOCKED
    + """
WITH w, w.seq AS seq OPTIONAL MATCH (e:Entry {seq: $seq})
RETURN w.store_id = $store_id AND w.term = $term AS mine, seq, e.term AS term
"""
)
MEANT: Final = """
UNWIND $seqs AS seq MATCH (e:Entry {seq: seq})
RETURN collect(seq) AS seqs, collect(e.term) AS terms, collect(e.kind) AS kinds, collect(e.at) AS ats, sum(e.size) AS bytes
"""
REWRITE: Final = (
    LOCKED
    + """
WITH w, w.store_id = $store_id AND w.term = $term AS mine
CALL (mine) {
    WITH mine WHERE mine
    UNWIND range(0, size($seqs) - 1) AS i
    MATCH (e:Entry {seq: $seqs[i]})
    SET e.body = $bodies[i], e.checksum = $checksums[i], e.size = $sizes[i], e.parts = $parts[i]
    RETURN count(*) AS written
}
CALL (mine) {
    WITH mine WHERE mine
    UNWIND $seqs AS seq
    MATCH (p:EntryPart {entry: seq}) WHERE p.part > 0
    DELETE p
    RETURN count(*) AS gone
}
FOREACH (i IN CASE WHEN mine THEN range(0, size($owners) - 1) ELSE [] END |
    CREATE (:EntryPart {entry: $owners[i], part: $numbers[i], body: $rest[i]}))
RETURN mine, written
"""
)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry on its way into the database."""

    sequence: int
    term: int
    kind: int
    at: int
    body: bytes


def rows(drafts: Sequence[Draft], after: int, term: int) -> list[Row]:
    return [Row(sequence, term, int(draft.kind), draft.at, draft.body) for sequence, draft in enumerate(drafts, after + 1)]


def columns(entries: Sequence[Row]) -> dict[str, Any]:
    """Entries as the parameters that the questions above name."""
    parts = [(row.sequence, at // PART_BYTES, row.body[at : at + PART_BYTES]) for row in entries for at in _starts(row)]
    return {
        "seqs": [row.sequence for row in entries],
        "kinds": [row.kind for row in entries],
        "ats": [row.at for row in entries],
        "checksums": [checksum(row.sequence, row.term, row.kind, row.at, row.body) for row in entries],
        "sizes": [len(row.body) for row in entries],
        "parts": [1 + len(_starts(row)) for row in entries],
        "bodies": [row.body[:PART_BYTES] for row in entries],
        "owners": [owner for owner, _, _ in parts],
        "numbers": [number for _, number, _ in parts],
        "rest": [body for _, _, body in parts],
    }


def _starts(row: Row) -> range:
    """Where the parts after the first begin."""
    return range(PART_BYTES, len(row.body), PART_BYTES)
