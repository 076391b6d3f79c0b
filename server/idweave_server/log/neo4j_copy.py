"""A Neo4j database that is being filled with another store's entries; until it is finished, its writer's node says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from neo4j.exceptions import DriverError, Neo4jError

from idweave_server.errors import StoreError
from idweave_server.log.base import Credentials, Entry, Head
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_errors import corrupt
from idweave_server.log.neo4j_reading import Neo4jReader
from idweave_server.log.neo4j_schema import LOCKED, open_store
from idweave_server.log.neo4j_url import parse_url
from idweave_server.log.neo4j_writing import WRITE_SECONDS, Row, columns

_LAST = 2**63 - 1
TAKE: Final = (
    LOCKED
    + """
WITH w, w.seq AS seq
WITH w, seq, w.store_id = $store_id AND w.copying AND seq = $after AS fits
FOREACH (_ IN CASE WHEN fits THEN [1] ELSE [] END | SET w.seq = seq + size($kinds))
FOREACH (i IN CASE WHEN fits THEN range(0, size($kinds) - 1) ELSE [] END |
    CREATE (:Entry {seq: $seqs[i], term: $terms[i], kind: $kinds[i], at: $ats[i], checksum: $checksums[i], size: $sizes[i],
        parts: $parts[i], body: $bodies[i]}))
FOREACH (i IN CASE WHEN fits THEN range(0, size($owners) - 1) ELSE [] END |
    CREATE (:EntryPart {entry: $owners[i], part: $numbers[i], body: $rest[i]}))
RETURN fits, seq
"""
)
_FINISH: Final = LOCKED + " WITH w WHERE w.store_id = $store_id REMOVE w.copying RETURN w.seq AS seq"


class Neo4jCopy:
    """A copy (see base.LogCopy). Where two fill one database, one of them is told so."""

    def __init__(self, url: str, store_id: str, credentials: Credentials | None) -> None:
        """Raises InputError, StoreError."""
        self.url = parse_url(url)
        self._store_id, self._closed = store_id, False
        self._database = Neo4jDatabase(self.url, credentials)
        try:
            open_store(self._database, create=True, read_only=False, copying=True, copied=store_id)
        except BaseException:
            self._database.close()
            raise
        self._reader = Neo4jReader(self._database, store_id, read_only=False)

    def head(self) -> Head:
        self._open()
        return self._reader.head()

    def take(self, taken: Sequence[Entry]) -> None:
        self._open()
        after = taken[0].sequence - 1 if taken else 0
        for expected, entry in enumerate(taken, after + 1):
            if entry.sequence != expected:
                raise ValueError(f"entry {entry.sequence:,} does not follow entry {expected - 1:,}")
        parameters = columns([Row(one.sequence, one.term, int(one.kind), one.at, one.body) for one in taken])
        parameters |= {"terms": [one.term for one in taken], "after": after, "store_id": self._store_id}
        doubtful = False
        for pause in self._database.pauses() if taken else ():
            try:
                answer = self._database.once(TAKE, WRITE_SECONDS, **parameters)
            except (Neo4jError, DriverError, OSError) as error:
                self._database.wait(pause, error)
                doubtful = True  # the answer was lost, perhaps; the next try finds its own entries then
                continue
            if answer and answer[0]["fits"]:
                return
            head = answer[0]["seq"] if answer else 0
            if doubtful and head == taken[-1].sequence:  # it may be another's work: every entry is compared at the end
                return
            if head < after:
                raise ValueError(f"entry {after + 1:,} does not follow entry {head:,}")
            raise corrupt(self.url, f"it ends with entry {head:,} and not with {after:,}: somebody else writes into it")

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        self._open()
        return self._reader.read(after, limit, _LAST if until is None else until)

    def finish(self) -> None:
        self._open()
        self._database.ask(_FINISH, store_id=self._store_id)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._database.close()

    def _open(self) -> None:
        if self._closed:
            raise StoreError(f"{self.url} was closed; open it again")
