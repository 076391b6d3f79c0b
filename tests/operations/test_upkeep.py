"""What a server does by itself: an erasure that could not be finished is finished, and a snapshot is made by who has to make it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from idweave_server.errors import StoreFullError
from idweave_server.operations import upkeep
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.reign import Role
from idweave_server.operations.store import Store, rows_since
from idweave_server.operations.upkeep import Clockwork, Snapshots
from idweave_server.operations.writer import Writer

from tests.operations.leased import Journal, until
from tests.operations.world import World, ingest, report


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(upkeep, "FORGET_SECONDS", 0.01)


async def beside(work: Coroutine[Any, Any, None], test: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    try:
        await test
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_rewriting_that_failed_is_done_as_soon_as_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, journal, forgotten = World(tmp_path), Journal(), list[int]()
    with world.open() as store:
        rewrite, full = store.log.rewrite, True

        def refuse(*given: Any) -> None:
            if full:
                raise StoreFullError("no space is left on the disk; make some")
            rewrite(*given)

        async def use(writer: Writer) -> None:
            nonlocal full
            await writer.submit(ingest(report(1)))
            monkeypatch.setattr(store.log, "rewrite", refuse)
            with pytest.raises(StoreFullError, match="is forgotten"):
                await writer.submit(EraseRequest((("email", "", "person1@gmail.com"),)))
            await until(lambda: "forget_failed" in journal.events)
            assert (store.unforgotten, forgotten) == ({2}, [])
            full = False
            await until(lambda: not store.unforgotten and forgotten)

        def run(writer: Writer) -> Coroutine[Any, Any, None]:
            return beside(Clockwork(writer, world.milliseconds, lambda: forgotten.append(1), journal).run(), use(writer))

        world.serve(store, run)
        assert b"person1" not in store.log.read(1, 1)[0].body


class Maker:
    """Stands for the one that makes snapshots. last: entries in the newest one of the folder, whoever made it."""

    def __init__(self, store: Store) -> None:
        self.store, self.last, self.made = store, 0, 0

    async def make(self) -> Any:
        self.made, self.last = self.made + 1, self.store.engine.sequence
        return SimpleNamespace(about=SimpleNamespace(sequence=self.last))


@pytest.mark.parametrize(("role", "others", "made"), [(Role.WRITER, False, 4), (Role.STANDBY, False, 2), (Role.STANDBY, True, 0)])
def test_a_standby_leaves_snapshots_to_the_writer_where_they_share_a_folder(tmp_path: Path, role: Role, others: bool, made: int) -> None:
    world = World(tmp_path)
    with world.open() as store:
        maker, reign = Maker(store), SimpleNamespace(standing=lambda: SimpleNamespace(role=role))
        parts: dict[str, Any] = {"maker": maker, "reign": reign}
        keeping = Snapshots(store, every=300, steady=lambda: world.steady, journal=Journal(), **parts)

        async def use(writer: Writer) -> None:
            for number in range(12):  # entries worth 100 observations each
                await writer.submit(ingest(report(number)))
                if others and number % 3 == 2:
                    maker.last = store.engine.sequence
                await until(lambda: keeping.counted == store.engine.sequence)
            await until(lambda: keeping.unsaved < 300)

        world.serve(store, lambda writer: beside(keeping.run(), use(writer)))
        assert maker.made == made


def test_observations_are_counted_from_any_entry_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        for numbers in ((1, 2, 3), (4,)):
            committer.perform(ingest(*(report(number) for number in numbers)))
        committer.perform(EraseRequest((("email", "", "person9@gmail.com"),)))
        assert [rows_since(store, sequence) for sequence in range(6)] == [4, 4, 1, 0, 0, 0]
