"""Observation entries as bytes, and back: column by column, nothing observation by observation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from idweave_server.entries.columns import EventColumns, ObservationEntry, ObservedSpellings, QuarantineColumns, TraitEntries
from idweave_server.entries.frame import MAX_ROWS, DamageError
from idweave_server.entries.identifier_codec import (
    birth_times,
    get_birth_places,
    get_hashes,
    get_identifiers,
    get_sightings,
    put_births,
    put_hashes,
    put_identifiers,
    put_sightings,
)
from idweave_server.entries.integers import get_integers, put_integers
from idweave_server.entries.soundness import check_identifiers, check_observations, check_seed
from idweave_server.entries.texts import get_texts, put_texts
from idweave_server.entries.words import Reading, Writing

MAX_TRAITS = 10_000  # names of traits in one entry


def put_observations(out: Writing, entry: ObservationEntry) -> None:
    """Raises ValueError for columns that do not fit together."""
    check_identifiers(entry.identifiers, len(entry.names))
    check_observations(entry)
    check_seed(entry.births)
    out.put_count(len(entry))
    out.numbers.append(entry.backfill)
    for words in (entry.names, entry.sources, entry.kinds):
        out.put_words(words)
    put_identifiers(out, entry.identifiers)
    put_integers(out, np.diff(entry.start))
    put_sightings(out, entry.identifiers, entry.identifier)
    for column in (entry.hint, entry.time, entry.source, entry.kind, entry.first_name, entry.birth_date):
        put_integers(out, column)
    put_hashes(out, entry.content)
    put_texts(out, entry.id)
    out.put_count(entry.observed.entry.size)
    put_integers(out, entry.observed.entry)
    put_texts(out, entry.observed.text)
    out.put_count(len(entry.traits))
    out.put_words([trait.name for trait in entry.traits])
    for trait in entry.traits:
        _put_trait(out, trait)
    _put_events(out, entry.events)
    _put_quarantined(out, entry.quarantined)
    place, identifiers = entry.births.place, len(entry.identifiers)
    put_births(out, entry.births, birth_times(place, entry.start, entry.identifier, entry.time, identifiers))


def get_observations(source: Reading) -> ObservationEntry:
    """Raises DamageError, ValueError."""
    n = source.rows()
    backfill = source.numbers.byte()
    names, sources, kinds = source.get_words(), source.get_words(), source.get_words()
    identifiers = get_identifiers(source, len(names))
    start = np.zeros(n + 1, np.int64)
    sizes = get_integers(source, n, np.int64)
    if n and (sizes.min() < 0 or sizes.max() > MAX_ROWS or sizes.sum() > MAX_ROWS):
        raise DamageError("there are more sightings than an entry may have")
    np.cumsum(sizes, out=start[1:])
    k = int(start[-1])
    identifier = get_sightings(source, identifiers, k)
    hint = get_integers(source, k, np.int32)
    time, code, kind = get_integers(source, n, np.int64), get_integers(source, n, np.int32), get_integers(source, n, np.uint8)
    first_name, birth_date = get_integers(source, n, np.int32), get_integers(source, n, np.int32)
    content, ids = get_hashes(source, n), get_texts(source, n)
    spelled = source.rows()
    observed = ObservedSpellings(get_integers(source, spelled, np.int64), get_texts(source, spelled))
    traits = _get_traits(source)
    events, quarantined = _get_events(source), _get_quarantined(source)
    births = get_birth_places(source)
    entry = ObservationEntry(
        identifiers=identifiers,
        births=births,
        names=names,
        sources=sources,
        kinds=kinds,
        id=ids,
        time=time,
        source=code,
        kind=kind,
        first_name=first_name,
        birth_date=birth_date,
        content=content,
        backfill=bool(backfill),
        start=start,
        identifier=identifier,
        hint=hint,
        observed=observed,
        traits=traits,
        events=events,
        quarantined=quarantined,
    )
    check_observations(entry)
    expected = birth_times(births.place, start, identifier, time, len(identifiers))
    return replace(entry, births=replace(births, time=births.time + expected))


def _put_trait(out: Writing, trait: TraitEntries) -> None:
    out.put_count(trait.row.size)
    out.put_count(len(trait.values))
    put_integers(out, trait.row)
    put_integers(out, trait.code)
    put_texts(out, trait.values)


def _get_traits(source: Reading) -> tuple[TraitEntries, ...]:
    count, names = source.rows(), source.get_words()
    if count != len(names) or count > MAX_TRAITS:
        raise DamageError("the traits are not as many as their names")
    traits = []
    for name in names:
        e, u = source.rows(), source.rows()
        row, code = get_integers(source, e, np.int32), get_integers(source, e, np.int32)
        traits.append(TraitEntries(name, row, code, get_texts(source, u)))
    return tuple(traits)


def _put_events(out: Writing, events: EventColumns) -> None:
    out.put_count(events.row.size)
    if not events.row.size:
        return
    out.put_words(events.types)
    out.put_words(events.currencies)
    for column in (events.row, events.type, events.units, events.nanos, events.currency):
        put_integers(out, column)
    out.put_count(events.property_event.size)
    out.put_count(len(events.texts))
    for column in (events.property_event, events.property_name, events.property_value, events.property_type):
        put_integers(out, column)
    put_texts(out, events.texts)


def _get_events(source: Reading) -> EventColumns:
    v = source.rows()
    if not v:
        return EventColumns.none()
    types, currencies = source.get_words(), source.get_words()
    row, kind = get_integers(source, v, np.int32), get_integers(source, v, np.int32)
    units, nanos = get_integers(source, v, np.int64), get_integers(source, v, np.int32)
    currency = get_integers(source, v, np.int32)
    q, u = source.rows(), source.rows()
    event, name, value = (get_integers(source, q, np.int32) for _ in range(3))
    typed = get_integers(source, q, np.uint8)
    return EventColumns(row, kind, types, units, nanos, currency, currencies, event, name, value, typed, get_texts(source, u))


def _put_quarantined(out: Writing, columns: QuarantineColumns) -> None:
    out.put_count(columns.row.size)
    if not columns.row.size:
        return
    out.put_words(columns.fields)
    for column in (columns.row, columns.field, columns.reason):
        put_integers(out, column)
    put_texts(out, columns.value)
    put_texts(out, columns.message)


def _get_quarantined(source: Reading) -> QuarantineColumns:
    q = source.rows()
    if not q:
        return QuarantineColumns.none()
    fields = source.get_words()
    row, field = get_integers(source, q, np.int32), get_integers(source, q, np.int32)
    reason = get_integers(source, q, np.uint8)
    return QuarantineColumns(row, field, fields, reason, get_texts(source, q), get_texts(source, q))
