"""Write the feed to its file as it grows: a reader of the feed like any other, that holds a position and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

from idweave_server.errors import NotServingError, ResumeTokenError
from idweave_server.operations.feed import Feed, Later, Run
from idweave_server.operations.feed_file import FeedFile
from idweave_server.operations.journal import Journal

PROGRESS_SECONDS = 1.0  # after which it is written that nothing changed: a start replays what came later entry by entry
PAUSE_SECONDS = 0.05  # between two writes, so that many entries are written together
FAILED_SECONDS = 10.0  # between two tries of a disk that refuses
TOGETHER = 65_536  # changes that are written together, and a block more at most


class FeedKeeper:
    """pool: where the file is written; later: calls after so many seconds."""

    def __init__(self, feed: Feed, file: FeedFile, pool: Executor, journal: Journal, later: Later) -> None:
        """file: open, its end no later than the feed's newest entry."""
        self._feed, self._file, self._pool, self._journal, self._later = feed, file, pool, journal, later
        self._job: asyncio.Future[None] | None = None
        self._failing = False

    async def run(self) -> None:
        """Until it is cancelled, or the feed has ended."""
        with contextlib.suppress(NotServingError):
            while True:
                await self._feed.wait(self._file.end.sequence, PROGRESS_SECONDS, self._later)
                await asyncio.sleep(PAUSE_SECONDS if await self._keep() else FAILED_SECONDS)

    async def end(self) -> None:
        """Write the rest, and let go of the file. After `run`."""
        if self._job is not None:
            await asyncio.wait([self._job])  # what `run` was cancelled in
        with contextlib.suppress(NotServingError):
            await self._keep()
        await self._aside(self._file.close)

    async def _keep(self) -> bool:
        """Write all that there is by now; whether that could be done. Where not, no harm is done: the file is a cache."""
        try:
            while self._file.end.sequence < self._feed.newest.sequence:
                await self._aside(self._next())
        except OSError as error:
            if not self._failing:
                self._journal.say("feed_failed", error=type(error).__name__, text=error.strerror or "")
            self._failing = True
            return False
        self._failing = False
        return True

    def _next(self) -> Callable[[], None]:
        """The job that writes what comes next."""
        runs: list[Run] = []
        at, newest = self._file.end.sequence, self._feed.newest
        try:
            while (run := self._feed.after(at)) is not None:
                runs.append(run)
                at = run.position(-1).sequence
                if sum(one.rows.size for one in runs) >= TOGETHER:
                    newest = run.position(-1)
                    break
        except ResumeTokenError:  # the disk was too slow for too long
            return partial(self._file.skip, self._feed.oldest)
        return partial(self._file.append, runs, newest, self._feed.oldest)

    async def _aside(self, job: Callable[[], None]) -> None:
        """In the pool, to its end, whether or not it is still waited for."""
        self._job = asyncio.get_running_loop().run_in_executor(self._pool, job)
        await asyncio.shield(self._job)
