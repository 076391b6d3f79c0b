"""Watch what happens to profiles and memberships: the feed as answers, from a token on, for as long as somebody listens.

Every revision's changes come once, together, in order; the token moves when all of them have been handed over, and never ahead of one that
was not. Whoever listens slowly falls behind and holds nothing but a position; where the feed no longer keeps what comes next, it is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from idweave_server.engine.changes import no_rows
from idweave_server.engine.engine import Engine
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.model import ChangeKind
from idweave_server.operations.consistency import Consistency, Freshness, Progress, Revisions, until_fresh
from idweave_server.operations.feed import Feed, Later, Position, Run, at_most
from idweave_server.operations.followed import Followed
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.identifier_reader import IdentifierReader

TOGETHER = 500  # changes handed over at once: about a millisecond of the loop
PAUSE = 0.001  # seconds after so many: gRPC takes in one new call a turn of the loop, so back to back they would keep others out
MOST_PROFILES, MOST_SEGMENTS = 100, 100  # that one watch may name
HEARTBEAT, SHORTEST, LONGEST = 15.0, 1.0, 300.0  # seconds

OF_PROFILES = frozenset(kind for kind in ChangeKind if kind < ChangeKind.SEGMENT_ENTERED)
OF_MEMBERSHIPS = frozenset((ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT))


@dataclass(frozen=True, slots=True, repr=False)
class WatchQuestion:
    """token: "" for from now on, or a resume token or revision to go on from; subjects: (the request's field, whom it names), none for all
    profiles; segments: names, none for all; kinds: none for all; backfill: history that was loaded late too; heartbeat: seconds of silence
    after which progress is told."""

    token: str = ""
    subjects: tuple[tuple[str, Subject], ...] = ()
    segments: tuple[str, ...] = ()
    kinds: frozenset[ChangeKind] = frozenset()
    backfill: bool = False
    heartbeat: float = HEARTBEAT


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Told:
    """One answer. rows: CHANGE[n], of one entry, none where it tells progress alone; place: int64[n], of each among the entry's changes;
    more: others of that entry follow; token: where to go on after this answer; revision: of the state that has these changes; at: its
    time."""

    rows: np.ndarray
    place: np.ndarray
    more: bool
    token: str
    revision: str
    at: int


class SegmentNames(Protocol):
    """The numbers of segments, which depend on the log alone and are never given to another segment."""

    def number(self, name: str) -> int:
        """-1 where there never was one of this name."""

    def name(self, number: int) -> str: ...


class Watches:
    """steady: seconds that never fall; later: calls after so many seconds; both tell when progress is due."""

    def __init__(
        self,
        store: Revisions,
        progress: Progress,
        feed: Feed,
        engine: Engine,
        segments: SegmentNames,
        *,
        steady: Callable[[], float],
        later: Later,
    ) -> None:
        self.segments = segments
        self._store, self._progress, self._feed, self._engine = store, progress, feed, engine
        self._identifiers = IdentifierReader(engine.policy, engine.lists, kept=0)  # who is watched is nobody else's affair
        self._steady, self._later = steady, later

    def watch_profiles(self, question: WatchQuestion) -> AsyncGenerator[Told]:
        """What happens to profiles. Raises RequestError, TooLargeError; on the way RevisionError, ResumeTokenError, NotServingError."""
        return self._watch(question, self._wanted(question, OF_PROFILES))

    def watch_memberships(self, question: WatchQuestion) -> AsyncGenerator[Told]:
        """Who enters and leaves segments. Raises as `watch_profiles`."""
        return self._watch(question, self._wanted(question, OF_MEMBERSHIPS))

    async def _watch(self, question: WatchQuestion, wanted: _Wanted) -> AsyncGenerator[Told]:
        feed, steady = self._feed, self._steady
        sequence, token = await self._begin(question.token)
        last: float | None = None  # when something was told
        while True:
            run = feed.after(sequence)
            if run is None:
                reached = feed.newest
            else:
                for told in pieces(run, wanted.places(run.rows), token, feed.token):
                    yield told
                    last = steady()
                    if told.rows.size == TOGETHER:
                        await at_most(PAUSE, self._later, asyncio.get_running_loop().create_future())
                reached = run.position(-1)
                await asyncio.sleep(0)  # however far behind it is, others get their turn
            sequence, token = reached.sequence, feed.token(reached)
            if last is None or steady() - last >= question.heartbeat:
                yield Told(no_rows(), no_places(), False, token, token, reached.at)
                last = steady()
            elif run is None:
                await feed.wait(sequence, last + question.heartbeat - steady(), self._later)

    async def _begin(self, token: str) -> tuple[int, str]:
        """(sequence, token) of where to begin. Raises RevisionError, NotServingError, UnavailableError."""
        if not token:
            return self._feed.newest.sequence, self._feed.token(self._feed.newest)
        await until_fresh(Consistency(Freshness.AT_LEAST_AS_FRESH, token), self._store, self._progress)
        return self._store.sequence_of(token), token

    def _wanted(self, question: WatchQuestion, kinds: frozenset[ChangeKind]) -> _Wanted:
        if not SHORTEST <= question.heartbeat <= LONGEST:
            raise RequestError.of("heartbeat", f"is not from {SHORTEST:.0f} to {LONGEST:.0f} seconds; leave it out for {HEARTBEAT:.0f}")
        if len(question.subjects) > MOST_PROFILES:
            said = (
                f"{len(question.subjects):,} profiles and identifiers are more than {MOST_PROFILES}; watch all, and choose among what comes"
            )
            raise TooLargeError.of("profile_ids", said)
        if len(question.segments) > MOST_SEGMENTS:
            said = f"{len(question.segments):,} are more than {MOST_SEGMENTS}; watch all, and choose among what comes"
            raise TooLargeError.of("segments", said)
        numbers = [self.segments.number(name) for name in question.segments]
        strange = tuple((f"segments[{place}]", NO_SEGMENT) for place, number in enumerate(numbers) if number < 0)
        if strange:
            raise RequestError(strange)
        followed = Followed(self._engine, self._identifiers, question.subjects) if question.subjects else None
        return _Wanted(question.kinds or kinds, numbers, question.backfill, followed)


NO_SEGMENT = "there never was a segment of this name; ListSegments tells those that there are"


def pieces(run: Run, places: np.ndarray, token: str, name: Callable[[Position], str]) -> Iterator[Told]:
    """What is told of a run. places: int64[m], ascending, of the rows that are wanted; token: of the position before the run."""
    first = np.searchsorted(places, run.start)
    for entry in np.flatnonzero(np.diff(first)).tolist():
        position, before = run.position(entry), token
        token = name(position)
        begin, end = first.item(entry), first.item(entry + 1)
        for at in range(begin, end, TOGETHER):
            some = places[at : min(at + TOGETHER, end)]
            more = at + TOGETHER < end
            yield Told(run.rows[some], some - run.start[entry], more, before if more else token, token, position.at)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Wanted:
    """Which changes a watch is about. segments: numbers, none for all; followed: None for everybody."""

    kinds: frozenset[ChangeKind]
    segments: list[int]
    backfill: bool
    followed: Followed | None

    def places(self, rows: np.ndarray) -> np.ndarray:
        """int64[m], ascending: those of CHANGE[n] that are wanted."""
        wanted = np.isin(rows["kind"], sorted(self.kinds))
        if self.segments:
            wanted &= np.isin(rows["segment"], self.segments)
        if not self.backfill:
            wanted &= rows["backfill"] == 0
        if self.followed is not None:
            wanted &= self.followed.of(rows)
        return np.flatnonzero(wanted)


def no_places() -> np.ndarray:
    return np.zeros(0, np.int64)
