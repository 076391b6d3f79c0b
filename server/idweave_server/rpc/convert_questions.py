"""What requests of reads ask, in the operations' own words."""

from __future__ import annotations

from typing import Any

from idweave.v1 import consistency_pb2
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.identity_service_pb2 import ExplainRequest, GetTimelineRequest, LookupQuery, LookupRequest
from idweave.v1.quality_service_pb2 import ListIssuesRequest

from idweave_server.errors import RequestError
from idweave_server.operations.consistency import Consistency, Freshness
from idweave_server.operations.explain import ExplainQuestion
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.get_timeline import TimelineQuestion
from idweave_server.operations.identifier_reader import Named
from idweave_server.operations.list_issues import IssueKind, IssuesQuestion
from idweave_server.operations.lookup import Query
from idweave_server.operations.pages import PageRequest

ANY_STATE, WHOLE_STATE = Consistency(), Consistency(Freshness.FULLY_CONSISTENT)


def consistency_of(asked: consistency_pb2.Consistency) -> Consistency:
    """Not set, or set to false: whatever is there."""
    if asked.fully_consistent:
        return WHOLE_STATE
    if asked.HasField("at_least_as_fresh"):
        return Consistency(Freshness.AT_LEAST_AS_FRESH, asked.at_least_as_fresh)
    return ANY_STATE


def named(identifier: Identifier) -> Named:
    return identifier.namespace, identifier.issuer, identifier.value


def as_of(request: LookupRequest | LookupQuery | ExplainRequest) -> int | None:
    return request.as_of.seconds if request.HasField("as_of") else None


def query_of(request: LookupRequest | LookupQuery) -> Query:
    return Query([(one.namespace, one.issuer, one.value) for one in request.identifiers], as_of(request))


def subject_of(request: Any) -> Subject:
    """The `subject` of a request for a profile or a timeline. Raises RequestError where neither is given."""
    given = request.WhichOneof("subject")
    if given is None:
        raise RequestError.of("subject", "name a profile_id or an identifier")
    return Subject(identifier=named(request.identifier)) if given == "identifier" else Subject(request.profile_id)


def timeline_question_of(request: GetTimelineRequest) -> TimelineQuestion:
    return TimelineQuestion(subject_of(request), frozenset(request.types), PageRequest(request.page_size, request.page_token))


def explain_question_of(request: ExplainRequest) -> ExplainQuestion:
    """Raises RequestError where an end is missing."""
    missing = tuple((end, "name an identifier") for end in ("left", "right") if not request.HasField(end))
    if missing:
        raise RequestError(missing)
    return ExplainQuestion(named(request.left), named(request.right), as_of(request))


def issues_question_of(request: ListIssuesRequest) -> IssuesQuestion:
    """Raises RequestError for a kind that there is not."""
    known = {int(kind) for kind in IssueKind}
    strange = tuple(
        (f"kinds[{place}]", f"{int(kind)} is no kind of issue") for place, kind in enumerate(request.kinds) if kind not in known
    )
    if strange:
        raise RequestError(strange)
    kinds = frozenset(IssueKind(int(kind)) for kind in request.kinds)
    return IssuesQuestion(kinds, PageRequest(request.page_size, request.page_token))
