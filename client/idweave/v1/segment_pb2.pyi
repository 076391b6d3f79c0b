import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import observation_pb2 as _observation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Operator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATOR_UNSPECIFIED: _ClassVar[Operator]
    OPERATOR_EQUAL: _ClassVar[Operator]
    OPERATOR_NOT_EQUAL: _ClassVar[Operator]
    OPERATOR_LESS: _ClassVar[Operator]
    OPERATOR_LESS_OR_EQUAL: _ClassVar[Operator]
    OPERATOR_GREATER: _ClassVar[Operator]
    OPERATOR_GREATER_OR_EQUAL: _ClassVar[Operator]
    OPERATOR_IN: _ClassVar[Operator]
    OPERATOR_KNOWN: _ClassVar[Operator]

class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELATION_UNSPECIFIED: _ClassVar[Relation]
    RELATION_WITHIN: _ClassVar[Relation]
    RELATION_OLDER: _ClassVar[Relation]
    RELATION_UPCOMING: _ClassVar[Relation]
    RELATION_ANNIVERSARY: _ClassVar[Relation]

class Measure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEASURE_UNSPECIFIED: _ClassVar[Measure]
    MEASURE_COUNT: _ClassVar[Measure]
    MEASURE_SUM: _ClassVar[Measure]
    MEASURE_DISTINCT: _ClassVar[Measure]

class Truth(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRUTH_UNSPECIFIED: _ClassVar[Truth]
    TRUTH_FALSE: _ClassVar[Truth]
    TRUTH_UNKNOWN: _ClassVar[Truth]
    TRUTH_TRUE: _ClassVar[Truth]
OPERATOR_UNSPECIFIED: Operator
OPERATOR_EQUAL: Operator
OPERATOR_NOT_EQUAL: Operator
OPERATOR_LESS: Operator
OPERATOR_LESS_OR_EQUAL: Operator
OPERATOR_GREATER: Operator
OPERATOR_GREATER_OR_EQUAL: Operator
OPERATOR_IN: Operator
OPERATOR_KNOWN: Operator
RELATION_UNSPECIFIED: Relation
RELATION_WITHIN: Relation
RELATION_OLDER: Relation
RELATION_UPCOMING: Relation
RELATION_ANNIVERSARY: Relation
MEASURE_UNSPECIFIED: Measure
MEASURE_COUNT: Measure
MEASURE_SUM: Measure
MEASURE_DISTINCT: Measure
TRUTH_UNSPECIFIED: Truth
TRUTH_FALSE: Truth
TRUTH_UNKNOWN: Truth
TRUTH_TRUE: Truth

class Expression(_message.Message):
    __slots__ = ("all", "any", "field", "time", "events", "sequence", "tag", "identity", "provenance", "segment")
    ALL_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    NOT_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    all: ExpressionList
    any: ExpressionList
    field: FieldTest
    time: TimeTest
    events: EventTest
    sequence: EventSequence
    tag: TagTest
    identity: IdentityTest
    provenance: ProvenanceTest
    segment: SegmentTest
    def __init__(self, all: _Optional[_Union[ExpressionList, _Mapping]] = ..., any: _Optional[_Union[ExpressionList, _Mapping]] = ..., field: _Optional[_Union[FieldTest, _Mapping]] = ..., time: _Optional[_Union[TimeTest, _Mapping]] = ..., events: _Optional[_Union[EventTest, _Mapping]] = ..., sequence: _Optional[_Union[EventSequence, _Mapping]] = ..., tag: _Optional[_Union[TagTest, _Mapping]] = ..., identity: _Optional[_Union[IdentityTest, _Mapping]] = ..., provenance: _Optional[_Union[ProvenanceTest, _Mapping]] = ..., segment: _Optional[_Union[SegmentTest, _Mapping]] = ..., **kwargs) -> None: ...

class ExpressionList(_message.Message):
    __slots__ = ("parts",)
    PARTS_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[Expression]
    def __init__(self, parts: _Optional[_Iterable[_Union[Expression, _Mapping]]] = ...) -> None: ...

class FieldTest(_message.Message):
    __slots__ = ("field", "operator", "values", "zone")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: Operator
    values: _containers.RepeatedCompositeFieldContainer[Value]
    zone: str
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[_Union[Operator, str]] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., zone: _Optional[str] = ...) -> None: ...

class TimeTest(_message.Message):
    __slots__ = ("field", "relation", "span", "zone")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    field: str
    relation: Relation
    span: Span
    zone: str
    def __init__(self, field: _Optional[str] = ..., relation: _Optional[_Union[Relation, str]] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., zone: _Optional[str] = ...) -> None: ...

