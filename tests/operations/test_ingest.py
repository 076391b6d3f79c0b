"""Observations in: what becomes of each, and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.model import Outcome, Refusal
from idweave_server.operations.ingest import MAX_ENTRY, IngestRequest

from tests.operations.world import NOW, World, ingest, report

EMAIL, PHONE = ("email", "kelly.neal@gmail.com"), ("phone", "+14156222671")


def test_observations_that_share_an_identifier_have_one_profile(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        reply = world.committer(store).perform(ingest(report(1, EMAIL, PHONE), report(2, PHONE), report(3)))
        assert [result.outcome for result in reply.results] == [Outcome.ACCEPTED] * 3
        first, second, third = (result.profile_id for result in reply.results)
        assert first == second != third
        assert len(first) == 36
        assert store.sequence_of(reply.revision) == 2


def test_what_came_before_is_a_duplicate_with_its_profile_and_other_content_a_conflict(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        first = committer.perform(ingest(report(1, EMAIL))).results[0]
        reply = committer.perform(ingest(report(1, EMAIL), report(1, PHONE), report(2, PHONE), report(2, PHONE)))
        assert [result.outcome.name for result in reply.results] == ["DUPLICATE", "CONFLICT", "ACCEPTED", "DUPLICATE"]
        assert reply.results[0].profile_id == first.profile_id
        assert reply.results[3].profile_id == reply.results[2].profile_id != ""
        assert [refused.outcome.name for refused in store.tally.refused] == ["CONFLICT"]
        assert store.tally.of(Outcome.DUPLICATE) == 2


def test_a_bad_observation_says_why_and_harms_no_other(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        bad = report(1, ("email", "not an address"), PHONE)
        whole = report(2, EMAIL, time=None)  # type: ignore[arg-type]
        reply = world.committer(store).perform(ingest(bad, whole, report(3, EMAIL)))
        assert [result.outcome.name for result in reply.results] == ["ACCEPTED", "REJECTED", "ACCEPTED"]
        assert [(issue.reason, issue.value) for issue in reply.results[0].issues] == [(Refusal.EMAIL_SYNTAX, "not an address")]
        assert reply.results[1].issues[0].reason is Refusal.TIME_MISSING
        assert store.tally.refused[0].observation_id == "o2"
        assert store.engine.counts().observations == 2


def test_what_links_nothing_belongs_to_nobody(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        reply = world.committer(store).perform(ingest(report(1, ("email", "info@acme.com"))))
        assert (reply.results[0].outcome, reply.results[0].profile_id) == (Outcome.UNLINKED, "")


def test_validate_only_tells_and_changes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        reply = world.committer(store).perform(ingest(report(1, EMAIL), report(2, ("email", "x")), validate_only=True))
        assert [result.profile_id for result in reply.results] == ["", ""]
        assert reply.results[0].outcome is Outcome.ACCEPTED
        assert store.engine.sequence == 1
        assert store.log.head().sequence == 1
        assert store.tally.outcomes.sum() == 0


def test_a_request_has_bounds(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="none was given"):
        IngestRequest(())
    with pytest.raises(TooLargeError, match="at most 10,000"):
        IngestRequest([report(1)] * 10_001)


def test_a_large_request_becomes_several_entries_and_one_answer(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        reply = world.committer(store).perform(ingest(*(report(number) for number in range(MAX_ENTRY + 1))))
        assert len(reply.results) == MAX_ENTRY + 1
        assert all(result.outcome is Outcome.ACCEPTED and result.profile_id for result in reply.results)
        assert store.engine.sequence == 3


def test_entries_are_stamped_with_a_time_that_never_falls(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(ingest(report(1)))
        world.pass_by(-500)
        committer.perform(ingest(report(2)))
        assert [entry.at for entry in store.log.read(0, 10)] == [NOW, NOW, NOW]
        assert store.engine.state_time == NOW
