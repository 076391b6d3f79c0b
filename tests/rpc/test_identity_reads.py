"""The reads of IdentityService from request to reply: what the messages say, and that nothing is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from idweave.v1 import consistency_pb2, identity_service_pb2, lookup_pb2
from idweave.v1.identifier_pb2 import Identifier, IdentifierFlag, SharedReason
from idweave.v1.identity_service_pb2 import (
    BatchLookupRequest,
    ExplainRequest,
    ExplainResponse,
    GetProfileRequest,
    GetProfileResponse,
    GetTimelineRequest,
    LookupQuery,
    LookupRequest,
    LookupResponse,
)
from idweave.v1.issue_pb2 import RefusalReason
from idweave.v1.observation_pb2 import Party
from idweave.v1.verdict_pb2 import ApartReason, Verdict
from idweave_server import model
from idweave_server.errors import NotFoundError, RequestError, RevisionError
from idweave_server.intake.reports import ReportedEvent
from idweave_server.operations.revision import encode_revision
from idweave_server.rpc.identity_reads import IdentityReads

from tests.operations.living import Living, day, named

JO, KIM, COOKIE, PHONE = "email:jo@shop.de", "email:kim@shop.de", "cookie:c1", "phone:+14158475309"


@pytest.fixture
def living() -> Iterator[Living]:
    made = Living()
    yield made
    made.close()


def service(living: Living) -> IdentityReads:
    made = IdentityReads()
    made.reader = living.reader
    return made


def identifier(text: str) -> Identifier:
    namespace, issuer, value = named(text)
    return Identifier(namespace=namespace, issuer=issuer, value=value)


def look_up(living: Living, *texts: str, include_profile: bool = False) -> LookupResponse:
    request = LookupRequest(identifiers=[identifier(text) for text in texts], include_profile=include_profile)
    return asyncio.run(service(living).Lookup(request))


def get_profile(living: Living, profile_id: str) -> GetProfileResponse:
    return asyncio.run(service(living).GetProfile(GetProfileRequest(profile_id=profile_id)))


def explain(living: Living, left: str, right: str) -> ExplainResponse:
    return asyncio.run(service(living).Explain(ExplainRequest(left=identifier(left), right=identifier(right))))


def test_a_lookup_that_finds(living: Living) -> None:
    living.see(JO, COOKIE)
    reply = look_up(living, "email:JO@shop.de", include_profile=True)
    assert reply.revision == living.revision()
    assert reply.result.outcome == lookup_pb2.LOOKUP_OUTCOME_FOUND
    assert not reply.result.HasField("valid_until")
    match = reply.result.matches[0]
    assert match.profile_id == reply.result.profile_id == reply.profile.profile_id
    assert match.identifier == Identifier(namespace="email", value="jo@shop.de")
    assert len(reply.profile.identifiers) == 2
    assert not look_up(living, JO).HasField("profile"), "it was not asked for"
    assert not look_up(living, KIM, include_profile=True).HasField("profile"), "there is none"


def test_a_lookup_of_what_is_shared_context_or_unusable(living: Living) -> None:
    living.see(JO, "email:info@shop.de")
    shared, context, invalid = look_up(living, "email:info@shop.de", "ip:10.0.0.1", "email:nobody").result.matches
    assert shared.outcome == lookup_pb2.LOOKUP_OUTCOME_SHARED
    assert shared.identifier.shared_reason == SharedReason.SHARED_REASON_ROLE
    assert list(shared.identifier.flags) == [IdentifierFlag.IDENTIFIER_FLAG_ROLE]
    assert context.outcome == lookup_pb2.LOOKUP_OUTCOME_CONTEXT
    assert list(context.identifier.flags) == [IdentifierFlag.IDENTIFIER_FLAG_PRIVATE]
    assert invalid.outcome == lookup_pb2.LOOKUP_OUTCOME_INVALID
    assert (invalid.issue.field, invalid.issue.reason) == ("identifiers[2].value", RefusalReason.REFUSAL_REASON_EMAIL_SYNTAX)
    assert invalid.identifier.value == "nobody"


def test_a_lookup_says_until_when_and_whose_it_was_then() -> None:
    living = Living("[namespaces.cookie]\nttl_days = 30")
    living.see(COOKIE)
    request = LookupRequest(identifiers=[identifier(COOKIE)])
    request.as_of.seconds = day(0)
    reply = asyncio.run(service(living).Lookup(request))
    assert reply.result.outcome == lookup_pb2.LOOKUP_OUTCOME_FOUND
    assert reply.result.valid_until.seconds > day(29)
    living.close()


@pytest.mark.parametrize("seconds", [0, -1])
def test_the_first_second_of_1970_is_a_time_too(living: Living, seconds: int) -> None:
    living.see(JO, at=(seconds - day(0)) / model.DAY)
    seen = get_profile(living, living.profile_of(JO)).profile
    assert seen.HasField("first_seen")
    assert seen.first_seen.seconds == seconds


def test_a_batch_answers_in_order(living: Living) -> None:
    living.see(JO)
    queries = [LookupQuery(identifiers=[identifier(text)]) for text in (KIM, JO, "ip:8.8.8.8")]
    reply = asyncio.run(service(living).BatchLookup(BatchLookupRequest(queries=[*queries, LookupQuery()])))
    assert [result.outcome for result in reply.results] == [
        lookup_pb2.LOOKUP_OUTCOME_UNKNOWN,
        lookup_pb2.LOOKUP_OUTCOME_FOUND,
        lookup_pb2.LOOKUP_OUTCOME_CONTEXT,
        lookup_pb2.LOOKUP_OUTCOME_INVALID,
    ]
    assert reply.revision == living.revision()
    assert reply.results[1] == look_up(living, JO).result


def test_a_profile_in_full(living: Living) -> None:
    living.see("email:Jo@Shop.de", COOKIE, at=1, city="Ulm", source="crm")
    living.see(JO, PHONE, at=2)
    reply = get_profile(living, living.profile_of(JO))
    assert reply.outcome == identity_service_pb2.PROFILE_OUTCOME_FOUND
    profile = reply.profile
    assert (profile.first_seen.seconds, profile.last_seen.seconds, profile.observations) == (day(1), day(2), 2)
    assert [shown.identifier.value for shown in profile.identifiers] == ["jo@shop.de", "+14158475309", "c1"]
    email = profile.identifiers[0]
    assert (email.identifier.observed_value, email.observations) == ("", 2), "the latest spelling is the canonical one"
    assert not email.HasField("from")
    assert not email.HasField("until")
    trait = profile.traits[0]
    assert (trait.trait.name, trait.trait.text, trait.source.name, trait.time.seconds) == ("city", "Ulm", "crm", day(1))
    assert (trait.source.party, trait.source.kind, trait.source.trust) == (Party.PARTY_FIRST, "system", 1.0)
    assert profile.weakest_link.strength == pytest.approx(2.302585)
    assert profile.weakest_link.probability == pytest.approx(0.9)


def test_a_retired_id_and_one_that_is_gone(living: Living) -> None:
    living.see(JO, at=0)
    living.see(KIM, at=1)
    kim = living.profile_of(KIM)
    living.see(JO, KIM, at=2)
    redirected = get_profile(living, kim)
    assert redirected.outcome == identity_service_pb2.PROFILE_OUTCOME_REDIRECTED
    assert list(redirected.profile.merged_from) == [kim]
    living.say(model.Verdict.SHARED, KIM, at=3)
    gone = get_profile(living, kim)
    assert (gone.outcome, gone.gone_reason) == (
        identity_service_pb2.PROFILE_OUTCOME_GONE,
        identity_service_pb2.GONE_REASON_SHARED,
    )
    assert gone.former_company == living.profile_of(JO)
    assert not gone.HasField("profile")


def test_a_profile_by_identifier_and_one_that_is_nobody_s(living: Living) -> None:
    living.see(JO)
    reply = asyncio.run(service(living).GetProfile(GetProfileRequest(identifier=identifier(JO))))
    assert reply.profile.profile_id == living.profile_of(JO)
    with pytest.raises(NotFoundError):
        asyncio.run(service(living).GetProfile(GetProfileRequest(identifier=identifier(KIM))))
    with pytest.raises(RequestError, match="subject"):
        asyncio.run(service(living).GetProfile(GetProfileRequest()))


def test_a_timeline_in_full_page_by_page(living: Living) -> None:
    properties = (("product", "tea"), ("pieces", 2), ("weight", 0.5), ("gift", True))
    living.see("email:JO@shop.de", at=1, events=(ReportedEvent("order", 20, 500_000_000, "EUR", properties), ReportedEvent("review")))
    living.see(JO, COOKIE, at=2, first_name="Jo")
    request = GetTimelineRequest(identifier=identifier(JO), page_size=1)
    first = asyncio.run(service(living).GetTimeline(request))
    assert (first.total, first.profile_id, first.revision) == (2, living.profile_of(JO), living.revision())
    assert {(trait.name, trait.text) for trait in first.observations[0].traits} >= {("first_name", "Jo")}
    request.page_token = first.next_page_token
    second = asyncio.run(service(living).GetTimeline(request))
    assert second.next_page_token == ""
    seen = second.observations[0]
    assert (seen.time.seconds, seen.evidence_kind, seen.source.name) == (day(1), "LOGIN", "shop")
    assert seen.identifiers[0].observed_value == "JO@shop.de"
    order, review = seen.events
    assert (order.type, order.amount.currency, order.amount.units, order.amount.nanos) == ("order", "EUR", 20, 500_000_000)
    values = {p.name: getattr(p, p.WhichOneof("value") or "") for p in order.properties}
    assert values == dict(properties)
    assert [p.WhichOneof("value") for p in order.properties] == ["text", "integer", "number", "boolean"]
    assert not review.HasField("amount")


def test_together_in_full(living: Living) -> None:
    living.see(JO, PHONE, at=1, first_name="Jo", events=(ReportedEvent("order"),))
    living.see(PHONE, COOKIE, at=2, kind="BROWSE")
    reply = explain(living, JO, COOKIE)
    assert reply.revision == living.revision()
    together = reply.together
    assert (together.profile_id, together.weakest) == (living.profile_of(JO), 1)
    step = together.path[0]
    assert (getattr(step, "from").value, step.to.value) == ("jo@shop.de", "+14158475309")
    assert (step.link.evidence, step.link.truncated, step.link.first_seen.seconds) == (1, False, day(1))
    assert step.link.probability == pytest.approx(0.9)
    seen = step.link.observations[0]
    assert (seen.source.name, len(seen.identifiers), len(seen.traits), len(seen.events)) == ("shop", 2, 0, 0)


def test_nothing_weak_holds_what_only_a_verdict_does(living: Living) -> None:
    living.see(JO)
    living.see(KIM)
    living.say(model.Verdict.SAME, JO, KIM, at=2)
    together = explain(living, JO, KIM).together
    assert not together.HasField("weakest")
    said = together.path[0].assertion
    assert (said.verdict, said.source, said.time.seconds) == (Verdict.VERDICT_SAME, "desk", day(2))
    assert {said.left.value, said.right.value} == {"jo@shop.de", "kim@shop.de"}


def test_apart_in_full(living: Living) -> None:
    living.see(JO, KIM, at=1)
    living.say(model.Verdict.DIFFERENT, JO, KIM, at=2)
    apart = explain(living, JO, KIM).apart
    assert (apart.left_profile_id, apart.right_profile_id) == (living.profile_of(JO), living.profile_of(KIM))
    assert apart.reason == ApartReason.APART_REASON_DIFFERENT
    assert apart.grounds == "verdict of desk on 2026-01-03: different people"
    assert (getattr(apart.refused, "from").value, apart.refused.link.evidence) == ("jo@shop.de", 1)
    assert apart.assertion.verdict == Verdict.VERDICT_DIFFERENT


def test_unowned_in_full(living: Living) -> None:
    living.see(JO, "email:info@shop.de")
    unowned = explain(living, "email:info@shop.de", "ip:8.8.8.8").unowned
    assert str(unowned).split() == [
        "left:",
        "UNOWNED_REASON_SHARED",
        "right:",
        "UNOWNED_REASON_CONTEXT",
        "left_shared_reason:",
        "SHARED_REASON_ROLE",
    ]


def test_both_ends_are_needed(living: Living) -> None:
    with pytest.raises(RequestError) as caught:
        asyncio.run(service(living).Explain(ExplainRequest()))
    assert [field for field, _ in caught.value.violations] == ["left", "right"]


def test_every_read_waits_until_it_is_fresh(living: Living) -> None:
    living.see(JO)
    strange = consistency_pb2.Consistency(at_least_as_fresh=encode_revision("another store", 1, 1))
    ours = consistency_pb2.Consistency(at_least_as_fresh=living.revision())
    who = identifier(JO)
    calls = [
        (service(living).Lookup, LookupRequest(identifiers=[who])),
        (service(living).BatchLookup, BatchLookupRequest(queries=[LookupQuery(identifiers=[who])])),
        (service(living).GetProfile, GetProfileRequest(identifier=who)),
        (service(living).GetTimeline, GetTimelineRequest(identifier=who)),
        (service(living).Explain, ExplainRequest(left=who, right=who)),
    ]
    for call, request in calls:
        for fresh in (ours, consistency_pb2.Consistency(fully_consistent=True), consistency_pb2.Consistency(minimize_latency=True)):
            request.consistency.CopyFrom(fresh)  # type: ignore[attr-defined]
            asyncio.run(call(request))  # type: ignore[operator]
        request.consistency.CopyFrom(strange)  # type: ignore[attr-defined]
        with pytest.raises(RevisionError):
            asyncio.run(call(request))  # type: ignore[operator]
