"""A store copied from one place to another, of each kind into each."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from idweave_server.errors import InputError, NotFoundError, StoreBusyError, StoreError, StoreFormatError
from idweave_server.log.base import Entry
from idweave_server.log.locate import Folders, open_log
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.migrate import End, Migrated, Watch, migrate
from idweave_server.operations.store import Store

from tests.log.graph_logs import credentials_of
from tests.neo4j_database import Database
from tests.operations.world import World, ingest, report

FEW = 3  # entries that are read at a time here


class StopHereError(Exception):
    pass


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idweave_server.operations.migrate.READ", FEW)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A store with ten entries of two writers."""
    (tmp_path / "source").mkdir()
    world = World(tmp_path / "source")
    for start in (0, 4):
        with world.open() as store:
            committer = world.committer(store)
            for number in range(start, start + 4 + start // 4):
                pair = ("email", f"p{number % 3}@gmail.com"), ("phone", f"+1415622267{number}")
                committer.perform(ingest(report(number, *pair)))
    return world


def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "cache")


def file_at(path: Path) -> End:
    return End(f"sqlite:///{path}")


def graph_at(database: Database) -> End:
    return End(database.uri, credentials_of(database))


def nobody(stage: str, done: int, total: int) -> None:
    pass


def migrated(source: End, target: End, tmp_path: Path, *, serving: bool = False, watch: Watch = nobody) -> Migrated:
    return migrate(source, target, holder="a test", term=4_711, serving=serving, folders=folders(tmp_path), watch=watch)


def entries(end: End) -> list[Entry]:
    with closing(open_log(end.url, read_only=True, credentials=end.credentials)) as log:
        return log.read(0, 1_000)


def same_state(world: World, target: End, tmp_path: Path) -> None:
    """The copy is opened to write, goes on, and knew what the source knows."""
    with Store.read(world.url) as store:
        before, revision = dump(store.engine).ordered(), store.revision()
    with Store.open(
        target.url,
        holder="a test",
        address="",
        term=99,
        milliseconds=world.milliseconds,
        entropy=world.entropy,
        create=False,
        folders=folders(tmp_path),
        credentials=target.credentials,
    ) as store:
        assert differences(before, dump(store.engine).ordered(), store.key, 10) == ([], 0)
        assert store.sequence_of(revision) == 10
        world.committer(store).perform(ingest(report(500)))
        assert store.engine.sequence == 11


def test_into_a_file_and_out_of_it(world: World, tmp_path: Path) -> None:
    target = file_at(tmp_path / "copy.db")
    heard: list[tuple[str, int, int]] = []
    done = migrated(End(world.url), target, tmp_path, watch=lambda *told: heard.append(told))
    assert (done.entries, done.resumed, done.key_file) == (10, 0, tmp_path / "copy.db.key")
    assert done.bytes == sum(len(entry.body) for entry in entries(target))
    assert entries(target) == entries(End(world.url))
    assert len({entry.term for entry in entries(target)}) == 2
    assert [told for told in heard if told[1] == 10] == [("copy", 10, 10), ("compare", 10, 10)]
    same_state(world, target, tmp_path)


def test_into_a_database_and_back(world: World, tmp_path: Path, graph_database: Database) -> None:
    source, graph, back = End(world.url), graph_at(graph_database), file_at(tmp_path / "back.db")
    done = migrated(source, graph, tmp_path)
    assert done.key_file == tmp_path / "data" / f"{done.store_id}.key"
    assert done.key_file.read_bytes() == (tmp_path / "source" / "store.db.key").read_bytes()
    assert entries(graph) == entries(source)
    assert migrated(graph, back, tmp_path).key_file == tmp_path / "back.db.key"
    assert entries(back) == entries(source)
    same_state(world, graph, tmp_path)
    same_state(world, back, tmp_path)


