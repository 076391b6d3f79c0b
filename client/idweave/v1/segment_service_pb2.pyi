import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import change_pb2 as _change_pb2
from idweave.v1 import consistency_pb2 as _consistency_pb2
from idweave.v1 import error_pb2 as _error_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import segment_pb2 as _segment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Segment(_message.Message):
    __slots__ = ("name", "version", "description", "owner", "expression", "text", "template", "put_at", "deleted", "members")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    PUT_AT_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    description: str
    owner: str
    expression: _segment_pb2.Expression
    text: str
    template: TemplateUse
    put_at: _timestamp_pb2.Timestamp
    deleted: bool
    members: int
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., description: _Optional[str] = ..., owner: _Optional[str] = ..., expression: _Optional[_Union[_segment_pb2.Expression, _Mapping]] = ..., text: _Optional[str] = ..., template: _Optional[_Union[TemplateUse, _Mapping]] = ..., put_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deleted: bool = ..., members: _Optional[int] = ...) -> None: ...

class TemplateUse(_message.Message):
    __slots__ = ("template", "parameters")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    template: str
    parameters: _containers.ScalarMap[str, str]
    def __init__(self, template: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DefinitionProblem(_message.Message):
    __slots__ = ("position", "message", "suggestion")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    position: str
    message: str
    suggestion: str
    def __init__(self, position: _Optional[str] = ..., message: _Optional[str] = ..., suggestion: _Optional[str] = ...) -> None: ...

class PutSegmentRequest(_message.Message):
    __slots__ = ("name", "description", "owner", "expression", "template", "text", "expected_version", "validate_only")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    owner: str
    expression: _segment_pb2.Expression
    template: TemplateUse
    text: str
    expected_version: int
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., owner: _Optional[str] = ..., expression: _Optional[_Union[_segment_pb2.Expression, _Mapping]] = ..., template: _Optional[_Union[TemplateUse, _Mapping]] = ..., text: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: bool = ...) -> None: ...

