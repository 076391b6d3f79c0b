import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import change_pb2 as _change_pb2
from idweave.v1 import consistency_pb2 as _consistency_pb2
from idweave.v1 import explanation_pb2 as _explanation_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import issue_pb2 as _issue_pb2
from idweave.v1 import lookup_pb2 as _lookup_pb2
from idweave.v1 import observation_pb2 as _observation_pb2
from idweave.v1 import profile_pb2 as _profile_pb2
from idweave.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProfileOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROFILE_OUTCOME_UNSPECIFIED: _ClassVar[ProfileOutcome]
    PROFILE_OUTCOME_FOUND: _ClassVar[ProfileOutcome]
    PROFILE_OUTCOME_REDIRECTED: _ClassVar[ProfileOutcome]
    PROFILE_OUTCOME_GONE: _ClassVar[ProfileOutcome]

class GoneReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GONE_REASON_UNSPECIFIED: _ClassVar[GoneReason]
    GONE_REASON_SHARED: _ClassVar[GoneReason]
    GONE_REASON_ERASED: _ClassVar[GoneReason]
    GONE_REASON_RETRACTED: _ClassVar[GoneReason]
    GONE_REASON_EXPIRED: _ClassVar[GoneReason]

class AssertionStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSERTION_STANDING_UNSPECIFIED: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_HOLDS: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_OVERRULED: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_CONTRADICTED: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_ASLEEP: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_UNSEEN: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_ERASED: _ClassVar[AssertionStanding]
    ASSERTION_STANDING_WITHDRAWN: _ClassVar[AssertionStanding]
PROFILE_OUTCOME_UNSPECIFIED: ProfileOutcome
PROFILE_OUTCOME_FOUND: ProfileOutcome
PROFILE_OUTCOME_REDIRECTED: ProfileOutcome
PROFILE_OUTCOME_GONE: ProfileOutcome
GONE_REASON_UNSPECIFIED: GoneReason
GONE_REASON_SHARED: GoneReason
GONE_REASON_ERASED: GoneReason
GONE_REASON_RETRACTED: GoneReason
GONE_REASON_EXPIRED: GoneReason
ASSERTION_STANDING_UNSPECIFIED: AssertionStanding
ASSERTION_STANDING_HOLDS: AssertionStanding
ASSERTION_STANDING_OVERRULED: AssertionStanding
ASSERTION_STANDING_CONTRADICTED: AssertionStanding
ASSERTION_STANDING_ASLEEP: AssertionStanding
ASSERTION_STANDING_UNSEEN: AssertionStanding
ASSERTION_STANDING_ERASED: AssertionStanding
ASSERTION_STANDING_WITHDRAWN: AssertionStanding

class IngestRequest(_message.Message):
    __slots__ = ("observation", "validate_only", "backfill")
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    BACKFILL_FIELD_NUMBER: _ClassVar[int]
    observation: _observation_pb2.Observation
    validate_only: bool
    backfill: bool
    def __init__(self, observation: _Optional[_Union[_observation_pb2.Observation, _Mapping]] = ..., validate_only: bool = ..., backfill: bool = ...) -> None: ...

