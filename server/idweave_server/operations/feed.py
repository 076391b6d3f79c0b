"""The feed: what happened to profiles and memberships, entry by entry, kept for a while so that whoever was away can go on.

It lives on the loop that owns the state. Entries are added whole, one after another, without a gap; whoever reads holds nothing but a
position, and is told where the entries after it are not all kept any more. What is kept is bounded in number and in age by the clock of the
state; the newest changes are kept whatever they are.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from idweave_server.engine.changes import CHANGE, Changes
from idweave_server.errors import IdweaveError, ResumeTokenError
from idweave_server.operations.revision import encode_revision

BLOCK = 4_096  # changes that are stored together


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed, after an entry: its sequence and term, and the time of the state then."""

    sequence: int
    term: int
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Run:
    """Entries with changes that follow one another in the feed, at least one. sequence, term, at: int64[n]; start: int64[n + 1], where the
    rows of each begin; rows: CHANGE[m]. Views, not to be written to."""

    sequence: np.ndarray
    term: np.ndarray
    at: np.ndarray
    start: np.ndarray
    rows: np.ndarray

    def position(self, place: int) -> Position:
        return Position(int(self.sequence[place]), int(self.term[place]), int(self.at[place]))

    def changes(self, place: int) -> Changes:
        rows = self.rows[self.start[place] : self.start[place + 1]]
        return Changes(int(self.sequence[place]), int(self.term[place]), int(self.at[place]), rows)


