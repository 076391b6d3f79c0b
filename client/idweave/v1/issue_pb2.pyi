from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RefusalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_REASON_UNSPECIFIED: _ClassVar[RefusalReason]
    REFUSAL_REASON_TOO_LONG: _ClassVar[RefusalReason]
    REFUSAL_REASON_CONTROL_CHARACTER: _ClassVar[RefusalReason]
    REFUSAL_REASON_BAD_ENCODING: _ClassVar[RefusalReason]
    REFUSAL_REASON_WRONG_TYPE: _ClassVar[RefusalReason]
    REFUSAL_REASON_PLACEHOLDER: _ClassVar[RefusalReason]
    REFUSAL_REASON_EMAIL_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_EMAIL_DOMAIN: _ClassVar[RefusalReason]
    REFUSAL_REASON_PHONE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_PHONE_REGION_UNKNOWN: _ClassVar[RefusalReason]
    REFUSAL_REASON_PHONE_IMPOSSIBLE: _ClassVar[RefusalReason]
    REFUSAL_REASON_PHONE_INVALID: _ClassVar[RefusalReason]
    REFUSAL_REASON_PHONE_FICTIONAL: _ClassVar[RefusalReason]
    REFUSAL_REASON_DEVICE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_COOKIE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_SOCIAL_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_SOCIAL_NETWORK_UNKNOWN: _ClassVar[RefusalReason]
    REFUSAL_REASON_IP_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_HASH_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_OPAQUE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_ISSUER_MISSING: _ClassVar[RefusalReason]
    REFUSAL_REASON_NAMESPACE_UNKNOWN: _ClassVar[RefusalReason]
    REFUSAL_REASON_DATE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_DATE_AMBIGUOUS: _ClassVar[RefusalReason]
    REFUSAL_REASON_DATE_RANGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_TRAIT_TYPE: _ClassVar[RefusalReason]
    REFUSAL_REASON_TRAIT_PATTERN: _ClassVar[RefusalReason]
    REFUSAL_REASON_TRAIT_NOT_ALLOWED: _ClassVar[RefusalReason]
    REFUSAL_REASON_TRAIT_REQUIRED: _ClassVar[RefusalReason]
    REFUSAL_REASON_TRAIT_NOT_STATED_BY: _ClassVar[RefusalReason]
    REFUSAL_REASON_NAME_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_ROW_MALFORMED: _ClassVar[RefusalReason]
    REFUSAL_REASON_ROW_RAGGED: _ClassVar[RefusalReason]
    REFUSAL_REASON_TIME_MISSING: _ClassVar[RefusalReason]
    REFUSAL_REASON_TIME_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_TIME_RANGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_EVIDENCE_UNKNOWN: _ClassVar[RefusalReason]
    REFUSAL_REASON_TOO_MANY_IDENTIFIERS: _ClassVar[RefusalReason]
    REFUSAL_REASON_SOURCE_MISSING: _ClassVar[RefusalReason]
    REFUSAL_REASON_OBSERVATION_ID_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_CONTENT_CONFLICT: _ClassVar[RefusalReason]
    REFUSAL_REASON_ASSERTION_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_ERASURE_SYNTAX: _ClassVar[RefusalReason]
    REFUSAL_REASON_FILE_EMPTY: _ClassVar[RefusalReason]
    REFUSAL_REASON_FIELD_ABSENT: _ClassVar[RefusalReason]
REFUSAL_REASON_UNSPECIFIED: RefusalReason
REFUSAL_REASON_TOO_LONG: RefusalReason
REFUSAL_REASON_CONTROL_CHARACTER: RefusalReason
REFUSAL_REASON_BAD_ENCODING: RefusalReason
REFUSAL_REASON_WRONG_TYPE: RefusalReason
REFUSAL_REASON_PLACEHOLDER: RefusalReason
REFUSAL_REASON_EMAIL_SYNTAX: RefusalReason
REFUSAL_REASON_EMAIL_DOMAIN: RefusalReason
REFUSAL_REASON_PHONE_SYNTAX: RefusalReason
REFUSAL_REASON_PHONE_REGION_UNKNOWN: RefusalReason
REFUSAL_REASON_PHONE_IMPOSSIBLE: RefusalReason
REFUSAL_REASON_PHONE_INVALID: RefusalReason
REFUSAL_REASON_PHONE_FICTIONAL: RefusalReason
REFUSAL_REASON_DEVICE_SYNTAX: RefusalReason
REFUSAL_REASON_COOKIE_SYNTAX: RefusalReason
REFUSAL_REASON_SOCIAL_SYNTAX: RefusalReason
REFUSAL_REASON_SOCIAL_NETWORK_UNKNOWN: RefusalReason
REFUSAL_REASON_IP_SYNTAX: RefusalReason
REFUSAL_REASON_HASH_SYNTAX: RefusalReason
REFUSAL_REASON_OPAQUE_SYNTAX: RefusalReason
REFUSAL_REASON_ISSUER_MISSING: RefusalReason
REFUSAL_REASON_NAMESPACE_UNKNOWN: RefusalReason
REFUSAL_REASON_DATE_SYNTAX: RefusalReason
REFUSAL_REASON_DATE_AMBIGUOUS: RefusalReason
REFUSAL_REASON_DATE_RANGE: RefusalReason
REFUSAL_REASON_TRAIT_TYPE: RefusalReason
REFUSAL_REASON_TRAIT_PATTERN: RefusalReason
REFUSAL_REASON_TRAIT_NOT_ALLOWED: RefusalReason
REFUSAL_REASON_TRAIT_REQUIRED: RefusalReason
REFUSAL_REASON_TRAIT_NOT_STATED_BY: RefusalReason
REFUSAL_REASON_NAME_SYNTAX: RefusalReason
REFUSAL_REASON_ROW_MALFORMED: RefusalReason
REFUSAL_REASON_ROW_RAGGED: RefusalReason
REFUSAL_REASON_TIME_MISSING: RefusalReason
REFUSAL_REASON_TIME_SYNTAX: RefusalReason
REFUSAL_REASON_TIME_RANGE: RefusalReason
REFUSAL_REASON_EVIDENCE_UNKNOWN: RefusalReason
REFUSAL_REASON_TOO_MANY_IDENTIFIERS: RefusalReason
REFUSAL_REASON_SOURCE_MISSING: RefusalReason
REFUSAL_REASON_OBSERVATION_ID_SYNTAX: RefusalReason
REFUSAL_REASON_CONTENT_CONFLICT: RefusalReason
REFUSAL_REASON_ASSERTION_SYNTAX: RefusalReason
REFUSAL_REASON_ERASURE_SYNTAX: RefusalReason
REFUSAL_REASON_FILE_EMPTY: RefusalReason
REFUSAL_REASON_FIELD_ABSENT: RefusalReason

class Issue(_message.Message):
    __slots__ = ("field", "reason", "value", "message")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    field: str
    reason: RefusalReason
    value: str
    message: str
    def __init__(self, field: _Optional[str] = ..., reason: _Optional[_Union[RefusalReason, str]] = ..., value: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