class PutSegmentResponse(_message.Message):
    __slots__ = ("segment", "changed", "problems", "warnings", "revision")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    changed: bool
    problems: _containers.RepeatedCompositeFieldContainer[DefinitionProblem]
    warnings: _containers.RepeatedCompositeFieldContainer[DefinitionProblem]
    revision: str
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., changed: bool = ..., problems: _Optional[_Iterable[_Union[DefinitionProblem, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[DefinitionProblem, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class GetSegmentRequest(_message.Message):
    __slots__ = ("name", "version", "consistency")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    consistency: _consistency_pb2.Consistency
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetSegmentResponse(_message.Message):
    __slots__ = ("segment", "used_by", "revision")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    USED_BY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    used_by: _containers.RepeatedScalarFieldContainer[str]
    revision: str
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., used_by: _Optional[_Iterable[str]] = ..., revision: _Optional[str] = ...) -> None: ...

class ListSegmentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "consistency")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ListSegmentsResponse(_message.Message):
    __slots__ = ("segments", "next_page_token", "total", "revision")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    next_page_token: str
    total: int
    revision: str
    def __init__(self, segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total: _Optional[int] = ..., revision: _Optional[str] = ...) -> None: ...

class DeleteSegmentRequest(_message.Message):
    __slots__ = ("name", "expected_version", "validate_only")
    NAME_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    expected_version: int
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: bool = ...) -> None: ...

class DeleteSegmentResponse(_message.Message):
    __slots__ = ("members", "revision")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    members: int
    revision: str
    def __init__(self, members: _Optional[int] = ..., revision: _Optional[str] = ...) -> None: ...

class PreviewSegmentRequest(_message.Message):
    __slots__ = ("segment", "expression", "template", "text", "narrow_below", "sample_size", "consistency")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NARROW_BELOW_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    segment: str
    expression: _segment_pb2.Expression
    template: TemplateUse
    text: str
    narrow_below: int
    sample_size: int
    consistency: _consistency_pb2.Consistency
    def __init__(self, segment: _Optional[str] = ..., expression: _Optional[_Union[_segment_pb2.Expression, _Mapping]] = ..., template: _Optional[_Union[TemplateUse, _Mapping]] = ..., text: _Optional[str] = ..., narrow_below: _Optional[int] = ..., sample_size: _Optional[int] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class PreviewSegmentResponse(_message.Message):
    __slots__ = ("size", "population", "unknown", "coverage", "overlaps", "sample", "too_narrow", "forecast", "expression", "text", "warnings", "time", "revision")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    OVERLAPS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    TOO_NARROW_FIELD_NUMBER: _ClassVar[int]
    FORECAST_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    size: int
    population: int
    unknown: int
    coverage: _containers.RepeatedCompositeFieldContainer[NamespaceCoverage]
    overlaps: _containers.RepeatedCompositeFieldContainer[SegmentOverlap]
    sample: _containers.RepeatedScalarFieldContainer[str]
    too_narrow: bool
    forecast: _containers.RepeatedCompositeFieldContainer[SizeForecast]
    expression: _segment_pb2.Expression
    text: str
    warnings: _containers.RepeatedCompositeFieldContainer[DefinitionProblem]
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, size: _Optional[int] = ..., population: _Optional[int] = ..., unknown: _Optional[int] = ..., coverage: _Optional[_Iterable[_Union[NamespaceCoverage, _Mapping]]] = ..., overlaps: _Optional[_Iterable[_Union[SegmentOverlap, _Mapping]]] = ..., sample: _Optional[_Iterable[str]] = ..., too_narrow: bool = ..., forecast: _Optional[_Iterable[_Union[SizeForecast, _Mapping]]] = ..., expression: _Optional[_Union[_segment_pb2.Expression, _Mapping]] = ..., text: _Optional[str] = ..., warnings: _Optional[_Iterable[_Union[DefinitionProblem, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class NamespaceCoverage(_message.Message):
    __slots__ = ("namespace", "profiles", "identifiers")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    profiles: int
    identifiers: int
    def __init__(self, namespace: _Optional[str] = ..., profiles: _Optional[int] = ..., identifiers: _Optional[int] = ...) -> None: ...

class SegmentOverlap(_message.Message):
    __slots__ = ("segment", "size", "both")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    BOTH_FIELD_NUMBER: _ClassVar[int]
    segment: str
    size: int
    both: int
    def __init__(self, segment: _Optional[str] = ..., size: _Optional[int] = ..., both: _Optional[int] = ...) -> None: ...

class SizeForecast(_message.Message):
    __slots__ = ("time", "size")
    TIME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    size: int
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., size: _Optional[int] = ...) -> None: ...

class CheckMembershipRequest(_message.Message):
    __slots__ = ("profile_id", "identifier", "segments", "consistency")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    segments: _containers.RepeatedScalarFieldContainer[str]
    consistency: _consistency_pb2.Consistency
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., segments: _Optional[_Iterable[str]] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class CheckMembershipResponse(_message.Message):
    __slots__ = ("profile_id", "memberships", "time", "revision")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    memberships: _containers.RepeatedCompositeFieldContainer[Membership]
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, profile_id: _Optional[str] = ..., memberships: _Optional[_Iterable[_Union[Membership, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("segment", "truth", "valid_until", "since", "definition_version")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    segment: str
    truth: _segment_pb2.Truth
    valid_until: _timestamp_pb2.Timestamp
    since: _timestamp_pb2.Timestamp
    definition_version: int
    def __init__(self, segment: _Optional[str] = ..., truth: _Optional[_Union[_segment_pb2.Truth, str]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., definition_version: _Optional[int] = ...) -> None: ...

class MembershipSubject(_message.Message):
    __slots__ = ("profile_id", "identifier")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ...) -> None: ...

class BatchCheckMembershipRequest(_message.Message):
    __slots__ = ("subjects", "segments", "consistency")
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    subjects: _containers.RepeatedCompositeFieldContainer[MembershipSubject]
    segments: _containers.RepeatedScalarFieldContainer[str]
    consistency: _consistency_pb2.Consistency
    def __init__(self, subjects: _Optional[_Iterable[_Union[MembershipSubject, _Mapping]]] = ..., segments: _Optional[_Iterable[str]] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class BatchCheckMembershipResponse(_message.Message):
    __slots__ = ("results", "time", "revision")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[MembershipResult]
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, results: _Optional[_Iterable[_Union[MembershipResult, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class MembershipResult(_message.Message):
    __slots__ = ("subject", "profile_id", "memberships", "error")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    subject: MembershipSubject
    profile_id: str
    memberships: _containers.RepeatedCompositeFieldContainer[Membership]
    error: SubjectError
    def __init__(self, subject: _Optional[_Union[MembershipSubject, _Mapping]] = ..., profile_id: _Optional[str] = ..., memberships: _Optional[_Iterable[_Union[Membership, _Mapping]]] = ..., error: _Optional[_Union[SubjectError, _Mapping]] = ...) -> None: ...

class SubjectError(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: _error_pb2.ErrorReason
    message: str
    def __init__(self, reason: _Optional[_Union[_error_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class ListMembersRequest(_message.Message):
    __slots__ = ("segment", "namespace", "page_size", "page_token", "consistency")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    segment: str
    namespace: str
    page_size: int
    page_token: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, segment: _Optional[str] = ..., namespace: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ListMembersResponse(_message.Message):
    __slots__ = ("members", "next_page_token", "total", "definition_version", "time", "revision")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[Member]
    next_page_token: str
    total: int
    definition_version: int
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total: _Optional[int] = ..., definition_version: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("profile_id", "identifier", "since", "valid_until", "left")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    since: _timestamp_pb2.Timestamp
    valid_until: _timestamp_pb2.Timestamp
    left: bool
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., left: bool = ...) -> None: ...

class ExplainMembershipRequest(_message.Message):
    __slots__ = ("profile_id", "identifier", "segment", "consistency")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    segment: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., segment: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ExplainMembershipResponse(_message.Message):
    __slots__ = ("profile_id", "membership", "condition", "time", "revision")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    membership: Membership
    condition: ExplainedCondition
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, profile_id: _Optional[str] = ..., membership: _Optional[_Union[Membership, _Mapping]] = ..., condition: _Optional[_Union[ExplainedCondition, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class ExplainedCondition(_message.Message):
    __slots__ = ("position", "words", "truth", "valid_until", "decides", "found", "missed_by", "parts")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    DECIDES_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    MISSED_BY_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    position: str
    words: str
    truth: _segment_pb2.Truth
    valid_until: _timestamp_pb2.Timestamp
    decides: bool
    found: str
    missed_by: str
    parts: _containers.RepeatedCompositeFieldContainer[ExplainedCondition]
    def __init__(self, position: _Optional[str] = ..., words: _Optional[str] = ..., truth: _Optional[_Union[_segment_pb2.Truth, str]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decides: bool = ..., found: _Optional[str] = ..., missed_by: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[ExplainedCondition, _Mapping]]] = ...) -> None: ...

class ForecastSegmentRequest(_message.Message):
    __slots__ = ("segment", "expression", "template", "text", "times", "horizon", "limit", "consistency")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    HORIZON_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    segment: str
    expression: _segment_pb2.Expression
    template: TemplateUse
    text: str
    times: _containers.RepeatedCompositeFieldContainer[_timestamp_pb2.Timestamp]
    horizon: _duration_pb2.Duration
    limit: int
    consistency: _consistency_pb2.Consistency
    def __init__(self, segment: _Optional[str] = ..., expression: _Optional[_Union[_segment_pb2.Expression, _Mapping]] = ..., template: _Optional[_Union[TemplateUse, _Mapping]] = ..., text: _Optional[str] = ..., times: _Optional[_Iterable[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]]] = ..., horizon: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., limit: _Optional[int] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ForecastSegmentResponse(_message.Message):
    __slots__ = ("size", "sizes", "changes", "total_changes", "truncated", "time", "revision")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SIZES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CHANGES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    size: int
    sizes: _containers.RepeatedCompositeFieldContainer[SizeForecast]
    changes: _containers.RepeatedCompositeFieldContainer[ForecastChange]
    total_changes: int
    truncated: bool
    time: _timestamp_pb2.Timestamp
    revision: str
    def __init__(self, size: _Optional[int] = ..., sizes: _Optional[_Iterable[_Union[SizeForecast, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[ForecastChange, _Mapping]]] = ..., total_changes: _Optional[int] = ..., truncated: bool = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class ForecastChange(_message.Message):
    __slots__ = ("time", "profile_id", "kind")
    TIME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    profile_id: str
    kind: _change_pb2.MembershipChangeKind
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., profile_id: _Optional[str] = ..., kind: _Optional[_Union[_change_pb2.MembershipChangeKind, str]] = ...) -> None: ...

class GetCutPointsRequest(_message.Message):
    __slots__ = ("consistency",)
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    consistency: _consistency_pb2.Consistency
    def __init__(self, consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetCutPointsResponse(_message.Message):
    __slots__ = ("computed_at", "next_at", "recency", "frequency", "monetary", "revision")
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    NEXT_AT_FIELD_NUMBER: _ClassVar[int]
    RECENCY_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    MONETARY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    computed_at: _timestamp_pb2.Timestamp
    next_at: _timestamp_pb2.Timestamp
    recency: _containers.RepeatedCompositeFieldContainer[CutPoint]
    frequency: _containers.RepeatedCompositeFieldContainer[CutPoint]
    monetary: _containers.RepeatedCompositeFieldContainer[CutPoint]
    revision: str
    def __init__(self, computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recency: _Optional[_Iterable[_Union[CutPoint, _Mapping]]] = ..., frequency: _Optional[_Iterable[_Union[CutPoint, _Mapping]]] = ..., monetary: _Optional[_Iterable[_Union[CutPoint, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class CutPoint(_message.Message):
    __slots__ = ("score", "value")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    score: int
    value: _segment_pb2.Value
    def __init__(self, score: _Optional[int] = ..., value: _Optional[_Union[_segment_pb2.Value, _Mapping]] = ...) -> None: ...

class ListTemplatesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTemplatesResponse(_message.Message):
    __slots__ = ("templates",)
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    templates: _containers.RepeatedCompositeFieldContainer[Template]
    def __init__(self, templates: _Optional[_Iterable[_Union[Template, _Mapping]]] = ...) -> None: ...

class Template(_message.Message):
    __slots__ = ("name", "title", "summary", "family", "parameters")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    summary: str
    family: str
    parameters: _containers.RepeatedCompositeFieldContainer[TemplateParameter]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., summary: _Optional[str] = ..., family: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[TemplateParameter, _Mapping]]] = ...) -> None: ...

class TemplateParameter(_message.Message):
    __slots__ = ("name", "type", "meaning", "required", "default", "example", "choices", "least", "most")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    meaning: str
    required: bool
    default: str
    example: str
    choices: _containers.RepeatedScalarFieldContainer[str]
    least: int
    most: int
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., meaning: _Optional[str] = ..., required: bool = ..., default: _Optional[str] = ..., example: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., least: _Optional[int] = ..., most: _Optional[int] = ...) -> None: ...
