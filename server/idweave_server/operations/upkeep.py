"""What a server does by itself, now and then: let time pass, rank buyers anew, finish what was to be forgotten, make snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from idweave_server.errors import IdweaveError, StoreError
from idweave_server.operations.committer import Committer
from idweave_server.operations.cut_points import CutPoints
from idweave_server.operations.forgetting import forget
from idweave_server.operations.journal import Journal
from idweave_server.operations.reign import Reign, Role
from idweave_server.operations.snapshot import SnapshotMaker
from idweave_server.operations.steps import Steps
from idweave_server.operations.store import Store, rows_since
from idweave_server.operations.writer import Writer

TICK_SECONDS = 1.0  # how often what is due is looked for
FORGET_SECONDS = 10.0  # between two tries of a rewriting that fails
ENTRY_WORTH = 100  # observations: to replay an entry takes as long as that many of a large one, however few it holds
PATIENCE = 2  # times as many observations as a writer does a standby wait for, before it makes a snapshot of its own


@dataclass(frozen=True, slots=True)
class Forget:
    """Take out of log and snapshots what an erasure covers that was not answered."""

    weight: int = 1

    def steps(self, committer: Committer) -> Steps[None]:
        yield from committer.begin()
        if committer.store.unforgotten:
            yield partial(forget, committer.store)
            committer.store.erasures += 1


class Clockwork:
    """For the server that writes: expiries, although nobody writes; the cut points of each day; erasures that were begun, although nobody
    asks again."""

    def __init__(
        self,
        writer: Writer,
        milliseconds: Callable[[], int],
        forgotten: Callable[[], None],
        journal: Journal,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """forgotten: drops what readers keep; sleep: by the clock of `milliseconds`."""
        self._writer, self._milliseconds, self._forgotten, self._journal, self._sleep = writer, milliseconds, forgotten, journal, sleep

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._sleep(self._pause())
            await self._tick()
            await self._cut()
            await self._forget()

    def _pause(self) -> float:
        """Seconds until it looks again: what is known to be due sooner is done at its second."""
        due = min((at for at in (self._writer.due(), self._writer.cuts_due()) if at is not None), default=None)
        if due is None:
            return TICK_SECONDS
        return min(max(due - self._milliseconds() / 1000, 0.0), TICK_SECONDS)

    async def _tick(self) -> None:
        if self._is_due(self._writer.due()):
            await self._attempt("tick_failed", self._writer.tick, TICK_SECONDS)

    async def _cut(self) -> None:
        if self._is_due(self._writer.cuts_due()):
            await self._attempt("cut_points_failed", lambda: self._writer.submit(CutPoints()), TICK_SECONDS)

    async def _forget(self) -> None:
        if self._writer.store.unforgotten and await self._attempt("forget_failed", lambda: self._writer.submit(Forget()), FORGET_SECONDS):
            self._forgotten()

    def _is_due(self, due: int | None) -> bool:
        return due is not None and due <= self._milliseconds() // 1000

    async def _attempt(self, failed: str, write: Callable[[], Awaitable[None]], seconds: float) -> bool:
        """Whether it was done. A full queue, a clock that leapt, a full disk: it is told, and after some seconds tried again."""
        try:
            await write()
        except IdweaveError as error:
            self._journal.say(failed, error=type(error).__name__, text=str(error))
            await asyncio.sleep(seconds)
            return False
        return True


class Snapshots:
    """A snapshot whenever so many observations have come, so that the next start is quick.

    Servers of one store may share a folder for snapshots (two of one user on one machine do) or have one each, and none needs to be told:
    whoever writes makes one after `every` observations; whoever stands by waits for twice as many, and makes one only where no newer one
    has appeared in its folder by then. What an erasure covers goes from each folder when its server reads the erasure in the log; a folder
    whose server is off keeps it until that starts again, as a backup does.
    """

    def __init__(self, store: Store, maker: SnapshotMaker, reign: Reign, every: int, steady: Callable[[], float], journal: Journal) -> None:
        """every: observations, or their worth; 0 for no snapshots."""
        self._store, self._maker, self._reign, self._every, self._steady, self._journal = store, maker, reign, every, steady, journal
        self.unsaved = 0  # observations since the last snapshot
        self.counted = store.engine.sequence  # the entry up to which they are counted
        self._last = maker.last

    async def run(self) -> None:
        """Until it is cancelled."""
        erasures = self._store.erasures
        while self._every:
            await asyncio.sleep(TICK_SECONDS)
            self._count()
            stands_by = self._reign.standing().role is Role.STANDBY
            if erasures != self._store.erasures:  # which took all snapshots away
                erasures, self.unsaved = self._store.erasures, len(self._store.engine.state.observations)
            if self.unsaved >= self._every * (PATIENCE if stands_by else 1):
                await self._make()

    def _count(self) -> None:
        sequence = self._store.engine.sequence
        if sequence > self.counted:
            self.unsaved += max(rows_since(self._store, self.counted), ENTRY_WORTH * (sequence - self.counted))
            self.counted = sequence

    async def _make(self) -> None:
        self.unsaved = 0
        last = self._maker.last
        if last > self._last:  # another server has made one
            self._last = last
            return
        begun = self._steady()
        try:
            made = await self._maker.make()
        except StoreError as error:
            self._journal.say("snapshot_failed", error=type(error).__name__, text=str(error))
        else:
            self._journal.say("snapshot", entries=made.about.sequence if made else 0, seconds=round(self._steady() - begun, 3))
        self._last = self._maker.last
