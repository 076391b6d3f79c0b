"""The queue and the committer: durable before it is answered, whatever fails in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import ClockError, NotServingError, QueueFullError, RequestError, StoreError, StoreFullError
from idweave_server.model import DAY, EntryKind, Outcome
from idweave_server.operations.ingest import IngestReply
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Group, Limits, Writer

from tests.operations.world import NOW, Faulty, World, ingest, report

EXPIRING = "[namespaces.email]\nttl_days = 2\n"


def faulty(store: Store) -> Faulty:
    log = Faulty(store.log)
    store.log = log
    return log


async def answers(writer: Writer, count: int, first: int = 0) -> list[Any]:
    """Ingest `count` observations by as many calls at once."""
    calls = (writer.submit(ingest(report(number))) for number in range(first, first + count))
    return await asyncio.gather(*calls, return_exceptions=True)


def test_calls_that_stand_together_become_one_entry_each_with_its_answer(tmp_path: Path) -> None:
    world = World(tmp_path)
    groups: list[Group] = []
    with world.open() as store:
        replies: list[IngestReply] = world.serve(store, lambda writer: answers(writer, 30), told=groups.append)
        assert [reply.results[0].observation_id for reply in replies] == [f"o{number}" for number in range(30)]
        assert len({reply.results[0].profile_id for reply in replies}) == 30
        assert sum(group.writes for group in groups) == 30
        assert store.log.head().sequence == store.engine.sequence == 1 + len(groups) < 5


def test_nothing_is_answered_before_it_is_durable_and_applied(tmp_path: Path) -> None:
    world = World(tmp_path)
    told: list[str] = []
    with world.open() as store:
        log = faulty(store)
        go = threading.Event()

        async def use(writer: Writer) -> None:
            call = asyncio.ensure_future(writer.submit(ingest(report(1))))
            call.add_done_callback(lambda _: told.append(f"answered at {store.engine.sequence}"))
            while not told:
                await asyncio.sleep(0.001)
            told.append(f"head {store.log.head().sequence}")
            go.set()
            await call

        def appended() -> None:
            told.append("durable")
            assert go.wait(20)

        log.after = appended
        world.serve(store, use)
    assert told == ["durable", "head 2", "answered at 2"]


def test_a_failed_append_fails_those_who_wait_and_nobody_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        log = faulty(store)

        async def use(writer: Writer) -> None:
            def full() -> None:
                raise StoreFullError("no space is left on the disk; make some")

            log.before = full
            assert {type(answer) for answer in await answers(writer, 3)} == {StoreFullError}
            assert store.engine.sequence == 1
            log.before = lambda: None
            replies = await answers(writer, 3)
            assert [reply.results[0].outcome for reply in replies] == [Outcome.ACCEPTED] * 3

        world.serve(store, use)


def test_an_append_that_failed_after_the_commit_is_found_in_the_log(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        log = faulty(store)

        def broken() -> None:
            raise StoreError("the connection broke")

        async def use(writer: Writer) -> None:
            log.after = broken
            reply = await writer.submit(ingest(report(1)))
            assert reply.results[0].outcome is Outcome.ACCEPTED
            assert store.engine.sequence == store.log.head().sequence == 2

        world.serve(store, use)


def test_an_outcome_that_cannot_be_learned_is_learned_later(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        log = faulty(store)

        def broken() -> None:
            raise StoreError("the disk is gone")

        async def use(writer: Writer) -> None:
            log.after = log.reading = broken
            assert isinstance((await answers(writer, 1))[0], StoreError)
            assert (store.engine.sequence, store.log.head().sequence) == (1, 2)
            assert isinstance((await answers(writer, 1))[0], StoreError)
            log.after = log.reading = lambda: None
            again = (await answers(writer, 1))[0]
            assert again.results[0].outcome is Outcome.DUPLICATE
            assert store.engine.sequence == store.log.head().sequence == 2

        world.serve(store, use)


def test_a_full_queue_says_when_to_come_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            found = await answers(writer, 30)
            refused = [answer for answer in found if isinstance(answer, QueueFullError)]
            assert len(refused) == 20
            assert all(0 < error.retry_seconds <= 10 for error in refused)
            assert all(isinstance(answer, IngestReply) for answer in found[:10])
            assert writer.waiting == writer.waiting_bytes == 0
            large = (writer.submit(ingest(report(number)), size=600) for number in range(3))
            sizes = await asyncio.gather(*large, return_exceptions=True)
            assert [isinstance(answer, QueueFullError) for answer in sizes] == [False, True, True]

        world.serve(store, use, limits=Limits(waiting=10, bytes=1000))


def test_a_caller_that_goes_away_takes_its_waiting_write_along(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            gone = asyncio.ensure_future(writer.submit(ingest(report(1))))
            await asyncio.sleep(0)
            gone.cancel()
            await writer.submit(ingest(report(2)))
            assert store.engine.counts().observations == 1

        world.serve(store, use)


def test_a_change_that_is_refused_alone_fails_alone(tmp_path: Path) -> None:
    class Refused:
        weight = 1

        def steps(self, committer: Any) -> Any:
            yield lambda: None
            raise RequestError.of("x", "no")

    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            found = await asyncio.gather(
                writer.submit(ingest(report(1))), writer.submit(Refused()), writer.submit(ingest(report(2))), return_exceptions=True
            )
            assert [type(answer) for answer in found] == [IngestReply, RequestError, IngestReply]

        world.serve(store, use)


def test_draining_answers_what_waits_and_takes_nothing_more(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            waiting = asyncio.gather(*(writer.submit(ingest(report(number))) for number in range(5)))
            await asyncio.sleep(0)
            await writer.drain()
            assert len(await waiting) == 5
            with pytest.raises(NotServingError, match="stopping"):
                await writer.submit(ingest(report(9)))

        world.serve(store, use)
        assert store.engine.counts().observations == 5


def test_an_apply_that_fails_stops_the_service_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    fatal: list[BaseException] = []
    with world.open() as store:

        def apply(*_: object, **__: object) -> Any:
            yield lambda: None
            raise ValueError("a bug")

        async def use(writer: Writer) -> None:
            monkeypatch.setattr(store.engine, "apply", apply)
            beyond = asyncio.ensure_future(writer.applied(99))
            assert {type(answer) for answer in await answers(writer, 3)} == {NotServingError}
            assert isinstance((await answers(writer, 1))[0], NotServingError)
            with pytest.raises(NotServingError):
                await beyond
            with pytest.raises(NotServingError):
                await writer.applied(99)

        world.serve(store, use, fatal=fatal.append)
        assert "could not be applied" in str(fatal[0])
    assert len(fatal) == 1
    with world.open() as store:  # the entry is durable, and a start applies it
        assert store.engine.counts().observations == 3


def test_who_waits_for_a_state_is_woken_when_it_is_there(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            await writer.applied(1)
            seen: list[int] = []

            async def wait(sequence: int) -> None:
                await writer.applied(sequence)
                assert store.engine.sequence >= sequence
                seen.append(sequence)

            waiting = [asyncio.ensure_future(wait(sequence)) for sequence in (3, 2)]
            await writer.submit(ingest(report(1)))
            await asyncio.sleep(0)
            assert seen == [2]
            await writer.submit(ingest(report(2)))
            await asyncio.gather(*waiting)
            await writer.settled()

        world.serve(store, use)


def kinds(store: Store) -> list[tuple[str, int]]:
    return [(entry.kind.name, entry.at - NOW) for entry in store.log.read(0, 100)]


@pytest.mark.parametrize("wake", ["timer", "write"])
def test_what_is_due_is_done_by_a_tick_before_anything_later(tmp_path: Path, wake: str) -> None:
    world = World(tmp_path, EXPIRING)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            first = await writer.submit(ingest(report(1, ("email", "a@gmail.com"), time=NOW)))
            assert first.results[0].profile_id
            due = writer.due()
            assert due is not None
            assert NOW + DAY < due <= NOW + 3 * DAY
            await writer.tick()
            assert store.engine.sequence == 2
            world.pass_by(due - NOW)
            if wake == "timer":
                await writer.tick()
                assert kinds(store)[-1] == ("TICK", due - NOW)
            else:
                await writer.submit(ingest(report(2, ("email", "b@gmail.com"), time=due)))
                assert kinds(store)[-2:] == [("TICK", due - NOW), ("OBSERVATIONS", due - NOW)]
            assert store.engine.look_up_profile(first.results[0].profile_id).reason == "EXPIRED"

        world.serve(store, use)
        assert EntryKind.TICK in [entry.kind for entry in store.log.read(0, 100)]


def test_a_clock_that_leaps_stops_writes_and_reads_go_on(tmp_path: Path) -> None:
    world = World(tmp_path, EXPIRING)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            reply = await writer.submit(ingest(report(1, time=NOW)))
            world.now += 40 * DAY
            with pytest.raises(ClockError, match="leapt"):
                await writer.submit(ingest(report(2)))
            with pytest.raises(ClockError):
                await writer.tick()
            assert store.engine.look_up_profile(reply.results[0].profile_id).outcome == "FOUND"
            world.now -= 40 * DAY
            await writer.submit(ingest(report(2)))

        world.serve(store, use)


def test_groups_stay_within_their_limit_and_keep_backfill_apart(tmp_path: Path) -> None:
    world = World(tmp_path)
    groups: list[Group] = []
    with world.open() as store:

        async def use(writer: Writer) -> None:
            calls: list[Callable[[], Any]] = [
                lambda number=number: writer.submit(ingest(report(number), backfill=number >= 6))  # type: ignore[misc]
                for number in range(10)
            ]
            await asyncio.gather(*(call() for call in calls))

        world.serve(store, use, told=groups.append, limits=Limits(group=4))
    assert [group.observations for group in groups] == [4, 2, 4]


def test_who_waits_for_a_state_that_never_comes_is_told_at_the_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            waiting = asyncio.ensure_future(writer.applied(99))
            await asyncio.sleep(0)
            await writer.drain()
            with pytest.raises(NotServingError):
                await waiting

        world.serve(store, use)


def test_large_calls_are_answered_in_order(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:

        async def use(writer: Writer) -> None:
            calls = [writer.submit(ingest(*(report(number) for number in range(first, first + 20)))) for first in range(0, 200, 10)]
            replies = await asyncio.gather(*calls)
            for call, reply in enumerate(replies):
                assert [result.observation_id for result in reply.results] == [f"o{number}" for number in range(call * 10, call * 10 + 20)]
                again = sum(result.outcome is Outcome.DUPLICATE for result in reply.results)
                assert again == (10 if call else 0)  # each call repeats half of the one before it
            assert store.engine.counts().observations == 210

        world.serve(store, use, limits=Limits(group=20))
