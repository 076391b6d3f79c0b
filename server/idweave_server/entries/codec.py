"""Entries as bytes, and back."""

from __future__ import annotations

from idweave_server.entries.columns import (
    AnyEntry,
    CutsEntry,
    ErasureEntry,
    ObservationEntry,
    PolicyEntry,
    RetractionEntry,
    SegmentEntry,
    TickEntry,
    VerdictEntry,
)
from idweave_server.entries.frame import content_of_body, opened, seal
from idweave_server.entries.observation_codec import get_observations, put_observations
from idweave_server.entries.statement_codec import (
    get_cuts,
    get_erasure,
    get_policy,
    get_retraction,
    get_segment,
    get_verdicts,
    put_cuts,
    put_erasure,
    put_policy,
    put_retraction,
    put_segment,
    put_verdicts,
)
from idweave_server.entries.words import Reading, Writing
from idweave_server.errors import StoreCorruptError
from idweave_server.model import EntryKind

_KINDS: dict[type, EntryKind] = {
    PolicyEntry: EntryKind.POLICY,
    ObservationEntry: EntryKind.OBSERVATIONS,
    VerdictEntry: EntryKind.VERDICTS,
    RetractionEntry: EntryKind.RETRACTION,
    ErasureEntry: EntryKind.ERASURE,
    TickEntry: EntryKind.TICK,
    SegmentEntry: EntryKind.SEGMENT,
    CutsEntry: EntryKind.CUTS,
}


def kind_of(entry: AnyEntry) -> EntryKind:
    return _KINDS[type(entry)]


def encode(entry: AnyEntry) -> bytes:
    """The body of a log entry (see frame): `decode` gives the same columns. Raises ValueError for columns that do not fit together, as
    they do not where a caller is at fault; InputError where there is more than one entry can hold."""
    out = Writing()
    match entry:
        case ObservationEntry():
            put_observations(out, entry)
        case VerdictEntry():
            put_verdicts(out, entry)
        case RetractionEntry():
            put_retraction(out, entry)
        case ErasureEntry():
            put_erasure(out, entry)
        case PolicyEntry():
            put_policy(out, entry)
        case SegmentEntry():
            put_segment(out, entry)
        case CutsEntry():
            put_cuts(out, entry)
        case TickEntry():
            pass
    return seal(out.whole(), kind_of(entry))


def decode(kind: EntryKind, body: bytes) -> AnyEntry:
    """The entry of a body. Raises StoreCorruptError for what `encode` did not write, and for what a newer release wrote."""
    try:
        source = Reading.of(opened(content_of_body(body), kind))
        entry = _decoded(kind, source)
        source.end()
    except (ValueError, IndexError, OverflowError, MemoryError) as error:
        raise StoreCorruptError(f"an entry of kind {kind.name} is damaged: {error}; restore a backup of the store") from error
    return entry


def _decoded(kind: EntryKind, source: Reading) -> AnyEntry:
    match kind:
        case EntryKind.POLICY:
            return get_policy(source)
        case EntryKind.OBSERVATIONS:
            return get_observations(source)
        case EntryKind.VERDICTS:
            return get_verdicts(source)
        case EntryKind.RETRACTION:
            return get_retraction(source)
        case EntryKind.ERASURE:
            return get_erasure(source)
        case EntryKind.SEGMENT:
            return get_segment(source)
        case EntryKind.CUTS:
            return get_cuts(source)
        case EntryKind.TICK:
            return TickEntry()
