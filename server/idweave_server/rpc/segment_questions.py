"""What requests about segments ask, in the operations' own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idweave.v1.identity_service_pb2 import SetTagsRequest
from idweave.v1.segment_service_pb2 import (
    DeleteSegmentRequest,
    ForecastSegmentRequest,
    ListMembersRequest,
    MembershipSubject,
    PreviewSegmentRequest,
    PutSegmentRequest,
)

from idweave_server.errors import RequestError
from idweave_server.operations.delete_segment import DeleteSegment
from idweave_server.operations.forecast_segment import ForecastQuestion
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.list_members import MembersQuestion
from idweave_server.operations.pages import PageRequest
from idweave_server.operations.preview_segment import PreviewQuestion
from idweave_server.operations.put_segment import PutSegment
from idweave_server.operations.segment_source import SegmentSource
from idweave_server.operations.set_tags import SetTags
from idweave_server.rpc.convert_questions import named, subject_of
from idweave_server.rpc.read_segment import expression_of
from idweave_server.segments.templates.template import Template


def source_of(request: Any) -> SegmentSource:
    """The `definition` of a request. Raises DefinitionError, RequestError."""
    match request.WhichOneof("definition"):
        case "segment":
            return SegmentSource(segment=request.segment)
        case "expression":
            return SegmentSource(expression=expression_of(request.expression))
        case "template":
            use = request.template
            return SegmentSource(template=use.template, parameters=tuple(sorted(use.parameters.items())))
        case "text":
            return SegmentSource(text=request.text)
    raise RequestError.of("definition", "give a condition as an expression or as text, or a template")


def put_segment_of(request: PutSegmentRequest, source: SegmentSource, templates: Mapping[str, Template]) -> PutSegment:
    """Raises RequestError, TooLargeError."""
    expected = request.expected_version if request.HasField("expected_version") else None
    return PutSegment(request.name, source, request.description, request.owner, expected, request.validate_only, templates)


def delete_segment_of(request: DeleteSegmentRequest) -> DeleteSegment:
    expected = request.expected_version if request.HasField("expected_version") else None
    return DeleteSegment(request.name, expected, request.validate_only)


def preview_question_of(request: PreviewSegmentRequest) -> PreviewQuestion:
    """Raises RequestError, DefinitionError."""
    return PreviewQuestion(source_of(request), request.narrow_below, request.sample_size)


def forecast_question_of(request: ForecastSegmentRequest) -> ForecastQuestion:
    """Raises RequestError, TooLargeError, DefinitionError."""
    horizon = request.horizon.seconds if request.HasField("horizon") else None
    return ForecastQuestion(source_of(request), tuple(time.seconds for time in request.times), horizon, request.limit)


def members_question_of(request: ListMembersRequest) -> MembersQuestion:
    return MembersQuestion(request.segment, request.namespace, PageRequest(request.page_size, request.page_token))


def batch_subject_of(subject: MembershipSubject) -> Subject:
    """One of many: what is wrong with it is told of it alone."""
    return Subject(identifier=named(subject.identifier)) if subject.HasField("identifier") else Subject(subject.profile_id)


def set_tags_of(request: SetTagsRequest, reader: IdentifierReader) -> SetTags:
    """Raises RequestError, TooLargeError."""
    milliseconds = request.time.ToMilliseconds() if request.HasField("time") else None
    tags = tuple(request.add), tuple(request.remove)
    return SetTags(reader, subject_of(request), request.source, *tags, request.observation_id, milliseconds, request.validate_only)