class IngestResponse(_message.Message):
    __slots__ = ("result", "revision")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    result: IngestResult
    revision: str
    def __init__(self, result: _Optional[_Union[IngestResult, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class IngestBatchRequest(_message.Message):
    __slots__ = ("observations", "validate_only", "backfill")
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    BACKFILL_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[_observation_pb2.Observation]
    validate_only: bool
    backfill: bool
    def __init__(self, observations: _Optional[_Iterable[_Union[_observation_pb2.Observation, _Mapping]]] = ..., validate_only: bool = ..., backfill: bool = ...) -> None: ...

class IngestBatchResponse(_message.Message):
    __slots__ = ("results", "revision")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IngestResult]
    revision: str
    def __init__(self, results: _Optional[_Iterable[_Union[IngestResult, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class IngestResult(_message.Message):
    __slots__ = ("observation_id", "outcome", "profile_id", "issues")
    OBSERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    observation_id: str
    outcome: _observation_pb2.Outcome
    profile_id: str
    issues: _containers.RepeatedCompositeFieldContainer[_issue_pb2.Issue]
    def __init__(self, observation_id: _Optional[str] = ..., outcome: _Optional[_Union[_observation_pb2.Outcome, str]] = ..., profile_id: _Optional[str] = ..., issues: _Optional[_Iterable[_Union[_issue_pb2.Issue, _Mapping]]] = ...) -> None: ...

class LookupRequest(_message.Message):
    __slots__ = ("identifiers", "as_of", "purpose", "consistency", "include_profile")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PROFILE_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    as_of: _timestamp_pb2.Timestamp
    purpose: str
    consistency: _consistency_pb2.Consistency
    include_profile: bool
    def __init__(self, identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., purpose: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ..., include_profile: bool = ...) -> None: ...

class LookupResponse(_message.Message):
    __slots__ = ("result", "profile", "revision")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    result: _lookup_pb2.LookupResult
    profile: _profile_pb2.Profile
    revision: str
    def __init__(self, result: _Optional[_Union[_lookup_pb2.LookupResult, _Mapping]] = ..., profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class LookupQuery(_message.Message):
    __slots__ = ("identifiers", "as_of")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    as_of: _timestamp_pb2.Timestamp
    def __init__(self, identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BatchLookupRequest(_message.Message):
    __slots__ = ("queries", "purpose", "consistency")
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    queries: _containers.RepeatedCompositeFieldContainer[LookupQuery]
    purpose: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, queries: _Optional[_Iterable[_Union[LookupQuery, _Mapping]]] = ..., purpose: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class BatchLookupResponse(_message.Message):
    __slots__ = ("results", "revision")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_lookup_pb2.LookupResult]
    revision: str
    def __init__(self, results: _Optional[_Iterable[_Union[_lookup_pb2.LookupResult, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class GetProfileRequest(_message.Message):
    __slots__ = ("profile_id", "identifier", "consistency")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    consistency: _consistency_pb2.Consistency
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetProfileResponse(_message.Message):
    __slots__ = ("outcome", "profile", "gone_reason", "former_company", "revision")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    GONE_REASON_FIELD_NUMBER: _ClassVar[int]
    FORMER_COMPANY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    outcome: ProfileOutcome
    profile: _profile_pb2.Profile
    gone_reason: GoneReason
    former_company: str
    revision: str
    def __init__(self, outcome: _Optional[_Union[ProfileOutcome, str]] = ..., profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., gone_reason: _Optional[_Union[GoneReason, str]] = ..., former_company: _Optional[str] = ..., revision: _Optional[str] = ...) -> None: ...

class GetTimelineRequest(_message.Message):
    __slots__ = ("profile_id", "identifier", "types", "page_size", "page_token", "consistency")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    types: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    page_token: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., types: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetTimelineResponse(_message.Message):
    __slots__ = ("observations", "next_page_token", "total", "profile_id", "revision")
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[_observation_pb2.Observation]
    next_page_token: str
    total: int
    profile_id: str
    revision: str
    def __init__(self, observations: _Optional[_Iterable[_Union[_observation_pb2.Observation, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total: _Optional[int] = ..., profile_id: _Optional[str] = ..., revision: _Optional[str] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("left", "right", "as_of", "consistency")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    left: _identifier_pb2.Identifier
    right: _identifier_pb2.Identifier
    as_of: _timestamp_pb2.Timestamp
    consistency: _consistency_pb2.Consistency
    def __init__(self, left: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., right: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("together", "apart", "unowned", "revision")
    TOGETHER_FIELD_NUMBER: _ClassVar[int]
    APART_FIELD_NUMBER: _ClassVar[int]
    UNOWNED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    together: _explanation_pb2.Together
    apart: _explanation_pb2.Apart
    unowned: _explanation_pb2.Unowned
    revision: str
    def __init__(self, together: _Optional[_Union[_explanation_pb2.Together, _Mapping]] = ..., apart: _Optional[_Union[_explanation_pb2.Apart, _Mapping]] = ..., unowned: _Optional[_Union[_explanation_pb2.Unowned, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class AssertRequest(_message.Message):
    __slots__ = ("assertion", "withdraw", "assertion_id", "validate_only")
    ASSERTION_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_FIELD_NUMBER: _ClassVar[int]
    ASSERTION_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    assertion: _verdict_pb2.Assertion
    withdraw: str
    assertion_id: str
    validate_only: bool
    def __init__(self, assertion: _Optional[_Union[_verdict_pb2.Assertion, _Mapping]] = ..., withdraw: _Optional[str] = ..., assertion_id: _Optional[str] = ..., validate_only: bool = ...) -> None: ...

class AssertResponse(_message.Message):
    __slots__ = ("assertion_id", "standing", "remedy", "profile_ids", "revision")
    ASSERTION_ID_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    assertion_id: str
    standing: AssertionStanding
    remedy: str
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    revision: str
    def __init__(self, assertion_id: _Optional[str] = ..., standing: _Optional[_Union[AssertionStanding, str]] = ..., remedy: _Optional[str] = ..., profile_ids: _Optional[_Iterable[str]] = ..., revision: _Optional[str] = ...) -> None: ...

class RetractRequest(_message.Message):
    __slots__ = ("observation", "range", "validate_only")
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    observation: ObservationName
    range: SourceRange
    validate_only: bool
    def __init__(self, observation: _Optional[_Union[ObservationName, _Mapping]] = ..., range: _Optional[_Union[SourceRange, _Mapping]] = ..., validate_only: bool = ...) -> None: ...

class ObservationName(_message.Message):
    __slots__ = ("source", "observation_id")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    source: str
    observation_id: str
    def __init__(self, source: _Optional[str] = ..., observation_id: _Optional[str] = ...) -> None: ...

class SourceRange(_message.Message):
    __slots__ = ("source", "until")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    source: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, source: _Optional[str] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., **kwargs) -> None: ...

class RetractResponse(_message.Message):
    __slots__ = ("observations", "identifiers", "profiles_changed", "revision")
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    PROFILES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    observations: int
    identifiers: int
    profiles_changed: int
    revision: str
    def __init__(self, observations: _Optional[int] = ..., identifiers: _Optional[int] = ..., profiles_changed: _Optional[int] = ..., revision: _Optional[str] = ...) -> None: ...

class SetTagsRequest(_message.Message):
    __slots__ = ("profile_id", "identifier", "source", "add", "remove", "observation_id", "time", "validate_only")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ADD_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _identifier_pb2.Identifier
    source: str
    add: _containers.RepeatedScalarFieldContainer[str]
    remove: _containers.RepeatedScalarFieldContainer[str]
    observation_id: str
    time: _timestamp_pb2.Timestamp
    validate_only: bool
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., source: _Optional[str] = ..., add: _Optional[_Iterable[str]] = ..., remove: _Optional[_Iterable[str]] = ..., observation_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., validate_only: bool = ...) -> None: ...

class SetTagsResponse(_message.Message):
    __slots__ = ("result", "tags", "revision")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    result: IngestResult
    tags: _containers.RepeatedScalarFieldContainer[str]
    revision: str
    def __init__(self, result: _Optional[_Union[IngestResult, _Mapping]] = ..., tags: _Optional[_Iterable[str]] = ..., revision: _Optional[str] = ...) -> None: ...
