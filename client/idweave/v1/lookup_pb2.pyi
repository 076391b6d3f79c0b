import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import issue_pb2 as _issue_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LookupOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOOKUP_OUTCOME_UNSPECIFIED: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_FOUND: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_UNKNOWN: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_SHARED: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_CONTEXT: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_INVALID: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_SUPPRESSED: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_AMBIGUOUS: _ClassVar[LookupOutcome]
    LOOKUP_OUTCOME_STALE: _ClassVar[LookupOutcome]
LOOKUP_OUTCOME_UNSPECIFIED: LookupOutcome
LOOKUP_OUTCOME_FOUND: LookupOutcome
LOOKUP_OUTCOME_UNKNOWN: LookupOutcome
LOOKUP_OUTCOME_SHARED: LookupOutcome
LOOKUP_OUTCOME_CONTEXT: LookupOutcome
LOOKUP_OUTCOME_INVALID: LookupOutcome
LOOKUP_OUTCOME_SUPPRESSED: LookupOutcome
LOOKUP_OUTCOME_AMBIGUOUS: LookupOutcome
LOOKUP_OUTCOME_STALE: LookupOutcome

class LookupResult(_message.Message):
    __slots__ = ("outcome", "profile_id", "valid_until", "matches")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    outcome: LookupOutcome
    profile_id: str
    valid_until: _timestamp_pb2.Timestamp
    matches: _containers.RepeatedCompositeFieldContainer[LookupMatch]
    def __init__(self, outcome: _Optional[_Union[LookupOutcome, str]] = ..., profile_id: _Optional[str] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., matches: _Optional[_Iterable[_Union[LookupMatch, _Mapping]]] = ...) -> None: ...

class LookupMatch(_message.Message):
    __slots__ = ("identifier", "outcome", "profile_id", "people", "issue")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    identifier: _identifier_pb2.Identifier
    outcome: LookupOutcome
    profile_id: str
    people: int
    issue: _issue_pb2.Issue
    def __init__(self, identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., outcome: _Optional[_Union[LookupOutcome, str]] = ..., profile_id: _Optional[str] = ..., people: _Optional[int] = ..., issue: _Optional[_Union[_issue_pb2.Issue, _Mapping]] = ...) -> None: ...
