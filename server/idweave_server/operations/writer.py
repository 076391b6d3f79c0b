"""The queue of writes and the one that commits them.

Writes wait in a bounded queue in the order of their arrival. One coroutine takes what is there: calls of ingest that stand together become
one entry, any other write is done by itself. A write is answered after its entry is durable and applied (see committer), so an answer
dies with the process or is true.

A caller that goes away while its write waits takes it along; once it is being done it is done. What is left when a queue is drained has
been answered, all of it.

Where several servers share a store, one of them writes (see reign): this one takes writes from `start` until `end`, perhaps more than once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from idweave_server.errors import ClockError, DeposedError, IdweaveError, NotServingError, QueueFullError, StoreError, UnavailableError
from idweave_server.operations.applying import StateBrokenError
from idweave_server.operations.awaited import Awaited
from idweave_server.operations.clock import Clock
from idweave_server.operations.committer import Change, Committer
from idweave_server.operations.ingest import IngestRequest, ingest_together, preparation
from idweave_server.operations.steps import Steps, drive
from idweave_server.operations.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """waiting, bytes: observations and request bytes that may wait in the queue; group: observations that calls share an entry up to."""

    waiting: int = 50_000
    bytes: int = 64 * 2**20
    group: int = 4_000


@dataclass(frozen=True, slots=True)
class Group:
    """Told of each group of writes done. writes, observations: in it; seconds: from its start to its answers, of the steady clock."""

    writes: int
    observations: int
    seconds: float


@dataclass(slots=True)
class _Waiting:
    change: Change[Any]
    answer: asyncio.Future[Any]
    bytes: int


@dataclass(slots=True)
class _Group:
    """Writes to do together. (To read the next ones meanwhile gains nothing: both want Python's lock, and lookups wait the longer.)"""

    writes: list[_Waiting]

    @property
    def weight(self) -> int:
        return sum(one.change.weight for one in self.writes)

    def requests(self) -> list[IngestRequest]:
        """The calls, where they are calls of ingest."""
        return [one.change for one in self.writes if isinstance(one.change, IngestRequest)]


@dataclass(slots=True)
class _Rate:
    """Seconds that one observation takes, of late."""

    seconds: float = 1e-4

    def learn(self, group: Group) -> None:
        self.seconds += 0.1 * (group.seconds / max(group.observations, 1) - self.seconds)


@dataclass(frozen=True, slots=True)
class Tick:
    """Do what is due, if anything is."""

    weight: int = 1

    def steps(self, committer: Committer) -> Steps[None]:
        yield from committer.begin()


class Writer:
    """All of it on one event loop.

    told: hears of every group; fatal: hears once that the state is broken and the process has to end; deposed: hears that another server
    has taken the writer's place, and says what to tell those who wait; away: hears that the store's database cannot be reached; hold:
    awaited before every group, with what tells that it is to wait no longer.
    """

    def __init__(
        self,
        store: Store,
        *,
        milliseconds: Callable[[], int],
        steady: Callable[[], float],
        entropy: Callable[[int], bytes],
        pool: Executor,
        limits: Limits | None = None,
        awaited: Awaited | None = None,
        told: Callable[[Group], None] | None = None,
        fatal: Callable[[BaseException], None] | None = None,
        deposed: Callable[[DeposedError], Awaitable[IdweaveError]] | None = None,
        away: Callable[[UnavailableError], None] | None = None,
        hold: Callable[[Callable[[], bool]], Awaitable[None]] | None = None,
    ) -> None:
        self.store, self.limits = store, limits or Limits()
        self._milliseconds, self._steady, self._entropy = milliseconds, steady, entropy
        self.committer = self._committer()
        self.waiting = 0  # observations (or their worth) in the queue
        self.waiting_bytes = 0
        self._pool, self._told, self._fatal, self._deposed, self._away, self._hold = pool, told, fatal, deposed, away, hold
        self._queue: deque[_Waiting] = deque()
        self._arrived, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._refusal: Callable[[], IdweaveError] | None = None  # what is told to those who come, where nothing is taken
        self._suspended: UnavailableError | None = None
        self._ending = False  # the rest of the queue is not to be done
        self._task: asyncio.Task[None] | None = None
        self._awaited, self._rate = awaited or Awaited(), _Rate()

    def start(self) -> None:
        """Take writes and begin to commit, on the running loop."""
        self.committer = self._committer()
        self._refusal, self._suspended, self._ending = None, None, False
        self._task = asyncio.get_running_loop().create_task(self._run(), name="committer")

    def _committer(self) -> Committer:
        return Committer(self.store, Clock(self._milliseconds, self._steady, self.store.engine.state_time), self._entropy)

    async def submit(self, change: Change[T], size: int = 0) -> T:
        """Do a write; size: bytes of the request. Raises QueueFullError, what `refuse` or `end` was told, and what the change raises."""
        if self._refusal is not None:
            raise self._refusal()
        if self._suspended is not None:
            raise _again(self._suspended)
        full = self.waiting + change.weight > self.limits.waiting or self.waiting_bytes + size > self.limits.bytes
        if self._queue and full:
            retry = min(max(self.waiting * self._rate.seconds, 0.05), 10.0)
            raise QueueFullError(f"{self.waiting:,} observations wait to be written; come again in {retry:.2f} s", retry)
        waiting = _Waiting(change, asyncio.get_running_loop().create_future(), size)
        self._queue.append(waiting)
        self._add(waiting, 1)
        self._arrived.set()
        return await waiting.answer

    async def between(self, change: Change[T]) -> T:
        """Do something that only reads, in its turn, so that no entry is half applied."""
        return await self.submit(change)

    async def applied(self, sequence: int) -> None:
        """Return when the state contains this entry. Raises NotServingError where it never will."""
        if self.store.engine.sequence >= sequence:
            return
        if self._refusal is not None and self._task is not None and self._task.done():
            raise self._refusal()
        await self._awaited.add(sequence)

    async def settled(self) -> None:
        """Return when no entry is half applied."""
        await self._idle.wait()

    async def tick(self) -> None:
        """Do what is due by the clock. For a timer; `due` tells when."""
        due = self.due()
        if due is not None:
            await self.submit(Tick())

    def due(self) -> int | None:
        """The second at which time alone changes the state next, None for never."""
        return self.store.engine.due()

    def cuts_due(self) -> int | None:
        """The second at which cut points are to be computed next, 0 for at once, None for never."""
        return self.store.engine.cuts_due()

    def commit(self, change: Change[T]) -> T:
        """Do a write here and now, without a loop: for commands that work on a store by themselves."""
        return self.committer.perform(change)

    def suspend(self, error: UnavailableError) -> None:
        """Refuse what waits and what comes, until `resume`: the store's database cannot be reached."""
        self._suspended = error
        self._refuse_all(lambda: _again(error))

    def resume(self) -> None:
        self._suspended = None

    def refuse(self, refusal: Callable[[], IdweaveError]) -> None:
        """Take nothing from now on."""
        self._refusal = refusal

    async def end(self, refusal: Callable[[], IdweaveError]) -> None:
        """Take nothing more, refuse what waits, and return when what is being done is done."""
        self._refusal, self._ending = refusal, True
        self._refuse_all(refusal)
        self._arrived.set()
        if self._task is not None:
            await self._task

    async def drain(self) -> None:
        """Take nothing more, and return when all that waits is answered."""
        self._refusal = self._refusal or (lambda: NotServingError("the server is stopping: come again in a while"))
        self._arrived.set()
        if self._task is not None:
            await self._task

    def _closing(self) -> bool:
        return self._refusal is not None

    async def _run(self) -> None:
        while True:
            if self._hold is not None and self._queue:
                await self._hold(self._closing)
            group = None if self._ending else self._gathered()
            if group is None:
                if self._refusal is not None:
                    if not self._ending:  # whoever waits for a state may see it come from another server
                        self._awaited.fail(self._refusal())
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            begun = self._steady()
            self._idle.clear()
            try:
                await self._do(group)
            except StateBrokenError as broken:
                self._break(group, broken)
                return
            finally:
                self._idle.set()
            told = Group(len(group.writes), group.weight, self._steady() - begun)
            self._rate.learn(told)
            if self._told is not None:
                self._told(told)

    async def _do(self, group: _Group) -> None:
        """Do a group and answer it. Where reading several calls together fails, each is done by itself, so that one fails alone."""
        writes = group.writes
        try:
            answers = await drive(self._steps(group), self._pool, self._steady)
        except StateBrokenError:
            raise
        except DeposedError as error:
            found = error if self._deposed is None else await self._deposed(error)
            for one in writes:
                _fail(one, found)
        except (StoreError, ClockError) as error:  # whatever was asked
            if isinstance(error, UnavailableError) and self._away is not None:
                self._away(error)
            for one in writes:
                _fail(one, error)
        except Exception as error:
            if len(writes) > 1:
                for one in writes:
                    await self._do(_Group([one]))
            else:
                _fail(writes[0], error)
        else:
            for one, answer in zip(writes, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)
        self._awaited.tell(self.store.engine.sequence)

    def _steps(self, group: _Group) -> Steps[list[Any]]:
        requests = group.requests()
        if not requests:
            return [(yield from group.writes[0].change.steps(self.committer))]
        return (yield from ingest_together(self.committer, requests, preparation(self.store, requests, self.committer.stamp().at)))

    def _gathered(self) -> _Group | None:
        """The next writes to do together, None without any; those whose callers have gone are dropped."""
        writes: list[_Waiting] = []
        size = 0
        while self._queue:
            one = self._queue[0]
            if not one.answer.done():
                if writes and not (_join(writes[0].change, one.change) and size + one.change.weight <= self.limits.group):
                    break
                writes.append(one)
                size += one.change.weight
            self._add(self._queue.popleft(), -1)
        return _Group(writes) if writes else None

    def _add(self, one: _Waiting, sign: int) -> None:
        self.waiting += sign * one.change.weight
        self.waiting_bytes += sign * one.bytes

    def _refuse_all(self, refusal: Callable[[], IdweaveError]) -> None:
        for one in self._queue:
            _fail(one, refusal())
        self._queue.clear()
        self.waiting = self.waiting_bytes = 0

    def _break(self, group: _Group, broken: StateBrokenError) -> None:
        def refusal() -> IdweaveError:
            return NotServingError("the server has stopped itself after a fault; what was not answered may be durable: ask again later")

        self._refusal = refusal
        for one in group.writes:
            _fail(one, refusal())
        self._refuse_all(refusal)
        self._awaited.fail(refusal())
        if self._fatal is not None:
            self._fatal(broken)


def _join(first: Change[Any], second: Change[Any]) -> bool:
    return isinstance(first, IngestRequest) and isinstance(second, IngestRequest) and first.joins(second)


def _fail(one: _Waiting, error: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(error)


def _again(error: UnavailableError) -> UnavailableError:
    """The same for another caller; an exception belongs to one."""
    return UnavailableError(str(error), error.retry_seconds)
