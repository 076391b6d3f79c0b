"""One Neo4j database as questions and answers: connected, asked with a bounded patience, its errors translated."""

from __future__ import annotations

import logging
import re
from threading import Event
from typing import Any, LiteralString

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from idweave_server.errors import StoreError, UnavailableError
from idweave_server.log.base import Credentials
from idweave_server.log.neo4j_errors import passing, store_error, wrong_version
from idweave_server.log.neo4j_url import Neo4jUrl

CONNECT_SECONDS = 5.0  # to reach a server that does not even refuse
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds between tries while something passes
OLDEST, NEXT = (5, 23), (6, 0)  # versions: scoped subqueries came with the first; what comes after 5 is not tested

# The driver warns on a logger that by default ends up on standard error; what it warns of is raised as well.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


def connect(url: Neo4jUrl, credentials: Credentials | None, *, connections: int = 8) -> neo4j.Driver:
    """A driver, which connects when it is first used. Raises StoreError."""
    auth = (credentials.user, credentials.password) if credentials else None
    try:
        return neo4j.GraphDatabase.driver(
            url.uri,
            auth=auth,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=3 * CONNECT_SECONDS,
            max_connection_pool_size=connections,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="idweave",
        )
    except (DriverError, ValueError) as error:
        raise store_error(url, credentials.user if credentials else None, error) from error


class Neo4jDatabase:
    """Every question is a transaction of its own, sent in one message: a client that falls asleep holds no lock in the database.

    May be used by several threads at once.
    """

    def __init__(self, url: Neo4jUrl, credentials: Credentials | None) -> None:
        self.url = url
        self._credentials = url.credentials(credentials)
        self._driver = connect(url, self._credentials)
        self._away = False  # whether it could not be reached the last time

    def once(self, question: LiteralString, seconds: float, /, **parameters: Any) -> list[neo4j.Record]:
        """The answer, asked for once, with the driver's own errors. seconds: after which the database gives the transaction up."""
        # The leader always: a follower of a cluster may be behind what a reader has seen.
        with self._driver.session(database=self.url.database, default_access_mode=neo4j.WRITE_ACCESS, fetch_size=-1) as session:
            records = list(session.run(neo4j.Query(question, timeout=seconds), parameters))
        self._away = False
        return records

    def ask(self, question: LiteralString, seconds: float = 30.0, /, **parameters: Any) -> list[neo4j.Record]:
        """The answer to a question that may be asked twice. Raises StoreError."""
        for pause in self.pauses():
            try:
                return self.once(question, seconds, **parameters)
            except (Neo4jError, DriverError, OSError) as error:
                self.wait(pause, error)
        raise AssertionError("the last try raises")

    def pauses(self) -> tuple[float | None, ...]:
        """Seconds to wait after each try, None after the last: one try only of a database that was away the last time."""
        return (None,) if self._away else (*PAUSES, None)

    def wait(self, pause: float | None, error: Exception) -> None:
        """Wait after a try that failed, or raise StoreError where it is of no use to try again."""
        if pause is None or not passing(error):
            raise self.translated(error) from error
        Event().wait(pause)

    def translated(self, error: Exception) -> StoreError:
        found = store_error(self.url, self._credentials.user if self._credentials else None, error)
        self._away = isinstance(found, UnavailableError)
        return found

    def check_version(self) -> None:
        """Raises StoreError: not reached, not let in; StoreFormatError: the wrong version."""
        records = self.ask("CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0] AS version, edition")
        kernel = next((record for record in records if record["name"] == "Neo4j Kernel"), None)
        if kernel is None:
            raise wrong_version(self.url, "something else than Neo4j")
        found = re.match(r"(\d+)\.(\d+)", kernel["version"])
        if not found or not OLDEST <= (int(found[1]), int(found[2])) < NEXT:
            raise wrong_version(self.url, f"Neo4j {kernel['version']}")

    def close(self) -> None:
        self._driver.close()
