import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from idweave.v1 import consistency_pb2 as _consistency_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ServerRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERVER_ROLE_UNSPECIFIED: _ClassVar[ServerRole]
    SERVER_ROLE_WRITER: _ClassVar[ServerRole]
    SERVER_ROLE_STANDBY: _ClassVar[ServerRole]
SERVER_ROLE_UNSPECIFIED: ServerRole
SERVER_ROLE_WRITER: ServerRole
SERVER_ROLE_STANDBY: ServerRole

class GetStatusRequest(_message.Message):
    __slots__ = ("consistency",)
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    consistency: _consistency_pb2.Consistency
    def __init__(self, consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "store_id", "store", "revision", "entries", "state_time", "serving_since", "counts", "memory", "queued_writes", "loop_lag", "snapshot", "policy_fingerprint", "role", "leader", "lease", "lag", "store_reachable", "projection")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SERVING_SINCE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    QUEUED_WRITES_FIELD_NUMBER: _ClassVar[int]
    LOOP_LAG_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    LEADER_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    STORE_REACHABLE_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    version: str
    store_id: str
    store: str
    revision: str
    entries: int
    state_time: _timestamp_pb2.Timestamp
    serving_since: _timestamp_pb2.Timestamp
    counts: Counts
    memory: _containers.RepeatedCompositeFieldContainer[MemoryLine]
    queued_writes: int
    loop_lag: _duration_pb2.Duration
    snapshot: Snapshot
    policy_fingerprint: str
    role: ServerRole
    leader: str
    lease: _duration_pb2.Duration
    lag: FollowLag
    store_reachable: bool
    projection: ProjectionStatus
    def __init__(self, version: _Optional[str] = ..., store_id: _Optional[str] = ..., store: _Optional[str] = ..., revision: _Optional[str] = ..., entries: _Optional[int] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., serving_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., counts: _Optional[_Union[Counts, _Mapping]] = ..., memory: _Optional[_Iterable[_Union[MemoryLine, _Mapping]]] = ..., queued_writes: _Optional[int] = ..., loop_lag: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., snapshot: _Optional[_Union[Snapshot, _Mapping]] = ..., policy_fingerprint: _Optional[str] = ..., role: _Optional[_Union[ServerRole, str]] = ..., leader: _Optional[str] = ..., lease: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lag: _Optional[_Union[FollowLag, _Mapping]] = ..., store_reachable: bool = ..., projection: _Optional[_Union[ProjectionStatus, _Mapping]] = ...) -> None: ...

class FollowLag(_message.Message):
    __slots__ = ("entries", "time")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    entries: int
    time: _duration_pb2.Duration
    def __init__(self, entries: _Optional[int] = ..., time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ProjectionStatus(_message.Message):
    __slots__ = ("entries", "lag_entries", "lag_observations", "lag_time", "error", "holds_writes")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LAG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LAG_OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    LAG_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    HOLDS_WRITES_FIELD_NUMBER: _ClassVar[int]
    entries: int
    lag_entries: int
    lag_observations: int
    lag_time: _duration_pb2.Duration
    error: str
    holds_writes: bool
    def __init__(self, entries: _Optional[int] = ..., lag_entries: _Optional[int] = ..., lag_observations: _Optional[int] = ..., lag_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., error: _Optional[str] = ..., holds_writes: bool = ...) -> None: ...

class Counts(_message.Message):
    __slots__ = ("identifiers", "observations", "profiles", "shared_identifiers", "assertions", "retracted", "quarantined", "outcomes")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    SHARED_IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    identifiers: int
    observations: int
    profiles: int
    shared_identifiers: int
    assertions: int
    retracted: int
    quarantined: int
    outcomes: _containers.RepeatedCompositeFieldContainer[OutcomeCount]
    def __init__(self, identifiers: _Optional[int] = ..., observations: _Optional[int] = ..., profiles: _Optional[int] = ..., shared_identifiers: _Optional[int] = ..., assertions: _Optional[int] = ..., retracted: _Optional[int] = ..., quarantined: _Optional[int] = ..., outcomes: _Optional[_Iterable[_Union[OutcomeCount, _Mapping]]] = ...) -> None: ...

class OutcomeCount(_message.Message):
    __slots__ = ("outcome", "count")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    count: int
    def __init__(self, outcome: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class MemoryLine(_message.Message):
    __slots__ = ("what", "count", "bytes", "budget")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    what: str
    count: int
    bytes: int
    budget: int
    def __init__(self, what: _Optional[str] = ..., count: _Optional[int] = ..., bytes: _Optional[int] = ..., budget: _Optional[int] = ...) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("entries", "time", "bytes")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    entries: int
    time: _timestamp_pb2.Timestamp
    bytes: int
    def __init__(self, entries: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., bytes: _Optional[int] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("consistency",)
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    consistency: _consistency_pb2.Consistency
    def __init__(self, consistency: _Optional[_Union[_consistency_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy", "fingerprint", "lists_version", "evidence_kinds", "namespaces", "revision")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    LISTS_VERSION_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_KINDS_FIELD_NUMBER: _ClassVar[int]
    NAMESPACES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    policy: str
    fingerprint: str
    lists_version: str
    evidence_kinds: _containers.RepeatedScalarFieldContainer[str]
    namespaces: _containers.RepeatedScalarFieldContainer[str]
    revision: str
    def __init__(self, policy: _Optional[str] = ..., fingerprint: _Optional[str] = ..., lists_version: _Optional[str] = ..., evidence_kinds: _Optional[_Iterable[str]] = ..., namespaces: _Optional[_Iterable[str]] = ..., revision: _Optional[str] = ...) -> None: ...

class VerifyRequest(_message.Message):
    __slots__ = ("graph",)
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    graph: bool
    def __init__(self, graph: bool = ...) -> None: ...

class VerifyResponse(_message.Message):
    __slots__ = ("equal", "differences", "difference_count", "identifiers", "entries", "revision", "graph")
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    equal: bool
    differences: _containers.RepeatedScalarFieldContainer[str]
    difference_count: int
    identifiers: int
    entries: int
    revision: str
    graph: GraphComparison
    def __init__(self, equal: bool = ..., differences: _Optional[_Iterable[str]] = ..., difference_count: _Optional[int] = ..., identifiers: _Optional[int] = ..., entries: _Optional[int] = ..., revision: _Optional[str] = ..., graph: _Optional[_Union[GraphComparison, _Mapping]] = ...) -> None: ...

class GraphComparison(_message.Message):
    __slots__ = ("equal", "differences", "difference_count", "nodes", "relationships", "entry")
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    RELATIONSHIPS_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    equal: bool
    differences: _containers.RepeatedScalarFieldContainer[str]
    difference_count: int
    nodes: int
    relationships: int
    entry: int
    def __init__(self, equal: bool = ..., differences: _Optional[_Iterable[str]] = ..., difference_count: _Optional[int] = ..., nodes: _Optional[int] = ..., relationships: _Optional[int] = ..., entry: _Optional[int] = ...) -> None: ...

class ExportFilesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportFilesResponse(_message.Message):
    __slots__ = ("file", "data")
    FILE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    file: str
    data: bytes
    def __init__(self, file: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...
