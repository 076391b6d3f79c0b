"""A store opened, closed and opened again."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.errors import NotFoundError, PolicyError, RevisionError, StoreBusyError, StoreError
from idweave_server.model import Outcome
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.store import Store

from tests.operations.world import World, ingest, report


def test_a_fresh_store_has_a_key_and_its_policy(tmp_path: Path) -> None:
    with World(tmp_path, "[shared]\npartners = 7\n").open() as store:
        assert store.engine.sequence == 1
        assert store.engine.policy.shared_partners == 7
        assert (tmp_path / "store.db.key").stat().st_size == 32
        assert store.sequence_of(store.revision()) == 1


def test_a_restart_ends_in_the_same_state_and_honours_its_revisions(tmp_path: Path) -> None:
    world = World(tmp_path)
    tokens = []
    with world.open() as store:
        committer = world.committer(store)
        for number in range(5):
            pair = ("email", f"p{number % 3}@gmail.com"), ("phone", f"+1415622267{number}")
            tokens.append(committer.perform(ingest(report(number, *pair))).revision)
        before = dump(store.engine).ordered()
    with world.open() as store:
        assert differences(before, dump(store.engine).ordered(), store.key, 10) == ([], 0)
        assert [store.sequence_of(token) for token in tokens] == [2, 3, 4, 5, 6]
        assert world.committer(store).perform(ingest(report(0, *pair))).results[0].outcome is Outcome.CONFLICT
        assert store.sequence_of(tokens[0]) == 2


def test_a_revision_of_what_was_lost_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        world.committer(store).perform(ingest(report(1)))
        backup = {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")}
    with world.open() as store:
        lost = world.committer(store).perform(ingest(report(2))).revision
    for name in [file.name for file in tmp_path.iterdir()]:
        (tmp_path / name).unlink()
    for name, data in backup.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "store.db.lock").unlink(missing_ok=True)  # it knows of what came later
    with world.open() as store:
        committer = world.committer(store)
        with pytest.raises(RevisionError, match="never had"):
            store.sequence_of(lost)
        committer.perform(ingest(report(3)))
        with pytest.raises(RevisionError, match="never had"):
            store.sequence_of(lost)


def test_a_store_without_its_key_does_not_start(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.open().close()
    (tmp_path / "store.db.key").unlink()
    with pytest.raises(StoreError, match=r"store\.db\.key is missing"):
        world.open()
    assert not (tmp_path / "store.db.key").exists()


def test_a_start_that_died_after_the_key_goes_on_with_it(tmp_path: Path) -> None:
    (tmp_path / "store.db.key").write_bytes(b"k" * 32)
    with World(tmp_path).open() as store:
        assert store.key == b"k" * 32


def test_another_policy_is_refused_on_an_old_store(tmp_path: Path) -> None:
    World(tmp_path, "[shared]\npartners = 7\n").open().close()
    with pytest.raises(PolicyError, match="keeps its policy"):
        World(tmp_path, "[shared]\npartners = 8\n").open()
    with World(tmp_path, None).open() as store:
        assert store.engine.policy.shared_partners == 7


def test_a_policy_that_cannot_be_read_leaves_no_entry(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        World(tmp_path, "nonsense = 1").open()
    with World(tmp_path).open() as store:
        assert store.engine.sequence == 1


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        with pytest.raises(StoreBusyError):
            world.open()
        world.committer(store).perform(ingest(report(1)))
        with Store.read(world.url) as beside:
            assert beside.engine.sequence == 2
            assert beside.revision() == store.revision()
        with Store.read(world.url, until=1) as earlier:
            assert earlier.engine.sequence == 1


def test_a_reader_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises((StoreError, NotFoundError)):
        Store.read(World(tmp_path).url)
    assert list(tmp_path.iterdir()) == []