@dataclass(frozen=True, slots=True)
class Retention:
    """most: changes that are kept, but for the newest entry's, however many those are; seconds: by the clock of the state."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Kept:
    """What is left of a feed from before a start. It has all changes after `oldest` up to `newest`, in runs that follow one another."""

    oldest: Position
    newest: Position
    runs: Sequence[Run] = ()


class Timer(Protocol):
    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]  # calls after so many seconds, as a loop's call_later does


class Feed:
    """oldest: every change after it is kept; newest: of the last entry that was added; count: changes that are kept."""

    def __init__(self, store_id: str, kept: Kept, retention: Retention) -> None:
        """kept: what there is to begin with; the next entry is the one after its newest."""
        self._store_id, self._retention = store_id, retention
        self.oldest, self.newest, self.count = kept.oldest, kept.newest, 0
        self._blocks: list[_Block] = []
        self._first = 0  # entry of the first block that is still kept
        self._last = kept.oldest.sequence  # the last entry with changes
        self._waiting: set[asyncio.Future[None]] = set()
        self._ended: Callable[[], IdweaveError] | None = None
        for run in kept.runs:
            self._blocks.append(_Block.of(run))
            self._last = self._blocks[-1].last
            self.count += int(run.rows.size)
        self._forget()

    def token(self, position: Position) -> str:
        """What a position is called to others: the revision of its state."""
        return encode_revision(self._store_id, position.term, position.sequence)

    def add(self, changes: Changes) -> None:
        """The next entry is applied, wholly; with its changes, or with none. Raises ValueError where an entry was left out."""
        if changes.sequence != self.newest.sequence + 1:
            raise ValueError(f"the changes of entry {changes.sequence} do not follow those of entry {self.newest.sequence}")
        self.newest = Position(changes.sequence, changes.term, changes.at)
        if len(changes):
            self._keep(changes)
            self._wake()
        self._forget()

    def after(self, sequence: int) -> Run | None:
        """The next entries with changes, not all of them where they are many; None where there are none yet. Raises ResumeTokenError where
        they are not all kept, and what `end` was told."""
        self._check()
        if sequence < self.oldest.sequence:
            raise ResumeTokenError(TOO_OLD, self.token(self.oldest))
        if sequence >= self._last:
            return None
        at = bisect_right(self._blocks, sequence, key=lambda block: block.last)
        return self._blocks[at].after(max(sequence, self.oldest.sequence))

    async def wait(self, sequence: int, seconds: float, later: Later) -> None:
        """Return when there are changes after this entry, or the time is up. Raises what `end` was told."""
        self._check()
        if self._last > sequence or seconds <= 0:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await at_most(seconds, later, future)
        finally:
            self._waiting.discard(future)
        self._check()

    def end(self, why: Callable[[], IdweaveError]) -> None:
        """Nothing more will come: whoever reads or waits is told why."""
        self._ended = why
        self._wake()

    @property
    def bytes(self) -> int:
        return sum(block.bytes for block in self._blocks)

    def _keep(self, changes: Changes) -> None:
        if not self._blocks or not self._blocks[-1].fits(len(changes)):
            self._blocks.append(_Block.empty(len(changes)))
        self._blocks[-1].add(changes)
        self._last = changes.sequence
        self.count += len(changes)

    def _forget(self) -> None:
        """Let go what is too much or too old, entry by entry; memory is given back block by block."""
        since = self.newest.at - self._retention.seconds
        while self.count:
            block = self._blocks[0]
            newest = len(self._blocks) == 1 and self._first == block.entries - 1
            if newest or not (self.count > self._retention.most or block.at(self._first) <= since):
                return
            self.oldest = block.position(self._first)
            self.count -= block.count(self._first)
            self._first += 1
            if self._first == block.entries:
                del self._blocks[0]
                self._first = 0

    def _check(self) -> None:
        if self._ended is not None:
            raise self._ended()

    def _wake(self) -> None:
        for future in self._waiting:
            _done(future)


TOO_OLD = (
    "what happened after this token is no longer all kept: ask for the present state, then go on from the token that this error's details "
    "have under `oldest`, or from now on with an empty one"
)


class _Block:
    """Entries stored together, each of one change or more. Rows once written stay as they are, so views of them may be handed out."""

    __slots__ = ("_run", "entries", "last")

    def __init__(self, run: Run, entries: int) -> None:
        """run: as large as the block may grow."""
        self._run, self.entries = run, entries
        self.last = run.sequence.item(entries - 1) if entries else 0  # sequence of the last entry

    @classmethod
    def empty(cls, least: int) -> _Block:
        sequence, term, at = (np.empty(BLOCK, np.int64) for _ in range(3))
        return cls(Run(sequence, term, at, np.zeros(BLOCK + 1, np.int64), np.empty(max(least, BLOCK), CHANGE)), 0)

    @classmethod
    def of(cls, run: Run) -> _Block:
        return cls(run, int(run.sequence.size))

    @property
    def bytes(self) -> int:
        run = self._run
        return sum(array.nbytes for array in (run.sequence, run.term, run.at, run.start, run.rows))

    def fits(self, count: int) -> bool:
        return self.entries < self._run.sequence.size and self._run.start.item(self.entries) + count <= self._run.rows.size

    def add(self, changes: Changes) -> None:
        run, place = self._run, self.entries
        begin = run.start.item(place)
        run.rows[begin : begin + len(changes)] = changes.rows
        run.sequence[place], run.term[place], run.at[place] = changes.sequence, changes.term, changes.at
        run.start[place + 1] = begin + len(changes)
        self.entries, self.last = place + 1, changes.sequence

    def at(self, place: int) -> int:
        return self._run.at.item(place)

    def position(self, place: int) -> Position:
        return self._run.position(place)

    def count(self, place: int) -> int:
        return self._run.start.item(place + 1) - self._run.start.item(place)

    def after(self, sequence: int) -> Run:
        run = self._run
        place = int(np.searchsorted(run.sequence[: self.entries], sequence, side="right"))
        some, begin = slice(place, self.entries), run.start.item(place)
        rows = run.rows[begin : run.start.item(self.entries)]
        return Run(run.sequence[some], run.term[some], run.at[some], run.start[place : self.entries + 1] - begin, rows)


async def at_most(seconds: float, later: Later, future: asyncio.Future[None]) -> None:
    """Return when it is done, or the time is up, which makes it so."""
    timer = later(seconds, partial(_done, future))
    try:
        await future
    finally:
        timer.cancel()


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
