"""Servers that share one store in a real Neo4j, each a process of its own.

store = Shared(database, tmp_path)
with store.server(tmp_path) as one, store.server(tmp_path) as other:
    await store.writes(one)                           # the one that writes, when it does
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
from idweave.v1.admin_service_pb2 import GetStatusRequest, GetStatusResponse, ServerRole

from tests.neo4j_database import Database
from tests.server.running import ServerProcess, process, until
from tests.server.talk import talk

LEASE = 2.0  # seconds


@dataclass(frozen=True)
class Shared:
    """folder: of the keys and snapshots, which all servers share."""

    database: Database
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What tells a server how to reach the store, and where its key is."""
        places = {"XDG_DATA_HOME": str(self.folder / "data"), "XDG_CACHE_HOME": str(self.folder / "cache")}
        secret = {"IDWEAVE_NEO4J_PASSWORD": self.database.password, "IDWEAVE_NEO4J_USER": self.database.user}
        return places | (secret if self.database.password else {})

    @contextlib.contextmanager
    def server(self, *options: str, listen: str = "127.0.0.1:0") -> Iterator[ServerProcess]:
        """A server that is warm: it writes or stands by."""
        chosen = ("--lease", str(LEASE), "--graph", "off", *options)
        with process(self.folder, *chosen, store=self.database.uri, listen=listen, environment=self.environment) as server:
            yield server


def status(server: ServerProcess) -> GetStatusResponse:
    with talk(server.address) as said:
        found: GetStatusResponse = said.admin.GetStatus(GetStatusRequest(), timeout=10)
        return found


def writes(server: ServerProcess) -> bool:
    try:
        return status(server).role == ServerRole.SERVER_ROLE_WRITER
    except grpc.RpcError:
        return False


def caught_up(server: ServerProcess) -> bool:
    """Whether its graph shows all that it has."""
    graph = status(server).projection
    return bool(graph.entries and not graph.lag_entries and not graph.error)


def seconds_until(condition: Callable[[], object], what: str) -> float:
    begun = time.monotonic()
    until(condition, what)
    return time.monotonic() - begun
