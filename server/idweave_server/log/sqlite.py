"""The log in one SQLite file: one row an entry, one connection that writes, and readers beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import apsw

from idweave_server.errors import DeposedError, StoreBusyError, StoreError, StoreReadOnlyError
from idweave_server.log.base import MAX_BODY_BYTES, MAX_TERM, Draft, Entry, Head, Holder
from idweave_server.log.checksum import checksum as checksum_of
from idweave_server.log.sqlite_entries import entries, head, insert, transaction
from idweave_server.log.sqlite_errors import corrupt, store_error, translated
from idweave_server.log.sqlite_file import WAL_BYTES, open_for_writing
from idweave_server.log.sqlite_reader import SqliteReader
from idweave_server.log.writer_lock import WriterLock

T = TypeVar("T")
_LAST = 2**63 - 1


class SqliteLog:
    """A log (see base.Log). Files: path, path-wal and path-shm while it is open, path.lock.

    A reader (read_only) works beside a running writer, sees whole commits, takes no lock and makes no file; its writing methods raise
    StoreReadOnlyError. vfs: an apsw VFS to reach the files through, for tests that fail on demand.
    """

    def __init__(self, path: Path | str, *, create: bool, read_only: bool = False, vfs: str | None = None) -> None:
        """create: make the store where there is none. Raises StoreError."""
        self.path = Path(path).absolute()
        self._lock = WriterLock(self.path.with_name(self.path.name + ".lock"))
        self._wal = self.path.with_name(self.path.name + "-wal")
        self._term: int | None = None
        self._reader = SqliteReader(self.path, vfs) if read_only else None
        self._connection = None if read_only else open_for_writing(self.path, create=create, vfs=vfs)
        try:
            self._store_id = self._ask(lambda connection: str(_only(connection, self.path, "SELECT store_id FROM store")))
            acknowledged = self._lock.acknowledged(self._store_id)  # before the head: both may be growing
            self._check_end(acknowledged)
        except BaseException:
            self.close()
            raise

    @property
    def lease_seconds(self) -> float | None:
        return None

    def acquire(self, holder: str, address: str, term: int) -> None:
        if not 0 < term <= MAX_TERM:
            raise ValueError(f"a term is a number from 1 to {MAX_TERM}, not {term}")
        connection = self._writing()
        if not self._lock.take():
            raise self._busy()
        try:
            self._check_end(self._lock.acknowledged(self._store_id))  # another writer may have come and gone since this was opened
            with transaction(connection, self.path):
                connection.execute("UPDATE store SET term = ?", (term,))
            # What a writer that was killed in a rewrite left in the write-ahead log; a reader in the way is no reason not to start.
            with contextlib.suppress(apsw.Error):
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._lock.name(Holder(holder, address, term))
            self._lock.acknowledge(self._store_id, self.head().sequence)
        except BaseException:
            self._lock.give_up()
            raise
        self._term = term

    def renew(self, term: int) -> None:
        self._check_term(self._writing(), term)

    def release(self, term: int) -> None:
        if term == self._term:
            self._term = None
            self._lock.give_up()

    def holder(self) -> Holder | None:
        return self._lock.holder()

    def append(self, term: int, drafts: Sequence[Draft]) -> int:
        for draft in drafts:
            if len(draft.body) > MAX_BODY_BYTES:
                raise ValueError(f"an entry has at most {MAX_BODY_BYTES:,} bytes, not {len(draft.body):,}; append its parts")
        connection = self._writing()
        with transaction(connection, self.path):
            self._check_term(connection, term)
            before = head(connection)
            sequence, at = before.sequence, before.at
            for draft in drafts:
                if draft.at < at:
                    raise ValueError(f"an entry's time must not be before the last one's: {draft.at} < {at}")
                sequence, at = sequence + 1, draft.at
                insert(connection, sequence, term, draft.kind, at, draft.body)
        self._lock.acknowledge(self._store_id, sequence)
        self._bound_wal(connection)
        return sequence

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        if limit < 1 or after < 0:
            raise ValueError(f"a read needs a limit from 1 and a start from 0, not {limit} and {after}")
        last = _LAST if until is None else until
        return self._ask(lambda connection: entries(connection, self.path, after, limit, last))

    def rewrite(self, term: int, bodies: Mapping[int, bytes]) -> None:
        for sequence, body in bodies.items():
            if len(body) > MAX_BODY_BYTES:
                raise ValueError(f"entry {sequence} would have {len(body):,} bytes; at most {MAX_BODY_BYTES:,} fit")
        connection = self._writing()
        with transaction(connection, self.path):
            self._check_term(connection, term)
            for sequence, body in sorted(bodies.items()):
                found = connection.execute("SELECT term, kind, at FROM entry WHERE sequence = ?", (sequence,)).fetchone()
                if found is None:
                    raise ValueError(f"there is no entry {sequence} to rewrite")
                kept, kind, at = found
                checksum = checksum_of(sequence, kept, kind, at, body)
                connection.execute("UPDATE entry SET body = ?, checksum = ? WHERE sequence = ?", (body, checksum, sequence))
        self._copy_whole(connection)

    def head(self) -> Head:
        return self._ask(head)

    def term_at(self, sequence: int) -> int | None:
        if not 0 < sequence <= _LAST:
            return None
        return self._ask(lambda connection: connection.execute("SELECT term FROM entry WHERE sequence = ?", (sequence,)).get)

    def store_id(self) -> str:
        return self._store_id

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._connection is not None:
            with contextlib.suppress(apsw.Error):
                self._connection.close()  # the last one to close copies the write-ahead log into the file and removes it
            self._connection = None
        self._term = None
        self._lock.give_up()

    def _writing(self) -> apsw.Connection:
        if self._reader is not None:
            raise StoreReadOnlyError(f"{self.path} was opened for reading alone; open it for writing")
        if self._connection is None:
            raise StoreError(f"{self.path} was closed; open it again")
        return self._connection

    def _check_term(self, connection: apsw.Connection, term: int) -> None:
        # The lock keeps honest writers apart; the term in the file keeps out one whose lock file was removed or replaced.
        with translated(self.path):
            if term != self._term or _only(connection, self.path, "SELECT term FROM store") != term:
                raise DeposedError(f"{self.path} has another writer now, or none; start again to become its writer")

    def _check_end(self, acknowledged: int) -> None:
        sequence = self.head().sequence
        if sequence < acknowledged:
            what = f"it ends with entry {sequence:,}, but entry {acknowledged:,} was acknowledged"
            raise corrupt(self.path, what, f"; if an earlier state was restored on purpose, remove {self._lock.path.name}")

    def _busy(self) -> StoreBusyError:
        held = self._lock.holder() or Holder("", "", 0)
        who = f"{held.holder} ({held.address})" if held.address else held.holder or "another server"
        return StoreBusyError(
            f"{self.path} is being written by {who}; stop that one first, or name another store", held.holder, held.address
        )

    def _ask(self, question: Callable[[apsw.Connection], T]) -> T:
        """The answer of a connection that may read: the writer's own, or a reader's."""
        if self._reader is not None:
            return self._reader.ask(question)
        with translated(self.path):
            return question(self._writing())

    def _bound_wal(self, connection: apsw.Connection) -> None:
        """A reader that never pauses keeps the write-ahead log from being reused; wait for it before the disk is full."""
        with contextlib.suppress(OSError, apsw.Error):  # the entries are durable; the next append tries again
            if self._wal.stat().st_size > WAL_BYTES:
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _copy_whole(self, connection: apsw.Connection) -> None:
        """Copy the write-ahead log into the file and empty it, so that neither holds what was replaced."""
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except (apsw.BusyError, apsw.LockedError) as error:
            raise StoreBusyError(
                f"{self.path}: the new bodies are in place, but a reader keeps the old ones on disk; close it, then rewrite again"
            ) from error
        except apsw.Error as error:
            raise store_error(self.path, error) from error


def _only(connection: apsw.Connection, path: Path, question: str) -> object:
    found = connection.execute(question).get
    if found is None:
        raise corrupt(path, "what says whose store it is is missing")
    return found
