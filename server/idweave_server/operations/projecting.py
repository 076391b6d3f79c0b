"""The graph, for as long as this server writes: its projector, how far behind it is, and the brake that this is to ingest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from idweave_server.errors import StoreError
from idweave_server.log.base import Credentials
from idweave_server.operations.brake import Brake
from idweave_server.operations.journal import Journal
from idweave_server.operations.projector import ProjectionLag, Projector
from idweave_server.operations.store import Store, rows_since


class Projection:
    """graph: the URL of its database, "" for none, and credentials for it; only the server that writes keeps it."""

    def __init__(
        self,
        store: Store,
        graph: str,
        credentials: Credentials | None,
        *,
        bound: int,
        entropy: Callable[[int], bytes],
        steady: Callable[[], float],
        journal: Journal,
    ) -> None:
        """bound: observations that the graph may be behind; 0 for any number."""
        self.graph = graph
        self.brake = Brake(self._behind, bound, steady=steady, journal=journal)
        self.rows = 0  # written since the start
        self.credentials = credentials
        self._store, self._entropy, self._journal = store, entropy, journal
        self._projector: Projector | None = None
        self._since = 0  # the last entry when it began

    async def run(self) -> None:
        """A duty of the server that writes: until it is cancelled."""
        if not self.graph:
            return
        self._since = self._store.engine.sequence
        self._projector = Projector(self._store, self.graph, self.credentials, entropy=self._entropy, say=self._journal.say)
        self._projector.start()
        try:
            await asyncio.Event().wait()
        finally:
            ended, self._projector = self._projector, None
            self.rows += ended.written
            with suppress(StoreError):  # deposed before it had begun
                await ended.stop()

    def lag(self) -> ProjectionLag | None:
        """None where no graph is kept by this server, now."""
        return None if self._projector is None else self._projector.lag()

    def written(self) -> int:
        return self.rows + (self._projector.written if self._projector is not None else 0)

    def _behind(self) -> int:
        lag = self.lag()
        if lag is None:
            return 0
        # Until its process has looked, the graph may have all that was there when it began: nobody waits for that.
        return lag.observations if lag.sequence else rows_since(self._store, self._since)
