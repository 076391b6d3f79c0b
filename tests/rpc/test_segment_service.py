"""SegmentService and SetTags through a real channel and the client, over a real store whose memberships a test states by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from idweave import (
    AsyncClient,
    DefinitionError,
    ErrorReason,
    Expression,
    IdweaveClientError,
    InvalidRequestError,
    MembershipChangeKind,
    NotFoundError,
    Outcome,
    SegmentInUseError,
    Truth,
    VersionConflictError,
)
from idweave import segments as s
from idweave_server.model import DAY
from idweave_server.operations.memberships import Attribute
from idweave_server.operations.reader import Reader
from idweave_server.rpc.identity_service import IdentityService
from idweave_server.rpc.methods import SERVICES
from idweave_server.rpc.segment_service import SegmentService
from idweave_server.segments import expression as e
from idweave_server.segments.fields import FieldType
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.template import Template

from tests.operations.fake_memberships import SINCE, FakeMemberships, memberships_in
from tests.operations.world import NOW, World, ingest, report
from tests.rpc.served import served

JO, KIM = "email:person1@gmail.com", "email:person2@gmail.com"
LEAVES = NOW + 3 * DAY
VIP = s.tagged("vip")


TAGGED = Template(
    "tagged",
    "tags",
    "Tagged",
    "Has a tag.",
    (
        Parameter("tag", ParameterType.TEXT, None, "Which one.", choices=("vip", "new"), example="vip"),
        Parameter("days", ParameterType.INTEGER, 30, "How long.", 1, 365),
        Parameter("old", ParameterType.BOOLEAN, False, "Whether it is old."),
    ),
    lambda tag, days, old: e.TagTest(tag),
)


@dataclass
class Site:
    """client: of the server; fake: its memberships; ids: of the profiles of JO and KIM."""

    client: AsyncClient
    fake: FakeMemberships
    ids: list[str]
    writes: list[Any] = field(default_factory=list)


def on_site(folder: Path, use: Callable[[Site], Awaitable[None]]) -> None:
    """Run a test against a server in this process."""

    async def main() -> None:
        world = World(folder)
        with world.open() as store, ThreadPoolExecutor(1) as pool:
            committer = world.committer(store)
            ids = [one.profile_id for one in committer.perform(ingest(report(1), report(2))).results]
            fake = memberships_in(store.engine)
            fake.tag("vip", ids[0], until=LEAVES)
            site = Site(AsyncClient("localhost:1"), fake, ids)

            class Writing:
                async def submit(self, change: Any, size: int = 0) -> Any:
                    site.writes.append(change)
                    return committer.perform(change)

                async def applied(self, sequence: int) -> None:
                    assert sequence <= store.engine.sequence

                async def settled(self) -> None:
                    pass

            writing: Any = Writing()
            nothing: Any = None  # to watch
            reader = Reader(store, writing, steady=lambda: world.steady, seal=b"seal", pool=pool)
            reader.segments.templates = {"tagged": TAGGED}
            services: dict[str, Any] = {
                "SegmentService": SegmentService(reader, writing, nothing),
                "IdentityService": IdentityService(reader, writing, pool, nothing),
            }
            handlers = {
                f"/{service.full_name}/{method.name}": getattr(services[service.name], method.name)
                for service in SERVICES
                if service.name in services
                for method in service.methods
            }
            async with served(handlers) as at, AsyncClient(at.server.address) as client:
                site.client = client
                await use(site)

    asyncio.run(main())


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_segment_is_put_listed_and_deleted(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        put = await client.put_segment("vips", VIP, description="who matters", owner="crm", expected_version=0)
        assert (put.changed, put.segment.version, put.segment.members) == (True, 1, 1)
        got = await client.get_segment("vips", consistency=put.revision)
        assert got.segment == put.segment
        assert (got.segment.description, got.segment.owner, got.segment.expression) == ("who matters", "crm", VIP)
        assert (got.segment.text, got.segment.put_at.seconds) == ('{"tag": "vip"}', NOW)
        again = await client.put_segment("vips", {"tag": "vip"}, description="who matters", owner="crm")
        assert (again.changed, again.segment) == (False, put.segment)
        await client.put_segment("others", s.not_(s.in_segment("vips")))
        await client.put_segment("tagged", s.template("tagged", tag="new"))
        pages = [page async for page in client.list_segments(page_size=2)]
        assert [[one.name for one in page.segments] for page in pages] == [["others", "tagged"], ["vips"]]
        assert pages[0].total == 3
        assert MessageToDict(pages[0].segments[1].template) == {"template": "tagged", "parameters": {"tag": "new"}}
        assert list((await client.get_segment("vips")).used_by) == ["others"]
        with pytest.raises(SegmentInUseError, match="others"):
            await client.delete_segment("vips")
        await client.delete_segment("others")
        assert (await client.delete_segment("vips", expected_version=1)).members == 1
        assert (await client.get_segment("vips", version=1)).segment.deleted
        with pytest.raises(NotFoundError, match="no segment 'vips'"):
            await client.get_segment("vips")

    on_site(tmp_path, use)


def test_what_cannot_be_put_says_why(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        await client.put_segment("vips", VIP)
        wrong = s.all_of(VIP, s.not_(s.in_segment("vip")))
        with pytest.raises(DefinitionError) as caught:
            await client.put_segment("others", wrong)
        [violation] = caught.value.violations
        assert violation.description == "there is no such segment; did you mean vips?"
        with pytest.raises(DefinitionError, match="no condition is set"):
            await client.put_segment("others", Expression())
        with pytest.raises(DefinitionError, match="did you mean tag"):
            await client.put_segment("others", '{"tagg": "vip"}')
        with pytest.raises(InvalidRequestError, match=r"template\.parameters\.tag: is none of"):
            await client.put_segment("others", s.template("tagged", tag="old"))
        with pytest.raises(VersionConflictError, match="no segment was expected, and it has version 1"):
            await client.put_segment("vips", s.not_(VIP), expected_version=0)
        with pytest.raises(InvalidRequestError, match="a name has letters"):
            await client.put_segment("VIPs", VIP)
        for definition in (wrong, Expression(), '{"tagg": "vip"}', s.template("tagged", tag="old")):
            reply = await client.put_segment("others", definition, validate_only=True)
            assert (len(reply.problems), reply.changed, reply.HasField("segment")) == (1, False, False)
        assert (await client.put_segment("others", VIP, validate_only=True)).segment.version == 1
        assert [one.name async for page in client.list_segments() for one in page.segments] == ["vips"]

    on_site(tmp_path, use)


def test_who_is_in_what_until_when(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        await client.put_segment("vips", VIP)
        await client.put_segment("others", s.not_(VIP))
        reply = await client.check_membership(JO, "vips", "others")
        vips, others = reply.memberships
        assert (reply.profile_id, reply.time.seconds) == (site.ids[0], NOW)
        assert (vips.segment, vips.truth, vips.definition_version) == ("vips", Truth.TRUTH_TRUE, 1)
        assert (vips.valid_until.seconds, vips.since.seconds) == (LEAVES, SINCE)
        assert (others.truth, others.valid_until.seconds, others.HasField("since")) == (Truth.TRUTH_FALSE, LEAVES, False)
        [forever] = (await client.check_membership(site.ids[1], "vips")).memberships
        assert (forever.truth, forever.HasField("valid_until")) == (Truth.TRUTH_FALSE, False)
        site.fake.unknown.add(site.ids[1])
        assert [one.truth for one in (await client.check_membership(KIM)).memberships] == [Truth.TRUTH_UNKNOWN] * 2
        with pytest.raises(NotFoundError, match="never observed"):
            await client.check_membership("email:no@shop.de", "vips")

    on_site(tmp_path, use)


def test_many_at_once_echo_whom_they_are_about(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        await client.put_segment("vips", VIP)
        subjects = [JO, "email:no@shop.de", site.ids[1], "email:none"] * 50
        reply = await client.batch_check_membership(subjects, ["vips"])
        assert len(reply.results) == 200
        first, second, third, fourth = reply.results[-4:]
        assert (first.subject.identifier.value, first.memberships[0].truth) == ("person1@gmail.com", Truth.TRUTH_TRUE)
        assert (third.subject.profile_id, third.profile_id) == (site.ids[1], site.ids[1])
        assert second.error.reason == ErrorReason.ERROR_REASON_NOT_FOUND
        assert fourth.error.reason == ErrorReason.ERROR_REASON_INVALID_REQUEST
        assert "identifier.value" in fourth.error.message
        assert not first.HasField("error")
        with pytest.raises(NotFoundError, match="did you mean vips"):
            await client.batch_check_membership([JO], ["vip"])
        with pytest.raises(InvalidRequestError, match=r"subjects: has 1,001 items; at most 1,000"):
            await client.batch_check_membership([JO] * 1_001, ["vips"])

    on_site(tmp_path, use)


def test_members_by_profile_and_by_address(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        await client.put_segment("all", s.all_of())
        pages = [page async for page in client.list_members("all", page_size=1)]
        assert sorted(one.profile_id for page in pages for one in page.members) == sorted(site.ids)
        assert (pages[0].total, pages[0].definition_version, pages[0].time.seconds) == (2, 1, NOW)
        [page] = [page async for page in client.list_members("all", namespace="email")]
        assert sorted(one.identifier.value for one in page.members) == ["person1@gmail.com", "person2@gmail.com"]
        member = page.members[0]
        assert (member.since.seconds, member.HasField("valid_until"), member.left) == (SINCE, False, False)

    on_site(tmp_path, use)


def test_why_somebody_is_in_a_segment(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        await site.client.put_segment("both", s.all_of(VIP, s.tagged("new")))
        reply = await site.client.explain_membership(JO, "both")
        assert (reply.profile_id, reply.membership.truth) == (site.ids[0], Truth.TRUTH_FALSE)
        left, right = reply.condition.parts
        assert (left.position, left.words, left.truth, left.valid_until.seconds, left.missed_by) == (
            "[0]",
            "tagtest",
            Truth.TRUTH_TRUE,
            LEAVES,
            "",
        )
        assert (right.truth, right.missed_by, right.HasField("valid_until")) == (Truth.TRUTH_FALSE, "the tag", False)

    on_site(tmp_path, use)


def test_what_a_definition_selects_and_will(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        await client.put_segment("all", s.all_of())
        preview = await client.preview_segment(VIP, narrow_below=1)
        assert (preview.size, preview.population, preview.too_narrow, list(preview.sample)) == (1, 2, False, site.ids[:1])
        assert [(one.namespace, one.profiles, one.identifiers) for one in preview.coverage] == [("email", 1, 1)]
        assert [(one.segment, one.size, one.both) for one in preview.overlaps] == [("all", 2, 1)]
        assert [(one.time.seconds - NOW) // DAY for one in preview.forecast] == [1, 7, 30, 90]
        assert [one.size for one in preview.forecast] == [1, 0, 0, 0]
        assert (preview.expression, preview.text, preview.time.seconds) == (VIP, '{"tag": "vip"}', NOW)
        assert (await client.preview_segment("all")).size == 2
        ahead = await client.forecast_segment(s.not_(VIP), times=[at(LEAVES), at(LEAVES - 1)], limit=5)
        assert [one.size for one in ahead.sizes] == [2, 1]
        [change] = ahead.changes
        assert (change.time.seconds, change.profile_id, change.kind) == (
            LEAVES,
            site.ids[0],
            MembershipChangeKind.MEMBERSHIP_CHANGE_KIND_ENTERED,
        )
        assert (ahead.size, ahead.total_changes, ahead.truncated) == (1, 1, False)
        none = await client.forecast_segment(s.not_(VIP), horizon=timedelta(0))
        assert (len(none.changes), none.total_changes) == (0, 0)
        with pytest.raises(InvalidRequestError, match=r"times\[0\]"):
            await client.forecast_segment("all", times=[at(NOW)])

    on_site(tmp_path, use)


def test_templates_say_what_they_take(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        [template] = (await site.client.list_templates()).templates
        assert (template.name, template.family, template.title, template.summary) == ("tagged", "tags", "Tagged", "Has a tag.")
        tag, days, old = template.parameters
        assert (tag.required, tag.HasField("default"), tag.example, list(tag.choices), tag.type) == (
            True,
            False,
            "vip",
            ["vip", "new"],
            "text",
        )
        assert (days.required, days.default, days.least, days.most) == (False, "30", 1, 365)
        assert (old.default, old.HasField("least")) == ("false", False)

    on_site(tmp_path, use)


def test_tags_and_what_a_profile_shows_of_them(tmp_path: Path) -> None:
    async def use(site: Site) -> None:
        client = site.client
        reply = await client.set_tags(JO, source="crm", add=["vip"], remove=["late"])
        assert (reply.result.outcome, reply.result.profile_id, list(reply.tags)) == (Outcome.OUTCOME_ACCEPTED, site.ids[0], ["vip"])
        timeline = [one async for page in client.get_timeline(JO, types=["tag_removed"]) for one in page.observations]
        assert [event.properties[0].text for event in timeline[0].events] == ["vip", "late"]
        with pytest.raises(InvalidRequestError, match="no tag is named"):
            await client.set_tags(JO, source="crm")
        await client.put_segment("vips", VIP)
        site.fake.values = [
            Attribute("order_count", FieldType.INTEGER, 2),
            Attribute("last_order_time", FieldType.TIME, NOW),
            Attribute("first_order_time", FieldType.TIME, None),
            Attribute("categories", FieldType.TEXTS, ("shoes", "hats")),
            Attribute("average_order", FieldType.MONEY, e.Money("EUR", 12_500_000)),
        ]
        profile = (await client.get_profile(JO)).profile
        assert list(profile.tags) == ["vip"]
        [held] = profile.segments
        assert (held.name, held.since.seconds, held.valid_until.seconds, held.definition_version) == ("vips", SINCE, LEAVES, 1)
        assert [(one.name, one.value.WhichOneof("value")) for one in profile.attributes] == [
            ("average_order", "money"),
            ("categories", "text"),
            ("categories", "text"),
            ("last_order_time", "time"),
            ("order_count", "integer"),
        ]

    on_site(tmp_path, use)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.check_membership("0190-a", "vips"),
        lambda c: c.explain_membership(JO, "none"),
        lambda c: c.preview_segment("none"),
        lambda c: c.forecast_segment("none"),
        lambda c: c.delete_segment("none"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, call: Callable[[AsyncClient], Awaitable[Any]]) -> None:
    async def use(site: Site) -> None:
        with pytest.raises(IdweaveClientError) as caught:
            await call(site.client)
        assert caught.value.reason in {"NOT_FOUND", "INVALID_REQUEST"}

    on_site(tmp_path, use)
