"""Who writes: of the servers that share a store, one; the others follow it in the log, warm, until its lease has run out.

The life of a server whose store's place for a writer is a lease (without a lease it writes from its start to its end):

    loaded ──► STANDBY: follow the log; look whether the place is free
                  │  free: take it with a term that nobody had, follow to the log's end, finish a rewriting that was begun
                  ▼
               WRITER: commit, and lengthen the lease, three times in its length
                  │  deposed: another server has taken the place, since the lease had run out
                  └──► STANDBY, with the same state: it is what the first entries of the log make, and the follower checks that

What keeps two servers from writing is the log, which refuses an append of any term but the last one's; the lease only says when it is
polite to take over. A server that was asleep and does not know it is deposed can therefore commit nothing. Neither may it answer a fully
consistent read: it knows by a clock of its own until when nobody else can have taken the place, and asks the log when that is past.

A database that cannot be reached changes no role: a writer refuses writes until it is back, lookups go on in either role.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from idweave_server.errors import DeposedError, IdweaveError, NotWriterError, RevisionError, StoreBusyError, StoreError, UnavailableError
from idweave_server.operations.awaited import Awaited
from idweave_server.operations.committer import Change
from idweave_server.operations.follow import Follower, Lag
from idweave_server.operations.forgetting import forget, obey, still_held
from idweave_server.operations.journal import Journal
from idweave_server.operations.lease import LOOK_SECONDS, Lease, first
from idweave_server.operations.revision import NEVER_HAD
from idweave_server.operations.steps import drive
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Writer

T = TypeVar("T")

POLL_SECONDS = 0.25  # between two reads of the log's end


class Role(Enum):
    WRITER = "writer"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Standing:
    """role: of this server; leader: the address of the one that writes, "" for nobody just now; lease_seconds: None where there is no
    lease; lag: how far a server that stands by is behind the log; reachable: whether the store answered when it was last asked; changes: of
    the role, since the start."""

    role: Role
    leader: str
    lease_seconds: float | None
    lag: Lag
    reachable: bool
    changes: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a server takes the writer's place with. holder, address: told to others; term: makes a random number that nobody had before."""

    holder: str
    address: str
    term: Callable[[], int]


