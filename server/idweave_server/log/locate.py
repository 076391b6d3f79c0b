"""From a store's URL to its log, and to the files that belong to a store without being in its log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from idweave_server.errors import InputError
from idweave_server.log.base import Credentials, Log, LogCopy
from idweave_server.log.sqlite import SqliteLog
from idweave_server.log.sqlite_copy import SqliteCopy

SQLITE_FORMS = "sqlite:///relative/path.db or sqlite:////absolute/path.db"
FORMS = f"{SQLITE_FORMS}, or neo4j://host:7687 (neo4j+s:// with TLS, bolt:// for one server by itself)"
NEO4J_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
LEASE_SECONDS = 10.0  # how long a writer that was killed keeps others out of a Neo4j store


@dataclass(frozen=True, slots=True)
class Folders:
    """Where this machine keeps what belongs to stores that are no files.

    data: what must not be lost, their keys; cache: what may, their snapshots and change feeds.
    """

    data: Path
    cache: Path


@dataclass(frozen=True, slots=True)
class Places:
    """key: the file of the store's key; snapshots: the folder of its snapshots; feed: that of its change feed."""

    key: Path
    snapshots: Path
    feed: Path


def open_log(
    url: str,
    *,
    create: bool = False,
    read_only: bool = False,
    credentials: Credentials | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> Log:
    """The log of a store.

    create: make the store where there is none; credentials, lease_seconds: for a Neo4j store, see Neo4jLog. Raises InputError, StoreError.
    """
    if is_neo4j(url):
        from idweave_server.log.neo4j import Neo4jLog

        return Neo4jLog(url, credentials, create=create, read_only=read_only, lease_seconds=lease_seconds)
    return SqliteLog(store_path(url), create=create, read_only=read_only)


def open_copy(url: str, store_id: str, *, credentials: Credentials | None = None) -> LogCopy:
    """A place to copy a store into: made where there is nothing, gone on with where such a copy was interrupted.

    store_id: the source's. Raises InputError; StoreFormatError where there is a store already, or a part of another one; StoreError.
    """
    if is_neo4j(url):
        from idweave_server.log.neo4j_copy import Neo4jCopy

        return Neo4jCopy(url, store_id, credentials)
    return SqliteCopy(store_path(url), store_id)


def places(url: str, log: Log, folders: Folders | None = None) -> Places:
    """Where a store's key, snapshots and feed are: beside a file, under the store's id in `folders` for a database. Raises InputError."""
    if not is_neo4j(url):
        path = store_path(url)
        return Places(*(path.with_name(f"{path.name}.{what}") for what in ("key", "snapshots", "feed")))
    if folders is None:
        raise InputError("a store in a database needs a file for its key: name one with --key-file")
    name = log.store_id()
    return Places(folders.data / f"{name}.key", folders.cache / f"{name}.snapshots", folders.cache / f"{name}.feed")


def is_neo4j(url: str) -> bool:
    """Whether a store's URL names a Neo4j database."""
    return url.partition(":")[0].lower() in NEO4J_SCHEMES


def store_path(url: str) -> Path:
    """The file that a store's URL names. Raises InputError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError(f"the store's URL cannot be read: write {FORMS}") from None
    if not parts.scheme:
        raise InputError(f"the store {url!r} has no scheme: write {FORMS}")
    if parts.scheme in NEO4J_SCHEMES:
        raise InputError(f"a store in a database has no file of its own: write {SQLITE_FORMS}")
    if parts.scheme != "sqlite":
        raise InputError(f"the store's scheme {parts.scheme!r} is not known to this release: write {FORMS}")
    if parts.netloc:
        raise InputError(
            f"the store's URL names a host, {parts.hostname!r}, where a file is wanted: write three slashes or four, {SQLITE_FORMS}"
        )
    if parts.query or parts.fragment:
        raise InputError(f"the store's URL takes no ? and no # (write %3F and %23 for those of a file's name): write {SQLITE_FORMS}")
    name = unquote(parts.path[1:])
    if not name or name.endswith("/") or name == ":memory:" or "\0" in name:
        raise InputError(f"the store's URL names no file: write {SQLITE_FORMS}")
    return Path(name)
