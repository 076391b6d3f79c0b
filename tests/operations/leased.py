"""Servers that share one log with a lease, all in this process: the log in memory, its clock in the test's hands."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from idweave_server.errors import DeposedError, StoreBusyError, StoreError, UnavailableError
from idweave_server.log.base import Draft, Entry, Head, Holder
from idweave_server.log.locate import Places
from idweave_server.operations import store as store_module
from idweave_server.operations.awaited import Awaited
from idweave_server.operations.feed import Retention
from idweave_server.operations.reader import Reader
from idweave_server.operations.reign import Claim, Reign, Role
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Writer

from tests.operations.world import NOW

T = TypeVar("T")
URL = "memory://shared"
KEPT = Retention(10_000, 10**9)
LEASE = 0.3  # seconds; a lease runs out when a test says so, but it is lengthened by real time
PATIENCE = 20.0


@dataclass
class Database:
    """What all have in common. now: its clock, in seconds, which tests move."""

    entries: list[Entry] = field(default_factory=list)
    place: Holder | None = None
    expires: float = 0.0
    now: float = 0.0
    rewritten: int = 0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class LeasedLog:
    """One server's door to the database. away: nothing gets through; lost: called after an append was done, before it is answered."""

    def __init__(self, database: Database) -> None:
        self.database, self.away = database, False
        self.lost: Callable[[], None] = lambda: None
        self.closed = False
        self._term = self._end = 0  # that it took the place with, and where it knows the log to end

    lease_seconds: float | None = LEASE

    def acquire(self, holder: str, address: str, term: int) -> None:
        self._knock()
        base = self.database
        if base.place is not None and base.now < base.expires:
            raise StoreBusyError("another one writes", base.place.holder, base.place.address)
        base.place, base.expires = Holder(holder, address, term), base.now + LEASE
        self._term, self._end = term, len(base.entries)

    def renew(self, term: int) -> None:
        self._knock()
        self._check(term)
        self.database.expires = self.database.now + LEASE

    def release(self, term: int) -> None:
        self._knock()
        if self.database.place is not None and self.database.place.term == term:
            self.database.place = None

    def holder(self) -> Holder | None:
        self._knock()
        return self.database.place if self.database.now < self.database.expires else None

    def append(self, term: int, drafts: Sequence[Draft]) -> int:
        self._knock()
        self._check(term)
        if self._end != len(self.database.entries):
            raise StoreError("the log ends elsewhere")
        for draft in drafts:
            self.database.entries.append(Entry(len(self.database.entries) + 1, term, draft.kind, draft.at, draft.body))
        self._end = len(self.database.entries)
        self.lost()
        return self._end

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        self._knock()
        return self.database.entries[after : until or len(self.database.entries)][:limit]

    def rewrite(self, term: int, bodies: Mapping[int, bytes]) -> None:
        self._knock()
        self._check(term)
        for sequence, body in bodies.items():
            self.database.entries[sequence - 1] = replace(self.database.entries[sequence - 1], body=body)
            self.database.rewritten += 1

    def head(self) -> Head:
        self._knock()
        last = self.database.entries[-1:]
        return Head(last[0].sequence, last[0].term, last[0].at) if last else Head(0, 0, 0)

    def term_at(self, sequence: int) -> int | None:
        self._knock()
        return self.database.entries[sequence - 1].term if 0 < sequence <= len(self.database.entries) else None

    def store_id(self) -> str:
        return "0" * 32

    def close(self) -> None:
        if not self.closed and not self.away:
            self.release(self._term)
        self.closed = True

    def _knock(self) -> None:
        if self.away:
            raise UnavailableError("the database is away", 0.05)

    def _check(self, term: int) -> None:
        if self.database.place is None or self.database.place.term != term:
            raise DeposedError("another one writes")


class Journal:
    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []

    def say(self, event: str, **facts: str | int | float) -> None:
        self.said.append((event, facts))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.said]


