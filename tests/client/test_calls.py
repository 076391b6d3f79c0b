"""Each call sends what it says and gives back what was answered, by either client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from idweave import AsyncClient, Client, Observation, TextColumn, Verdict, identifier, segments
from idweave.v1 import admin_service_pb2 as admin
from idweave.v1 import change_pb2 as change
from idweave.v1 import identity_service_pb2 as identity
from idweave.v1 import privacy_service_pb2 as privacy
from idweave.v1 import quality_service_pb2 as quality
from idweave.v1 import segment_service_pb2 as segment
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identity_service_pb2_grpc import IdentityServiceStub
from idweave.v1.quality_service_pb2 import IssueKind
from idweave.v1.verdict_pb2 import Assertion

from tests.client.fake_server import METHODS, FakeServer

EMAIL, PHONE = identifier("email:jo@example.org"), identifier("phone:+14155550101")
TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SEEN = Observation(observation_id="o-1", evidence_kind="LOGIN", identifiers=[EMAIL])
FULL = Consistency(fully_consistent=True)
SAME = Assertion(verdict=Verdict.VERDICT_SAME, left=EMAIL, right=PHONE, source="desk", time=TIME)

VIP = segments.tagged("vip")

CALLS: list[tuple[str, Callable[[Any], Any], Message]] = [
    (
        "Ingest",
        lambda c: c.ingest(SEEN, validate_only=True, backfill=True),
        identity.IngestRequest(observation=SEEN, validate_only=True, backfill=True),
    ),
    (
        "IngestBatch",
        lambda c: c.ingest_batch([SEEN], validate_only=True),
        identity.IngestBatchRequest(observations=[SEEN], validate_only=True),
    ),
    (
        "Lookup",
        lambda c: c.lookup("email:jo@example.org", PHONE, as_of=TIME, purpose="mail", consistency="r9", include_profile=True),
        identity.LookupRequest(
            identifiers=[EMAIL, PHONE], as_of=TIME, purpose="mail", consistency=Consistency(at_least_as_fresh="r9"), include_profile=True
        ),
    ),
    (
        "BatchLookup",
        lambda c: c.batch_lookup(["email:jo@example.org", [EMAIL, "phone:+14155550101"], identity.LookupQuery(as_of=TIME)], purpose="mail"),
        identity.BatchLookupRequest(queries=[{"identifiers": [EMAIL]}, {"identifiers": [EMAIL, PHONE]}, {"as_of": TIME}], purpose="mail"),
    ),
    (
        "GetProfile",
        lambda c: c.get_profile("0190-a", consistency="full"),
        identity.GetProfileRequest(profile_id="0190-a", consistency=FULL),
    ),
    ("GetProfile", lambda c: c.get_profile("email:jo@example.org"), identity.GetProfileRequest(identifier=EMAIL)),
    (
        "GetTimeline",
        lambda c: next(c.get_timeline(EMAIL, types=["order"], page_size=7, page_token="t", consistency=FULL)),
        identity.GetTimelineRequest(identifier=EMAIL, types=["order"], page_size=7, page_token="t", consistency=FULL),
    ),
    (
        "Explain",
        lambda c: c.explain(EMAIL, "phone:+14155550101", as_of=TIME, consistency="full"),
        identity.ExplainRequest(left=EMAIL, right=PHONE, as_of=TIME, consistency=FULL),
    ),
    (
        "Assert",
        lambda c: c.assert_verdict(SAME, assertion_id="a", validate_only=True),
        identity.AssertRequest(assertion=SAME, assertion_id="a", validate_only=True),
    ),
    (
        "Assert",
        lambda c: c.assert_same(EMAIL, PHONE, source="desk", time=TIME, assertion_id="a"),
        identity.AssertRequest(assertion=SAME, assertion_id="a"),
    ),
    (
        "Assert",
        lambda c: c.assert_different(EMAIL, PHONE, source="desk", assertion_id="a"),
        identity.AssertRequest(
            assertion=Assertion(verdict=Verdict.VERDICT_DIFFERENT, left=EMAIL, right=PHONE, source="desk"), assertion_id="a"
        ),
    ),
    (
        "Assert",
        lambda c: c.assert_shared(EMAIL, source="desk", assertion_id="a"),
        identity.AssertRequest(assertion=Assertion(verdict=Verdict.VERDICT_SHARED, left=EMAIL, source="desk"), assertion_id="a"),
    ),
    (
        "Assert",
        lambda c: c.assert_personal(EMAIL, source="desk", assertion_id="a"),
        identity.AssertRequest(assertion=Assertion(verdict=Verdict.VERDICT_PERSONAL, left=EMAIL, source="desk"), assertion_id="a"),
    ),
    ("Assert", lambda c: c.withdraw("a", validate_only=True), identity.AssertRequest(withdraw="a", validate_only=True)),
    (
        "Retract",
        lambda c: c.retract("web", "o-1", validate_only=True),
        identity.RetractRequest(observation=identity.ObservationName(source="web", observation_id="o-1"), validate_only=True),
    ),
    (
        "Retract",
        lambda c: c.retract_source("web", from_=TIME, until=TIME),
        identity.RetractRequest(range=identity.SourceRange(source="web", until=TIME, **{"from": TIME})),
    ),
    (
        "Erase",
        lambda c: c.erase("email:jo@example.org", PHONE, observed_until=TIME, validate_only=True),
        privacy.EraseRequest(identifiers=privacy.IdentifierList(identifiers=[EMAIL, PHONE]), observed_until=TIME, validate_only=True),
    ),
    ("Erase", lambda c: c.erase(profile_id="0190-a"), privacy.EraseRequest(profile_id="0190-a")),
    (
        "WatchProfiles",
        lambda c: next(c.watch_profiles(resume_token="t", profiles=["0190-a", EMAIL], kinds=["merged", 5], heartbeat=2.5)),
        change.WatchProfilesRequest(
            resume_token="t",
            profile_ids=["0190-a"],
            identifiers=[EMAIL],
            kinds=["PROFILE_CHANGE_KIND_MERGED", "PROFILE_CHANGE_KIND_GONE"],
            heartbeat={"seconds": 2, "nanos": 500_000_000},
        ),
    ),
    (
        "WatchMembership",
        lambda c: next(c.watch_membership("recent", "lapsed", profiles=["email:jo@example.org"], include_backfill=True)),
        change.WatchMembershipRequest(segments=["recent", "lapsed"], identifiers=[EMAIL], include_backfill=True),
    ),
    ("Validate", lambda c: c.validate([SEEN]), quality.ValidateRequest(observations=[SEEN])),
    (
        "InferFormats",
        lambda c: c.infer_formats({"born": ["04.03.1985"]}, source="crm"),
        quality.InferFormatsRequest(columns=[TextColumn(name="born", source="crm", values=["04.03.1985"])]),
    ),
    ("InferFormats", lambda c: c.infer_formats([TextColumn(name="born")]), quality.InferFormatsRequest(columns=[TextColumn(name="born")])),
    (
        "ListIssues",
        lambda c: next(c.list_issues(kinds=["shared", IssueKind.ISSUE_KIND_FRAGILE], page_size=3, consistency="full")),
        quality.ListIssuesRequest(kinds=["ISSUE_KIND_SHARED", "ISSUE_KIND_FRAGILE"], page_size=3, consistency=FULL),
    ),
    (
        "SetTags",
        lambda c: c.set_tags("0190-a", source="crm", add=["vip"], remove=["late"], time=TIME, observation_id="t", validate_only=True),
        identity.SetTagsRequest(
            profile_id="0190-a", source="crm", add=["vip"], remove=["late"], time=TIME, observation_id="t", validate_only=True
        ),
    ),
    (
        "SetTags",
        lambda c: c.set_tags(EMAIL, source="crm", add=["vip"], observation_id=""),
        identity.SetTagsRequest(identifier=EMAIL, source="crm", add=["vip"]),
    ),
    (
        "PutSegment",
        lambda c: c.put_segment("vips", VIP, description="who matters", owner="crm", expected_version=0, validate_only=True),
        segment.PutSegmentRequest(
            name="vips", expression=VIP, description="who matters", owner="crm", expected_version=0, validate_only=True
        ),
    ),
    (
        "PutSegment",
        lambda c: c.put_segment("vips", segments.template("recent", currency="EUR", days=30, online=True)),
        segment.PutSegmentRequest(
            name="vips", template={"template": "recent", "parameters": {"currency": "EUR", "days": "30", "online": "true"}}
        ),
    ),
    (
        "PutSegment",
        lambda c: c.put_segment("vips", {"field": {"name": "first_order_time", "operator": "<", "value": date(2026, 1, 2)}}),
        segment.PutSegmentRequest(name="vips", text='{"field": {"name": "first_order_time", "operator": "<", "value": "2026-01-02"}}'),
    ),
    (
        "PutSegment",
        lambda c: c.put_segment("vips", {"events": {"begin": datetime(2026, 1, 2)}}),
        segment.PutSegmentRequest(name="vips", text='{"events": {"begin": {"time": "2026-01-02T00:00:00+00:00"}}}'),
    ),
    ("PutSegment", lambda c: c.put_segment("vips", ' {"tag": "vip"}'), segment.PutSegmentRequest(name="vips", text=' {"tag": "vip"}')),
    (
        "GetSegment",
        lambda c: c.get_segment("vips", version=2, consistency="full"),
        segment.GetSegmentRequest(name="vips", version=2, consistency=FULL),
    ),
    (
        "ListSegments",
        lambda c: next(c.list_segments(page_size=3, page_token="t", consistency="full")),
        segment.ListSegmentsRequest(page_size=3, page_token="t", consistency=FULL),
    ),
    (
        "DeleteSegment",
        lambda c: c.delete_segment("vips", expected_version=2, validate_only=True),
        segment.DeleteSegmentRequest(name="vips", expected_version=2, validate_only=True),
    ),
    (
        "PreviewSegment",
        lambda c: c.preview_segment("vips", narrow_below=5, sample_size=-1, consistency="full"),
        segment.PreviewSegmentRequest(segment="vips", narrow_below=5, sample_size=-1, consistency=FULL),
    ),
    ("PreviewSegment", lambda c: c.preview_segment(VIP), segment.PreviewSegmentRequest(expression=VIP)),
    (
        "CheckMembership",
        lambda c: c.check_membership("email:jo@example.org", "vips", "recent", consistency="r9"),
        segment.CheckMembershipRequest(identifier=EMAIL, segments=["vips", "recent"], consistency=Consistency(at_least_as_fresh="r9")),
    ),
    (
        "BatchCheckMembership",
        lambda c: c.batch_check_membership([EMAIL, "0190-a"], ["vips"], consistency="full"),
        segment.BatchCheckMembershipRequest(
            subjects=[{"identifier": EMAIL}, {"profile_id": "0190-a"}], segments=["vips"], consistency=FULL
        ),
    ),
    (
        "ListMembers",
        lambda c: next(c.list_members("vips", namespace="email", page_size=3, page_token="t", consistency="full")),
        segment.ListMembersRequest(segment="vips", namespace="email", page_size=3, page_token="t", consistency=FULL),
    ),
    (
        "ExplainMembership",
        lambda c: c.explain_membership("0190-a", "vips", consistency="full"),
        segment.ExplainMembershipRequest(profile_id="0190-a", segment="vips", consistency=FULL),
    ),
    (
        "ForecastSegment",
        lambda c: c.forecast_segment(VIP, times=[TIME], horizon=timedelta(days=1), limit=7, consistency="full"),
        segment.ForecastSegmentRequest(expression=VIP, times=[TIME], horizon=timedelta(days=1), limit=7, consistency=FULL),
    ),
    ("GetCutPoints", lambda c: c.get_cut_points(consistency="full"), segment.GetCutPointsRequest(consistency=FULL)),
    ("ListTemplates", lambda c: c.list_templates(), segment.ListTemplatesRequest()),
    ("GetStatus", lambda c: c.get_status(consistency="full"), admin.GetStatusRequest(consistency=FULL)),
    ("GetPolicy", lambda c: c.get_policy(consistency="r9"), admin.GetPolicyRequest(consistency=Consistency(at_least_as_fresh="r9"))),
    ("Verify", lambda c: c.verify(), admin.VerifyRequest()),
    ("ExportFiles", lambda c: next(c.export_files()), admin.ExportFilesRequest()),
]
MARKS = {"revision": "r7", "file": "f"}  # a field that answers have, to know them by


def test_every_method_is_called_here() -> None:
    assert {method for method, _, _ in CALLS} == {method.name for method in METHODS}


@pytest.mark.parametrize(("method", "call", "expected"), CALLS, ids=[f"{n}-{method}" for n, (method, _, _) in enumerate(CALLS)])
def test_a_call_sends_and_gives_back(method: str, call: Callable[[Any], Any], expected: Message, client: Any, server: FakeServer) -> None:
    answer = GetMessageClass(next(one for one in METHODS if one.name == method).output_type)()
    for name in set(MARKS) & set(answer.DESCRIPTOR.fields_by_name):
        setattr(answer, name, MARKS[name])
    server.plan(method, answer)
    assert call(client) == answer
    assert server.requests(method) == [expected]


def test_an_observation_from_plain_values_has_its_id_and_time(client: Any, server: FakeServer) -> None:
    before = datetime.now(UTC)
    client.ingest(source="web", kind="LOGIN", identifiers=["email:jo@example.org", PHONE], traits={"first_name": "Jo"})
    [request] = server.requests("Ingest")
    sent = request.observation
    assert list(sent.identifiers) == [EMAIL, PHONE]
    assert (sent.source.name, sent.evidence_kind, sent.traits[0].text) == ("web", "LOGIN", "Jo")
    assert UUID(sent.observation_id).version == 4
    assert before <= sent.time.ToDatetime(tzinfo=UTC) <= datetime.now(UTC)


def test_an_observation_is_given_once(client: Any, server: FakeServer) -> None:
    with pytest.raises(TypeError, match="not both"):
        client.ingest(SEEN, source="web")
    assert server.asked == []


def test_a_verdict_has_its_id_before_it_is_sent(client: Any, server: FakeServer) -> None:
    client.assert_shared(EMAIL, source="desk")
    [request] = server.requests("Assert")
    assert UUID(request.assertion_id).version == 4
    assert not request.assertion.HasField("time"), "the server's clock says when"


def test_a_batch_is_cut_into_requests_and_its_results_are_in_order(client: Any, server: FakeServer) -> None:
    def answer(request: identity.IngestBatchRequest) -> identity.IngestBatchResponse:
        results = [identity.IngestResult(observation_id=one.observation_id) for one in request.observations]
        return identity.IngestBatchResponse(results=results, revision=f"r{len(server.asked)}")

    server.plan("IngestBatch", answer, answer, answer)
    names = [f"o-{n}" for n in range(2_500)]
    whole = client.ingest_batch((Observation(observation_id=name) for name in names), backfill=True)
    assert [one.observation_id for one in whole.results] == names
    assert whole.revision == "r3"
    assert [len(request.observations) for request in server.requests("IngestBatch")] == [1_000, 1_000, 500]
    assert all(request.backfill for request in server.requests("IngestBatch"))


def test_no_observations_are_no_request(client: Any, server: FakeServer) -> None:
    assert client.ingest_batch([]) == identity.IngestBatchResponse()
    assert server.asked == []


def test_parts_of_a_long_import_are_sent_as_they_are_asked_for(client: Any, server: FakeServer) -> None:
    parts = client.ingest_many(Observation(observation_id=str(n)) for n in range(3_000))
    next(parts)
    assert len(server.asked) == 1
    assert len(list(parts)) == 2


def test_pages_follow_their_tokens(client: Any, server: FakeServer) -> None:
    pages = [identity.GetTimelineResponse(total=3, next_page_token=token) for token in ("t1", "t2", "")]
    server.plan("GetTimeline", *pages)
    found = client.get_timeline("0190-a", types=["order"], page_size=1)
    assert next(found) == pages[0]
    assert len(server.asked) == 1, "a page is asked for when it is needed"
    assert list(found) == pages[1:]
    assert [request.page_token for request in server.requests("GetTimeline")] == ["", "t1", "t2"]
    assert {(request.profile_id, tuple(request.types), request.page_size) for request in server.requests("GetTimeline")} == {
        ("0190-a", ("order",), 1)
    }


def test_files_come_in_pieces_and_may_be_left_half_way(client: Any, server: FakeServer) -> None:
    def endless(_: object) -> Any:
        while not server.over.is_set():
            yield admin.ExportFilesResponse(file="identifiers.csv", data=b"x" * 1_000)

    server.plan("ExportFiles", [admin.ExportFilesResponse(file=name) for name in ("links.csv", "profiles.csv")], endless)
    assert [piece.file for piece in client.export_files()] == ["links.csv", "profiles.csv"]
    pieces = client.export_files()
    assert next(pieces).file == "identifiers.csv"
    server.cancelled.clear()
    pieces.close()
    assert server.cancelled.wait(10), "the server is told"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.lookup("jo@example.org"), ValueError, "write email:jo@example"),
        (lambda c: c.lookup(EMAIL, as_of=datetime(2026, 1, 1)), ValueError, "no time zone"),
        (lambda c: c.get_profile(""), ValueError, "subject is empty"),
        (lambda c: c.get_timeline("0190-a", types="order"), TypeError, "list"),
        (lambda c: c.list_issues(kinds=["broken"]), ValueError, "QUARANTINED, CONFLICT"),
        (lambda c: c.retract("web", ""), ValueError, "retract_source"),
        (lambda c: c.withdraw(""), ValueError, "assertion_id is empty"),
        (lambda c: c.erase(), ValueError, "either"),
        (lambda c: c.erase(EMAIL, profile_id="0190-a"), ValueError, "either"),
        (lambda c: c.ingest(source="web", kind="LOGIN", identifiers="email:jo@example.org"), TypeError, "list"),
        (lambda c: c.put_segment("vips", "others"), ValueError, "no definition"),
        (lambda c: c.put_segment("vips", 3), TypeError, "not int"),
        (lambda c: c.put_segment("vips", {"tag": b"x"}), TypeError, "not bytes"),
        (lambda c: c.batch_check_membership("0190-a"), TypeError, "list"),
        (lambda c: c.set_tags(EMAIL, source="crm", add="vip"), TypeError, "list"),
        (lambda c: c.lookup(EMAIL, timeout=0), ValueError, "above 0"),
        (lambda c: c.lookup(EMAIL, timeout=float("nan")), ValueError, "above 0"),
    ],
)
def test_what_cannot_be_sent_says_what_to_write(
    call: Callable[[Any], Any], error: type[Exception], text: str, client: Any, server: FakeServer
) -> None:
    with pytest.raises(error, match=text):
        call(client)
    assert server.asked == []


def test_observations_may_have_to_be_waited_for(server: FakeServer) -> None:
    async def run() -> int:
        async def arriving() -> AsyncIterator[Observation]:
            for n in range(1_500):
                yield Observation(observation_id=str(n))

        async with AsyncClient(server.address) as client:
            return len([part async for part in client.ingest_many(arriving())])

    assert asyncio.run(run()) == 2
    assert [len(request.observations) for request in server.requests("IngestBatch")] == [1_000, 500]


def test_the_stubs_work_on_the_client_s_channel(server: FakeServer) -> None:
    with Client(server.address) as client:
        answer = IdentityServiceStub(client.channel).Lookup(identity.LookupRequest(), timeout=10)  # type: ignore[no-untyped-call]
    assert answer == identity.LookupResponse()
