"""The Neo4j that tests run against: the one that NEO4J_URI names, else one of their own, started when the first test wants it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest
from neo4j import Driver, GraphDatabase

from local_neo4j.errors import LocalNeo4jError, PortTakenError
from local_neo4j.leash import Leash
from local_neo4j.server import Running, check_free, start
from local_neo4j.settings import USER, Settings

# Below the ports that systems hand out for outgoing connections (Linux: 32768 and up), so that a database that was killed
# finds its ports free again.
PORTS = range(21000, 29000)

WIPE = (
    "MATCH (x) CALL (x) {DETACH DELETE x} IN TRANSACTIONS OF 10000 ROWS",
    "SHOW CONSTRAINTS YIELD name RETURN name",
    "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name",
)


@dataclass
class Database:
    """A Neo4j with the authentication that it wants (no password: none)."""

    uri: str
    user: str
    password: str = field(repr=False)
    http: str | None = None  # the Browser's address, where there is one

    @property
    def auth(self) -> tuple[str, str] | None:
        return (self.user, self.password) if self.password else None

    def driver(self) -> Driver:
        return GraphDatabase.driver(self.uri, auth=self.auth, telemetry_disabled=True)

    def wipe(self) -> None:
        """Remove all nodes, relationships, constraints and indexes."""
        everything, constraints, indexes = WIPE
        with self.driver() as driver, driver.session() as session:
            session.run(everything).consume()
            for kind, query in (("CONSTRAINT", constraints), ("INDEX", indexes)):
                for (name,) in session.run(query).values():
                    session.run(f"DROP {kind} `{name}` IF EXISTS").consume()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        raise NotImplementedError("this database is not of the test's own: use the fixture own_database")

    def start(self) -> None:
        """Start it again, with the same data and ports, and return when it answers."""
        raise NotImplementedError("this database is not of the test's own: use the fixture own_database")

    def stop(self) -> None:
        """End it in order."""
        raise NotImplementedError("this database is not of the test's own: use the fixture own_database")


class OwnDatabase(Database):
    """One that this process started, with a throw-away folder; it ends with this process, however that ends."""

    def __init__(self, *, browser: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="idweave-neo4j-"))
        self._leash = Leash(self._folder)
        self._ports = contextlib.ExitStack()
        self._running: Running | None = None
        try:
            self._settings = self._start_somewhere(browser)
        except BaseException:
            self.remove()
            raise
        super().__init__(self._settings.uri, USER, "", self._settings.browser)

    def _start_somewhere(self, browser: bool) -> Settings:
        while True:
            bolt, http = (self._ports.enter_context(reserved_port()) for _ in range(2))
            settings = Settings(self._folder, bolt, http if browser else None, brief=True)
            with contextlib.suppress(PortTakenError):  # somebody without reservations was quicker: two other ports
                self._running = start(settings, born=self._leash.hold)
                return settings

    @property
    def process(self) -> int:
        assert self._running is not None, "it does not run"
        return self._running.process.pid

    def start(self) -> None:
        assert self._running is None, "it runs"
        self._running = start(self._settings, born=self._leash.hold)

    def kill(self) -> None:
        assert self._running is not None, "it does not run"
        self._running.kill()
        self._ended()

    def stop(self) -> None:
        assert self._running is not None, "it does not run"
        self._running.stop()
        self._ended()

    def _ended(self) -> None:
        self._leash.hold(None)
        self._running = None

    def remove(self) -> None:
        """End it and throw its folder away."""
        if self._running is not None:
            self.kill()  # nothing in it is wanted
        self._leash.pull()
        self._ports.close()


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A free port that no other process of these tests takes as long as this one holds it, listening or not."""
    for port in PORTS:
        with (folder_of_locks() / str(port)).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                check_free(port)
            except (BlockingIOError, PortTakenError):
                continue
            yield port
            return
    raise LocalNeo4jError(f"no port of {PORTS.start} to {PORTS.stop - 1} is free")


def folder_of_locks() -> Path:
    """Where the processes of this user's tests find each other's locks."""
    folder = Path(tempfile.gettempdir()) / f"idweave-tests-{os.getuid()}"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def given() -> Database | None:
    """The database that the environment names."""
    uri = os.environ.get("NEO4J_URI")
    return Database(uri, os.environ.get("NEO4J_USER", USER), os.environ.get("NEO4J_PASSWORD", "")) if uri else None


@contextlib.contextmanager
def borrowed(database: Database) -> Iterator[Database]:
    """Somebody's database, for this process alone, empty before and after; one that holds something is not touched."""
    with folder_of_locks().joinpath(hashlib.sha256(database.uri.encode()).hexdigest()[:16]).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # where tests run in several processes, they take turns
        with database.driver() as driver:
            held = driver.execute_query("MATCH (x) RETURN count(x)").records[0][0]
        if held:
            pytest.fail(f"NEO4J_URI names a database with {held:,} nodes, which the tests would remove: name an empty one", pytrace=False)
        yield database
        database.wipe()


def _own() -> OwnDatabase:
    try:
        return OwnDatabase()
    except LocalNeo4jError as error:
        cannot(str(error))


def cannot(why: str) -> NoReturn:
    """No Neo4j is to be had: a user's tests go on without it and say so, CI's fail."""
    said = f"no Neo4j for this test: {why}\nOr name one that may be emptied: NEO4J_URI=bolt://..., NEO4J_USER, NEO4J_PASSWORD"
    if os.environ.get("CI"):
        pytest.fail(f"{said}\nWith CI set, that is a failure.", pytrace=False)
    pytest.skip(said)


@pytest.fixture(scope="session")
def neo4j_database() -> Iterator[Database]:
    """The database of this run: started once a process of pytest, and shared; take `graph_database` for an empty one."""
    if (named := given()) is not None:
        with borrowed(named) as database:
            yield database
        return
    own = _own()
    yield own
    own.remove()


@pytest.fixture
def graph_database(neo4j_database: Database) -> Database:
    """The database of this run, emptied: no data, no constraints, no indexes."""
    neo4j_database.wipe()
    return neo4j_database


@pytest.fixture(scope="module")
def own_database() -> Iterator[Database]:
    """A database of this module's own, which may be killed and started; NEO4J_URI does not count here."""
    own = _own()
    yield own
    own.remove()
