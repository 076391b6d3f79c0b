"""What one entry of the log says, as columns: observations with the tables their codes refer to, verdicts, erasures, the policy.

Codes refer to the tables of the same entry, so that an entry is read without any other. Nothing here is a code of the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IdentifierColumns:
    """The distinct identifiers that one entry names, in any order.

    namespace: uint8[i], into `namespaces`; issuer: int32[i], into `issuers`, -1 without; value: string[i], canonical; flags: uint8[i],
    model.Flag; mailbox_name: int32[i], into the entry's `names`, -1 without; content: uint64[i, 2], as IdentifierInterner hashes them (not
    stored: `decode` computes it again).
    """

    namespace: np.ndarray
    namespaces: tuple[str, ...]
    issuer: np.ndarray
    issuers: tuple[str, ...]
    value: pa.StringArray
    flags: np.ndarray
    mailbox_name: np.ndarray
    content: np.ndarray

    def __len__(self) -> int:
        return int(self.namespace.size)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Births:
    """The identifiers that are first seen in this entry, and the ids they are born with.

    place: int32[b], position in the entry's identifiers, -1 where it was erased; keyed: uint64[b], see births.keyed, which survives
    erasure; birth: uint64[b, 2], UUIDv7, high and low word; time: int64[b], of the observation it was born in. milliseconds, seed: what
    births.birth_ids made `birth` from, so that it costs no bytes; an empty seed for ids from elsewhere, which are stored as they are.
    """

    place: np.ndarray
    keyed: np.ndarray
    birth: np.ndarray
    time: np.ndarray
    milliseconds: int = 0
    seed: bytes = b""

    def __len__(self) -> int:
        return int(self.place.size)

    @staticmethod
    def none() -> Births:
        return Births(np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros((0, 2), np.uint64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ObservedSpellings:
    """Identifiers as observed, where that differs from the canonical value. entry: int64[o], ascending positions among the k sightings;
    text: string[o]."""

    entry: np.ndarray
    text: pa.StringArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TraitEntries:
    """What the observations state of one trait. row: int32[e], ascending; code: int32[e], into `values`, canonical texts."""

    name: str
    row: np.ndarray
    code: np.ndarray
    values: pa.StringArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EventColumns:
    """What happened. row: int32[v], ascending; type: int32[v], into `types`; units: int64[v] and nanos: int32[v], an amount of money in
    currency: int32[v], into `currencies`, -1 without an amount. Properties: property_event: int32[q], ascending, into the events;
    property_name, property_value: int32[q], both into `texts`; property_type: uint8[q], 0 text, 1 integer, 2 number, 3 boolean."""

    row: np.ndarray
    type: np.ndarray
    types: tuple[str, ...]
    units: np.ndarray
    nanos: np.ndarray
    currency: np.ndarray
    currencies: tuple[str, ...]
    property_event: np.ndarray
    property_name: np.ndarray
    property_value: np.ndarray
    property_type: np.ndarray
    texts: pa.StringArray

    @staticmethod
    def none() -> EventColumns:
        codes, amounts = np.zeros(0, np.int32), np.zeros(0, np.int64)
        return EventColumns(codes, codes, (), amounts, codes, codes, (), codes, codes, codes, np.zeros(0, np.uint8), _texts())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class QuarantineColumns:
    """Refused values of accepted observations. row: int32[q]; field: int32[q], into `fields`; reason: uint8[q], model.Refusal; value,
    message: string[q]."""

    row: np.ndarray
    field: np.ndarray
    fields: tuple[str, ...]
    reason: np.ndarray
    value: pa.StringArray
    message: pa.StringArray

    @staticmethod
    def none() -> QuarantineColumns:
        codes = np.zeros(0, np.int32)
        return QuarantineColumns(codes, codes, (), np.zeros(0, np.uint8), _texts(), _texts())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ObservationEntry:
    """n observations of distinct (source, id).

    names: folded first names that codes refer to; id: string[n]; time: int64[n], seconds UTC; source: int32[n], into `sources`; kind:
    uint8[n], into `kinds`; first_name: int32[n], into `names`, -1 without; birth_date: int32[n], yyyymmdd, -1 without; content: uint64[n],
    hash of all that was said, which tells a DUPLICATE from a CONFLICT; backfill: they are history, not news; start: int64[n + 1] and
    identifier: int32[k], the sightings of each; hint: int32[k], into `names`, -1 without (see resolution.observations.Observations).
    """

    identifiers: IdentifierColumns
    births: Births
    names: tuple[str, ...]
    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    id: pa.StringArray
    time: np.ndarray
    source: np.ndarray
    kind: np.ndarray
    first_name: np.ndarray
    birth_date: np.ndarray
    content: np.ndarray
    backfill: bool
    start: np.ndarray
    identifier: np.ndarray
    hint: np.ndarray
    observed: ObservedSpellings
    traits: tuple[TraitEntries, ...] = ()
    events: EventColumns = field(default_factory=EventColumns.none)
    quarantined: QuarantineColumns = field(default_factory=QuarantineColumns.none)

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VerdictEntry:
    """w verdicts of distinct (source, id), and those that are withdrawn. An identifier that was only ever named by a verdict has no birth.

    names: as of ObservationEntry, for mailbox names; id, source: of each; kind: uint8[w], model.Verdict; time: int64[w]; left, right:
    int32[w], into the identifiers, right -1 for SHARED and PERSONAL; content: uint64[w], hash of the verdict's id; withdrawn: (source, id)
    of verdicts before this entry that count no longer.
    """

    identifiers: IdentifierColumns
    names: tuple[str, ...]
    id: tuple[str, ...]
    source: tuple[str, ...]
    kind: np.ndarray
    time: np.ndarray
    left: np.ndarray
    right: np.ndarray
    content: np.ndarray
    withdrawn: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True, slots=True)
class RetractionEntry:
    """Observations taken back, of those that the log holds before this entry: one of a source by its id, or all of the source that were
    observed at begin <= t < end (None: open)."""

    source: str
    observation_id: str | None
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ErasureEntry:
    """Identifiers to forget. keyed: uint64[e], see births.keyed; what was observed at begin < t <= until, int64[e] each, is erased,
    whenever it arrives."""

    keyed: np.ndarray
    begin: np.ndarray
    until: np.ndarray


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """policy: the operator's TOML; defaults: the TOML it is merged over; lists_version: see identifiers.lists."""

    policy: str
    defaults: str
    lists_version: str


@dataclass(frozen=True, slots=True)
class TickEntry:
    """The clock reached the entry's time."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """From here on the segment `name` is what `text` says (see segments.definition_text); with an empty text there is none of that name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class CutsEntry:
    """Where the groups of recency, frequency and money end, from here on (see segments.rfm). known: uint8[3], 0 where nobody had a value;
    value: int64[3, 4]; tie: uint64[3, 4]."""

    known: np.ndarray
    value: np.ndarray
    tie: np.ndarray


AnyEntry = ObservationEntry | VerdictEntry | RetractionEntry | ErasureEntry | PolicyEntry | TickEntry | SegmentEntry | CutsEntry


def _texts() -> pa.StringArray:
    return pa.array([], pa.string())
