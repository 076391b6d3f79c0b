import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import consistency_pb2 as _consistency_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import issue_pb2 as _issue_pb2
from idweave.v1 import observation_pb2 as _observation_pb2
from idweave.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IssueKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ISSUE_KIND_UNSPECIFIED: _ClassVar[IssueKind]
    ISSUE_KIND_QUARANTINED: _ClassVar[IssueKind]
    ISSUE_KIND_CONFLICT: _ClassVar[IssueKind]
    ISSUE_KIND_REJECTED: _ClassVar[IssueKind]
    ISSUE_KIND_SHARED: _ClassVar[IssueKind]
    ISSUE_KIND_FRAGILE: _ClassVar[IssueKind]
    ISSUE_KIND_VERDICT: _ClassVar[IssueKind]
ISSUE_KIND_UNSPECIFIED: IssueKind
ISSUE_KIND_QUARANTINED: IssueKind
ISSUE_KIND_CONFLICT: IssueKind
ISSUE_KIND_REJECTED: IssueKind
ISSUE_KIND_SHARED: IssueKind
ISSUE_KIND_FRAGILE: IssueKind
ISSUE_KIND_VERDICT: IssueKind

class ValidateRequest(_message.Message):
    __slots__ = ("observations",)
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[_observation_pb2.Observation]
    def __init__(self, observations: _Optional[_Iterable[_Union[_observation_pb2.Observation, _Mapping]]] = ...) -> None: ...

class ValidateResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ValidateResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ValidateResult, _Mapping]]] = ...) -> None: ...

class ValidateResult(_message.Message):
    __slots__ = ("outcome", "observation", "issues")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    outcome: _observation_pb2.Outcome
    observation: _observation_pb2.Observation
    issues: _containers.RepeatedCompositeFieldContainer[_issue_pb2.Issue]
    def __init__(self, outcome: _Optional[_Union[_observation_pb2.Outcome, str]] = ..., observation: _Optional[_Union[_observation_pb2.Observation, _Mapping]] = ..., issues: _Optional[_Iterable[_Union[_issue_pb2.Issue, _Mapping]]] = ...) -> None: ...

class InferFormatsRequest(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[TextColumn]
    def __init__(self, columns: _Optional[_Iterable[_Union[TextColumn, _Mapping]]] = ...) -> None: ...

class TextColumn(_message.Message):
    __slots__ = ("name", "source", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class InferFormatsResponse(_message.Message):
    __slots__ = ("inferences",)
    INFERENCES_FIELD_NUMBER: _ClassVar[int]
    inferences: _containers.RepeatedCompositeFieldContainer[FormatInference]
    def __init__(self, inferences: _Optional[_Iterable[_Union[FormatInference, _Mapping]]] = ...) -> None: ...

class FormatInference(_message.Message):
    __slots__ = ("name", "format", "decided_by", "question", "fits")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    FITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    format: str
    decided_by: str
    question: str
    fits: _containers.RepeatedCompositeFieldContainer[FormatFit]
    def __init__(self, name: _Optional[str] = ..., format: _Optional[str] = ..., decided_by: _Optional[str] = ..., question: _Optional[str] = ..., fits: _Optional[_Iterable[_Union[FormatFit, _Mapping]]] = ...) -> None: ...

class FormatFit(_message.Message):
    __slots__ = ("format", "values")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    format: str
    values: int
    def __init__(self, format: _Optional[str] = ..., values: _Optional[int] = ...) -> None: ...

class ListIssuesRequest(_message.Message):
    __slots__ = ("kinds", "page_size", "page_token", "consistency")
    KINDS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    kinds: _containers.RepeatedScalarFieldContainer[IssueKind]
    page_size: int
    page_token: str
    consistency: _consistency_pb2.Consistency
    def __init__(self, kinds: _Optional[_Iterable[_Union[IssueKind, str]]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ListIssuesResponse(_message.Message):
    __slots__ = ("issues", "next_page_token", "counts", "revision")
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    issues: _containers.RepeatedCompositeFieldContainer[ListedIssue]
    next_page_token: str
    counts: _containers.RepeatedCompositeFieldContainer[IssueCount]
    revision: str
    def __init__(self, issues: _Optional[_Iterable[_Union[ListedIssue, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[IssueCount, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class IssueCount(_message.Message):
    __slots__ = ("kind", "count", "listed")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    LISTED_FIELD_NUMBER: _ClassVar[int]
    kind: IssueKind
    count: int
    listed: int
    def __init__(self, kind: _Optional[_Union[IssueKind, str]] = ..., count: _Optional[int] = ..., listed: _Optional[int] = ...) -> None: ...

class ListedIssue(_message.Message):
    __slots__ = ("kind", "time", "source", "observation_id", "issue", "identifier", "profile_id", "weakest_link", "remedy")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    WEAKEST_LINK_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    kind: IssueKind
    time: _timestamp_pb2.Timestamp
    source: str
    observation_id: str
    issue: _issue_pb2.Issue
    identifier: _identifier_pb2.Identifier
    profile_id: str
    weakest_link: _profile_pb2.WeakestLink
    remedy: str
    def __init__(self, kind: _Optional[_Union[IssueKind, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., observation_id: _Optional[str] = ..., issue: _Optional[_Union[_issue_pb2.Issue, _Mapping]] = ..., identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., profile_id: _Optional[str] = ..., weakest_link: _Optional[_Union[_profile_pb2.WeakestLink, _Mapping]] = ..., remedy: _Optional[str] = ...) -> None: ...
