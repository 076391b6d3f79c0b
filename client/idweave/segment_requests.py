"""Requests about segments from what is convenient to write; pure, and the same for both clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration

from idweave.observations import timestamp
from idweave.requests import Fresh, Named, consistency, several, subject_of
from idweave.segments import text_of
from idweave.v1.identity_service_pb2 import SetTagsRequest
from idweave.v1.segment_pb2 import Expression
from idweave.v1.segment_service_pb2 import (
    BatchCheckMembershipRequest,
    CheckMembershipRequest,
    ExplainMembershipRequest,
    ForecastSegmentRequest,
    ListMembersRequest,
    MembershipSubject,
    PreviewSegmentRequest,
    PutSegmentRequest,
    TemplateUse,
)

Definition = Expression | TemplateUse | Mapping[str, object] | str


def definition(given: Definition, *, named: bool) -> dict[str, Any]:
    """The field of a request that holds it. A text that begins with a brace is a definition as JSON; named: any other one is the name of a
    segment that there is."""
    match given:
        case Expression():
            return {"expression": given}
        case TemplateUse():
            return {"template": given}
        case str():
            if given.lstrip().startswith("{"):
                return {"text": given}
            if named and given:
                return {"segment": given}
            raise ValueError(f"{given[:80]!r} is no definition; give a condition of idweave.segments, or JSON in braces")
        case Mapping():
            return {"text": text_of(given)}
    raise TypeError(f"a definition is a condition of idweave.segments, a template, a mapping or JSON, not {type(given).__name__}")


def put(name: str, given: Definition, description: str, owner: str, expected_version: int | None, validate_only: bool) -> PutSegmentRequest:
    return PutSegmentRequest(
        name=name,
        description=description,
        owner=owner,
        expected_version=expected_version,
        validate_only=validate_only,
        **definition(given, named=False),
    )


def preview(given: Definition, narrow_below: int, sample_size: int, fresh: Fresh) -> PreviewSegmentRequest:
    return PreviewSegmentRequest(
        narrow_below=narrow_below, sample_size=sample_size, consistency=consistency(fresh), **definition(given, named=True)
    )


def forecast(given: Definition, times: Iterable[datetime], horizon: timedelta | None, limit: int, fresh: Fresh) -> ForecastSegmentRequest:
    ahead = None
    if horizon is not None:
        ahead = Duration()
        ahead.FromTimedelta(horizon)
    return ForecastSegmentRequest(
        times=map(timestamp, times), horizon=ahead, limit=limit, consistency=consistency(fresh), **definition(given, named=True)
    )


def check(subject: Named, segments: Iterable[str], fresh: Fresh) -> CheckMembershipRequest:
    profile_id, named = subject_of(subject)
    return CheckMembershipRequest(profile_id=profile_id, identifier=named, segments=segments, consistency=consistency(fresh))


def check_all(subjects: Iterable[Named], segments: Iterable[str], fresh: Fresh) -> BatchCheckMembershipRequest:
    asked = []
    for subject in several(subjects, "subjects"):
        profile_id, named = subject_of(subject)
        asked.append(MembershipSubject(profile_id=profile_id, identifier=named))
    return BatchCheckMembershipRequest(subjects=asked, segments=several(segments, "segments"), consistency=consistency(fresh))


def members(segment: str, namespace: str, page_size: int, page_token: str, fresh: Fresh) -> ListMembersRequest:
    return ListMembersRequest(
        segment=segment, namespace=namespace, page_size=page_size, page_token=page_token, consistency=consistency(fresh)
    )


def explain(subject: Named, segment: str, fresh: Fresh) -> ExplainMembershipRequest:
    profile_id, named = subject_of(subject)
    return ExplainMembershipRequest(profile_id=profile_id, identifier=named, segment=segment, consistency=consistency(fresh))


def set_tags(
    subject: Named,
    source: str,
    add: Iterable[str],
    remove: Iterable[str],
    time: datetime | None,
    observation_id: str | None,
    validate_only: bool,
) -> SetTagsRequest:
    """A change has its id before it is first sent, so that it can be sent again; the time is the server's where none is given."""
    profile_id, named = subject_of(subject)
    return SetTagsRequest(
        profile_id=profile_id,
        identifier=named,
        source=source,
        add=several(add, "add"),
        remove=several(remove, "remove"),
        observation_id=str(uuid4()) if observation_id is None else observation_id,
        time=None if time is None else timestamp(time),
        validate_only=validate_only,
    )
