"""The state follows a log that another server writes to: the tail of it is read and applied, entry by entry, as a writer applies its own.

A state is always what the first n entries of the log make, for some n: nothing is applied that was not read from the log, or appended to it
by this server and answered. So there is one way from any state to the log's end, and every server goes it: a standby four times a second, a
new writer before its first entry, a writer after an append of which it does not know how it ended. The one exception is a log that was
restored from a backup while the server ran; it shows in the term of the last entry, since no two writers have the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from idweave_server.entries.codec import decode
from idweave_server.entries.columns import ErasureEntry
from idweave_server.errors import RevisionError
from idweave_server.log.base import Entry, Head
from idweave_server.operations.applying import Committed, StateAstrayError, take_in
from idweave_server.operations.awaited import Awaited
from idweave_server.operations.forgetting import holding
from idweave_server.operations.revision import NEVER_HAD
from idweave_server.operations.steps import Steps, drive, one

if TYPE_CHECKING:
    from idweave_server.operations.store import Store

READ = 32  # entries at a time


def catch_up(store: Store, sought: tuple[int, bytes] | None = None, told: Callable[[], None] | None = None) -> Steps[Committed | None]:
    """Apply what the log holds and the state does not. sought: (term, body) of an entry, what came of which is returned; told: hears after
    each entry. Raises StoreError while the log cannot be read, StateAstrayError."""
    engine, log = store.engine, store.log
    if engine.sequence and (yield partial(log.term_at, engine.sequence)) != engine.term:
        raise StateAstrayError(f"entry {engine.sequence} of the log is not the one that this state contains")
    found: Committed | None = None
    while True:
        entries: list[Entry] = yield partial(log.read, engine.sequence, READ)
        if not entries:
            return found
        for next_one in entries:
            committed = yield from _follow(store, next_one)
            if sought == (next_one.term, next_one.body):
                found = committed
            if told is not None:
                told()


def _follow(store: Store, found: Entry) -> Steps[Committed]:
    entry = yield partial(decode, found.kind, found.body)
    held = holding(store.engine, entry) if isinstance(entry, ErasureEntry) else None
    committed = yield from take_in(store, entry, found.sequence, found.term, found.at)
    if held is not None:
        store.erased(held)
    return committed


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a state is behind its log. entries: that it lacks, as far as is known; seconds: since it last lacked none."""

    entries: int
    seconds: float


class Follower:
    """Brings a store's state to the end of its log, whenever it is told. turn: held while an entry is applied."""

    def __init__(self, store: Store, awaited: Awaited, *, pool: Executor, steady: Callable[[], float]) -> None:
        """pool: of one thread, where alone the log is used; steady: seconds that only go forward."""
        self._store, self._awaited, self._pool, self._steady = store, awaited, pool, steady
        self.turn = asyncio.Lock()
        self._head, self._level = store.engine.sequence, steady()

    def begin(self) -> None:
        """The state is at the log's end now, as far as is known: it was written by this server until now, say."""
        self._head, self._level = self._store.engine.sequence, self._steady()

    def lag(self) -> Lag:
        missing = max(self._head - self._store.engine.sequence, 0)
        return Lag(missing, max(self._steady() - self._level, 0.0))

    async def follow(self) -> None:
        """Take in all that the log holds by now. Raises StoreError, StateBrokenError."""
        begun, mark, engine = self._steady(), self._awaited.mark(), self._store.engine
        head: Head = await drive(one(self._store.log.head), self._pool)
        self._head = max(head.sequence, engine.sequence)
        if (head.sequence, head.term) != (engine.sequence, engine.term):
            async with self.turn:
                await drive(catch_up(self._store, told=self._tell), self._pool)
            self._head = engine.sequence
        self._level = begun
        self._tell()
        self._awaited.fail(RevisionError(NEVER_HAD), before=mark)  # who waited already, waits for what the log does not hold

    def _tell(self) -> None:
        self._awaited.tell(self._store.engine.sequence)
