"""Where the neo4j benchmark works: a store in a Neo4j of its own, servers on it with a graph or without, and what a graph still lacks."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.neo4j_database import OwnNeo4j
from benchmarks.processes import Served, children, cpu_seconds, idweave, serving
from benchmarks.server_store import Ground, status

PATIENCE = 900.0  # seconds for a graph to catch up
LOOK = 0.1
PROJECTOR = b"idweave_server.operations.project_process"


@dataclass(slots=True)
class Neo4jGround(Ground):
    """The store is in `database`, its key and its snapshots in `scratch`."""

    database: OwnNeo4j = field(kw_only=True)

    @property
    def store(self) -> str:
        return self.database.uri

    @property
    def key(self) -> Path:
        return self.scratch / "store.key"

    def serve(self, *, graph: bool, snapshots: str = "none", every: int = 0) -> AbstractContextManager[Served]:
        """A server on the store. graph: whether it keeps one; snapshots: a folder of `scratch`."""
        options = ["--store", self.store, "--key-file", str(self.key), "--listen", "127.0.0.1:0", "--metrics", "off"]
        options += ["--snapshots", str(self.scratch / snapshots), "--snapshot-every", str(every)]
        return serving(idweave("serve", *options, *([] if graph else ["--graph", "off"])), self.scratch)


def caught_up(server: Served) -> None:
    """Wait until the graph shows all that was taken in. Raises SystemExit where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not shows_all(server):
        if time.monotonic() > deadline:
            raise SystemExit(f"the graph lacks entries after {PATIENCE:g} s: {status(server).projection}")
        time.sleep(LOOK)


def shows_all(server: Served) -> bool:
    graph = status(server).projection
    return graph.entries > 0 and not graph.lag_entries


def projector_of(server: Served) -> int:
    """The process that keeps a server's graph. Raises SystemExit where there is none."""
    for process in children(server.process.pid):
        if PROJECTOR in Path(f"/proc/{process}/cmdline").read_bytes():
            return process
    raise SystemExit("the server has no process that keeps its graph")


class Spent:
    """Seconds of processor by who had them, since this was made."""

    def __init__(self, ground: Neo4jGround, server: Served, *, graph: bool) -> None:
        self._database, self._server = ground.database, server
        self._projector = projector_of(server) if graph else None
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        found = {"server": self._server.cpu, "database": self._database.cpu}
        return found if self._projector is None else found | {"projector": cpu_seconds(self._projector)}

    def since(self) -> dict[str, float]:
        return {who: after - self._before[who] for who, after in self._now().items()}