@dataclass
class Member:
    """One server without its gRPC."""

    name: str
    log: LeasedLog
    store: Store
    writer: Writer
    reign: Reign
    reader: Reader
    journal: Journal
    fatal: list[BaseException]
    duty: list[str]

    @property
    def role(self) -> Role:
        return self.reign.standing().role

    async def becomes(self, role: Role) -> None:
        await until(lambda: self.role is role, f"{self.name} to be {role.value}")


class Circle:
    """The servers of one store. leap: seconds that their steady clocks are ahead of the real one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, policy: str | None = None) -> None:
        self.folder, self.policy, self.database, self.leap, self.now = folder, policy, Database(), 0.0, float(NOW)
        self._terms = itertools.count(1_000)
        self._chance = itertools.count(1)
        self._stack = AsyncExitStack()
        self._logs: list[LeasedLog] = []
        monkeypatch.setattr(store_module, "open_log", self._open_log)
        monkeypatch.setattr(store_module, "places", lambda *_: Places(folder / "key", folder / "snapshots", folder / "feed"))

    def _open_log(self, *_: Any, **__: Any) -> LeasedLog:
        self._logs.append(LeasedLog(self.database))
        return self._logs[-1]

    def milliseconds(self) -> int:
        return int(self.now * 1000)

    def steady(self) -> float:
        return time.monotonic() + self.leap

    def entropy(self, count: int) -> bytes:
        return (next(self._chance)).to_bytes(count, "big") if count > 4 else b"\1" * count

    async def join(self, name: str, *, snapshots: Path | None = None) -> Member:
        """Start another server."""
        stack, loop = self._stack, asyncio.get_running_loop()
        writing, aside = ThreadPoolExecutor(1), ThreadPoolExecutor(2)
        for pool in (writing, aside):
            stack.callback(pool.shutdown)
        clocks: dict[str, Any] = {"milliseconds": self.milliseconds, "entropy": self.entropy}
        store = await loop.run_in_executor(writing, lambda: self._open(name, snapshots, clocks))
        stack.callback(store.close)
        log, journal, awaited, fatal, duty = self._logs[-1], Journal(), Awaited(), list[BaseException](), list[str]()
        later: dict[str, Any] = {}
        told: dict[str, Any] = {"deposed": lambda error: later["reign"].deposed(error), "away": lambda error: later["reign"].away(error)}
        writer = Writer(store, steady=self.steady, pool=writing, awaited=awaited, fatal=fatal.append, **told, **clocks)

        async def work() -> None:
            duty.append("begun")
            try:
                await asyncio.Event().wait()
            finally:
                duty.append("ended")

        reign = Reign(
            store,
            writer,
            awaited,
            Claim(f"server {name}", f"{name}:1", lambda: next(self._terms)),
            pool=writing,
            aside=aside,
            steady=self.steady,
            journal=journal,
            duties=(work,),
            forget=lambda: later["reader"].forget(),
            fatal=fatal.append,
            poll_seconds=0.01,
        )
        reader = Reader(store, reign, steady=self.steady, seal=b"seal", pool=aside)
        later.update(reign=reign, reader=reader)
        stack.push_async_callback(reign.stop)
        await reign.begin()
        return Member(name, log, store, writer, reign, reader, journal, fatal, duty)

    def _open(self, name: str, snapshots: Path | None, clocks: dict[str, Any]) -> Store:
        who: dict[str, Any] = {"holder": f"server {name}", "address": f"{name}:1", "term": next(self._terms)}
        return Store.open(URL, **who, **clocks, policy_text=self.policy, snapshots=snapshots, stand_by=True, feed=KEPT)

    def run(self, test: Callable[[], Awaitable[T]]) -> T:
        async def main() -> T:
            async with self._stack:
                return await test()

        return asyncio.run(main())


async def until(condition: Callable[[], object], what: str = "the condition") -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)
    assert condition(), what
