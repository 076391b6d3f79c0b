"""The SQLite file of a log: its tables, how it is opened, and how a file that is none of ours is told."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from urllib.parse import quote

import apsw

from idweave_server.errors import StoreError, StoreFormatError, StoreReadOnlyError
from idweave_server.log.base import MAX_BODY_BYTES
from idweave_server.log.sqlite_errors import corrupt, foreign, newer, translated

APPLICATION = 0x69647776  # "idwv", in the file's header
COPYING = 0x69647763  # "idwc": one that is being filled by `idweave migrate`
VERSION = 1
SYNCHRONOUS = "FULL"  # every commit is on the disk when it returns; tests turn it off to see that they notice
PATIENCE = 5_000  # milliseconds to wait for another program that has the file locked for a moment
CHECKPOINT_PAGES = 1_000  # of the write-ahead log, after which a commit also copies it into the file, as far as readers let it
WAL_BYTES = 64 * 2**20  # a longer one is copied whole, which waits for readers to finish

SCHEMA = """
CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    term INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1), store_id TEXT NOT NULL, term INTEGER NOT NULL) STRICT;
"""


def open_for_writing(path: Path, *, create: bool, vfs: str | None) -> apsw.Connection:
    """The connection that writes. Raises StoreError."""
    if not create and not path.exists():
        raise StoreError(f"{path} is not there; name a store that is, or let one be made")
    with translated(path):
        connection = _connected(path, create=create, vfs=vfs)
        try:
            if create and _is_empty(connection):
                _make(connection, APPLICATION, None)
            recognise(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_copying(path: Path, store_id: str) -> apsw.Connection:
    """The connection that fills a file with the entries of the store `store_id`; made, or gone on with. Raises StoreError."""
    with translated(path):
        connection = _connected(path, create=True, vfs=None)
        try:
            if _is_empty(connection):
                _make(connection, COPYING, store_id)
            if connection.pragma("application_id") != COPYING:
                recognise(connection, path)
                raise StoreFormatError(f"{path} is a store already: name a file that is not there yet")
            if connection.execute("SELECT store_id FROM store").get != store_id:
                raise StoreFormatError(f"{path} holds a part of another store: remove it and the files beside it, then copy again")
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(path: Path, *, unchanging: bool, vfs: str | None) -> apsw.Connection:
    """A connection that reads. unchanging: nobody writes, so that no file beside this one is needed or made. Raises StoreError."""
    if not path.exists():
        raise StoreError(f"{path} is not there; name a store that is")
    uri = _uri(path) + ("?mode=ro&immutable=1" if unchanging else "?mode=ro")
    with translated(path):
        connection = apsw.Connection(uri, apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs)
        try:
            _limit(connection)
            recognise(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def recognise(connection: apsw.Connection, path: Path) -> None:
    """Raises StoreFormatError for a file that is none of ours (yet), or a newer release's."""
    if connection.pragma("application_id") == COPYING:
        raise StoreFormatError(
            f"{path} holds a copy that is not finished: run the same idweave migrate again, which goes on where it ended"
        )
    if connection.pragma("application_id") != APPLICATION:
        raise foreign(path)
    version = connection.pragma("user_version")
    if version > VERSION:
        raise newer(path, version, VERSION)
    if version != VERSION:
        raise corrupt(path, "its header says no version")


def _connected(path: Path, *, create: bool, vfs: str | None) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    if create and vfs is None:
        with contextlib.suppress(OSError):  # it is there, or SQLite says what is wrong
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))  # personal data; the files beside it take its mode
    connection = apsw.Connection(_uri(path), flags | apsw.SQLITE_OPEN_URI, vfs)
    try:
        _limit(connection)
        if connection.readonly("main"):
            raise StoreReadOnlyError(f"{path} cannot be written; give this user the right to write the file and its folder")
        connection.pragma("synchronous", SYNCHRONOUS)
        connection.pragma("secure_delete", 1)
        connection.pragma("temp_store", "MEMORY")
        connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        connection.pragma("journal_size_limit", WAL_BYTES)
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path) -> str:
    return "file:" + quote(str(path.absolute()))


def _limit(connection: apsw.Connection) -> None:
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, MAX_BODY_BYTES + 4_096)  # the row around a body; also what a damaged length can ask for
    connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
    connection.pragma("trusted_schema", 0)
    connection.pragma("cell_size_check", 1)
    connection.set_busy_timeout(PATIENCE)


def _is_empty(connection: apsw.Connection) -> bool:
    if connection.pragma("application_id"):
        return False
    return not connection.execute("SELECT count(*) FROM sqlite_schema").get


def _make(connection: apsw.Connection, application: int, store_id: str | None) -> None:
    """Make the tables; of several processes that try at once, one does. store_id: None for one of its own."""
    connection.pragma("journal_mode", "WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _is_empty(connection):
            connection.execute(SCHEMA)
            connection.execute("INSERT INTO store VALUES (1, coalesce(?, lower(hex(randomblob(16)))), 0)", (store_id,))
            connection.pragma("application_id", application)
            connection.pragma("user_version", VERSION)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    # Into the file itself: a damaged write-ahead log must not make the store look like one that is still to be made.
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
