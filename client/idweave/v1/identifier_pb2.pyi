from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IdentifierFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFIER_FLAG_UNSPECIFIED: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_FAKE: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_DISPOSABLE: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_ROLE: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_SERVICE: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_PRIVATE: _ClassVar[IdentifierFlag]
    IDENTIFIER_FLAG_HOSTING: _ClassVar[IdentifierFlag]

class SharedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHARED_REASON_UNSPECIFIED: _ClassVar[SharedReason]
    SHARED_REASON_FAKE: _ClassVar[SharedReason]
    SHARED_REASON_ROLE: _ClassVar[SharedReason]
    SHARED_REASON_SERVICE: _ClassVar[SharedReason]
    SHARED_REASON_NAMES: _ClassVar[SharedReason]
    SHARED_REASON_PARTNERS: _ClassVar[SharedReason]
    SHARED_REASON_ASSERTED: _ClassVar[SharedReason]
IDENTIFIER_FLAG_UNSPECIFIED: IdentifierFlag
IDENTIFIER_FLAG_FAKE: IdentifierFlag
IDENTIFIER_FLAG_DISPOSABLE: IdentifierFlag
IDENTIFIER_FLAG_ROLE: IdentifierFlag
IDENTIFIER_FLAG_SERVICE: IdentifierFlag
IDENTIFIER_FLAG_PRIVATE: IdentifierFlag
IDENTIFIER_FLAG_HOSTING: IdentifierFlag
SHARED_REASON_UNSPECIFIED: SharedReason
SHARED_REASON_FAKE: SharedReason
SHARED_REASON_ROLE: SharedReason
SHARED_REASON_SERVICE: SharedReason
SHARED_REASON_NAMES: SharedReason
SHARED_REASON_PARTNERS: SharedReason
SHARED_REASON_ASSERTED: SharedReason

class Identifier(_message.Message):
    __slots__ = ("namespace", "issuer", "value", "observed_value", "flags", "shared_reason")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_VALUE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    SHARED_REASON_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    issuer: str
    value: str
    observed_value: str
    flags: _containers.RepeatedScalarFieldContainer[IdentifierFlag]
    shared_reason: SharedReason
    def __init__(self, namespace: _Optional[str] = ..., issuer: _Optional[str] = ..., value: _Optional[str] = ..., observed_value: _Optional[str] = ..., flags: _Optional[_Iterable[_Union[IdentifierFlag, str]]] = ..., shared_reason: _Optional[_Union[SharedReason, str]] = ...) -> None: ...
