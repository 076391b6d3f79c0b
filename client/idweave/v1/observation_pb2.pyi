import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Party(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTY_UNSPECIFIED: _ClassVar[Party]
    PARTY_ZERO: _ClassVar[Party]
    PARTY_FIRST: _ClassVar[Party]
    PARTY_SECOND: _ClassVar[Party]
    PARTY_THIRD: _ClassVar[Party]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_ACCEPTED: _ClassVar[Outcome]
    OUTCOME_UNLINKED: _ClassVar[Outcome]
    OUTCOME_DUPLICATE: _ClassVar[Outcome]
    OUTCOME_CONFLICT: _ClassVar[Outcome]
    OUTCOME_REJECTED: _ClassVar[Outcome]
    OUTCOME_EXPIRED: _ClassVar[Outcome]
    OUTCOME_ERASED: _ClassVar[Outcome]
PARTY_UNSPECIFIED: Party
PARTY_ZERO: Party
PARTY_FIRST: Party
PARTY_SECOND: Party
PARTY_THIRD: Party
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_ACCEPTED: Outcome
OUTCOME_UNLINKED: Outcome
OUTCOME_DUPLICATE: Outcome
OUTCOME_CONFLICT: Outcome
OUTCOME_REJECTED: Outcome
OUTCOME_EXPIRED: Outcome
OUTCOME_ERASED: Outcome

class Observation(_message.Message):
    __slots__ = ("observation_id", "source", "time", "evidence_kind", "identifiers", "traits", "events")
    OBSERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_KIND_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    observation_id: str
    source: Source
    time: _timestamp_pb2.Timestamp
    evidence_kind: str
    identifiers: _containers.RepeatedCompositeFieldContainer[_identifier_pb2.Identifier]
    traits: _containers.RepeatedCompositeFieldContainer[Trait]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    def __init__(self, observation_id: _Optional[str] = ..., source: _Optional[_Union[Source, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., evidence_kind: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[_identifier_pb2.Identifier, _Mapping]]] = ..., traits: _Optional[_Iterable[_Union[Trait, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("type", "amount", "properties")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    type: str
    amount: Money
    properties: _containers.RepeatedCompositeFieldContainer[Trait]
    def __init__(self, type: _Optional[str] = ..., amount: _Optional[_Union[Money, _Mapping]] = ..., properties: _Optional[_Iterable[_Union[Trait, _Mapping]]] = ...) -> None: ...

class Money(_message.Message):
    __slots__ = ("currency", "units", "nanos")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    NANOS_FIELD_NUMBER: _ClassVar[int]
    currency: str
    units: int
    nanos: int
    def __init__(self, currency: _Optional[str] = ..., units: _Optional[int] = ..., nanos: _Optional[int] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("name", "party", "kind", "trust")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TRUST_FIELD_NUMBER: _ClassVar[int]
    name: str
    party: Party
    kind: str
    trust: float
    def __init__(self, name: _Optional[str] = ..., party: _Optional[_Union[Party, str]] = ..., kind: _Optional[str] = ..., trust: _Optional[float] = ...) -> None: ...

class Trait(_message.Message):
    __slots__ = ("name", "text", "integer", "number", "boolean")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    name: str
    text: str
    integer: int
    number: float
    boolean: bool
    def __init__(self, name: _Optional[str] = ..., text: _Optional[str] = ..., integer: _Optional[int] = ..., number: _Optional[float] = ..., boolean: bool = ...) -> None: ...
