import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChangeCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_CAUSE_UNSPECIFIED: _ClassVar[ChangeCause]
    CHANGE_CAUSE_EVENT: _ClassVar[ChangeCause]
    CHANGE_CAUSE_CLOCK: _ClassVar[ChangeCause]
    CHANGE_CAUSE_MERGE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_SPLIT: _ClassVar[ChangeCause]
    CHANGE_CAUSE_CONSENT: _ClassVar[ChangeCause]
    CHANGE_CAUSE_ERASURE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_CORRECTION: _ClassVar[ChangeCause]
    CHANGE_CAUSE_DEFINITION: _ClassVar[ChangeCause]

class ProfileChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROFILE_CHANGE_KIND_UNSPECIFIED: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_CREATED: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_MERGED: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_SPLIT: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_CHANGED: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_GONE: _ClassVar[ProfileChangeKind]
    PROFILE_CHANGE_KIND_ERASED: _ClassVar[ProfileChangeKind]

class MembershipChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMBERSHIP_CHANGE_KIND_UNSPECIFIED: _ClassVar[MembershipChangeKind]
    MEMBERSHIP_CHANGE_KIND_ENTERED: _ClassVar[MembershipChangeKind]
    MEMBERSHIP_CHANGE_KIND_LEFT: _ClassVar[MembershipChangeKind]
CHANGE_CAUSE_UNSPECIFIED: ChangeCause
CHANGE_CAUSE_EVENT: ChangeCause
CHANGE_CAUSE_CLOCK: ChangeCause
CHANGE_CAUSE_MERGE: ChangeCause
CHANGE_CAUSE_SPLIT: ChangeCause
CHANGE_CAUSE_CONSENT: ChangeCause
CHANGE_CAUSE_ERASURE: ChangeCause
CHANGE_CAUSE_CORRECTION: ChangeCause
CHANGE_CAUSE_DEFINITION: ChangeCause
PROFILE_CHANGE_KIND_UNSPECIFIED: ProfileChangeKind
PROFILE_CHANGE_KIND_CREATED: ProfileChangeKind
PROFILE_CHANGE_KIND_MERGED: ProfileChangeKind
PROFILE_CHANGE_KIND_SPLIT: ProfileChangeKind
PROFILE_CHANGE_KIND_CHANGED: ProfileChangeKind
PROFILE_CHANGE_KIND_GONE: ProfileChangeKind
PROFILE_CHANGE_KIND_ERASED: ProfileChangeKind
MEMBERSHIP_CHANGE_KIND_UNSPECIFIED: MembershipChangeKind
MEMBERSHIP_CHANGE_KIND_ENTERED: MembershipChangeKind
MEMBERSHIP_CHANGE_KIND_LEFT: MembershipChangeKind

class ProfileChange(_message.Message):
    __slots__ = ("change_id", "kind", "profile_id", "other_profile_id", "effective_at", "cause", "backfilled")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    OTHER_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    BACKFILLED_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    kind: ProfileChangeKind
    profile_id: str
    other_profile_id: str
    effective_at: _timestamp_pb2.Timestamp
    cause: ChangeCause
    backfilled: bool
    def __init__(self, change_id: _Optional[str] = ..., kind: _Optional[_Union[ProfileChangeKind, str]] = ..., profile_id: _Optional[str] = ..., other_profile_id: _Optional[str] = ..., effective_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[ChangeCause, str]] = ..., backfilled: bool = ...) -> None: ...

class MembershipChange(_message.Message):
    __slots__ = ("change_id", "kind", "segment", "definition_version", "profile_id", "other_profile_id", "effective_at", "cause", "valid_until", "backfilled")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    OTHER_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    BACKFILLED_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    kind: MembershipChangeKind
    segment: str
    definition_version: int
    profile_id: str
    other_profile_id: str
    effective_at: _timestamp_pb2.Timestamp
    cause: ChangeCause
    valid_until: _timestamp_pb2.Timestamp
    backfilled: bool
    def __init__(self, change_id: _Optional[str] = ..., kind: _Optional[_Union[MembershipChangeKind, str]] = ..., segment: _Optional[str] = ..., definition_version: _Optional[int] = ..., profile_id: _Optional[str] = ..., other_profile_id: _Optional[str] = ..., effective_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[ChangeCause, str]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., backfilled: bool = ...) -> None: ...

class WatchProfilesRequest(_message.Message):
    __slots__ = ("resume_token", "profile_ids", "identifiers", "kinds", "include_backfill", "heartbeat")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_BACKFILL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    kinds: _containers.RepeatedScalarFieldContainer[ProfileChangeKind]
    include_backfill: bool
    heartbeat: _duration_pb2.Duration
    def __init__(self, resume_token: _Optional[str] = ..., profile_ids: _Optional[_Iterable[str]] = ..., identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ..., kinds: _Optional[_Iterable[_Union[ProfileChangeKind, str]]] = ..., include_backfill: bool = ..., heartbeat: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchProfilesResponse(_message.Message):
    __slots__ = ("changes", "more", "resume_token", "revision", "state_time")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[ProfileChange]
    more: bool
    resume_token: str
    revision: str
    state_time: _timestamp_pb2.Timestamp
    def __init__(self, changes: _Optional[_Iterable[_Union[ProfileChange, _Mapping]]] = ..., more: bool = ..., resume_token: _Optional[str] = ..., revision: _Optional[str] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WatchMembershipRequest(_message.Message):
    __slots__ = ("resume_token", "segments", "profile_ids", "identifiers", "include_backfill", "heartbeat")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_BACKFILL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    segments: _containers.RepeatedScalarFieldContainer[str]
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    include_backfill: bool
    heartbeat: _duration_pb2.Duration
    def __init__(self, resume_token: _Optional[str] = ..., segments: _Optional[_Iterable[str]] = ..., profile_ids: _Optional[_Iterable[str]] = ..., identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ..., include_backfill: bool = ..., heartbeat: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchMembershipResponse(_message.Message):
    __slots__ = ("changes", "more", "resume_token", "revision", "state_time")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[MembershipChange]
    more: bool
    resume_token: str
    revision: str
    state_time: _timestamp_pb2.Timestamp
    def __init__(self, changes: _Optional[_Iterable[_Union[MembershipChange, _Mapping]]] = ..., more: bool = ..., resume_token: _Optional[str] = ..., revision: _Optional[str] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
