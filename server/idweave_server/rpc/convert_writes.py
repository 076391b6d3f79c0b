"""Requests of writes in the operations' words, and what became of them as messages."""

from __future__ import annotations

from typing import cast

from idweave.v1 import issue_pb2, verdict_pb2
from idweave.v1.identity_service_pb2 import (
    AssertionStanding,
    AssertRequest,
    AssertResponse,
    IngestBatchResponse,
    IngestResult,
    RetractRequest,
)
from idweave.v1.issue_pb2 import RefusalReason
from idweave.v1.observation_pb2 import Outcome
from idweave.v1.privacy_service_pb2 import EraseRequest, EraseResponse

from idweave_server import model
from idweave_server.errors import RequestError
from idweave_server.operations import assert_verdict, erase, ingest, retract
from idweave_server.rpc.convert_questions import named

OUTCOMES = [cast(Outcome, Outcome.Value(f"OUTCOME_{one.name}")) for one in model.Outcome]  # by number: to hash a member takes long
REASONS = {one: cast(RefusalReason, RefusalReason.Value(f"REFUSAL_REASON_{one.name}")) for one in model.Refusal if one}
STANDINGS = {
    one: cast(AssertionStanding, AssertionStanding.Value(f"ASSERTION_STANDING_{one.name}")) for one in assert_verdict.AssertionStanding
}
VERDICTS = {verdict_pb2.Verdict.Value(f"VERDICT_{one.name}"): one for one in model.Verdict}


def ingested(reply: ingest.IngestReply) -> IngestBatchResponse:
    response = IngestBatchResponse(revision=reply.revision)
    add = response.results.add
    for name, outcome, profile_id, issues in reply.results:
        message = add(observation_id=name, outcome=OUTCOMES[outcome], profile_id=profile_id)
        for issue in issues:
            put_item_issue(message.issues.add(), issue)
    return response


def put_ingested(message: IngestResult, result: ingest.IngestResult) -> None:
    message.observation_id, message.outcome, message.profile_id = result.observation_id, OUTCOMES[result.outcome], result.profile_id
    for issue in result.issues:
        put_item_issue(message.issues.add(), issue)


def put_item_issue(message: issue_pb2.Issue, issue: ingest.ItemIssue) -> None:
    message.field, message.value, message.message = issue.field, issue.value, issue.message
    message.reason = REASONS[issue.reason]


def assertion_of(request: AssertRequest) -> assert_verdict.AssertRequest | assert_verdict.WithdrawRequest:
    """Raises RequestError."""
    action = request.WhichOneof("action")
    if action == "withdraw":
        return assert_verdict.WithdrawRequest(request.withdraw, validate_only=request.validate_only)
    if action is None:
        raise RequestError.of("action", "give an assertion, or the id of one to withdraw")
    said = request.assertion
    if said.verdict not in VERDICTS:
        raise RequestError.of("assertion.verdict", "SAME, DIFFERENT, SHARED or PERSONAL is needed")
    if not said.HasField("left"):
        raise RequestError.of("assertion.left", "name an identifier")
    return assert_verdict.AssertRequest(
        verdict=VERDICTS[said.verdict],
        left=named(said.left),
        right=named(said.right) if said.HasField("right") else None,
        time=said.time.seconds if said.HasField("time") else None,
        source=said.source,
        assertion_id=request.assertion_id,
        validate_only=request.validate_only,
    )


def put_asserted(message: AssertResponse, reply: assert_verdict.AssertReply) -> None:
    message.assertion_id, message.remedy, message.revision = reply.assertion_id, reply.remedy, reply.revision
    message.standing = STANDINGS[reply.standing]
    message.profile_ids.extend(reply.profile_ids)


def retraction_of(request: RetractRequest) -> retract.RetractRequest:
    """Raises RequestError."""
    chosen = request.WhichOneof("selector")
    if chosen is None:
        raise RequestError.of("selector", "name an observation, or a source with or without a range of time")
    if chosen == "observation":
        return retract.RetractRequest(request.observation.source, request.observation.observation_id, validate_only=request.validate_only)
    given = request.range
    begin = getattr(given, "from").seconds if given.HasField("from") else None
    end = given.until.seconds if given.HasField("until") else None
    return retract.RetractRequest(given.source, None, begin, end, validate_only=request.validate_only)


def erasure_of(request: EraseRequest) -> erase.EraseRequest:
    """Raises RequestError, TooLargeError."""
    subject = request.WhichOneof("subject")
    if subject is None:
        raise RequestError.of("subject", "name identifiers to forget, or one profile")
    return erase.EraseRequest(
        identifiers=tuple(named(one) for one in request.identifiers.identifiers),
        profile_id=request.profile_id,
        observed_until=request.observed_until.seconds if request.HasField("observed_until") else None,
        validate_only=request.validate_only,
    )


def put_erased(message: EraseResponse, reply: erase.EraseReply) -> None:
    message.observations, message.assertions, message.identifiers = reply.observations, reply.assertions, reply.identifiers
    message.rewritten_entries, message.revision = reply.rewritten_entries, reply.revision
    for split in reply.splits:
        message.splits.add(profile_id=split.profile_id, parts=split.parts)
