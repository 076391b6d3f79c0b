"""Some observations of an entry as an entry of their own, with only the texts and identifiers that they name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from idweave_server.entries.columns import (
    Births,
    EventColumns,
    IdentifierColumns,
    ObservationEntry,
    ObservedSpellings,
    QuarantineColumns,
    TraitEntries,
)


def select(entry: ObservationEntry, rows: np.ndarray) -> ObservationEntry:
    """The observations at these rows, int64[n], ascending. Births are left out: they belong to an entry as it is logged."""
    position = np.full(len(entry), -1, np.int32)
    position[rows] = np.arange(rows.size)
    size = np.diff(entry.start)[rows]
    start = np.concatenate(([0], np.cumsum(size)))
    kept = np.repeat(entry.start[rows] - start[:-1], size) + np.arange(start[-1])
    hint, first_name = entry.hint[kept], entry.first_name[rows]
    identifier, used = numbered(entry.identifier[kept], len(entry.identifiers))
    mailbox = entry.identifiers.mailbox_name[used]
    codes, names = numbered(np.concatenate([first_name, hint, mailbox]), len(entry.names))
    first_name, hint, mailbox = np.split(codes, [first_name.size, first_name.size + hint.size])
    source, sources = numbered(entry.source[rows], len(entry.sources))
    kind, kinds = numbered(entry.kind[rows].astype(np.int32), len(entry.kinds))
    return ObservationEntry(
        identifiers=_identifiers(entry.identifiers, used, mailbox),
        births=Births.none(),
        names=_texts(entry.names, names),
        sources=_texts(entry.sources, sources),
        kinds=_texts(entry.kinds, kinds),
        id=entry.id.take(pa.array(rows)),
        time=entry.time[rows],
        source=source,
        kind=kind.astype(np.uint8),
        first_name=first_name,
        birth_date=entry.birth_date[rows],
        content=entry.content[rows],
        backfill=entry.backfill,
        start=start,
        identifier=identifier,
        hint=hint,
        observed=_observed(entry, kept),
        traits=tuple(trait for one in entry.traits if (trait := _trait(one, position)).row.size),
        events=_events(entry.events, position),
        quarantined=_quarantined(entry.quarantined, position),
    )


def numbered(code: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(int32[n] codes without gaps, int64[u] the codes that they stand for, ascending). code: int32[n], below `size`, -1 for none."""
    seen = np.zeros(size + 1, bool)
    seen[code] = True  # -1 is the last
    seen[-1] = False
    place = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    place[-1] = -1
    return place[code], np.flatnonzero(seen)


def _texts(texts: tuple[str, ...], used: np.ndarray) -> tuple[str, ...]:
    return texts if used.size == len(texts) else tuple(texts[at] for at in used.tolist())


def _taken(values: pa.StringArray, used: np.ndarray) -> pa.StringArray:
    return values if used.size == len(values) else values.take(pa.array(used))


def _identifiers(columns: IdentifierColumns, used: np.ndarray, mailbox_name: np.ndarray) -> IdentifierColumns:
    issuer, issuers = numbered(columns.issuer[used], len(columns.issuers))
    namespace, namespaces = numbered(columns.namespace[used].astype(np.int32), len(columns.namespaces))
    return IdentifierColumns(
        namespace=namespace.astype(np.uint8),
        namespaces=_texts(columns.namespaces, namespaces),
        issuer=issuer,
        issuers=_texts(columns.issuers, issuers),
        value=_taken(columns.value, used),
        flags=columns.flags[used],
        mailbox_name=mailbox_name,
        content=columns.content[used],
    )


def _observed(entry: ObservationEntry, kept: np.ndarray) -> ObservedSpellings:
    place = np.full(entry.identifier.size, -1, np.int64)
    place[kept] = np.arange(kept.size)
    at = place[entry.observed.entry]
    left = np.flatnonzero(at >= 0)
    return ObservedSpellings(at[left], _taken(entry.observed.text, left))


def _trait(trait: TraitEntries, position: np.ndarray) -> TraitEntries:
    row = position[trait.row]
    left = row >= 0
    code, used = numbered(trait.code[left], len(trait.values))
    return TraitEntries(trait.name, row[left], code, _taken(trait.values, used))


def _events(events: EventColumns, position: np.ndarray) -> EventColumns:
    row = position[events.row]
    left = np.flatnonzero(row >= 0)
    if left.size == events.row.size:
        return replace(events, row=row)
    event = np.full(events.row.size, -1, np.int32)
    event[left] = np.arange(left.size)
    own = np.flatnonzero(event[events.property_event] >= 0)
    kind, types = numbered(events.type[left], len(events.types))
    currency, currencies = numbered(events.currency[left], len(events.currencies))
    texts, used = numbered(np.concatenate([events.property_name[own], events.property_value[own]]), len(events.texts))
    return EventColumns(
        row=row[left],
        type=kind,
        types=_texts(events.types, types),
        units=events.units[left],
        nanos=events.nanos[left],
        currency=currency,
        currencies=_texts(events.currencies, currencies),
        property_event=event[events.property_event[own]],
        property_name=texts[: own.size],
        property_value=texts[own.size :],
        property_type=events.property_type[own],
        texts=_taken(events.texts, used),
    )


def _quarantined(columns: QuarantineColumns, position: np.ndarray) -> QuarantineColumns:
    row = position[columns.row]
    left = np.flatnonzero(row >= 0)
    field, fields = numbered(columns.field[left], len(columns.fields))
    return QuarantineColumns(
        row=row[left],
        field=field,
        fields=_texts(columns.fields, fields),
        reason=columns.reason[left],
        value=_taken(columns.value, left),
        message=_taken(columns.message, left),
    )
