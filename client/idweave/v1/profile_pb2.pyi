import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import identifier_pb2 as _identifier_pb2
from idweave.v1 import observation_pb2 as _observation_pb2
from idweave.v1 import segment_pb2 as _segment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Profile(_message.Message):
    __slots__ = ("profile_id", "identifiers", "traits", "merged_from", "first_seen", "last_seen", "observations", "weakest_link", "attributes", "tags", "segments")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    MERGED_FROM_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    WEAKEST_LINK_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifiers: _containers.RepeatedCompositeFieldContainer[ProfileIdentifier]
    traits: _containers.RepeatedCompositeFieldContainer[ProfileTrait]
    merged_from: _containers.RepeatedScalarFieldContainer[str]
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    observations: int
    weakest_link: WeakestLink
    attributes: _containers.RepeatedCompositeFieldContainer[ProfileAttribute]
    tags: _containers.RepeatedScalarFieldContainer[str]
    segments: _containers.RepeatedCompositeFieldContainer[ProfileSegment]
    def __init__(self, profile_id: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[ProfileIdentifier, _Mapping]]] = ..., traits: _Optional[_Iterable[_Union[ProfileTrait, _Mapping]]] = ..., merged_from: _Optional[_Iterable[str]] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observations: _Optional[int] = ..., weakest_link: _Optional[_Union[WeakestLink, _Mapping]] = ..., attributes: _Optional[_Iterable[_Union[ProfileAttribute, _Mapping]]] = ..., tags: _Optional[_Iterable[str]] = ..., segments: _Optional[_Iterable[_Union[ProfileSegment, _Mapping]]] = ...) -> None: ...

class ProfileIdentifier(_message.Message):
    __slots__ = ("identifier", "until", "first_seen", "last_seen", "observations")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    identifier: _identifier_pb2.Identifier
    until: _timestamp_pb2.Timestamp
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    observations: int
    def __init__(self, identifier: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observations: _Optional[int] = ..., **kwargs) -> None: ...

class ProfileTrait(_message.Message):
    __slots__ = ("trait", "source", "time")
    TRAIT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    trait: _observation_pb2.Trait
    source: _observation_pb2.Source
    time: _timestamp_pb2.Timestamp
    def __init__(self, trait: _Optional[_Union[_observation_pb2.Trait, _Mapping]] = ..., source: _Optional[_Union[_observation_pb2.Source, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WeakestLink(_message.Message):
    __slots__ = ("left", "right", "strength", "probability")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    left: _identifier_pb2.Identifier
    right: _identifier_pb2.Identifier
    strength: float
    probability: float
    def __init__(self, left: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., right: _Optional[_Union[_identifier_pb2.Identifier, _Mapping]] = ..., strength: _Optional[float] = ..., probability: _Optional[float] = ...) -> None: ...

class ProfileAttribute(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _segment_pb2.Value
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[_segment_pb2.Value, _Mapping]] = ...) -> None: ...

class ProfileSegment(_message.Message):
    __slots__ = ("name", "since", "valid_until", "definition_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    since: _timestamp_pb2.Timestamp
    valid_until: _timestamp_pb2.Timestamp
    definition_version: int
    def __init__(self, name: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., definition_version: _Optional[int] = ...) -> None: ...