@pytest.mark.parametrize("stage", ["copy", "compare"])
@pytest.mark.parametrize("done", [3, 9])
def test_an_interrupted_one_is_not_served_and_goes_on(world: World, tmp_path: Path, stage: str, done: int) -> None:
    source, target = End(world.url), file_at(tmp_path / "copy.db")

    def interrupt(told: str, at: int, total: int) -> None:
        if (told, at) == (stage, done):
            raise StopHereError

    with pytest.raises(StopHereError):
        migrated(source, target, tmp_path, watch=interrupt)
    with pytest.raises(StoreFormatError, match="a copy that is not finished"):
        entries(target)
    again = migrated(source, target, tmp_path)
    assert again.resumed == (done if stage == "copy" else 10)
    same_state(world, target, tmp_path)


def test_an_interrupted_one_in_a_database(world: World, tmp_path: Path, graph_database: Database) -> None:
    source, target = End(world.url), graph_at(graph_database)

    def interrupt(told: str, at: int, total: int) -> None:
        if at == 6:
            raise StopHereError

    with pytest.raises(StopHereError):
        migrated(source, target, tmp_path, watch=interrupt)
    with pytest.raises(StoreFormatError, match="a copy that is not finished"):
        entries(target)
    assert migrated(source, target, tmp_path).resumed == 6
    same_state(world, target, tmp_path)


def test_a_source_with_a_writer(world: World, tmp_path: Path) -> None:
    source, target = End(world.url), file_at(tmp_path / "copy.db")
    with world.open() as store:
        with pytest.raises(StoreBusyError, match=r"being written by a test.*--while-serving"):
            migrated(source, target, tmp_path)
        assert not (tmp_path / "copy.db").exists()

        def write(told: str, at: int, total: int) -> None:
            if (told, at) == ("copy", 3):
                world.committer(store).perform(ingest(report(600)))

        assert migrated(source, target, tmp_path, serving=True, watch=write).entries == 10
    assert len(entries(source)) == 11
    assert entries(target) == entries(source)[:10]


def test_nobody_becomes_the_source_s_writer_meanwhile(world: World, tmp_path: Path) -> None:
    def write(told: str, at: int, total: int) -> None:
        with pytest.raises(StoreBusyError):
            world.open()

    migrated(End(world.url), file_at(tmp_path / "copy.db"), tmp_path, watch=write)
    world.open().close()


def test_an_entry_that_changes_while_it_is_copied_is_found(world: World, tmp_path: Path) -> None:
    source, target = End(world.url), file_at(tmp_path / "copy.db")
    with world.open() as store:

        def erase(told: str, at: int, total: int) -> None:
            if (told, at) == ("copy", 9):
                store.log.rewrite(store.term, {5: b"gone"})

        with pytest.raises(StoreError, match="entry 5 is not what the source holds"):
            migrated(source, target, tmp_path, serving=True, watch=erase)
    with pytest.raises(StoreFormatError, match="a copy that is not finished"):
        entries(target)


def test_what_is_not_copied_and_not_copied_into(world: World, tmp_path: Path) -> None:
    source, target = End(world.url), file_at(tmp_path / "copy.db")
    with pytest.raises(InputError, match="the same store"):
        migrated(source, source, tmp_path)
    with pytest.raises(StoreError, match="not there"):
        migrated(file_at(tmp_path / "absent.db"), target, tmp_path)
    open_log(f"sqlite:///{tmp_path}/empty.db", create=True).close()
    with pytest.raises(NotFoundError, match="nothing to copy"):
        migrated(file_at(tmp_path / "empty.db"), target, tmp_path)
    with pytest.raises(StoreFormatError, match="a store already"):
        migrated(source, file_at(tmp_path / "empty.db"), tmp_path)
    with pytest.raises(StoreError, match=r"nowhere\.key is missing"):
        migrated(replace(source, key_file=tmp_path / "nowhere.key"), target, tmp_path)
    (tmp_path / "copy.db.key").write_bytes(b"another key, of 32 bytes as well")
    with pytest.raises(StoreError, match="the key of another store"):
        migrated(source, target, tmp_path)
    elsewhere = replace(target, key_file=tmp_path / "keys" / "mine")
    assert migrated(source, elsewhere, tmp_path).key_file == tmp_path / "keys" / "mine"
