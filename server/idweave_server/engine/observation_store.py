"""The observations of a store, row by row, with their sightings threaded by identifier, their traits, events and quarantined values."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntFlag

import numpy as np
import pyarrow as pa

from idweave_server.engine.column import Texts
from idweave_server.engine.interned import InternedLabels, InternedTexts, InternedWords
from idweave_server.entries.columns import EventColumns, ObservationEntry, QuarantineColumns, TraitEntries
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.column import Column
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.index import HashIndex
from idweave_server.kernels.sightings import thread
from idweave_server.resolution.policy import Policy


class Gone(IntFlag):
    """Why an observation counts no more."""

    RETRACTED = 1
    ERASED = 2


class ObservationStore:
    """Arrays by row, by sighting, and by trait value, event and property.

    By row: time, source, kind, first_name, birth_date (as resolution.Observations); content: hash of all that was said; name: the number
    of its (source, observation id) in `identity`, and latest its inverse; gone: Gone; backfill; profile: the profile it belongs to, -1
    without one; start, trait_start, event_start: where its sightings, trait values and events begin. By sighting: identifier, hint; row;
    before: the identifier's previous sighting, -1 for its first; links: 1 where its node links and the sighting counts.
    """

    def __init__(self, policy: Policy, labels: InternedLabels) -> None:
        self._kinds = {kind.name: number for number, kind in enumerate(policy.kinds)}
        self._labels = labels
        self.sources, self.trait_names, self.fields = InternedWords(), InternedWords(), InternedWords()
        self.event_types, self.currencies = InternedWords(), InternedWords()
        self.texts = InternedTexts()
        self.identity = HashIndex()
        self.latest, self.name = Column(np.int32), Column(np.int32)
        self.time, self.source, self.kind = Column(np.int64), Column(np.int32), Column(np.uint8)
        self.first_name, self.birth_date = Column(np.int32), Column(np.int32)
        self.content, self.ids = Column(np.uint64), Texts()
        self.gone, self.backfill, self.profile = Column(np.uint8), Column(np.uint8), Column(np.int32, fill=-1)
        self.start, self.trait_start, self.event_start = (_starts() for _ in range(3))
        self.identifier, self.hint, self.row = Column(np.int32), Column(np.int32), Column(np.int32)
        self.before, self.links = Column(np.int32), Column(np.uint8)
        self.trait, self.value = Column(np.int16), Column(np.int32)
        self.event_type, self.units, self.nanos, self.currency = Column(np.int32), Column(np.int64), Column(np.int32), Column(np.int32)
        self.property_start = _starts()
        self.property_name, self.property_value, self.property_type = Column(np.int32), Column(np.int32), Column(np.uint8)
        self.observed, self.observed_text = Column(np.int64), Column(np.int32)
        self.quarantined, self.quarantined_field = Column(np.int32), Column(np.int32)
        self.quarantined_reason = Column(np.uint8)
        self.quarantined_value, self.quarantined_message = Texts(), Column(np.int32)  # values by themselves, so that they can be wiped
        self.entry_row, self.entry_sequence = Column(np.int64), Column(np.int64)
        self.mark = Column(np.uint8)  # scratch of kernels, zeros after each

    def __len__(self) -> int:
        return len(self.time)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        for name, found in vars(self).items():
            if isinstance(found, Column) and name != "mark":
                yield name, found
        for name, texts in (("ids", self.ids), ("texts", self.texts.texts), ("quarantined", self.quarantined_value)):
            yield from ((f"{name}_data", texts.data), (f"{name}_start", texts.start))

    @staticmethod
    def names_of(sources: tuple[str, ...], source: np.ndarray, ids: pa.StringArray) -> np.ndarray:
        """uint64[n, 2]: hash of (source, observation id), as a batch run computes it."""
        whose = content_of(pa.array(sources, pa.string()))
        return mix_hash(whose[source], content_of(ids))

    def append(self, entry: ObservationEntry, sequence: int, codes: np.ndarray, labels: np.ndarray, head: np.ndarray) -> np.ndarray:
        """int64[n]: the rows of an entry's observations. codes: int32[i], of its identifiers; labels: int32, of its names; head: int32, the
        latest sighting of every identifier, brought up to date."""
        first, sighting = len(self), len(self.identifier)
        rows = np.arange(first, first + len(entry))
        kinds = np.array([self._kinds[kind] for kind in entry.kinds], np.uint8)
        name = self.identity.intern(self.names_of(entry.sources, entry.source, entry.id))
        self.latest.grow(len(self.identity))
        self.latest.array[name] = rows
        self.name.extend(name)
        self.time.extend(entry.time)
        self.source.extend(self.sources.intern(entry.sources)[entry.source] if len(entry) else entry.source)
        self.kind.extend(kinds[entry.kind] if len(entry) else entry.kind)
        labels = np.concatenate([labels, np.array([-1], np.int32)])
        self.first_name.extend(labels[entry.first_name])
        self.birth_date.extend(entry.birth_date)
        self.content.extend(entry.content)
        self.ids.extend(entry.id)
        for column in (self.gone, self.profile, self.mark):
            column.grow(first + len(entry))
        self.backfill.extend(np.full(len(entry), entry.backfill, np.uint8))
        self.start.extend(entry.start[1:] + sighting)
        self.identifier.extend(codes[entry.identifier])
        self.hint.extend(labels[entry.hint])
        self.row.extend(np.repeat(rows, np.diff(entry.start)).astype(np.int32))
        self.links.grow(len(self.identifier))
        self.before.grow(len(self.identifier))
        thread(self.identifier.array, head, self.before.array, sighting)
        self.observed.extend(entry.observed.entry + sighting)
        self.observed_text.extend(self.texts.intern(entry.observed.text))
        self._add_traits(entry.traits, first, len(entry))
        self._add_events(entry.events, len(entry))
        self._add_quarantined(entry.quarantined, first)
        self.entry_row.extend(np.array([first]))
        self.entry_sequence.extend(np.array([sequence]))
        return rows

    def _add_traits(self, traits: tuple[TraitEntries, ...], first: int, rows: int) -> None:
        named = self.trait_names.intern([t.name for t in traits])
        row = np.concatenate([t.row for t in traits]) if traits else np.zeros(0, np.int32)
        order = np.argsort(row, kind="stable")
        trait = np.repeat(named, [t.row.size for t in traits])
        value = np.concatenate([self.texts.intern(t.values)[t.code] for t in traits if len(t.values)] or [row])
        self.trait_start.extend(len(self.trait) + np.cumsum(np.bincount(row, minlength=rows)))
        self.trait.extend(trait[order])
        self.value.extend(value[order])

    def _add_events(self, events: EventColumns, rows: int) -> None:
        self.event_start.extend(len(self.event_type) + np.cumsum(np.bincount(events.row, minlength=rows)))
        if not events.row.size:
            return
        self.event_type.extend(self.event_types.intern(events.types)[events.type])
        self.units.extend(events.units)
        self.nanos.extend(events.nanos)
        self.currency.extend(np.concatenate([self.currencies.intern(events.currencies), np.array([-1], np.int32)])[events.currency])
        texts = self.texts.intern(events.texts)
        self.property_start.extend(len(self.property_name) + np.cumsum(np.bincount(events.property_event, minlength=events.row.size)))
        if events.property_event.size:
            self.property_name.extend(texts[events.property_name])
            self.property_value.extend(texts[events.property_value])
            self.property_type.extend(events.property_type)

    def _add_quarantined(self, set_aside: QuarantineColumns, first: int) -> None:
        if set_aside.row.size:
            self.quarantined.extend(set_aside.row + first)
            self.quarantined_field.extend(self.fields.intern(set_aside.fields)[set_aside.field])
            self.quarantined_reason.extend(set_aside.reason)
            self.quarantined_value.extend(set_aside.value)
            self.quarantined_message.extend(self.texts.intern(set_aside.message))

    def row_named(self, name: np.ndarray) -> int:
        """The row of (source, observation id), hash uint64[1, 2]; -1 where there is none that counts."""
        number = int(self.identity.find(name)[0])
        row = int(self.latest.array[number]) if number >= 0 else -1
        return row if row >= 0 and not self.gone.array[row] else -1

    def sequence_of(self, rows: np.ndarray) -> np.ndarray:
        """int64[n]: the log entry that each row came with."""
        return self.entry_sequence.array[np.searchsorted(self.entry_row.array, rows, side="right") - 1]


def _starts() -> Column:
    column = Column(np.int64)
    column.extend(np.zeros(1, np.int64))
    return column
