"""Verdicts in, by their names, and what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import ConflictError, NotFoundError, RequestError
from idweave_server.model import Verdict
from idweave_server.operations.assert_verdict import AssertionStanding, AssertRequest, WithdrawRequest
from idweave_server.operations.committer import Committer
from idweave_server.operations.dump import differences, dump

from tests.operations.world import NOW, World, ingest, report

LEFT, RIGHT = ("email", "", "kelly.neal@gmail.com"), ("email", "", "ann.other@yahoo.com")
THIRD, ROLE = ("phone", "", "+14156222671"), ("email", "", "info@acme.com")
S, T = Verdict, AssertionStanding


def say(
    verdict: Verdict, left: Any = LEFT, right: Any = None, *, time: int | None = NOW - 50, name: str = "", **more: Any
) -> AssertRequest:
    return AssertRequest(verdict, left, right, time, "desk", name, **more)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def seeded(world: World, store: Any) -> Committer:
    committer = world.committer(store)
    committer.perform(ingest(report(1, LEFT[::2]), report(2, RIGHT[::2]), report(3, ROLE[::2]), report(4, THIRD[::2])))
    return committer


def test_same_joins_different_parts_and_withdrawing_undoes_both(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        same = committer.perform(say(S.SAME, LEFT, RIGHT))
        assert (same.standing, same.remedy, len(same.profile_ids)) == (T.HOLDS, "", 1)
        different = committer.perform(say(S.DIFFERENT, LEFT, RIGHT, time=NOW - 40))
        assert (different.standing, len(different.profile_ids)) == (T.HOLDS, 2)
        assert committer.perform(say(S.SAME, LEFT, RIGHT)).standing is T.OVERRULED
        back = committer.perform(WithdrawRequest(different.assertion_id))
        assert (back.standing, back.profile_ids) == (T.WITHDRAWN, same.profile_ids)
        assert committer.perform(WithdrawRequest(same.assertion_id, validate_only=True)).standing is T.WITHDRAWN
        assert store.engine.counts().assertions == 1
        committer.perform(WithdrawRequest(same.assertion_id))
        assert store.engine.counts().assertions == 0
        state = dump(store.engine).ordered()
    with world.open() as store:
        assert differences(state, dump(store.engine).ordered(), store.key, 9) == ([], 0)


def test_the_same_verdict_again_changes_nothing_and_another_of_its_name_is_refused(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        first = committer.perform(say(S.SAME, LEFT, RIGHT, name="a1"))
        sequence = store.engine.sequence
        assert committer.perform(say(S.SAME, LEFT, RIGHT, name="a1", time=None)) == first
        assert store.engine.sequence == sequence
        for other in (say(S.DIFFERENT, LEFT, RIGHT, name="a1"), say(S.SAME, RIGHT, LEFT, name="a1"), say(S.SHARED, name="a1")):
            with pytest.raises(ConflictError):
                committer.perform(other)
        with pytest.raises(ConflictError):
            committer.perform(say(S.SAME, LEFT, RIGHT, name="a1", time=NOW - 49))
        committer.perform(WithdrawRequest("a1"))
        committer.perform(WithdrawRequest("a1"))
        assert store.engine.sequence == sequence + 1
        assert committer.perform(say(S.DIFFERENT, LEFT, RIGHT, name="a1")).standing is T.HOLDS  # after a withdrawal it is new


def test_an_id_is_made_from_what_is_said(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        first = committer.perform(say(S.SAME, LEFT, RIGHT))
        sequence = store.engine.sequence
        assert committer.perform(say(S.SAME, LEFT, RIGHT)).assertion_id == first.assertion_id != ""
        assert store.engine.sequence == sequence
        assert committer.perform(say(S.SAME, LEFT, THIRD)).assertion_id != first.assertion_id
        assert committer.perform(say(S.SHARED, time=None)).assertion_id


@pytest.mark.parametrize("only_ask", [False, True])
def test_a_verdict_without_effect_names_the_remedy(world: World, only_ask: bool) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        asleep = committer.perform(say(S.SAME, LEFT, ROLE, validate_only=only_ask))
        assert asleep.standing is T.ASLEEP
        assert "PERSONAL" in asleep.remedy
        unseen = committer.perform(say(S.SAME, LEFT, ("email", "", "never.seen@gmail.com"), validate_only=only_ask))
        assert unseen.standing is T.UNSEEN
        committer.perform(say(S.SAME, LEFT, RIGHT))
        committer.perform(say(S.DIFFERENT, RIGHT, THIRD))
        contradicted = committer.perform(say(S.SAME, LEFT, THIRD, validate_only=only_ask))
        assert (contradicted.standing, "DIFFERENT" in contradicted.remedy) == (T.CONTRADICTED, True)


def test_validating_logs_nothing(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        sequence = store.engine.sequence
        assert committer.perform(say(S.SAME, LEFT, RIGHT, validate_only=True)).standing is T.HOLDS
        assert (store.engine.sequence, store.engine.counts().assertions) == (sequence, 0)
        assert store.engine.counts().profiles == 3


def test_a_verdict_on_what_is_seen_later_counts_then(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        new = ("customer_id", "", "77")
        assert committer.perform(say(S.SAME, LEFT, new, name="v")).standing is T.UNSEEN
        committer.perform(ingest(report(8, ("customer_id", "desk", "77"), source="crm")))  # the issuer is the source that asserted
        reply = committer.perform(say(S.SAME, LEFT, new, name="v"))
        assert (reply.standing, len(reply.profile_ids)) == (T.HOLDS, 1)


def test_shared_takes_an_identifier_out_and_personal_brings_one_in(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        committer.perform(ingest(report(7, LEFT[::2], THIRD[::2]), report(8, RIGHT[::2], THIRD[::2])))
        assert committer.perform(say(S.SAME, LEFT, RIGHT, validate_only=True)).standing is T.HOLDS
        committer.perform(say(S.SHARED, THIRD))
        assert len(committer.perform(say(S.SAME, LEFT, RIGHT, validate_only=True)).profile_ids) == 2
        assert committer.perform(say(S.PERSONAL, ROLE)).profile_ids != ()


def test_what_cannot_be_meant_is_refused(world: World) -> None:
    for arguments in (
        (S.SAME, LEFT, None, None, "desk"),
        (S.SHARED, LEFT, RIGHT, None, "desk"),
        (S.SHARED, LEFT, None, None, ""),
        (S.SHARED, LEFT, None, 5_000_000_000, "desk"),
        (S.SHARED, LEFT, None, None, "desk", "x" * 1025),
    ):
        with pytest.raises(RequestError):
            AssertRequest(*arguments)
    with world.open() as store:
        committer = seeded(world, store)
        with pytest.raises(RequestError, match=r"assertion\.right"):
            committer.perform(say(S.SAME, LEFT, ("email", "", "Kelly.Neal@googlemail.com")))
        with pytest.raises(RequestError, match=r"assertion\.left\.value"):
            committer.perform(say(S.SHARED, ("email", "", "nonsense")))
        with pytest.raises(NotFoundError):
            committer.perform(WithdrawRequest("never said"))
        assert store.engine.sequence == 2


def test_two_sources_may_use_one_id(world: World) -> None:
    with world.open() as store:
        committer = seeded(world, store)
        committer.perform(say(S.SHARED, name="1"))
        committer.perform(AssertRequest(S.PERSONAL, LEFT, None, NOW, "phone desk", "1"))
        with pytest.raises(RequestError, match="2 sources"):
            committer.perform(WithdrawRequest("1"))
        assert committer.perform(WithdrawRequest("1", "desk")).standing is T.WITHDRAWN
        assert committer.perform(WithdrawRequest("1", "phone desk")).standing is T.WITHDRAWN
