"""Cut points are computed when a segment first reads scores, and anew each day while one does; between two of them nobody is re-ranked."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from idweave_server.engine.snapshot import load, save
from idweave_server.errors import StoreFullError
from idweave_server.intake.reports import ReportedEvent
from idweave_server.kernels.conditions import FALSE, TRUE, UNKNOWN
from idweave_server.model import DAY
from idweave_server.operations import upkeep
from idweave_server.operations.committer import Committer
from idweave_server.operations.cut_points import CutPoints
from idweave_server.operations.delete_segment import DeleteSegment
from idweave_server.operations.get_cut_points import CutPointsAnswer, get_cut_points
from idweave_server.operations.put_segment import PutReply, PutSegment
from idweave_server.operations.segment_source import SegmentSource
from idweave_server.operations.store import Store
from idweave_server.operations.upkeep import Clockwork
from idweave_server.operations.writer import Writer
from idweave_server.segments.expression import Expression, FieldTest, Operator, SegmentTest

from tests.operations.leased import Journal, until
from tests.operations.test_upkeep import beside
from tests.operations.world import NOW, World, ingest, report

BEST = FieldTest("rfm_monetary", Operator.EQUAL, (5,))
MIDNIGHT = NOW // DAY * DAY + DAY


def order(number: int, amount: int, time: int = NOW - 1000) -> Any:
    bought = ReportedEvent("order_placed", amount, 0, "USD", (("order_id", f"n{number}-{time}"),))
    return report(number * 100_000 + time % 100_000, ("email", f"buyer{number}@gmail.com"), time=time, events=(bought,))


def put(committer: Committer, expression: Expression = BEST, name: str = "best") -> PutReply:
    return committer.perform(PutSegment(name, SegmentSource(expression=expression)))


def members(store: Store, name: str = "best") -> set[str]:
    engine = store.engine
    return {engine.profile_id(slot) for slot in engine.memberships.members(name).tolist()}


def standing(store: Store, profile: str, name: str = "best") -> tuple[int, int]:
    [found] = store.engine.memberships.standings(store.engine.look_up_profile(profile).slot, [name])
    return found.truth, found.until


def buyers(committer: Committer) -> list[str]:
    """Ten who spent 10 to 100, as ids of their profiles."""
    return [one.profile_id for one in committer.perform(ingest(*(order(n, 10 * (n + 1)) for n in range(10)))).results]


def test_the_first_segment_that_reads_scores_ranks_everybody(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        people = buyers(committer)
        assert store.engine.cuts_due() is None, "nobody asks"
        reply = put(committer)
        assert (reply.members, members(store)) == (2, set(people[8:]))
        assert store.engine.cuts_due() == MIDNIGHT
        assert standing(store, people[9]) == (TRUE, MIDNIGHT), "the next cut points may say otherwise"
        put(committer, SegmentTest("best"), "best_by_name")
        put(committer, FieldTest("purchase_count", Operator.EQUAL, (1,)), "once")
        assert standing(store, people[9], "best_by_name") == (TRUE, MIDNIGHT)
        assert standing(store, people[9], "once")[1] > MIDNIGHT, "which reads no scores"
        shown = store.engine.memberships.explain(store.engine.look_up_profile(people[9]).slot, BEST)
        assert shown.until == MIDNIGHT


def test_one_order_moves_one_buyer_and_a_day_later_all_are_ranked_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        people = buyers(committer)
        put(committer)
        committer.perform(ingest(order(0, 1_000, NOW - 500), order(1, 1_000, NOW - 500)))
        assert members(store) == {people[0], people[1], *people[8:]}
        world.now = world.steady = MIDNIGHT - 1
        committer.perform(CutPoints())
        assert len(members(store)) == 4, "a second too early"
        assert standing(store, people[8]) == (TRUE, MIDNIGHT)
        world.pass_by(1)
        committer.perform(CutPoints())
        assert members(store) == {people[0], people[1]}
        assert standing(store, people[8]) == (FALSE, MIDNIGHT + DAY)
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir()
        save(store.engine, snapshot)
        restored = load(snapshot, store.engine.policy, store.lists, store.key)
        assert restored is not None
        assert restored.cuts_due() == MIDNIGHT + DAY
        committer.perform(DeleteSegment("best"))
        assert store.engine.cuts_due() is None
    with world.open() as replayed:
        put(world.committer(replayed))
        assert members(replayed) == {people[0], people[1]}
        assert replayed.engine.cuts_due() == MIDNIGHT + DAY, "those of the day still hold"


def test_cut_points_are_published(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        assert get_cut_points(store.engine) == CutPointsAnswer(0, 0, (), (), (), "USD")
        committer.perform(ingest(*(order(n, 10 * (n + 1), NOW - 1000 + n) for n in range(10))))
        put(committer)
        found = get_cut_points(store.engine)
        assert (found.computed, found.next) == (NOW, MIDNIGHT)
        assert found.recency == tuple((score, NOW - 1001 + 2 * score) for score in range(1, 5))
        assert found.frequency == ((1, 1), (2, 1), (3, 1), (4, 1))
        committer.perform(DeleteSegment("best"))
        assert get_cut_points(store.engine).next == 0


def test_with_fewer_than_five_buyers_the_lowest_scores_are_missing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(*(order(n, 10, NOW - 1000 + n) for n in range(3))))
        put(committer)
        assert get_cut_points(store.engine).recency == ((2, NOW - 1000), (3, NOW - 1000), (4, NOW - 999))


def test_who_never_bought_has_no_scores(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        put(committer)
        assert store.engine.cuts_due() == MIDNIGHT, "of nobody, and computed nevertheless"
        [visitor] = [one.profile_id for one in committer.perform(ingest(report(1))).results]
        assert standing(store, visitor)[0] == UNKNOWN
        buyers(committer)
        world.pass_by(DAY)
        committer.perform(CutPoints())
        assert standing(store, visitor)[0] == UNKNOWN
        assert len(members(store)) == 2


def test_a_server_ranks_at_midnight_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.01)
    world, journal = World(tmp_path), Journal()
    with world.open() as store:
        committer = world.committer(store)
        people = buyers(committer)
        put(committer)

        async def use(writer: Writer) -> None:
            await writer.submit(ingest(order(0, 1_000, NOW - 500)))
            append, full = store.log.append, True

            def refuse(*given: Any) -> int:
                if full:
                    raise StoreFullError("no space is left on the disk; make some")
                return append(*given)

            monkeypatch.setattr(store.log, "append", refuse)
            world.pass_by(MIDNIGHT - world.now)
            await until(lambda: "cut_points_failed" in journal.events)
            assert people[8] in members(store)
            full = False
            await until(lambda: members(store) == {people[0], people[9]})

        def run(writer: Writer) -> Coroutine[Any, Any, None]:
            return beside(Clockwork(writer, world.milliseconds, lambda: None, journal).run(), use(writer))

        world.serve(store, run)
        assert store.engine.cuts_due() == MIDNIGHT + DAY
