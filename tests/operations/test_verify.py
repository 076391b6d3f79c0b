"""Verification: it agrees with what is right, and finds what was planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from idweave_server.model import Shared
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.snapshot import make_snapshot
from idweave_server.operations.store import Store
from idweave_server.operations.verify import VerifyReply, verify, verify_store
from idweave_server.operations.writer import Writer

from tests.operations.world import NOW, World, ingest, report

PAIR = ("email", "kelly.neal@gmail.com"), ("phone", "+14156222671")


def fill(world: World, store: Store) -> None:
    world.committer(store).perform(ingest(report(1, *PAIR), report(2, PAIR[0]), report(3), report(4, ("email", "info@acme.com"))))


def plant(store: Store, what: str) -> None:
    state = store.engine.state
    code = store.engine.find(state.identifiers.index.take(np.arange(1, dtype=np.int32)))[0]
    if what == "profile":
        state.identifiers.profile.array[code] = state.identifiers.profile.array[len(state.identifiers) - 2]
    elif what == "shared":
        state.identifiers.shared.array[code] = Shared.NAMES
    elif what == "identifier":
        state.identifiers.status.array[code] = 0
    else:
        state.observations.profile.array[0] = -1


def test_a_helper_process_holds_the_live_state_against_the_log(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        fill(world, store)

        async def use(writer: Writer) -> tuple[VerifyReply, VerifyReply]:
            right = await verify(writer)
            plant(store, "shared")
            return right, await verify(writer)

        right, wrong = world.serve(store, use)
        assert (right.equal, right.differences, right.count) == (True, (), 0)
        assert (right.entries, right.identifiers >= 3, right.revision) == (2, True, store.revision())
        assert (wrong.equal, wrong.count, len(wrong.differences)) == (False, 1, 1)


@pytest.mark.parametrize("what", ["profile", "shared", "identifier", "observation"])
def test_a_planted_difference_is_found_and_told_without_values(tmp_path: Path, what: str) -> None:
    world = World(tmp_path)
    with world.open() as store:
        fill(world, store)
        plant(store, what)
        with Store.read(world.url) as replayed:
            said, count = differences(dump(store.engine).ordered(), dump(replayed.engine).ordered(), store.key, 100)
        assert count == len(said) == 1
        assert ("identifier " in said[0]) == (what != "observation")
        assert not any(value in said[0] for value in ("neal", "acme", "gmail", "4156222671"))


def snapshot_of(change: Callable[[Store], None], world: World, folder: Path) -> None:
    with world.open(snapshots=folder) as store:
        fill(world, store)
        change(store)
        make_snapshot(store, NOW * 1000)


def test_a_snapshot_is_held_against_its_log(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    snapshot_of(lambda _: None, world, folder)
    assert verify_store(world.url, key_source=None, snapshots=folder, progress=None).equal


def test_a_snapshot_that_says_something_else_is_found(tmp_path: Path) -> None:
    world, folder = World(tmp_path), tmp_path / "snapshots"
    snapshot_of(lambda store: plant(store, "profile"), world, folder)
    reply = verify_store(world.url, key_source=None, snapshots=folder, progress=None)
    assert (reply.equal, reply.count) == (False, 1)
