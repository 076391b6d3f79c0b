import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EraseRequest(_message.Message):
    __slots__ = ("identifiers", "profile_id", "observed_until", "validate_only")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    identifiers: IdentifierList
    profile_id: str
    observed_until: _timestamp_pb2.Timestamp
    validate_only: bool
    def __init__(self, identifiers: _Optional[_Union[IdentifierList, _Mapping]] = ..., profile_id: _Optional[str] = ..., observed_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., validate_only: bool = ...) -> None: ...

class IdentifierList(_message.Message):
    __slots__ = ("identifiers",)
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    def __init__(self, identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ...) -> None: ...

class EraseResponse(_message.Message):
    __slots__ = ("observations", "assertions", "identifiers", "rewritten_entries", "splits", "revision")
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    REWRITTEN_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    observations: int
    assertions: int
    identifiers: int
    rewritten_entries: int
    splits: _containers.RepeatedCompositeFieldContainer[ProfileSplit]
    revision: str
    def __init__(self, observations: _Optional[int] = ..., assertions: _Optional[int] = ..., identifiers: _Optional[int] = ..., rewritten_entries: _Optional[int] = ..., splits: _Optional[_Iterable[_Union[ProfileSplit, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class ProfileSplit(_message.Message):
    __slots__ = ("profile_id", "parts")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    parts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, profile_id: _Optional[str] = ..., parts: _Optional[_Iterable[str]] = ...) -> None: ...
