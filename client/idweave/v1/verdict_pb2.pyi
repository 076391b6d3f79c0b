import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_SAME: _ClassVar[Verdict]
    VERDICT_DIFFERENT: _ClassVar[Verdict]
    VERDICT_SHARED: _ClassVar[Verdict]
    VERDICT_PERSONAL: _ClassVar[Verdict]

class ApartReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APART_REASON_UNSPECIFIED: _ClassVar[ApartReason]
    APART_REASON_NAMES: _ClassVar[ApartReason]
    APART_REASON_BIRTH_DATES: _ClassVar[ApartReason]
    APART_REASON_UNIQUE: _ClassVar[ApartReason]
    APART_REASON_DIFFERENT: _ClassVar[ApartReason]
VERDICT_UNSPECIFIED: Verdict
VERDICT_SAME: Verdict
VERDICT_DIFFERENT: Verdict
VERDICT_SHARED: Verdict
VERDICT_PERSONAL: Verdict
APART_REASON_UNSPECIFIED: ApartReason
APART_REASON_NAMES: ApartReason
APART_REASON_BIRTH_DATES: ApartReason
APART_REASON_UNIQUE: ApartReason
APART_REASON_DIFFERENT: ApartReason

class Assertion(_message.Message):
    __slots__ = ("verdict", "left", "right", "time", "source")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    verdict: Verdict
    left: _identifier_pb2.Identifier
    right: _identifier_pb2.Identifier
    time: _timestamp_pb2.Timestamp
    source: str
    def __init__(self, verdict: _Optional[_Union[Verdict, str]] = ..., left: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., right: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ...) -> None: ...
