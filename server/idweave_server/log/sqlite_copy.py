"""A SQLite file that is being filled with another store's entries; until it is finished, its header says that it is none of ours yet."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import apsw

from idweave_server.errors import StoreBusyError, StoreError
from idweave_server.log.base import Entry, Head
from idweave_server.log.sqlite_entries import entries, head, insert, transaction
from idweave_server.log.sqlite_errors import translated
from idweave_server.log.sqlite_file import APPLICATION, open_for_copying
from idweave_server.log.writer_lock import WriterLock

_LAST = 2**63 - 1


class SqliteCopy:
    """A copy (see base.LogCopy). It holds the lock of a writer, so that two of them do not fill one file."""

    def __init__(self, path: Path, store_id: str) -> None:
        """Raises StoreError."""
        self.path = path.absolute()
        self._lock = WriterLock(self.path.with_name(self.path.name + ".lock"))
        self._connection: apsw.Connection | None = open_for_copying(self.path, store_id)
        try:
            if not self._lock.take():
                raise StoreBusyError(f"{self.path} is being copied into already; wait for that to end, or name another store")
        except BaseException:
            self.close()
            raise

    def head(self) -> Head:
        with translated(self.path):
            return head(self._open())

    def take(self, taken: Sequence[Entry]) -> None:
        connection = self._open()
        with transaction(connection, self.path):
            sequence = head(connection).sequence
            for entry in taken:
                if entry.sequence != sequence + 1:
                    raise ValueError(f"entry {entry.sequence:,} does not follow entry {sequence:,}")
                insert(connection, entry.sequence, entry.term, entry.kind, entry.at, entry.body)
                sequence += 1

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        with translated(self.path):
            return entries(self._open(), self.path, after, limit, _LAST if until is None else until)

    def finish(self) -> None:
        connection = self._open()
        with translated(self.path):
            connection.pragma("application_id", APPLICATION)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(apsw.Error):
                self._connection.close()
            self._connection = None
        self._lock.give_up()

    def _open(self) -> apsw.Connection:
        if self._connection is None:
            raise StoreError(f"{self.path} was closed; open it again")
        return self._connection
