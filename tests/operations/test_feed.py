"""The feed: everything once and in order, however it is read; what is kept, and what whoever comes too late is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from idweave_server.errors import NotServingError, ResumeTokenError
from idweave_server.model import ChangeKind
from idweave_server.operations.feed import BLOCK, Feed, Kept, Retention
from idweave_server.operations.revision import decode_revision

from tests.operations.made_changes import BEGIN, STORE, TERM, a_change, a_feed, all_after, entry, some_entries


@pytest.mark.parametrize("seed", range(20))
def test_from_any_place_on_comes_exactly_the_rest(seed: int) -> None:
    chance = random.Random(seed)
    entries = some_entries(chance, 60)
    feed = a_feed(entries=entries)
    for sequence in range(61):
        assert all_after(feed, sequence) == [(e.sequence, e.rows.tobytes()) for e in entries if e.sequence > sequence and len(e)]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_kept_is_bounded_and_whole(seed: int) -> None:
    """Against the rule itself: drop from the oldest on what is too much or too old, but never the newest."""
    chance = random.Random(seed)
    retention = Retention(chance.randrange(1, 30), chance.randrange(1, 60))
    feed, entries = a_feed(retention), some_entries(chance, 120)
    kept, oldest = [], 0
    for one in entries:
        feed.add(one)
        kept += [one] * bool(len(one))
        while len(kept) > 1 and (sum(map(len, kept)) > retention.most or kept[0].at <= one.at - retention.seconds):
            oldest = kept.pop(0).sequence
        assert (feed.oldest.sequence, feed.newest.sequence) == (oldest, one.sequence)
        assert feed.count == sum(map(len, kept))
        assert all_after(feed, oldest) == [(e.sequence, e.rows.tobytes()) for e in kept]
        if oldest:
            with pytest.raises(ResumeTokenError) as caught:
                feed.after(chance.randrange(oldest))
            assert decode_revision(caught.value.oldest, STORE) == (TERM, oldest)


def test_memory_is_given_back_and_rows_in_use_stay() -> None:
    feed = a_feed(Retention(100, 10**9))
    rows = [a_change(number) for number in range(BLOCK)]
    feed.add(entry(1, *rows))
    run = feed.after(0)
    assert run is not None
    before = run.rows.tobytes()
    for sequence in range(2, 3 * BLOCK):
        feed.add(entry(sequence, a_change(sequence)))
    assert feed.count == 100
    assert feed.bytes < 1_000_000
    assert run.rows.tobytes() == before


def test_more_than_a_block_in_one_entry_stays_together() -> None:
    feed = a_feed(Retention(10, 10**9), entries=[entry(1, a_change(1)), entry(2, *(a_change(n) for n in range(BLOCK + 5)))])
    run = feed.after(1)
    assert run is not None
    assert (run.rows.size, feed.count, feed.oldest.sequence) == (BLOCK + 5, BLOCK + 5, 1)


def test_entries_that_change_nothing_move_the_feed_along() -> None:
    feed = a_feed(Retention(10, 100), entries=[entry(1, a_change(1)), entry(2), entry(3, at=BEGIN + 500)])
    assert (feed.newest.sequence, feed.newest.at) == (3, BEGIN + 500)
    assert feed.after(1) is None
    assert feed.oldest.sequence == 0  # the newest change stays, however old


def test_an_entry_left_out_is_a_fault() -> None:
    feed = a_feed(entries=[entry(1)])
    for sequence in (1, 3):
        with pytest.raises(ValueError, match=f"entry {sequence} do not follow"):
            feed.add(entry(sequence, a_change(1)))


@pytest.mark.parametrize("seed", range(10))
def test_a_feed_goes_on_from_what_is_left_of_another(seed: int) -> None:
    chance = random.Random(seed)
    entries = some_entries(chance, 80)
    whole, first = a_feed(entries=entries), a_feed(Retention(40, 10**9), entries=entries[:50])
    runs, at = [], first.oldest.sequence
    while (run := first.after(at)) is not None:
        runs.append(run)
        at = run.position(-1).sequence
    second = Feed(STORE, Kept(first.oldest, first.newest, runs), Retention(1_000, 10**9))
    assert (second.oldest, second.newest, second.count) == (first.oldest, first.newest, first.count)
    for one in entries[50:]:
        second.add(one)
    assert all_after(second, first.oldest.sequence) == all_after(whole, first.oldest.sequence)


class Alarm:
    """Stands in for the loop's call_later; a test says when the time is up."""

    def __init__(self) -> None:
        self.set: list[tuple[float, Callable[[], None]]] = []
        self.cancelled = 0

    def __call__(self, seconds: float, call: Callable[[], None]) -> Alarm:
        self.set.append((seconds, call))
        return self

    def cancel(self) -> None:
        self.cancelled += 1


async def waiting(feed: Feed, sequence: int, alarm: Alarm, seconds: float = 9.0) -> asyncio.Task[None]:
    task = asyncio.ensure_future(feed.wait(sequence, seconds, alarm))
    await asyncio.sleep(0)
    return task


def test_changes_wake_all_who_wait_and_what_changes_nothing_none() -> None:
    async def test() -> None:
        feed, alarm = a_feed(), Alarm()
        tasks = [await waiting(feed, 0, alarm) for _ in range(3)]
        feed.add(entry(1))
        await asyncio.sleep(0)
        assert [task.done() for task in tasks] == [False] * 3
        feed.add(entry(2, a_change(1)))
        await asyncio.gather(*tasks)
        assert (len(alarm.set), alarm.cancelled, [seconds for seconds, _ in alarm.set]) == (3, 3, [9.0] * 3)
        await feed.wait(1, 9.0, alarm)  # returns at once: there is something after it
        assert len(alarm.set) == 3

    asyncio.run(test())


def test_the_time_is_up_or_the_waiter_goes() -> None:
    async def test() -> None:
        feed, alarm = a_feed(), Alarm()
        patient, gone = await waiting(feed, 0, alarm), await waiting(feed, 0, alarm)
        gone.cancel()
        await asyncio.wait([gone])
        assert alarm.cancelled == 1
        alarm.set[0][1]()
        alarm.set[1][1]()
        await patient
        await feed.wait(0, 0.0, alarm)  # no time at all

    asyncio.run(test())


def test_when_it_ends_all_are_told_why() -> None:
    async def test() -> None:
        feed, alarm = a_feed(entries=[entry(1, a_change(1, ChangeKind.PROFILE_GONE))]), Alarm()
        task = await waiting(feed, 1, alarm)
        feed.end(lambda: NotServingError("the server loads its store again"))
        with pytest.raises(NotServingError):
            await task
        with pytest.raises(NotServingError):
            feed.after(0)
        with pytest.raises(NotServingError):
            await feed.wait(1, 9.0, alarm)

    asyncio.run(test())
