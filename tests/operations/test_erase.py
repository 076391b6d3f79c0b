"""Erasure: gone from state, log, files and snapshots, for good, whatever dies in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from idweave_server.entries.codec import decode
from idweave_server.entries.columns import ObservationEntry, VerdictEntry
from idweave_server.errors import NotFoundError, RequestError, StoreFullError, TooLargeError
from idweave_server.model import DAY, Outcome, Verdict
from idweave_server.operations.assert_verdict import AssertRequest, WithdrawRequest
from idweave_server.operations.committer import Committer
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.snapshot import make_snapshot
from idweave_server.operations.store import Store

from tests.operations.world import NOW, Faulty, World, ingest, report

EMAIL, SECOND = ("email", "kelly.neal@gmail.com"), ("email", "k.neal@yahoo.com")
PHONE, COOKIE = ("phone", "+14156222671"), ("cookie", "ab12cd34ef56ab78")


def named(*identifiers: tuple[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple((namespace, "", value) for namespace, value in identifiers)


def seeded(world: World, store: Store) -> Committer:
    committer = world.committer(store)
    committer.perform(ingest(report(1, EMAIL, PHONE), report(2, PHONE, SECOND), report(3, SECOND)))
    committer.perform(AssertRequest(Verdict.SHARED, named(EMAIL)[0], None, NOW - 900, "desk", "the verdict"))
    committer.perform(ingest(report(4, ("email", "somebody.else@gmail.com"))))
    return committer


def held(folder: Path, text: str) -> list[str]:
    """The files below a folder that hold this text as it is."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def said(store: Store) -> str:
    """The identifiers that the entries of the log name."""
    entries = (decode(entry.kind, entry.body) for entry in store.log.read(0, 99))
    return str([entry.identifiers.value.to_pylist() for entry in entries if isinstance(entry, ObservationEntry | VerdictEntry)])


def test_what_is_erased_is_gone_from_state_and_log_and_stays_away(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = seeded(world, store)
        assert "kellyneal" in said(store)
        counted = committer.perform(EraseRequest(named(EMAIL), validate_only=True))
        assert (counted.observations, counted.assertions, counted.identifiers, counted.rewritten_entries) == (1, 1, 1, 0)
        assert "kellyneal" in said(store)
        reply = committer.perform(EraseRequest(named(EMAIL)))
        assert (reply.observations, reply.assertions, reply.identifiers, reply.rewritten_entries) == (1, 1, 1, 2)
        assert "kellyneal" not in said(store)
        assert store.engine.counts().observations == 3
        late = committer.perform(ingest(report(8, EMAIL), report(9, EMAIL, time=NOW + 5)))
        assert [result.outcome for result in late.results] == [Outcome.ERASED, Outcome.ACCEPTED]
        state = dump(store.engine).ordered()
    with world.open() as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)
        assert store.unforgotten == set()
        assert world.committer(store).perform(ingest(report(8, EMAIL))).results[0].outcome is Outcome.ERASED


def test_a_profile_is_erased_with_what_is_its_own_and_splits_are_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(report(1, EMAIL, PHONE), report(2, PHONE, SECOND), report(3, SECOND), report(4, EMAIL)))
        before = committer.perform(ingest(report(5, EMAIL))).results[0].profile_id
        reply = committer.perform(EraseRequest(named(PHONE)))
        assert reply.observations == 2
        assert [split.profile_id for split in reply.splits] == [before]
        assert len(set(reply.splits[0].parts)) == 2
        held_by = {part: len(store.engine.rows_of(store.engine.look_up_profile(part).slot)) for part in reply.splits[0].parts}
        left = committer.perform(EraseRequest(profile_id=reply.splits[0].parts[0]))
        assert (left.observations, left.identifiers, left.splits) == (held_by[reply.splits[0].parts[0]], 1, ())
        assert store.engine.counts().profiles == 1
        with pytest.raises(NotFoundError, match="gone already"):
            committer.perform(EraseRequest(profile_id=reply.splits[0].parts[0]))
        with pytest.raises(NotFoundError, match="no profile"):
            committer.perform(EraseRequest(profile_id="0190a000-0000-7000-8000-000000000000"))


