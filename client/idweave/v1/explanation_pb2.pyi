import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import observation_pb2 as _observation_pb2
from idweave.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UnownedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNOWNED_REASON_UNSPECIFIED: _ClassVar[UnownedReason]
    UNOWNED_REASON_SHARED: _ClassVar[UnownedReason]
    UNOWNED_REASON_CONTEXT: _ClassVar[UnownedReason]
    UNOWNED_REASON_UNKNOWN: _ClassVar[UnownedReason]
    UNOWNED_REASON_STALE: _ClassVar[UnownedReason]
UNOWNED_REASON_UNSPECIFIED: UnownedReason
UNOWNED_REASON_SHARED: UnownedReason
UNOWNED_REASON_CONTEXT: UnownedReason
UNOWNED_REASON_UNKNOWN: UnownedReason
UNOWNED_REASON_STALE: UnownedReason

class Together(_message.Message):
    __slots__ = ("profile_id", "path", "weakest")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    WEAKEST_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    path: _containers.RepeatedCompositeFieldContainer[PathStep]
    weakest: int
    def __init__(self, profile_id: _Optional[str] = ..., path: _Optional[_Iterable[_Union[PathStep, _Mapping]]] = ..., weakest: _Optional[int] = ...) -> None: ...

class PathStep(_message.Message):
    __slots__ = ("to", "link", "assertion")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    ASSERTION_FIELD_NUMBER: _ClassVar[int]
    to: _identifier_pb2.Identifier
    link: LinkEvidence
    assertion: _verdict_pb2.Assertion
    def __init__(self, to: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., link: _Optional[_Union[LinkEvidence, _Mapping]] = ..., assertion: _Optional[_Union[_verdict_pb2.Assertion, _Mapping]] = ..., **kwargs) -> None: ...

class LinkEvidence(_message.Message):
    __slots__ = ("strength", "probability", "evidence", "first_seen", "last_seen", "observations", "truncated")
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    strength: float
    probability: float
    evidence: int
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    observations: _containers.RepeatedCompositeFieldContainer[_observation_pb2.Observation]
    truncated: bool
    def __init__(self, strength: _Optional[float] = ..., probability: _Optional[float] = ..., evidence: _Optional[int] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observations: _Optional[_Iterable[_Union[_observation_pb2.Observation, _Mapping]]] = ..., truncated: bool = ...) -> None: ...

class Apart(_message.Message):
    __slots__ = ("left_profile_id", "right_profile_id", "reason", "grounds", "refused", "assertion")
    LEFT_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHT_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GROUNDS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    ASSERTION_FIELD_NUMBER: _ClassVar[int]
    left_profile_id: str
    right_profile_id: str
    reason: _verdict_pb2.ApartReason
    grounds: str
    refused: PathStep
    assertion: _verdict_pb2.Assertion
    def __init__(self, left_profile_id: _Optional[str] = ..., right_profile_id: _Optional[str] = ..., reason: _Optional[_Union[_verdict_pb2.ApartReason, str]] = ..., grounds: _Optional[str] = ..., refused: _Optional[_Union[PathStep, _Mapping]] = ..., assertion: _Optional[_Union[_verdict_pb2.Assertion, _Mapping]] = ...) -> None: ...

class Unowned(_message.Message):
    __slots__ = ("left", "right", "left_shared_reason", "right_shared_reason")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    LEFT_SHARED_REASON_FIELD_NUMBER: _ClassVar[int]
    RIGHT_SHARED_REASON_FIELD_NUMBER: _ClassVar[int]
    left: UnownedReason
    right: UnownedReason
    left_shared_reason: _identifier_pb2.SharedReason
    right_shared_reason: _identifier_pb2.SharedReason
    def __init__(self, left: _Optional[_Union[UnownedReason, str]] = ..., right: _Optional[_Union[UnownedReason, str]] = ..., left_shared_reason: _Optional[_Union[_identifier_pb2.SharedReason, str]] = ..., right_shared_reason: _Optional[_Union[_identifier_pb2.SharedReason, str]] = ...) -> None: ...
