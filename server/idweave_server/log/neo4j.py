"""The log in a Neo4j database: one node an entry, one that says who writes and how far, and a lease for the writer's place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from neo4j.exceptions import DriverError, Neo4jError

from idweave_server.errors import DeposedError, StoreError, StoreReadOnlyError, UnavailableError
from idweave_server.log.base import MAX_BODY_BYTES, MAX_TERM, Credentials, Draft, Entry, Head, Holder
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_erasing import overwrite
from idweave_server.log.neo4j_errors import busy, corrupt, foreign
from idweave_server.log.neo4j_reading import Neo4jReader
from idweave_server.log.neo4j_schema import open_store
from idweave_server.log.neo4j_url import parse_url
from idweave_server.log.neo4j_writing import (
    ACQUIRE,
    APPEND,
    HOLDER,
    MEANT,
    RELEASE,
    RENEW,
    REWRITE,
    SETTLE,
    WRITE_SECONDS,
    Row,
    columns,
    rows,
)

_LAST = 2**63 - 1
LEASE_CALL_SECONDS = 10.0
REWRITE_BYTES = 16 * 2**20  # bodies that are replaced in one transaction, so that any number of them fits the database's memory


class Neo4jLog:
    """A log (see base.Log). A transaction for every call, so a lock in the database lives no longer than a question.

    lease_seconds: how long the writer's place stays taken, by the database's clock, after an acquire, a renew or an append.
    """

    def __init__(
        self, url: str, credentials: Credentials | None = None, *, create: bool, read_only: bool = False, lease_seconds: float
    ) -> None:
        """create: make the store where there is none. Raises InputError, StoreError."""
        self.url = parse_url(url)
        self._lease, self._read_only, self._closed = lease_seconds, read_only, False
        self._term: int | None = None
        self._head = Head(0, 0, 0)  # as the writer knows it
        self._doubt = False  # whether an append may have been done and nobody knows
        self._database = Neo4jDatabase(self.url, credentials)
        try:
            self._store_id = open_store(self._database, create=create, read_only=read_only)
            self._reader = Neo4jReader(self._database, self._store_id, read_only=read_only)
        except BaseException:
            self._database.close()
            raise

    def __repr__(self) -> str:
        return f"Neo4jLog({str(self.url)!r})"

    @property
    def lease_seconds(self) -> float | None:
        return self._lease

    def acquire(self, holder: str, address: str, term: int) -> None:
        if not 0 < term <= MAX_TERM:
            raise ValueError(f"a term is a number from 1 to {MAX_TERM}, not {term}")
        self._writing()
        again = False
        for pause in self._database.pauses():
            try:
                found = self._database.once(
                    ACQUIRE, LEASE_CALL_SECONDS, term=term, holder=holder, address=address, again=again, **self._ours()
                )
                break
            except (Neo4jError, DriverError, OSError) as error:
                self._database.wait(pause, error)
                again = True  # the answer was lost, perhaps: then the place is ours already
        if not found or found[0]["store_id"] != self._store_id:
            raise self._gone()
        record = found[0]
        if not record["free"]:
            raise busy(self.url, record["holder"], record["address"])
        try:
            if record["seq"] and record["term"] is None:
                raise corrupt(self.url, f"entry {record['seq']:,} is missing")
            if record["beyond"] is not None:
                raise corrupt(self.url, f"it ends with entry {record['seq']:,}, but entry {record['beyond']:,} is there")
        except BaseException:
            self._give_up(term)
            raise
        self._head = Head(record["seq"], record["term"] or 0, record["at"] or 0)
        self._term, self._doubt = term, False

    def renew(self, term: int) -> None:
        self._writing()
        self._check_term(term)
        found = self._database.ask(RENEW, LEASE_CALL_SECONDS, term=term, **self._ours())
        if not found or not found[0]["mine"]:
            raise self._deposed()

    def release(self, term: int) -> None:
        if term == self._term:
            self._term = None
            self._give_up(term)

    def holder(self) -> Holder | None:
        found = self._open().ask(HOLDER)
        if not found or not found[0]["held"]:
            return None
        return Holder(found[0]["holder"], found[0]["address"], found[0]["term"])

    def append(self, term: int, drafts: Sequence[Draft]) -> int:
        for draft in drafts:
            if len(draft.body) > MAX_BODY_BYTES:
                raise ValueError(f"an entry has at most {MAX_BODY_BYTES:,} bytes, not {len(draft.body):,}; append its parts")
        self._writing()
        self._check_term(term)
        self._settle()
        if not drafts:
            self.renew(term)
            return self._head.sequence
        at = self._head.at
        for draft in drafts:
            if draft.at < at:
                raise ValueError(f"an entry's time must not be before the last one's: {draft.at} < {at}")
            at = draft.at
        head = Head(self._head.sequence + len(drafts), term, at)
        self._append(term, drafts, head)
        self._head = head
        return head.sequence

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        if limit < 1 or after < 0:
            raise ValueError(f"a read needs a limit from 1 and a start from 0, not {limit} and {after}")
        self._open()
        self._settle()
        return self._reader.read(after, limit, _LAST if until is None else until)

    def rewrite(self, term: int, bodies: Mapping[int, bytes]) -> None:
        for sequence, body in bodies.items():
            if len(body) > MAX_BODY_BYTES:
                raise ValueError(f"entry {sequence} would have {len(body):,} bytes; at most {MAX_BODY_BYTES:,} fit")
        self._writing()
        self.renew(term)
        meant = self._database.ask(MEANT, seqs=list(bodies))[0]
        absent = bodies.keys() - set(meant["seqs"])
        if absent:
            raise ValueError(f"there is no entry {min(absent)} to rewrite")
        found = zip(meant["seqs"], meant["terms"], meant["kinds"], meant["ats"], strict=True)
        for group in _groups([Row(sequence, kept, kind, at, bodies[sequence]) for sequence, kept, kind, at in found]):
            answer = self._database.ask(REWRITE, WRITE_SECONDS, term=term, **self._ours(), **columns(group))
            if not answer or not answer[0]["mine"]:
                raise self._deposed()
        if bodies:
            overwrite(self._database, meant["bytes"], len(bodies))

    def head(self) -> Head:
        self._open()
        self._settle()
        return self._reader.head()

    def term_at(self, sequence: int) -> int | None:
        self._open()
        return self._reader.term_at(sequence) if 0 < sequence <= _LAST else None

    def store_id(self) -> str:
        return self._store_id

    def close(self) -> None:
        if not self._closed:
            if self._term is not None:
                self.release(self._term)
            self._closed = True
            self._database.close()

    def _append(self, term: int, drafts: Sequence[Draft], head: Head) -> None:
        """Make `head` the head. Raises DeposedError, StoreError; afterwards it has been done, or has not, or is in doubt."""
        parameters = columns(rows(drafts, self._head.sequence, term)) | self._ours()
        parameters.pop("seqs")
        for pause in self._database.pauses():
            self._doubt = True
            try:
                found = self._database.once(APPEND, WRITE_SECONDS, term=term, after=self._head.sequence, **parameters)
            except (Neo4jError, DriverError, OSError) as error:
                self._database.wait(pause, error)
                if self._done(term, head.sequence):
                    return
            else:
                self._doubt = False
                if not found or not found[0]["mine"]:
                    raise self._deposed()
                if not found[0]["fits"]:
                    raise corrupt(self.url, f"it ends with entry {found[0]['seq']:,}, where {self._head.sequence:,} were written")
                return

    def _done(self, term: int, sequence: int) -> bool:
        """What became of an append in doubt: is this entry there and ours? Raises StoreError while nobody can tell, DeposedError."""
        found = self._database.ask(SETTLE, WRITE_SECONDS, term=term, seq=sequence, **self._ours())
        self._doubt = False
        if found and found[0]["term"] == term:
            return True
        if not found or not found[0]["mine"]:
            raise self._deposed()
        return False

    def _settle(self) -> None:
        """Wait until an append in doubt has been done or given up, so that what is read next is so for good."""
        if self._doubt and self._term is not None:
            self._database.ask(SETTLE, WRITE_SECONDS, term=self._term, seq=0, **self._ours())
            self._head = self._reader.head()
            self._doubt = False

    def _give_up(self, term: int) -> None:
        with contextlib.suppress(UnavailableError):  # then the lease ends by itself
            self._database.ask(RELEASE, LEASE_CALL_SECONDS, term=term, store_id=self._store_id)

    def _ours(self) -> dict[str, str | int]:
        return {"store_id": self._store_id, "lease": round(self._lease * 1_000)}

    def _check_term(self, term: int) -> None:
        if term != self._term:
            raise self._deposed()

    def _deposed(self) -> DeposedError:
        return DeposedError(f"{self.url} has another writer now, or none; start again to become its writer")

    def _gone(self) -> StoreError:
        return foreign(self.url, f"holds another store now, or none, and no longer {self._store_id}")

    def _writing(self) -> None:
        self._open()
        if self._read_only:
            raise StoreReadOnlyError(f"{self.url} was opened to read; open it to write")

    def _open(self) -> Neo4jDatabase:
        if self._closed:
            raise StoreError(f"{self.url} was closed; open it again")
        return self._database


def _groups(changed: list[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    for row in changed:
        if group and size + len(row.body) > REWRITE_BYTES:
            yield group
            group, size = [], 0
        group.append(row)
        size += len(row.body)
    if group:
        yield group