def test_an_erasure_up_to_a_time_leaves_what_was_observed_later(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(report(1, EMAIL, time=NOW - 500), report(2, EMAIL, time=NOW - 100)))
        reply = committer.perform(EraseRequest(named(EMAIL), observed_until=NOW - 500))
        assert (reply.observations, reply.identifiers) == (1, 0)
        assert store.engine.counts().observations == 1


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", ["before the rewrite", "after the rewrite"])
def test_an_erasure_that_was_killed_is_finished_by_the_next_start(tmp_path: Path, moment: str) -> None:
    world = World(tmp_path)
    with world.open(snapshots=tmp_path / "snapshots") as store:
        committer = seeded(world, store)
        assert make_snapshot(store, world.milliseconds()) is not None
        log = store.log

        class Dying(Faulty):
            def rewrite(self, *arguments: Any) -> None:
                if moment == "after the rewrite":
                    log.rewrite(*arguments)
                raise KilledError

        store.log = Dying(log)
        with pytest.raises(KilledError):
            committer.perform(EraseRequest(named(EMAIL)))
        state = dump(store.engine).ordered()
    with world.open(snapshots=tmp_path / "snapshots") as store:
        assert "kellyneal" not in said(store)
        assert store.unforgotten == set()
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)
        assert store.snapshots is not None
        assert store.snapshots.found() == []
    with world.open() as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)


def test_a_rewrite_that_finds_no_space_is_told_and_done_by_the_next_erasure(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = seeded(world, store)
        log = store.log

        class Full(Faulty):
            def rewrite(self, *arguments: Any) -> None:
                raise StoreFullError("no space is left")

        store.log = Full(log)
        with pytest.raises(StoreFullError, match="is forgotten, but the log"):
            committer.perform(EraseRequest(named(EMAIL)))
        assert store.unforgotten != set()
        store.log = log
        committer.perform(EraseRequest(named(COOKIE)))
        assert "kellyneal" not in said(store)


def test_no_file_holds_what_was_erased(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open(snapshots=tmp_path / "snapshots") as store:
        committer = seeded(world, store)
        make_snapshot(store, world.milliseconds())
        assert held(tmp_path, "kellyneal@gmail.com")
        committer.perform(EraseRequest(named(EMAIL)))
        assert held(tmp_path, "kellyneal@gmail.com") == []


def test_a_store_opens_after_a_verdict_that_was_withdrawn_is_erased(tmp_path: Path) -> None:
    """Its withdrawal stays in the log, and names what is there no more."""
    world = World(tmp_path)
    with world.open() as store:
        committer = seeded(world, store)
        committer.perform(WithdrawRequest("the verdict"))
        assert committer.perform(EraseRequest(named(EMAIL))).assertions == 1
        state = dump(store.engine).ordered()
    with world.open() as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    for arguments in ((), (named(EMAIL), "x")):
        with pytest.raises(RequestError):
            EraseRequest(*arguments)
    with pytest.raises(TooLargeError):
        EraseRequest(named(EMAIL) * 1001)
    with World(tmp_path).open() as store:
        committer = World(tmp_path).committer(store)
        with pytest.raises(RequestError, match=r"identifiers\[1\]\.value"):
            committer.perform(EraseRequest(named(EMAIL, ("email", "no"))))
        with pytest.raises(RequestError, match="observed_until"):
            committer.perform(EraseRequest(named(EMAIL), observed_until=NOW + 9 * DAY))
        assert committer.perform(EraseRequest(named(EMAIL))).observations == 0  # what arrives late is erased nevertheless
        assert committer.perform(ingest(report(1, EMAIL))).results[0].outcome is Outcome.ERASED