class EventTest(_message.Message):
    __slots__ = ("pattern", "window", "measure", "operator", "value", "property")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_FIELD_NUMBER: _ClassVar[int]
    pattern: EventPattern
    window: EventWindow
    measure: Measure
    operator: Operator
    value: Value
    property: str
    def __init__(self, pattern: _Optional[_Union[EventPattern, _Mapping]] = ..., window: _Optional[_Union[EventWindow, _Mapping]] = ..., measure: _Optional[_Union[Measure, str]] = ..., operator: _Optional[_Union[Operator, str]] = ..., value: _Optional[_Union[Value, _Mapping]] = ..., property: _Optional[str] = ...) -> None: ...

class EventSequence(_message.Message):
    __slots__ = ("first", "then_not", "wait", "last", "same", "zone")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    THEN_NOT_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    first: EventPattern
    then_not: EventPattern
    wait: Span
    last: Span
    same: str
    zone: str
    def __init__(self, first: _Optional[_Union[EventPattern, _Mapping]] = ..., then_not: _Optional[_Union[EventPattern, _Mapping]] = ..., wait: _Optional[_Union[Span, _Mapping]] = ..., last: _Optional[_Union[Span, _Mapping]] = ..., same: _Optional[str] = ..., zone: _Optional[str] = ...) -> None: ...

class TagTest(_message.Message):
    __slots__ = ("tag",)
    TAG_FIELD_NUMBER: _ClassVar[int]
    tag: str
    def __init__(self, tag: _Optional[str] = ...) -> None: ...

class IdentityTest(_message.Message):
    __slots__ = ("namespace", "least", "strength")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    least: int
    strength: float
    def __init__(self, namespace: _Optional[str] = ..., least: _Optional[int] = ..., strength: _Optional[float] = ...) -> None: ...

class ProvenanceTest(_message.Message):
    __slots__ = ("sources", "parties", "kinds", "window")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedScalarFieldContainer[str]
    parties: _containers.RepeatedScalarFieldContainer[_observation_pb2.Party]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    window: EventWindow
    def __init__(self, sources: _Optional[_Iterable[str]] = ..., parties: _Optional[_Iterable[_Union[_observation_pb2.Party, str]]] = ..., kinds: _Optional[_Iterable[str]] = ..., window: _Optional[_Union[EventWindow, _Mapping]] = ...) -> None: ...

class SegmentTest(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: str
    def __init__(self, segment: _Optional[str] = ...) -> None: ...

class EventPattern(_message.Message):
    __slots__ = ("types", "where")
    TYPES_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    types: _containers.RepeatedScalarFieldContainer[str]
    where: _containers.RepeatedCompositeFieldContainer[PropertyTest]
    def __init__(self, types: _Optional[_Iterable[str]] = ..., where: _Optional[_Iterable[_Union[PropertyTest, _Mapping]]] = ...) -> None: ...

class PropertyTest(_message.Message):
    __slots__ = ("name", "operator", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    operator: Operator
    values: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, name: _Optional[str] = ..., operator: _Optional[_Union[Operator, str]] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class EventWindow(_message.Message):
    __slots__ = ("last", "until_ago", "begin", "end", "zone")
    LAST_FIELD_NUMBER: _ClassVar[int]
    UNTIL_AGO_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    last: Span
    until_ago: Span
    begin: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    zone: str
    def __init__(self, last: _Optional[_Union[Span, _Mapping]] = ..., until_ago: _Optional[_Union[Span, _Mapping]] = ..., begin: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., zone: _Optional[str] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("exact", "calendar")
    EXACT_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    exact: _duration_pb2.Duration
    calendar: CalendarSpan
    def __init__(self, exact: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., calendar: _Optional[_Union[CalendarSpan, _Mapping]] = ...) -> None: ...

class CalendarSpan(_message.Message):
    __slots__ = ("years", "months", "weeks", "days")
    YEARS_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    WEEKS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    years: int
    months: int
    weeks: int
    days: int
    def __init__(self, years: _Optional[int] = ..., months: _Optional[int] = ..., weeks: _Optional[int] = ..., days: _Optional[int] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ("text", "integer", "number", "boolean", "money", "time")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    MONEY_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    text: str
    integer: int
    number: float
    boolean: bool
    money: _observation_pb2.Money
    time: _timestamp_pb2.Timestamp
    def __init__(self, text: _Optional[str] = ..., integer: _Optional[int] = ..., number: _Optional[float] = ..., boolean: bool = ..., money: _Optional[_Union[_observation_pb2.Money, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
