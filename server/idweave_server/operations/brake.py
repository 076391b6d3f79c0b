"""Writes wait while what is computed from them is too far behind: the graph in Neo4j slows ingest rather than fall behind for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from idweave_server.operations.journal import Journal

LOOK_SECONDS = 0.1
EASY = 0.9  # of the bound: below it the wait is told to be over; writes go on at the bound itself


class Brake:
    """lag: observations that are behind now; bound: how many may be; 0 for any number. seconds: that writes have waited, all together."""

    def __init__(self, lag: Callable[[], int], bound: int, *, steady: Callable[[], float], journal: Journal) -> None:
        self._lag, self._bound, self._steady, self._journal = lag, bound, steady, journal
        self.seconds = 0.0
        self.slow = False  # told of as slow, and not of as easy since

    async def hold(self, over: Callable[[], bool]) -> None:
        """Return when writes may go on, or `over` says that they must."""
        if not self._bound:
            return
        lag = self._lag()
        if self.slow and lag < EASY * self._bound:
            self.slow = False
            self._journal.say("ingest_eased", observations=lag, seconds=round(self.seconds, 3))
        if lag <= self._bound:
            return
        if not self.slow:
            self.slow = True
            self._journal.say("ingest_slowed", observations=lag, bound=self._bound)
        begun, before = self._steady(), self.seconds
        while self._lag() > self._bound and not over():
            await asyncio.sleep(LOOK_SECONDS)
            self.seconds = before + self._steady() - begun
