"""Observations on their way into the store: those of one entry of the log, or of several one after another, as if they were one.

What a store does with a column takes about as long for a hundred rows as for a thousand. So entries that nobody looks between, as when a
log is replayed, come together: their tables stand one behind another, in which a word or a text may be there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from idweave_server.entries.columns import EventColumns, ObservationEntry, ObservedSpellings, QuarantineColumns, TraitEntries


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Numbered:
    """An entry of the log with the numbers that the store has for what it names. sequence: its own; codes: int32[i], of its identifiers;
    labels: int32, of its names."""

    entry: ObservationEntry
    sequence: int
    codes: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TraitColumns:
    """names, texts: tables, of traits and of values. By value: row, ascending within a trait of an entry; trait, into `names`; code, into
    `texts`."""

    names: tuple[str, ...]
    row: np.ndarray
    trait: np.ndarray
    code: np.ndarray
    texts: pa.StringArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Incoming:
    """n observations of m entries.

    By entry: first int64[m], its first row; sequence int64[m]; backfill uint8[m]. By row: as of ObservationEntry, but with the store's
    labels for first names; size int64[n], its sightings. By sighting, with the store's numbers: identifier, hint.
    """

    first: np.ndarray
    sequence: np.ndarray
    backfill: np.ndarray
    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    id: pa.StringArray
    time: np.ndarray
    source: np.ndarray
    kind: np.ndarray
    first_name: np.ndarray
    birth_date: np.ndarray
    content: np.ndarray
    size: np.ndarray
    identifier: np.ndarray
    hint: np.ndarray
    observed: ObservedSpellings
    traits: TraitColumns
    events: EventColumns
    quarantined: QuarantineColumns

    def __len__(self) -> int:
        return int(self.time.size)

    @staticmethod
    def of(some: Sequence[Numbered]) -> Incoming:
        """some: entries that follow one another, one or more."""
        entries = [one.entry for one in some]
        labels = [np.append(one.labels, np.int32(-1)) for one in some]  # for none, -1, which is the last
        rows, sightings = [len(entry) for entry in entries], [entry.identifier.size for entry in entries]
        return Incoming(
            first=np.cumsum([0, *rows[:-1]]),
            sequence=np.array([one.sequence for one in some]),
            backfill=np.array([entry.backfill for entry in entries], np.uint8),
            sources=_words(entry.sources for entry in entries),
            kinds=_words(entry.kinds for entry in entries),
            id=pa.concat_arrays([entry.id for entry in entries]),
            time=np.concatenate([entry.time for entry in entries]),
            source=_shifted([entry.source for entry in entries], [len(entry.sources) for entry in entries]),
            kind=_shifted([entry.kind for entry in entries], [len(entry.kinds) for entry in entries]),
            first_name=np.concatenate([label[entry.first_name] for entry, label in zip(entries, labels, strict=True)]),
            birth_date=np.concatenate([entry.birth_date for entry in entries]),
            content=np.concatenate([entry.content for entry in entries]),
            size=np.concatenate([np.diff(entry.start) for entry in entries]),
            identifier=np.concatenate([one.codes[one.entry.identifier] for one in some]),
            hint=np.concatenate([label[entry.hint] for entry, label in zip(entries, labels, strict=True)]),
            observed=_spellings([entry.observed for entry in entries], sightings),
            traits=_traits([entry.traits for entry in entries], rows),
            events=_events([entry.events for entry in entries], rows),
            quarantined=_quarantined([entry.quarantined for entry in entries], rows),
        )


def _words(tables: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(tables))


def _shifted(parts: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """int64: codes into tables of these sizes, or rows of entries of so many, as those of all one behind another; -1 stays -1."""
    if len(parts) == 1:
        return parts[0]
    found = np.concatenate(parts, dtype=np.int64)
    found += np.where(found < 0, 0, np.repeat(np.cumsum([0, *sizes[:-1]]), [part.size for part in parts]))
    return found


def _spellings(parts: Sequence[ObservedSpellings], sightings: Sequence[int]) -> ObservedSpellings:
    return ObservedSpellings(_shifted([part.entry for part in parts], sightings), pa.concat_arrays([part.text for part in parts]))


def _traits(parts: Sequence[tuple[TraitEntries, ...]], rows: Sequence[int]) -> TraitColumns:
    traits = [trait for part in parts for trait in part]
    if not traits:
        return TraitColumns((), _NO_CODES, _NO_CODES, _NO_CODES, _NO_TEXTS)
    entry_rows = [np.concatenate([_NO_CODES, *(trait.row for trait in part)]) for part in parts]
    return TraitColumns(
        names=tuple(trait.name for trait in traits),
        row=_shifted(entry_rows, rows),
        trait=np.repeat(np.arange(len(traits)), [trait.row.size for trait in traits]),
        code=_shifted([trait.code for trait in traits], [len(trait.values) for trait in traits]),
        texts=pa.concat_arrays([trait.values for trait in traits]),
    )


def _events(parts: Sequence[EventColumns], rows: Sequence[int]) -> EventColumns:
    texts = [len(part.texts) for part in parts]
    return EventColumns(
        row=_shifted([part.row for part in parts], rows),
        type=_shifted([part.type for part in parts], [len(part.types) for part in parts]),
        types=_words(part.types for part in parts),
        units=np.concatenate([part.units for part in parts]),
        nanos=np.concatenate([part.nanos for part in parts]),
        currency=_shifted([part.currency for part in parts], [len(part.currencies) for part in parts]),
        currencies=_words(part.currencies for part in parts),
        property_event=_shifted([part.property_event for part in parts], [part.row.size for part in parts]),
        property_name=_shifted([part.property_name for part in parts], texts),
        property_value=_shifted([part.property_value for part in parts], texts),
        property_type=np.concatenate([part.property_type for part in parts]),
        texts=pa.concat_arrays([part.texts for part in parts]),
    )


def _quarantined(parts: Sequence[QuarantineColumns], rows: Sequence[int]) -> QuarantineColumns:
    return QuarantineColumns(
        row=_shifted([part.row for part in parts], rows),
        field=_shifted([part.field for part in parts], [len(part.fields) for part in parts]),
        fields=_words(part.fields for part in parts),
        reason=np.concatenate([part.reason for part in parts]),
        value=pa.concat_arrays([part.value for part in parts]),
        message=pa.concat_arrays([part.message for part in parts]),
    )


_NO_CODES = np.zeros(0, np.int32)
_NO_TEXTS = pa.array([], pa.string())
