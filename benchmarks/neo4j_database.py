"""A Neo4j of a benchmark's own: compiled as in production, warmed up, weighed, put to sleep, ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

from neo4j import Driver, GraphDatabase

from benchmarks.processes import cpu_seconds
from local_neo4j.errors import LocalNeo4jError
from local_neo4j.leash import Leash
from local_neo4j.server import Running, start
from local_neo4j.settings import HOST, Settings

ROWS = 10_000  # of a transaction
GRAPH = ("Identifier", "Profile", "Projection")  # labels of what a projector writes
_GONE = "MATCH (x:$($labels)) CALL (x) {DETACH DELETE x} IN TRANSACTIONS OF 10000 ROWS"
_WIPE = "MATCH (x) CALL (x) {DETACH DELETE x} IN TRANSACTIONS OF 10000 ROWS"
_WARM_NODES = "UNWIND range(0, $n - 1) AS i CREATE (:Warm {key: $keys[i], first: datetime({epochSeconds: $at[i]}), place: $at[i]})"
_WARM_TIES = """
UNWIND range(0, $n - 1) AS i MATCH (a:Warm {key: $keys[i]}) MATCH (b:Warm {key: $ends[i]})
CREATE (a)-[:WARM {at: datetime({epochSeconds: $at[i]}), strength: 0.5}]->(b)
"""


class OwnNeo4j:
    """A server with an empty database in a folder of `scratch`. Its process and its folder go with this process, however that ends."""

    def __init__(self, scratch: Path, name: str, *, heap: str = "512m", page_cache: str = "128m", brief: bool = False) -> None:
        """Raises SystemExit where it cannot start. brief: compiled lightly, for what is not timed."""
        folder = scratch / name
        self._settings = Settings(folder, free_port(), None, heap=heap, page_cache=page_cache, brief=brief)
        self._leash = Leash(folder)
        self._running: Running | None = None
        self.start()
        self.driver: Driver = GraphDatabase.driver(self.uri, telemetry_disabled=True, notifications_min_severity="OFF")

    @property
    def uri(self) -> str:
        return self._settings.uri

    @property
    def cpu(self) -> float:
        """Seconds of processor that it has had since its start."""
        return cpu_seconds(self._process())

    @property
    def bytes_on_disk(self) -> int:
        """Of the database without its transaction log; exact once it has been stopped."""
        folder = self._settings.home / "data" / "databases" / "neo4j"
        return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())

    def start(self) -> None:
        """With the data and the port that it has, unless it runs."""
        if self._running is not None:
            return
        try:
            self._running = start(self._settings, born=self._leash.hold)
        except LocalNeo4jError as error:
            self._leash.pull()
            raise SystemExit(f"no Neo4j for the benchmark: {error}") from None

    def stop(self) -> None:
        """In order: everything is in its files then."""
        if self._running is not None:
            self._running.stop()
            self._leash.hold(None)
            self._running = None

    def remove(self) -> None:
        self.driver.close()
        if self._running is not None:
            self._running.kill()
            self._running = None
        self._leash.pull()

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """It holds its connections and answers nothing, as when its machine hangs."""
        os.kill(self._process(), signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process(), signal.SIGCONT)

    def ask(self, text: LiteralString, **parameters: Any) -> list[Any]:
        """The rows of an answer, in a transaction that is not tried again."""
        with self.driver.session(fetch_size=-1) as session:
            return session.run(text, parameters).values()

    def count(self, label: LiteralString) -> int:
        return int(self.ask(f"MATCH (x:{label}) RETURN count(x)")[0][0])

    def warm_up(self, rows: int) -> None:
        """Have its code compiled: write so many rows as a projector does, and take them away. Only later rows are worth a measurement."""
        self.ask("CREATE CONSTRAINT warm IF NOT EXISTS FOR (x:Warm) REQUIRE x.key IS UNIQUE")
        for low in range(0, rows // 2, ROWS):
            keys = [f"warm:{number}" for number in range(low, low + ROWS)]
            column = {"n": ROWS, "keys": keys, "ends": keys[::-1], "at": list(range(low, low + ROWS))}
            self.ask(_WARM_NODES, **column)
            self.ask(_WARM_TIES, **column)
        self.wipe()
        self.ask("DROP CONSTRAINT warm IF EXISTS")

    def wipe(self) -> None:
        """Remove all nodes; constraints stay."""
        self.ask(_WIPE)

    def drop_graph(self) -> None:
        """Remove what a projector wrote, and that it did; a log stays."""
        for label in GRAPH:
            self.ask(_GONE, labels=label)

    def _process(self) -> int:
        assert self._running is not None, "it does not run"
        return self._running.process.pid


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
