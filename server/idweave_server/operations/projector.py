"""The server's side of the process that keeps the graph: starts it, hears how far it is, and starts it again when it ended.

The process reads the log by itself, so nothing here can hold up a lookup; what it tells becomes the lag that the server shows, and by which
ingest is slowed when the graph falls too far behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from idweave_server.errors import StoreError
from idweave_server.log.base import Credentials
from idweave_server.operations.store import Store, rows_since

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before the process is started again, the last one for ever
LINE = 2**20  # bytes, at most
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ProjectionLag:
    """How far the graph is behind. sequence: the last entry that it shows, 0 while that is not known; entries, observations: that it lacks;
    seconds: of the state's time; error: why it does not go on, "" while it does."""

    sequence: int
    entries: int
    observations: int
    seconds: int
    error: str


class Projector:
    """Of one writer. Start it when the store is this server's to write, stop it when that is over."""

    def __init__(
        self,
        store: Store,
        graph: str,
        credentials: Credentials | None,
        *,
        entropy: Callable[[int], bytes],
        say: Callable[..., None],
    ) -> None:
        """graph: the URL of the database; entropy: gives n random bytes; say: hears an event's name and its fields."""
        self._store, self._graph, self._credentials, self._entropy, self._say = store, graph, credentials, entropy, say
        self._sequence = self._at = 0
        self._error = "starting"
        self._task: asyncio.Task[None] | None = None
        self.written = 0  # rows since the start
        self.pid = 0  # of the process, 0 while there is none

    def start(self) -> None:
        """Once."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """The process ends; what it was writing is whole or not there."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def lag(self) -> ProjectionLag:
        engine = self._store.engine
        entries = max(engine.sequence - self._sequence, 0)
        seconds = max(engine.state_time - self._at, 0) if entries and self._at else 0
        return ProjectionLag(self._sequence, entries, rows_since(self._store, self._sequence), seconds, self._error)

    async def _run(self) -> None:
        tries = 0
        while True:
            known = self._sequence
            deposed = await self._keep()
            if deposed:
                self._say("projector_deposed")
                return
            tries = 0 if self._sequence > known else tries + 1
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])

    async def _keep(self) -> bool:
        """One life of the process; whether it ended because another server is the writer."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "idweave_server.operations.project_process")
        self._process = process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, limit=LINE, start_new_session=True
        )
        self.pid = process.pid
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(orjson.dumps(self._request()) + b"\n")
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
            while line := await process.stdout.readline():
                if self._hear(orjson.loads(line)):
                    return True
            code = await process.wait()
            self._error = self._error or f"its process ended with {code}"
            self._say("projector_ended", code=code, error=self._error)
            return False
        finally:
            await self._end(process)
            self.pid = 0

    def _hear(self, told: dict[str, Any]) -> bool:
        if told.get("deposed"):
            self._error = told["error"]
            return True
        error, before = told["error"], self._error
        self._error = error
        if error and error != before:
            self._say("projection_stuck", error=error)
        if "sequence" in told and not error:
            self._sequence, self._at = told["sequence"], told["at"]
            self.written += sum(sum(counts) for counts in told["written"].values())
        return False

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """First politely: it finishes what it is writing."""
        if process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(_drained(process), STOP_SECONDS)
            except (TimeoutError, asyncio.CancelledError):
                process.kill()
                await process.wait()

    def _request(self) -> dict[str, Any]:
        store = self._store
        if not store.term:
            raise StoreError("only the writer of a store keeps its graph")
        return {
            "url": store.url,
            "key": str(store.key_file),
            "credentials": store.credentials,
            "snapshots": str(store.snapshots.path) if store.snapshots else None,
            "graph": self._graph,
            "graph_credentials": self._credentials,
            "writer": store.term,
            "term": int.from_bytes(self._entropy(8), "big") >> 1 | 1,
        }


async def _drained(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(LINE):
        pass
    await process.wait()
