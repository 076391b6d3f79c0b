"""A real store in a folder, driven by a clock and a chance that tests own."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from idweave_server.intake.reports import Report
from idweave_server.log.base import Draft, Entry, Log
from idweave_server.operations.clock import Clock
from idweave_server.operations.committer import Committer
from idweave_server.operations.ingest import IngestRequest
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Writer

T = TypeVar("T")
NOW = 1_800_000_000


class World:
    """now: the wall clock in seconds, which tests move; chance and terms come from a counter."""

    def __init__(self, folder: Path, policy: str | None = None) -> None:
        self.folder, self.policy, self.now, self.steady = folder, policy, float(NOW), 0.0
        self._count = itertools.count(1)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def entropy(self, n: int) -> bytes:
        return hashlib.shake_128(str(next(self._count)).encode()).digest(n)

    def milliseconds(self) -> int:
        return int(self.now * 1000)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.steady += seconds

    def open(self, **chosen: Any) -> Store:
        arguments: dict[str, Any] = {"policy_text": self.policy, **chosen}
        return Store.open(
            self.url,
            holder="a test",
            address="nowhere",
            term=next(self._count) + 1000,
            milliseconds=self.milliseconds,
            entropy=self.entropy,
            **arguments,
        )

    def committer(self, store: Store) -> Committer:
        return Committer(store, Clock(self.milliseconds, lambda: self.steady, store.engine.state_time), self.entropy)

    def serve(self, store: Store, use: Callable[[Writer], Awaitable[T]], **chosen: Any) -> T:
        """Run a writer for as long as `use` takes."""

        async def main() -> T:
            with ThreadPoolExecutor(2) as pool:
                clocks = {"milliseconds": self.milliseconds, "steady": lambda: self.steady, "entropy": self.entropy}
                writer = Writer(store, pool=pool, **{**clocks, **chosen})
                writer.start()
                try:
                    return await use(writer)
                finally:
                    await writer.drain()

        return asyncio.run(main())


def report(number: int, *identifiers: tuple[str, ...], time: int = NOW - 1000, source: str = "shop", **more: Any) -> Report:
    """An observation with the id o<number>. identifiers: (namespace, value) or (namespace, issuer, value)."""
    given = identifiers or (("email", f"person{number}@gmail.com"),)
    named = tuple((one[0], one[1] if len(one) == 3 else "", one[-1]) for one in given)
    return Report(f"o{number}", source, time, more.pop("kind", "LOGIN"), named, **more)


def ingest(*reports: Report, **more: Any) -> IngestRequest:
    return IngestRequest(reports, **more)


class Faulty:
    """A log that fails as a test says. before: called before each append; after: after each, when its entries are durable."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.reading: Callable[[], None] = lambda: None

    def append(self, term: int, drafts: Sequence[Draft]) -> int:
        self.before()
        sequence = self._log.append(term, drafts)
        self.after()
        return sequence

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        self.reading()
        return self._log.read(after, limit, until)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)
