"""One person's story through a real server: every method of every service answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from idweave.v1.admin_service_pb2 import ExportFilesRequest, GetPolicyRequest, GetStatusRequest, VerifyRequest
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.identity_service_pb2 import (
    AssertionStanding,
    AssertRequest,
    BatchLookupRequest,
    ExplainRequest,
    GetProfileRequest,
    GetTimelineRequest,
    IngestBatchRequest,
    IngestRequest,
    LookupQuery,
    LookupRequest,
    RetractRequest,
)
from idweave.v1.lookup_pb2 import LookupOutcome
from idweave.v1.observation_pb2 import Outcome
from idweave.v1.privacy_service_pb2 import EraseRequest
from idweave.v1.quality_service_pb2 import InferFormatsRequest, ListIssuesRequest, ValidateRequest
from idweave.v1.verdict_pb2 import Verdict

from tests.server.running import aside, health, process
from tests.server.talk import Talk, seen, talk

WORK = Identifier(namespace="email", value="jo@kranich-werft.de")
HOME = Identifier(namespace="email", value="jo.miller@lindenhof.net")
PHONE = Identifier(namespace="phone", value="+493088234417")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with aside(tmp_path_factory.mktemp("store")) as server, talk(server.address) as said:
        yield said


def found(server: Talk, *identifiers: Identifier) -> str:
    result = server.identity.Lookup(LookupRequest(identifiers=identifiers)).result
    assert result.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND, result
    return str(result.profile_id)


def test_a_story_from_first_sight_to_an_undone_merge_and_erasure(server: Talk) -> None:
    identity = server.identity
    first = identity.Ingest(IngestRequest(observation=seen("1", "email:Jo@Kranich-Werft.de", "phone:+49 30 8823 4417", first_name="Jo")))
    assert first.result.outcome == Outcome.OUTCOME_ACCEPTED
    again = identity.Ingest(IngestRequest(observation=seen("1", "email:Jo@Kranich-Werft.de", "phone:+49 30 8823 4417", first_name="Jo")))
    assert (again.result.outcome, again.result.profile_id) == (Outcome.OUTCOME_DUPLICATE, first.result.profile_id)
    assert found(server, WORK) == found(server, PHONE) == first.result.profile_id

    other = identity.IngestBatch(
        IngestBatchRequest(observations=[seen("2", "email:jo.miller@lindenhof.net", first_name="Jo"), seen("3", kind="NO_SUCH_KIND")])
    )
    assert [result.outcome for result in other.results] == [Outcome.OUTCOME_ACCEPTED, Outcome.OUTCOME_REJECTED]
    assert found(server, HOME) != found(server, WORK)

    merged = identity.Ingest(IngestRequest(observation=seen("4", "email:jo@kranich-werft.de", "email:jo.miller@lindenhof.net")))
    asked = LookupRequest(identifiers=[WORK, HOME], consistency=Consistency(at_least_as_fresh=merged.revision), include_profile=True)
    answer = identity.Lookup(asked)
    assert answer.result.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND
    assert answer.result.profile_id == first.result.profile_id  # the older one keeps its id
    assert [trait.trait.text for trait in answer.profile.traits] == ["Jo"]
    assert other.results[0].profile_id in answer.profile.merged_from
    assert identity.GetProfile(GetProfileRequest(profile_id=other.results[0].profile_id)).profile.profile_id == first.result.profile_id
    assert identity.GetTimeline(GetTimelineRequest(identifier=HOME)).total == 3
    assert identity.Explain(ExplainRequest(left=PHONE, right=HOME)).WhichOneof("answer") == "together"

    request = AssertRequest(assertion_id="v")
    request.assertion.verdict, request.assertion.source = Verdict.VERDICT_DIFFERENT, "crm"
    request.assertion.left.CopyFrom(WORK)
    request.assertion.right.CopyFrom(HOME)
    assert identity.Assert(request).standing == AssertionStanding.ASSERTION_STANDING_HOLDS
    assert found(server, HOME) != found(server, WORK)
    assert identity.Assert(AssertRequest(withdraw="v")).standing == AssertionStanding.ASSERTION_STANDING_WITHDRAWN
    assert found(server, HOME) == found(server, WORK)

    retract = RetractRequest(validate_only=True)
    retract.observation.source, retract.observation.observation_id = "web", "4"
    assert (identity.Retract(retract).observations, found(server, HOME)) == (1, found(server, WORK))
    retract.validate_only = False
    assert identity.Retract(retract).profiles_changed >= 1
    assert found(server, HOME) == other.results[0].profile_id  # exactly as before the merge

    looked = identity.BatchLookup(BatchLookupRequest(queries=[LookupQuery(identifiers=[one]) for one in (HOME, WORK, PHONE)] * 3))
    assert [result.profile_id for result in looked.results[:3]] == [found(server, one) for one in (HOME, WORK, PHONE)]

    verified = server.admin.Verify(VerifyRequest())
    assert (verified.equal, list(verified.differences)) == (True, [])
    erase = EraseRequest()
    erase.identifiers.identifiers.append(HOME)
    assert server.privacy.Erase(erase).observations == 2  # that which was retracted too: the log still had it
    assert identity.Lookup(LookupRequest(identifiers=[HOME])).result.outcome == LookupOutcome.LOOKUP_OUTCOME_UNKNOWN
    assert server.admin.Verify(VerifyRequest()).equal


def test_the_server_tells_how_it_is(server: Talk) -> None:
    server.identity.Ingest(IngestRequest(observation=seen("status", "email:status@kranich-werft.de")))
    status = server.admin.GetStatus(GetStatusRequest())
    assert status.counts.profiles >= 1
    assert {one.outcome: one.count for one in status.counts.outcomes}["ACCEPTED"] >= 1
    assert status.store.startswith("sqlite:////")
    assert {line.what for line in status.memory} >= {"identifiers", "observations"}
    assert status.serving_since.seconds > 0
    policy = server.admin.GetPolicy(GetPolicyRequest())
    assert policy.fingerprint == status.policy_fingerprint
    assert "LOGIN" in policy.evidence_kinds
    assert "email" in policy.namespaces


def test_all_that_is_known_can_be_had_as_files(server: Talk) -> None:
    profile = server.identity.Ingest(IngestRequest(observation=seen("export", "email:export@kranich-werft.de"))).result.profile_id
    pieces = list(server.admin.ExportFiles(ExportFilesRequest(), timeout=120))
    files = [piece.file for piece in pieces]
    assert files == sorted(files, key=files.index)  # all pieces of a file follow one another
    assert {"observations.csv", "identifiers.csv", "links.csv", "profiles.csv", "redirects.csv"} <= set(files)
    identifiers = b"".join(piece.data for piece in pieces if piece.file == "identifiers.csv").decode().splitlines()
    assert profile in next(line for line in identifiers if "export@kranich-werft.de" in line)


def test_observations_can_be_tried_out(server: Talk) -> None:
    observation = seen("try", "email:A@Kranich-Werft.de", "phone:12", first_name="Ann", birth_date="1985-03-04")
    observation.events.add(type="order").amount.currency = "EUR"
    before = server.admin.GetStatus(GetStatusRequest()).entries
    good, bad = server.quality.Validate(ValidateRequest(observations=[observation, seen("", kind="NONE")])).results
    assert good.outcome == Outcome.OUTCOME_ACCEPTED
    assert [(one.value, one.observed_value) for one in good.observation.identifiers] == [("a@kranich-werft.de", "A@Kranich-Werft.de")]
    assert {trait.name: trait.text for trait in good.observation.traits} == {"first_name": "Ann", "birth_date": "1985-03-04"}
    assert [event.type for event in good.observation.events] == ["order"]
    assert [issue.field for issue in good.issues] == ["identifiers[1].value"]
    assert bad.outcome == Outcome.OUTCOME_REJECTED
    assert not bad.HasField("observation")
    assert server.admin.GetStatus(GetStatusRequest()).entries == before


def test_formats_are_inferred_or_asked_for(server: Talk) -> None:
    request = InferFormatsRequest()
    request.columns.add(name="birth", values=["1985-03-04", "1990-12-31", ""])
    request.columns.add(name="when", values=["2024-01-02T03:04:05Z", "2024-01-02"])
    request.columns.add(name="unsure", values=["3/4/21", "5/6/21"])
    request.columns.add(name="none", values=["a", "b"])
    birth, when, unsure, none = server.quality.InferFormats(request).inferences
    assert (birth.name, birth.format, birth.question) == ("birth", "%Y-%m-%d", "")
    assert when.format == "iso"
    assert (unsure.format, "month first or day first?" in unsure.question) == ("", True)
    assert (none.format, none.question, list(none.fits)) == ("", "", [])


def test_what_needs_an_eye_is_listed(server: Talk) -> None:
    server.identity.Ingest(IngestRequest(observation=seen("eye", "email:eye@kranich-werft.de", "phone:12")))
    listed = server.quality.ListIssues(ListIssuesRequest())
    assert ("eye", "12") in {(one.observation_id, one.issue.value) for one in listed.issues}


def test_a_revision_of_another_store_is_refused(server: Talk, tmp_path: Path) -> None:
    with aside(tmp_path) as other, talk(other.address) as said:
        revision = said.identity.Ingest(IngestRequest(observation=seen("1", "email:a@kranich-werft.de"))).revision
    with pytest.raises(grpc.RpcError) as caught:
        server.identity.Lookup(LookupRequest(identifiers=[WORK], consistency=Consistency(at_least_as_fresh=revision)))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        assert health(server.address) == "SERVING"
        with talk(server.address) as said:
            revision = said.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de"))).revision
            profile = found(said, WORK)
        server.process.kill()
    with process(tmp_path, store=server.store) as server, talk(server.address) as said:
        asked = LookupRequest(identifiers=[WORK], consistency=Consistency(at_least_as_fresh=revision))
        assert said.identity.Lookup(asked).result.profile_id == profile
        assert server.stop() == 0
