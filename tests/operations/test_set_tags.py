"""Tags are observations: they follow the identifier, come back with a retraction, and are taken in once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import NotFoundError, RequestError, TooLargeError
from idweave_server.model import Outcome
from idweave_server.operations.committer import Committer
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.set_tags import SetTags, TagsReply

from tests.operations.fake_memberships import memberships_in
from tests.operations.world import NOW, World, ingest, report

EMAIL = ("email", "", "person1@gmail.com")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def committer(world: World) -> Iterator[Committer]:
    with world.open() as store:
        committer = world.committer(store)
        profile_id = committer.perform(ingest(report(1))).results[0].profile_id
        memberships_in(store.engine).tag("vip", profile_id)
        yield committer


def change(committer: Committer, subject: Subject | None = None, **more: Any) -> SetTags:
    engine = committer.store.engine
    reader = IdentifierReader(engine.policy, engine.lists)
    return SetTags(reader, subject or Subject(identifier=EMAIL), "crm", **{"add": ("vip",), "observation_id": "t-1", **more})


def put(committer: Committer, subject: Subject | None = None, **more: Any) -> TagsReply:
    return committer.perform(change(committer, subject, **more))


def said(committer: Committer, observation_id: str = "t-1") -> list[tuple[str, dict[str, Any]]]:
    engine = committer.store.engine
    seen = engine.observation(engine.rows_of_observation("crm", observation_id))
    return [(event.type, dict(event.properties)) for event in seen.events]


def test_a_change_of_tags_is_an_observation(committer: Committer) -> None:
    reply = put(committer, add=("vip", "new"), remove=("late",), milliseconds=NOW * 1000 + 7)
    assert (reply.result.observation_id, reply.result.outcome) == ("t-1", Outcome.ACCEPTED)
    assert reply.tags == ("vip",), "what the memberships say, which this test states by hand"
    assert reply.revision == committer.store.revision()
    assert said(committer) == [
        ("tag_added", {"tag": "vip", "milliseconds": 7}),
        ("tag_added", {"tag": "new", "milliseconds": 7}),
        ("tag_removed", {"tag": "late", "milliseconds": 7}),
    ]
    engine = committer.store.engine
    seen = engine.observation(engine.rows_of_observation("crm", "t-1"))
    assert (seen.time, seen.source, [known.value for known, _ in seen.identifiers]) == (NOW, "crm", ["person1@gmail.com"])


def test_sent_again_it_changes_nothing_even_later(committer: Committer, world: World) -> None:
    world.pass_by(0.25)
    put(committer)
    before = said(committer)
    assert before[0][1]["milliseconds"] == 250
    world.pass_by(3.5)
    again = put(committer)
    assert (again.result.outcome, said(committer)) == (Outcome.DUPLICATE, before)
    other = put(committer, add=("new",))
    assert (other.result.outcome, said(committer)) == (Outcome.CONFLICT, before)


def test_a_profile_s_tags_are_put_on_its_first_identifier(committer: Committer) -> None:
    engine = committer.store.engine
    profile_id = engine.profile_id(0)
    reply = put(committer, Subject(profile_id))
    assert reply.result.profile_id == profile_id
    with pytest.raises(NotFoundError):
        put(committer, Subject("0193f0e0-0000-7000-8000-000000000000"))


def test_validate_only_changes_nothing(committer: Committer) -> None:
    sequence = committer.store.engine.sequence
    reply = put(committer, validate_only=True)
    assert (reply.result.outcome, reply.result.profile_id, reply.tags) == (Outcome.ACCEPTED, "", ())
    assert committer.store.engine.sequence == sequence


def test_an_identifier_may_be_new(committer: Committer) -> None:
    reply = put(committer, Subject(identifier=("email", "", "later@shop.de")))
    assert reply.result.outcome == Outcome.ACCEPTED
    assert reply.result.profile_id


def test_an_id_may_be_left_out(committer: Committer) -> None:
    reply = put(committer, observation_id="")
    assert (reply.result.outcome, bool(reply.result.observation_id)) == (Outcome.ACCEPTED, True)


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"add": ()}, RequestError, "no tag is named"),
        ({"remove": ("vip",)}, RequestError, r"add\[0\]: the tag is to be added and to be removed"),
        ({"add": ("a", " b")}, RequestError, r"add\[1\]: a tag is a line"),
        ({"remove": ("a\nb",)}, RequestError, r"remove\[0\]: a tag is a line"),
        ({"add": ("",)}, RequestError, "a tag is a line"),
        ({"add": ("ä" * 101,)}, RequestError, "202 bytes; at most 200"),
        ({"add": tuple(map(str, range(60))), "remove": tuple(map(str, range(60, 101)))}, TooLargeError, "101 tags"),
        ({"subject": Subject(identifier=("email", "", "none"))}, RequestError, r"identifier\.value"),
    ],
)
def test_what_cannot_be_a_change_of_tags(committer: Committer, more: dict[str, Any], error: type[Exception], match: str) -> None:
    sequence = committer.store.engine.sequence
    with pytest.raises(error, match=match):
        put(committer, **more)
    assert committer.store.engine.sequence == sequence
