"""Entries as rows of a SQLite file: put in, read in order, all of a transaction or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from idweave_server.log.base import MAX_READ_BYTES, Entry, Head
from idweave_server.log.checksum import checksum
from idweave_server.log.sqlite_errors import corrupt, translated
from idweave_server.model import EntryKind

_HEAD = "SELECT sequence, term, at FROM entry ORDER BY sequence DESC LIMIT 1"
_READ = "SELECT sequence, term, kind, at, checksum, body FROM entry WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
_INSERT = "INSERT INTO entry (sequence, term, kind, at, checksum, body) VALUES (?, ?, ?, ?, ?, ?)"


@contextmanager
def transaction(connection: apsw.Connection, path: Path) -> Iterator[None]:
    """All or nothing; what fails leaves the connection as it was."""
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # some errors roll back by themselves
                with contextlib.suppress(apsw.Error):
                    connection.execute("ROLLBACK")
            raise


def head(connection: apsw.Connection) -> Head:
    return Head(*(connection.execute(_HEAD).fetchone() or (0, 0, 0)))


def insert(connection: apsw.Connection, sequence: int, term: int, kind: EntryKind, at: int, body: bytes) -> None:
    connection.execute(_INSERT, (sequence, term, int(kind), at, checksum(sequence, term, kind, at, body), body))


def entries(connection: apsw.Connection, path: Path, after: int, limit: int, last: int) -> list[Entry]:
    """Entries with after < sequence <= last; see Log.read. Raises StoreCorruptError."""
    found: list[Entry] = []
    size = 0
    cursor = connection.execute(_READ, (after, last, limit))
    try:
        for sequence, term, kind, at, expected, body in cursor:
            if sequence != after + len(found) + 1:
                raise corrupt(path, f"entry {after + len(found) + 1:,} is missing")
            if checksum(sequence, term, kind, at, body) != expected:
                raise corrupt(path, f"entry {sequence:,} is not what was written")
            if kind not in EntryKind._value2member_map_:
                raise corrupt(path, f"entry {sequence:,} is of kind {kind}, which only a newer release may know")
            found.append(Entry(sequence, term, EntryKind(kind), at, body))
            size += len(body)
            if size >= MAX_READ_BYTES:
                break
    finally:
        cursor.close(True)  # ends the reading; a reader that stays keeps the write-ahead log from being reused
    return found
