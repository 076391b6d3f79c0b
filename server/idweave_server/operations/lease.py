"""The writer's place in a log that lends it for a while: held, lengthened in time, and lost when another server has taken it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

from idweave_server.errors import DeposedError, StoreError
from idweave_server.log.base import Holder, Log

LOOK_SECONDS = 1.0  # between two looks at who has the place, and two tries of a database that is away, at most


class Lease:
    """Of one log, whose `lease_seconds` is a number. lost: set while this server has the place no more; wanted: set to have it lengthened
    soon; seconds: how long it is; look: how often to see to it where something is the matter."""

    def __init__(
        self,
        log: Log,
        seconds: float,
        *,
        aside: Executor,
        steady: Callable[[], float],
        told: Callable[[StoreError | None], None],
        fatal: Callable[[BaseException], None],
    ) -> None:
        """aside: a thread for this alone, since what is being written may take long; steady: seconds that only go forward; told: hears how
        every lengthening went; fatal: hears of a fault."""
        self.seconds, self.look = seconds, min(LOOK_SECONDS, seconds / 4)
        self.lost, self.wanted = asyncio.Event(), asyncio.Event()
        self._log, self._aside, self._steady, self._told, self._fatal = log, aside, steady, told, fatal
        self._sure_until = 0.0  # of the steady clock: nobody else can have taken the place before
        self._keeping: asyncio.Task[None] | None = None

    @property
    def sure(self) -> bool:
        """Whether the place is this server's without asking."""
        return self._steady() < self._sure_until

    async def holder(self) -> Holder | None:
        """Raises StoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, self._log.holder)

    async def take(self, holder: str, address: str, term: int, pool: Executor) -> None:
        """Take the place, and keep it until `end`, or until it is lost. Raises StoreBusyError, StoreError."""
        begun = self._steady()
        await asyncio.get_running_loop().run_in_executor(pool, self._log.acquire, holder, address, term)
        self.lost.clear()
        self._sure_until = begun + self.seconds
        self._keeping = asyncio.get_running_loop().create_task(self._keep(term), name="lease")
        self._keeping.add_done_callback(self._look_at)

    async def end(self) -> None:
        """Keep it no longer."""
        self.lose()
        if self._keeping is not None:
            await asyncio.wait([self._keeping])
            self._keeping = None

    async def renew(self, term: int) -> None:
        """Raises DeposedError where it is lost, StoreError where nobody can tell."""
        begun = self._steady()
        try:
            await asyncio.get_running_loop().run_in_executor(self._aside, self._log.renew, term)
        except DeposedError:
            self.lose()
            raise
        self._sure_until = begun + self.seconds

    def lose(self) -> None:
        self._sure_until = 0.0
        self.lost.set()

    def _look_at(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fatal(error)

    async def _keep(self, term: int) -> None:
        pause = self.seconds / 3
        while not self.lost.is_set():
            await first(pause, self.lost, self.wanted)
            if self.wanted.is_set():  # a write could not reach the database just now
                self.wanted.clear()
                await first(self.look / 2, self.lost)
            try:
                await self.renew(term)
            except DeposedError:
                return
            except StoreError as error:
                pause = self.look / 2
                self._told(error)
            else:
                pause = self.seconds / 3
                self._told(None)


async def first(seconds: float | None, *events: asyncio.Event) -> None:
    """Return when one of the events is set, or the time is over."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
