"""Logs in the tests' Neo4j."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress

from idweave_server.errors import StoreBusyError
from idweave_server.log.base import Credentials
from idweave_server.log.neo4j import Neo4jLog

from tests.neo4j_database import Database

LONG = 30.0  # seconds; a lease that no test outlives
DEADLINE = 20.0


def credentials_of(database: Database) -> Credentials | None:
    return Credentials(database.user, database.password) if database.password else None


def graph_log(database: Database, *, create: bool = True, read_only: bool = False, lease: float = LONG, uri: str = "") -> Neo4jLog:
    """uri: another way to the same database."""
    return Neo4jLog(uri or database.uri, credentials_of(database), create=create, read_only=read_only, lease_seconds=lease)


class Opening(ExitStack):
    """Opens logs in one database, and closes them in the end."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    def __call__(self, *, create: bool = True, read_only: bool = False, lease: float = LONG, uri: str = "") -> Neo4jLog:
        return self.enter_context(closing(graph_log(self.database, create=create, read_only=read_only, lease=lease, uri=uri)))


def until(condition: Callable[[], bool]) -> None:
    """Ask again and again, for at most DEADLINE."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def taken(log: Neo4jLog, term: int) -> bool:
    """Whether the place was free."""
    with suppress(StoreBusyError):
        log.acquire("server two", "127.0.0.1:2", term)
        return True
    return False
