"""A feed that tests fill, watched by a clock that they move."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncGenerator, Callable
from typing import Any

from idweave_server.engine.changes import Changes
from idweave_server.errors import RevisionError
from idweave_server.operations.feed import Feed, Retention
from idweave_server.operations.revision import decode_revision, encode_revision
from idweave_server.operations.watch import Told, Watches, WatchQuestion

from tests.operations.living import Living
from tests.operations.made_changes import PLENTY, STORE, TERM, a_feed

SEGMENTS = ["lapsed", "loyal", "weekly", "recent"]  # by number
Seen = list[tuple[int, int]]  # (sequence, place) of changes


class DrivenClock:
    """Seconds that pass when a test says so, and what is to be called then."""

    def __init__(self) -> None:
        self.now = 0.0
        self._calls: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float, call: Callable[[], None]) -> DrivenClock:
        heapq.heappush(self._calls, (self.now + seconds, next(self._count), call))
        return self

    def cancel(self) -> None:
        """What is called for nothing does nothing."""

    async def pass_by(self, seconds: float) -> None:
        until = self.now + seconds
        while self._calls and self._calls[0][0] <= until:
            self.now, _, call = heapq.heappop(self._calls)
            call()
            await settle()
        self.now = until


async def settle() -> None:
    """Everybody gets as far as they can without time."""
    for _ in range(50):
        await asyncio.sleep(0)


class Names:
    def number(self, name: str) -> int:
        return SEGMENTS.index(name) if name in SEGMENTS else -1

    def name(self, number: int) -> str:
        return SEGMENTS[number]


class Watched:
    """Stands for the store and its writer: its feed has as many entries as were added."""

    def __init__(self, retention: Retention = PLENTY, living: Living | None = None, began: int = 0) -> None:
        self.clock, self.living = DrivenClock(), living or Living()
        self.feed: Feed = a_feed(retention, began)
        self.watches = Watches(self, self, self.feed, self.living.engine, Names(), steady=self.clock, later=self.clock.later)
        self.waiting: list[tuple[int, asyncio.Future[None]]] = []

    def place_of(self, token: str) -> int:
        return decode_revision(token, STORE)[1]

    def sequence_of(self, token: str) -> int:
        term, sequence = decode_revision(token, STORE)
        if term != TERM:
            raise RevisionError("this store never had it")
        return sequence

    async def applied(self, sequence: int) -> None:
        if self.feed.newest.sequence < sequence:
            future = asyncio.get_running_loop().create_future()
            self.waiting.append((sequence, future))
            await future

    async def settled(self) -> None:
        raise AssertionError("a watch waits for no more than its token")

    def add(self, changes: Changes) -> None:
        self.feed.add(changes)
        for sequence, future in self.waiting:
            if sequence <= changes.sequence and not future.done():
                future.set_result(None)

    def token(self, sequence: int) -> str:
        return encode_revision(STORE, TERM, sequence)


class Listener:
    """Takes what a watch tells, as it comes."""

    def __init__(self, answers: AsyncGenerator[Told]) -> None:
        self.told: list[Told] = []
        self.error: Exception | None = None
        self._answers = answers
        self.task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        try:
            async for told in self._answers:
                self.told.append(told)
        except Exception as error:
            self.error = error

    @property
    def token(self) -> str:
        return self.told[-1].token

    def seen(self) -> Seen:
        """(sequence, place) of what was told, in order."""
        return [(decode_revision(told.revision, STORE)[1], place) for told in self.told for place in told.place.tolist()]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await self._answers.aclose()


async def listen(watched: Watched, *, memberships: bool = False, **question: Any) -> Listener:
    watch = watched.watches.watch_memberships if memberships else watched.watches.watch_profiles
    found = Listener(watch(WatchQuestion(**question)))
    await settle()
    return found
