from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_REQUEST: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_REVISION_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_EXPIRED: _ClassVar[ErrorReason]
    ERROR_REASON_QUEUE_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_SERVING: _ClassVar[ErrorReason]
    ERROR_REASON_DEPOSED: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_CLOCK_AHEAD: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_CONFLICT: _ClassVar[ErrorReason]
    ERROR_REASON_ACCESS_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_UNKNOWN_METHOD: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_WRITER: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_AWAY: _ClassVar[ErrorReason]
    ERROR_REASON_RESUME_TOKEN_EXPIRED: _ClassVar[ErrorReason]
    ERROR_REASON_DEFINITION_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_SEGMENT_IN_USE: _ClassVar[ErrorReason]
    ERROR_REASON_VERSION_CONFLICT: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_INVALID_REQUEST: ErrorReason
ERROR_REASON_TOO_LARGE: ErrorReason
ERROR_REASON_NOT_FOUND: ErrorReason
ERROR_REASON_REVISION_UNKNOWN: ErrorReason
ERROR_REASON_PAGE_TOKEN_EXPIRED: ErrorReason
ERROR_REASON_QUEUE_FULL: ErrorReason
ERROR_REASON_NOT_SERVING: ErrorReason
ERROR_REASON_DEPOSED: ErrorReason
ERROR_REASON_STORE_FAILED: ErrorReason
ERROR_REASON_CLOCK_AHEAD: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_CONFLICT: ErrorReason
ERROR_REASON_ACCESS_DENIED: ErrorReason
ERROR_REASON_UNKNOWN_METHOD: ErrorReason
ERROR_REASON_NOT_WRITER: ErrorReason
ERROR_REASON_STORE_AWAY: ErrorReason
ERROR_REASON_RESUME_TOKEN_EXPIRED: ErrorReason
ERROR_REASON_DEFINITION_REFUSED: ErrorReason
ERROR_REASON_SEGMENT_IN_USE: ErrorReason
ERROR_REASON_VERSION_CONFLICT: ErrorReason
