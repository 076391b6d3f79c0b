"""Segments are defined, defined anew and deleted through the log; what cannot be is refused with nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import (
    DefinitionError,
    IdweaveError,
    NotFoundError,
    RequestError,
    SegmentInUseError,
    TooLargeError,
    VersionConflictError,
)
from idweave_server.operations.committer import Committer
from idweave_server.operations.delete_segment import DeleteSegment
from idweave_server.operations.get_segment import get_segment
from idweave_server.operations.memberships import Problem
from idweave_server.operations.put_segment import PutReply, PutSegment
from idweave_server.operations.segment_source import SegmentSource
from idweave_server.segments.expression import All, Expression, FieldTest, Not, Operator, SegmentTest, TagTest
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.template import Template

from tests.operations.fake_memberships import FakeMemberships, memberships_in
from tests.operations.world import NOW, World, ingest, report

VIP = TagTest("vip")


TAGGED = Template(
    "tagged",
    "tags",
    "Tagged",
    "Has a tag.",
    (
        Parameter("tag", ParameterType.TEXT, None, "Which one.", example="vip"),
        Parameter("currency", ParameterType.CURRENCY, None, "Whose."),
    ),
    lambda tag, currency: TagTest(f"{tag} {currency}"),
)


@pytest.fixture
def committer(tmp_path: Path) -> Iterator[Committer]:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        seen = committer.perform(ingest(report(1), report(2)))
        memberships_in(store.engine).tag("vip", seen.results[0].profile_id)
        yield committer


def memberships(committer: Committer) -> FakeMemberships:
    engine: Any = committer.store.engine
    found: FakeMemberships = engine.memberships
    return found


def put(committer: Committer, name: str, expression: Expression = VIP, **more: Any) -> PutReply:
    return committer.perform(PutSegment(name, SegmentSource(expression=expression), **more))


def test_a_segment_is_put_through_the_log(committer: Committer) -> None:
    sequence = committer.store.engine.sequence
    reply = put(committer, "vips", description="who matters", owner="crm")
    assert committer.store.engine.sequence == sequence + 1
    assert reply.definition is not None
    assert (reply.definition.version, reply.definition.at, reply.definition.sequence) == (1, NOW, sequence + 1)
    assert (reply.changed, reply.members, reply.problems, reply.warnings) == (True, 1, (), ())
    assert reply.revision == committer.store.revision()
    again = put(committer, "vips", Not(VIP), description="who matters", owner="crm")
    assert again.definition is not None
    assert (again.definition.version, again.changed) == (2, True)


def test_the_same_definition_makes_no_version(committer: Committer) -> None:
    put(committer, "vips", description="who matters")
    sequence = committer.store.engine.sequence
    again = put(committer, "vips", description="who matters")
    assert (again.changed, again.members, committer.store.engine.sequence) == (False, 1, sequence)
    assert put(committer, "vips", description="who matters more").changed


def test_validate_only_changes_nothing(committer: Committer) -> None:
    sequence = committer.store.engine.sequence
    reply = put(committer, "vips", validate_only=True)
    assert reply.definition is not None
    assert (reply.definition.version, reply.changed, reply.problems) == (1, False, ())
    wrong = put(committer, "vips", All((SegmentTest("none"), FieldTest("citty", Operator.KNOWN))), validate_only=True)
    assert wrong.definition is None
    assert [problem.position for problem in wrong.problems] == ["[0]", "[1]"]
    text = PutSegment("vips", SegmentSource(text='{"tg": "a"}'), validate_only=True)
    assert committer.perform(text).problems[0].suggestion == "tag"
    unfilled = PutSegment("vips", SegmentSource(template="tagged"), validate_only=True, templates={"tagged": TAGGED})
    assert committer.perform(unfilled).problems == (Problem("template.parameters.tag", "is needed: Which one, such as vip"),)
    assert committer.store.engine.sequence == sequence
    assert memberships(committer).definitions == {}


def test_every_problem_of_a_definition_is_told(committer: Committer) -> None:
    put(committer, "vips")
    sequence = committer.store.engine.sequence
    with pytest.raises(DefinitionError) as caught:
        put(committer, "others", All((SegmentTest("vip"), FieldTest("citty", Operator.KNOWN))))
    assert caught.value.problems == (
        ("[0]", "there is no such segment", "vips"),
        ("[1]", "there is no such field", "last_order_time"),
    )
    assert caught.value.violations[0] == ("[0]", "there is no such segment; did you mean vips?")
    assert committer.store.engine.sequence == sequence


def test_warnings_do_not_refuse(committer: Committer) -> None:
    memberships(committer).warned = [Problem("all[0].events.types[0]", "never seen", "order_placed", warning=True)]
    reply = put(committer, "vips")
    assert reply.changed
    assert [warning.suggestion for warning in reply.warnings] == ["order_placed"]


def test_a_template_with_its_parameters(committer: Committer) -> None:
    source = SegmentSource(template="tagged", parameters=(("tag", "vip"),))
    reply = committer.perform(PutSegment("a", source, templates={"tagged": TAGGED}))
    assert reply.definition is not None
    assert reply.definition.expression == TagTest("vip EUR")
    assert (reply.definition.template, reply.definition.parameters) == ("tagged", (("tag", "vip"),))
    with pytest.raises(RequestError, match=r"template\.parameters\.tag: is needed"):
        committer.perform(PutSegment("a", SegmentSource(template="tagged"), templates={"tagged": TAGGED}))
    with pytest.raises(RequestError, match=r"did you mean .tagged."):
        committer.perform(PutSegment("a", SegmentSource(template="taged"), templates={"tagged": TAGGED}))


def test_a_text_is_read(committer: Committer) -> None:
    reply = committer.perform(PutSegment("a", SegmentSource(text='{"not": {"tag": "vip"}}')))
    assert reply.definition is not None
    assert reply.definition.expression == Not(VIP)


@pytest.mark.parametrize(("expected", "there"), [(1, 0), (2, 1), (0, 1), (7, 1)])
def test_another_version_than_expected_is_a_conflict(committer: Committer, expected: int, there: int) -> None:
    if there:
        put(committer, "vips")
    with pytest.raises(VersionConflictError) as caught:
        put(committer, "vips", Not(VIP), expected_version=expected)
    assert caught.value.version == there
    assert len(memberships(committer).history("vips")) == there


def test_the_expected_version(committer: Committer) -> None:
    assert put(committer, "vips", expected_version=0).changed
    assert put(committer, "vips", Not(VIP), expected_version=1).changed
    again = put(committer, "vips", Not(VIP), expected_version=1)  # its answer was lost, so it is sent again
    assert again.definition is not None
    assert (again.changed, again.definition.version) == (False, 2)


@pytest.mark.parametrize("name", ["", "Vips", "9a", "a b", "a" * 101, "ä", "-a"])
def test_a_name_is_a_word(name: str) -> None:
    with pytest.raises(RequestError, match="name: a name has letters"):
        PutSegment(name, SegmentSource(expression=VIP))


def test_texts_are_bounded() -> None:
    with pytest.raises(TooLargeError, match=r"description: has 2,001 bytes; at most 2,000"):
        PutSegment("a", SegmentSource(expression=VIP), "x" * 2_001)
    with pytest.raises(TooLargeError, match=r"owner: has 202 bytes"):
        PutSegment("a", SegmentSource(expression=VIP), owner="ä" * 101)


def test_a_definition_has_to_be_given(committer: Committer) -> None:
    with pytest.raises(RequestError, match="definition: give a condition"):
        committer.perform(PutSegment("a", SegmentSource()))


def test_a_segment_is_deleted_and_its_versions_stay(committer: Committer) -> None:
    put(committer, "vips")
    dry = committer.perform(DeleteSegment("vips", validate_only=True))
    assert (dry.members, list(memberships(committer).definitions)) == (1, ["vips"])
    reply = committer.perform(DeleteSegment("vips", expected_version=1))
    assert (reply.members, reply.revision) == (1, committer.store.revision())
    assert memberships(committer).definitions == {}
    shown = get_segment(memberships(committer), "vips", 1)
    assert (shown.definition.deleted, shown.definition.expression, shown.members) == (True, VIP, 0)
    again = put(committer, "vips")
    assert again.definition is not None
    assert (again.definition.version, again.changed) == (2, True)


def refused(committer: Committer, change: DeleteSegment, error: type[IdweaveError], match: str) -> IdweaveError:
    sequence = committer.store.engine.sequence
    with pytest.raises(error, match=match) as caught:
        committer.perform(change)
    assert committer.store.engine.sequence == sequence
    return caught.value


def test_what_cannot_be_deleted_stays(committer: Committer) -> None:
    put(committer, "vips")
    put(committer, "others", Not(SegmentTest("vips")))
    found = refused(committer, DeleteSegment("vips"), SegmentInUseError, "the segment is named by others: define those without it first")
    assert isinstance(found, SegmentInUseError)
    assert found.used_by == ("others",)
    refused(committer, DeleteSegment("vip"), NotFoundError, "there is no segment 'vip'; did you mean vips")
    refused(committer, DeleteSegment("others", expected_version=2), VersionConflictError, "has version 1")
    assert committer.perform(DeleteSegment("others")).members == 1
    assert committer.perform(DeleteSegment("vips")).members == 1
