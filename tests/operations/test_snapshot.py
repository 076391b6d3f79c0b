"""Snapshots: a start from one is the start without, and a bad one is passed over."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from pathlib import Path

import pytest
from idweave_server.engine.engine import Engine
from idweave_server.engine.snapshot import save
from idweave_server.errors import StoreError
from idweave_server.operations import snapshot
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.snapshot import SnapshotMaker, make_snapshot
from idweave_server.operations.snapshots import SnapshotFolder
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Writer

from tests.operations.world import NOW, World, ingest, report

PAIR = ("email", "kelly.neal@gmail.com"), ("phone", "+14156222671")


def snapshots(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "snapshots").iterdir())


def fill(world: World, store: Store, first: int, count: int = 5) -> None:
    committer = world.committer(store)
    for number in range(first, first + count):
        committer.perform(ingest(report(number, PAIR[number % 2], ("cookie", f"cookie-number-{number}"))))


def test_a_start_from_a_snapshot_is_the_start_without_one(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)
        made = make_snapshot(store, NOW * 1000)
        assert made is not None
        assert (made.about.sequence, made.about.milliseconds, made.bytes > 1000) == (6, NOW * 1000, True)
        assert make_snapshot(store, NOW * 1000) is None
        old = store.revision()
        fill(world, store, 5)
        state = dump(store.engine).ordered()
    heard: list[tuple[int, int]] = []
    with world.open(snapshots=folder, progress=lambda done, of: heard.append((done, of))) as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)
        assert store.sequence_of(old) == 6
        assert store.sequence_of(store.revision()) == 11
        assert store.notices == []
    assert heard == [(11, 11)]


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        for number in range(4):
            fill(world, store, number, 1)
            make_snapshot(store, NOW * 1000)
    assert snapshots(tmp_path) == ["snapshot-000000000004", "snapshot-000000000005"]


@pytest.mark.parametrize("name", ["manifest.json", "identifiers.profile.npy", "about.json"])
def test_a_damaged_snapshot_is_set_aside_and_told(tmp_path: Path, name: str) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)
        make_snapshot(store, NOW * 1000)
        state = dump(store.engine).ordered()
    file = folder / "snapshot-000000000006" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with world.open(snapshots=folder) as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)
        assert bool(store.notices) == (name != "about.json")  # that one is no snapshot at all
    if name != "about.json":
        assert snapshots(tmp_path) == ["bad-000000000006"]


def test_a_snapshot_of_other_rules_or_another_store_is_passed_over(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)
        make_snapshot(store, NOW * 1000)
        about = folder / "snapshot-000000000006" / "about.json"
        for part in (store.rules, store.store_id):
            text = about.read_text()
            about.write_text(text.replace(part, "f" * len(part)))
            store.close()
            with world.open(snapshots=folder) as again:
                assert again.engine.sequence == 6
                assert again.notices == []
            about.write_text(text)


def test_a_helper_process_makes_one_beside_the_server(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)

        async def use(writer: Writer) -> None:
            maker = SnapshotMaker(store, world.milliseconds)
            assert maker.newest() is None
            making = asyncio.ensure_future(maker.make())
            await asyncio.sleep(0)
            with pytest.raises(StoreError, match="being made"):
                await maker.make()
            await writer.submit(ingest(report(9)))
            made = await making
            assert made is not None
            assert (made.about.sequence, maker.last) == (6, 6)

        world.serve(store, use)
        assert snapshots(tmp_path) == ["snapshot-000000000006"]
        state = dump(store.engine).ordered()
    with world.open(snapshots=folder) as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)


def test_one_that_an_erasure_overtook_is_thrown_away(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)

        async def use(writer: Writer) -> None:
            making = asyncio.ensure_future(SnapshotMaker(store, world.milliseconds).make())
            await asyncio.sleep(0)
            await writer.submit(EraseRequest((("email", "", "kelly.neal@gmail.com"),)))
            with pytest.raises(StoreError, match=r"thrown away|helper process"):
                await making

        world.serve(store, use)
    assert snapshots(tmp_path) == []


def test_what_is_forgotten_goes_although_a_maker_is_at_work(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path / "snapshots")
    for sequence in range(20):
        aside, begun = folder.aside(sequence, 1), threading.Event()

        def make(aside: Path = aside, begun: threading.Event = begun) -> None:
            with contextlib.suppress(FileNotFoundError):
                for number in range(10_000):
                    (aside / f"{number}.npy").write_bytes(b"...")
                    begun.set()

        maker = threading.Thread(target=make)
        maker.start()
        assert begun.wait(60)
        folder.forget()
        maker.join()
        assert snapshots(tmp_path) == []


def test_a_maker_whose_snapshot_is_taken_away_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"

    def erased_meanwhile(engine: Engine, aside: Path) -> None:
        SnapshotFolder(folder).forget()
        save(engine, aside)

    monkeypatch.setattr(snapshot, "save", erased_meanwhile)
    with world.open(snapshots=folder) as store:
        fill(world, store, 0)
        with pytest.raises(StoreError, match="erased"):
            make_snapshot(store, NOW * 1000)
    assert snapshots(tmp_path) == []


def test_a_full_disk_is_told_and_leaves_no_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(engine: Engine, aside: Path) -> None:
        (aside / "piece").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    world, folder = World(tmp_path), tmp_path / "snapshots"
    with world.open(snapshots=folder) as store:
        world.committer(store).perform(ingest(report(1)))
        monkeypatch.setattr(snapshot, "save", full)
        with pytest.raises(StoreError, match="No space left on device; the store itself is whole"):
            make_snapshot(store, NOW * 1000)
        assert list(folder.iterdir()) == []