class Reign:
    """All of it on the loop that owns the state."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        awaited: Awaited,
        claim: Claim,
        *,
        pool: Executor,
        aside: Executor,
        steady: Callable[[], float],
        journal: Journal,
        duties: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        forget: Callable[[], None] = lambda: None,
        fatal: Callable[[BaseException], None] = lambda _: None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """writer, awaited: of the same store; pool: the writer's, of one thread; aside: another one for the lease alone, which has to be
        lengthened whatever else is being done; duties: what runs while this server writes; forget: drops what readers keep; fatal: hears
        that it cannot go on."""
        self.store, self._writer, self._awaited, self._claim = store, writer, awaited, claim
        self._pool, self._steady, self._journal = pool, steady, journal
        self._duties, self._forget, self._fatal, self._poll = duties, forget, fatal, poll_seconds
        seconds = store.log.lease_seconds
        lending: dict[str, Any] = {"aside": aside, "steady": steady, "told": self._heard, "fatal": fatal}
        self._lease = None if seconds is None else Lease(store.log, seconds, **lending)
        self._look = self._lease.look if self._lease is not None else LOOK_SECONDS
        self._follower = Follower(store, awaited, pool=pool, steady=steady)
        self._role, self._leader, self._changes = Role.STANDBY, "", -1
        self._reachable, self._since = True, 0.0
        self._obeyed = self._seen = 0  # erasures that the snapshots and the readers have obeyed, and those that they were told of
        self._stopping = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        self._task: asyncio.Task[None] | None = None

    def standing(self) -> Standing:
        lag = self._follower.lag() if self._role is Role.STANDBY else Lag(0, 0.0)
        return Standing(self._role, self._leader, self.store.log.lease_seconds, lag, self._reachable, max(self._changes, 0))

    async def applied(self, sequence: int) -> None:
        """Return when the state contains this entry. Raises RevisionError where the log has none such, UnavailableError."""
        if self.store.engine.sequence >= sequence:
            return
        if self._role is Role.WRITER and await self._still_writes():
            raise RevisionError(NEVER_HAD)
        await self._awaited.add(sequence)

    async def settled(self) -> None:
        """Return when the state contains all that was acknowledged, and nothing by half. Raises NotWriterError, UnavailableError."""
        sure = self._lease is None or self._lease.sure
        if self._role is not Role.WRITER or not (sure or await self._still_writes()):
            raise self._refusal()
        await self._writer.settled()

    async def between(self, change: Change[T]) -> T:
        """Do something that only reads, between two entries."""
        if self._role is Role.WRITER:
            return await self._writer.submit(change)
        async with self._follower.turn:
            return await drive(change.steps(self._writer.committer), self._pool)

    async def deposed(self, error: DeposedError) -> IdweaveError:
        """An append was refused. What to tell who waited for it."""
        if self._lease is None:
            return error
        self._lease.lose()
        await self._see_leader(self._lease)
        return self._refusal()

    def away(self, error: UnavailableError) -> None:
        """A write could not reach the database."""
        if self._lease is not None:
            self._heard(error)
            self._lease.wanted.set()

    async def begin(self) -> None:
        """Write if the place is free, else stand by: decided when this returns, and changed as it has to be until `stop`.

        Raises StoreError, StateBrokenError.
        """
        self._writer.refuse(self._refusal)
        if self._lease is None:
            self._crown()
        else:
            await self._follower.follow()  # it is warm when it is asked first
            if not await self._look_round(self._lease):
                self._stand("standing_by")
        self._task = asyncio.get_running_loop().create_task(self._run(), name="reign")
        self._task.add_done_callback(self._look_at)

    async def stop(self) -> None:
        """Do what waits to be written, and end."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._writer.drain()
        await self._rest()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            if self._lease is None:
                await self._stopping.wait()
            elif self._role is Role.WRITER:
                await self._write(self._lease)
            else:
                await self._stand_by(self._lease)

    async def _write(self, lease: Lease) -> None:
        await first(None, lease.lost, self._stopping)
        if lease.lost.is_set() and not self._stopping.is_set():
            await self._see_leader(lease)
            await self._writer.end(self._refusal)
            await self._rest()
            self.store.term = 0
            self._forget()
            self._obeyed = self._seen = self.store.erasures  # as the writer it was, it has forgotten its snapshots itself
            self._stand("deposed")

    async def _stand_by(self, lease: Lease) -> None:
        """Until this server writes, or stops."""
        next_look = self._steady()
        while not self._stopping.is_set():
            pause = self._poll
            try:
                await self._follower.follow()
                look = self._steady() >= next_look
                if look or self._seen != self.store.erasures:
                    await self._obey()
                if look:
                    next_look = self._steady() + self._look
                    if await self._look_round(lease):
                        return
                self._heard(None)
            except StoreError as error:
                self._heard(error)
                pause = self._look
            await first(pause, self._awaited.wanted, self._stopping)

    async def _obey(self) -> None:
        """Forget what erasures cover that were read in the log; tried again with every look where that fails. Raises UnavailableError."""
        erasures = self._seen = self.store.erasures
        try:
            async with self._follower.turn:
                if self._obeyed != erasures:
                    self._forget()
                    await self._in_pool(partial(obey, self.store))
                    self._obeyed = erasures
                elif self.store.unforgotten:
                    await self._in_pool(partial(still_held, self.store))
        except UnavailableError:
            raise
        except StoreError as error:
            self._journal.say("forget_failed", error=type(error).__name__, text=str(error))

    async def _look_round(self, lease: Lease) -> bool:
        """Take the writer's place, if nobody has it; whether this server writes now. Raises StoreError, StateBrokenError."""
        if await self._see_leader(lease):
            return False
        term = self._claim.term()
        try:
            await lease.take(self._claim.holder, self._claim.address, term, self._pool)
        except StoreBusyError as busy:  # another one was quicker
            self._leader = busy.address
            return False
        self.store.term = term
        try:
            await self._follower.follow()  # nobody else appends any more, so this is all
            await self._obey()
            await self._in_pool(self._tidy)
        except BaseException:
            await self._rest()
            with contextlib.suppress(StoreError):
                await self._in_pool(partial(self.store.log.release, term))
            self.store.term = 0
            raise
        self._crown()
        return True

    def _tidy(self) -> None:
        """What the writer before left behind. What fails for a reason of this machine's is tried again while this server writes."""
        if self.store.snapshots is not None:
            self.store.snapshots.sweep()
        if self.store.unforgotten:
            try:
                forget(self.store)
            except (UnavailableError, DeposedError):
                raise
            except StoreError as error:
                self._journal.say("forget_failed", error=type(error).__name__, text=str(error))

    def _crown(self) -> None:
        self._role, self._leader, self._changes = Role.WRITER, self._claim.address, self._changes + 1
        self._writer.start()
        loop = asyncio.get_running_loop()
        for duty in self._duties:
            task = loop.create_task(duty())
            task.add_done_callback(self._look_at)
            self._working.append(task)
        if self._lease is not None:
            self._journal.say("writing", entries=self.store.engine.sequence)

    def _stand(self, event: str) -> None:
        self._role, self._changes = Role.STANDBY, self._changes + 1
        self._writer.refuse(self._refusal)
        self._follower.begin()
        self._journal.say(event, leader=self._leader, entries=self.store.engine.sequence)

    async def _still_writes(self) -> bool:
        """Whether this server has the writer's place now, as the log says. Raises StoreError where it cannot tell."""
        if self._lease is None:
            return True
        try:
            await self._lease.renew(self.store.term)
        except DeposedError as error:
            await self.deposed(error)
            return False
        return True

    async def _see_leader(self, lease: Lease) -> bool:
        """Look who has the place; whether somebody has. Raises StoreError to one that wants it."""
        try:
            found = await lease.holder()
        except StoreError:
            if self._role is Role.STANDBY:
                raise
            found = None
        # Who listened at this server's own address before it is dead, and its lease is about to run out.
        self._leader = found.address if found is not None and found.address != self._claim.address else ""
        return found is not None

    def _heard(self, error: StoreError | None) -> None:
        """How the database was when it was asked just now."""
        if error is None:
            if not self._reachable:
                self._reachable = True
                self._journal.say("store_back", seconds=round(self._steady() - self._since, 3))
            self._writer.resume()
            return
        if self._reachable:
            self._reachable, self._since = False, self._steady()
            self._journal.say("store_away", text=str(error))
        self._writer.suspend(error if isinstance(error, UnavailableError) else UnavailableError(str(error)))

    def _refusal(self) -> IdweaveError:
        return NotWriterError.by(self._leader if self._leader != self._claim.address else "")

    async def _rest(self) -> None:
        """End what goes on while this server writes."""
        working, self._working = self._working, []
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        if self._lease is not None:
            await self._lease.end()

    def _look_at(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fatal(error)

    def _in_pool(self, job: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, job)
