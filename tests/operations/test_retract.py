"""Taking observations back: what remains is what would be there without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.errors import NotFoundError, RequestError
from idweave_server.model import Outcome
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.retract import RetractRequest

from tests.operations.world import NOW, World, ingest, report

LEFT, RIGHT = ("email", "kelly.neal@gmail.com"), ("email", "k.neal@yahoo.com")
PHONE = ("phone", "+14156222671")


def test_a_merge_is_taken_back_exactly(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        apart = committer.perform(ingest(report(1, LEFT), report(2, RIGHT))).results
        before = dump(store.engine).ordered()
        joined = committer.perform(ingest(report(3, LEFT, RIGHT))).results[0]
        assert store.engine.counts().profiles == 1
        counted = committer.perform(RetractRequest("shop", "o3", validate_only=True))
        assert (counted.observations, counted.identifiers, counted.profiles_changed) == (1, 2, 0)
        assert counted.revision == store.revision()
        assert store.engine.counts().profiles == 1
        reply = committer.perform(RetractRequest("shop", "o3"))
        assert (reply.observations, reply.identifiers) == (1, 2)
        assert reply.profiles_changed == 2
        after = dump(store.engine).ordered()
        assert (after.content == before.content).all()
        assert (after.profile == before.profile).all()
        assert joined.profile_id in {result.profile_id for result in apart}
        again = committer.perform(ingest(report(3, LEFT, RIGHT))).results[0]
        assert (again.outcome, again.profile_id) == (Outcome.ACCEPTED, joined.profile_id)


def test_a_source_is_taken_back_by_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(*(report(n, LEFT, PHONE, time=NOW - 1000 + n) for n in range(5)), report(9, RIGHT, source="crm")))
        assert committer.perform(RetractRequest("shop", begin=NOW - 999, end=NOW - 997)).observations == 2
        assert store.engine.counts().observations == 4
        assert committer.perform(RetractRequest("shop", end=NOW, validate_only=True)).observations == 3
        assert committer.perform(RetractRequest("shop")).observations == 3
        assert store.engine.counts().observations == 1
        sequence = store.engine.sequence
        assert committer.perform(RetractRequest("shop")).observations == 0
        assert store.engine.sequence == sequence  # nothing to say, nothing logged
        before = dump(store.engine).ordered()
    with world.open() as store:
        assert differences(before, dump(store.engine).ordered(), store.key, 9) == ([], 0)


def test_what_is_not_there_cannot_be_taken_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(report(1, LEFT)))
        committer.perform(RetractRequest("shop", "o1"))
        for source, name in (("shop", "o2"), ("crm", "o1"), ("shop", "o1")):
            with pytest.raises(NotFoundError):
                committer.perform(RetractRequest(source, name))


def test_a_request_that_says_nothing_is_refused() -> None:
    for arguments, field in ((("", "o1"), "source"), (("shop", ""), "observation_id"), (("shop", None, 50, 50), "until")):
        with pytest.raises(RequestError, match=field):
            RetractRequest(*arguments)
