"""The observations of a store, row by row, with their sightings threaded by identifier, their traits, events and quarantined values."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from enum import IntFlag
from typing import Any

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.column import Texts
from idweave_server.engine.incoming import Incoming, TraitColumns
from idweave_server.engine.interned import InternedLabels, InternedTexts, InternedWords
from idweave_server.engine.narrow import Narrow
from idweave_server.engine.packed_texts import PackedTexts
from idweave_server.engine.ragged import Ragged
from idweave_server.engine.sparse import Sparse
from idweave_server.engine.times import Times
from idweave_server.entries.columns import EventColumns, QuarantineColumns
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

    By row: identity, the hashes of (source, observation id), each known by its latest row; time, source, kind, first_name, birth_date (as
    resolution.Observations); content: hash of all that was said; ids; gone: Gone; profile: the profile it belongs to, -1 without one.
    By sighting, of which `sightings` tells the rows: identifier, hint; before: the identifier's previous one, -1 for its first; links: 1
    where its node links and the sighting counts. By trait value (`traits` tells the rows): trait, value. By event (`events`): event_type,
    units, nanos, currency. By property (`properties` tells the events): property_name, property_value, property_type.
    By entry of the log: entry_row, its first row; entry_sequence; entry_backfill.
    """

    def __init__(self, policy: Policy, labels: InternedLabels) -> None:
        self._kinds = {kind.name: number for number, kind in enumerate(policy.kinds)}
        self._labels = labels
        self.sources, self.trait_names, self.fields = InternedWords(), InternedWords(), InternedWords()
        self.event_types, self.currencies = InternedWords(), InternedWords()
        self.texts = InternedTexts()
        self.identity = HashIndex()
        self.time, self.source, self.kind = Times(), Narrow(), Column(np.uint8)
        self.first_name, self.birth_date = Sparse(), Sparse()
        self.content, self.ids = Column(np.uint64), PackedTexts()
        self.gone, self.profile = Column(np.uint8), Column(np.int32, fill=-1)
        self.sightings, self.identifier, self.hint = Ragged(), Column(np.int32), Sparse()
        self.before, self.links = Column(np.int32), Column(np.uint8)
        self.traits, self.trait, self.value = Ragged(), Narrow(), Column(np.int32)
        self.events, self.event_type = Ragged(), Narrow()
        self.units, self.nanos, self.currency = Column(np.int64), Column(np.int32), Narrow()
        self.properties = Ragged()
        self.property_name, self.property_value, self.property_type = Column(np.int32), Column(np.int32), Column(np.uint8)
        self.observed, self.observed_text = Column(np.int32), Column(np.int32)
        self.quarantined, self.quarantined_field = Column(np.int32), Narrow()
        self.quarantined_reason = Column(np.uint8)
        self.quarantined_value, self.quarantined_message = Texts(), Column(np.int32)  # values by themselves, so that they can be wiped
        self.entry_row, self.entry_sequence, self.entry_backfill = Column(np.int64), Column(np.int64), Column(np.uint8)
        self.mark = Column(np.uint8)  # scratch of kernels, zeros after each

    def __len__(self) -> int:
        return len(self.time)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        for name, found in vars(self).items():
            if isinstance(found, Column) and name != "mark":
                yield name, found
            elif isinstance(found, Sparse | Times | Ragged | PackedTexts | Texts):
                yield from ((f"{name}.{part}", column) for part, column in found.columns())
        yield from ((f"texts.{part}", column) for part, column in self.texts.texts.columns())

    @property
    def nbytes(self) -> int:
        """Of all that is kept here."""
        return self.identity.nbytes + self.texts.index.nbytes + self.mark.nbytes + sum(column.nbytes for _, column in self.columns())

    @staticmethod
    def names_of(sources: tuple[str, ...], source: np.ndarray, ids: pa.StringArray) -> np.ndarray:
        """uint64[n, 2]: hash of (source, observation id), as a batch run computes it."""
        whose = content_of(pa.array(sources, pa.string()))
        return mix_hash(whose[source], content_of(ids))

    def append(self, coming: Incoming, head: np.ndarray) -> Generator[Job, Any, None]:
        """Add the rows of observations. head: int32, the latest sighting of every identifier, brought up to date at the end: until then
        nothing leads to the rows. Yields pauses."""
        first, sighting = len(self), len(self.identifier)
        rows = first + len(coming)
        self._add_rows(coming)
        yield pause
        self.sightings.extend(np.repeat(np.arange(first, rows), coming.size), rows)
        self.identifier.extend(coming.identifier)
        self.hint.extend(sighting, coming.hint)
        self.observed.extend(coming.observed.entry + sighting)
        self.observed_text.extend(self.texts.intern(coming.observed.text))
        self._add_traits(coming.traits, first, rows)
        yield pause
        self._add_events(coming.events, first, rows)
        self._add_quarantined(coming.quarantined, first)
        self.entry_row.extend(coming.first + first)
        self.entry_sequence.extend(coming.sequence)
        self.entry_backfill.extend(coming.backfill)
        self.identity.renew(self.names_of(coming.sources, coming.source, coming.id))
        self.links.grow(len(self.identifier))
        self.before.grow(len(self.identifier))
        thread(self.identifier.array, head, self.before.array, sighting)

    def _add_rows(self, coming: Incoming) -> None:
        first = len(self)
        kinds = np.array([self._kinds[kind] for kind in coming.kinds], np.uint8)
        self.time.extend(coming.time)
        self.source.extend(self.sources.intern(coming.sources)[coming.source] if len(coming) else coming.source)
        self.kind.extend(kinds[coming.kind] if len(coming) else coming.kind)
        self.first_name.extend(first, coming.first_name)
        self.birth_date.extend(first, coming.birth_date)
        self.content.extend(coming.content)
        self.ids.extend(coming.id)
        for column in (self.gone, self.profile, self.mark):
            column.grow(first + len(coming))

    def _add_traits(self, traits: TraitColumns, first: int, rows: int) -> None:
        order = np.argsort(traits.row, kind="stable")
        self.traits.extend(traits.row[order] + first, rows)
        if order.size:
            self.trait.extend(self.trait_names.intern(traits.names)[traits.trait[order]])
            self.value.extend(self.texts.intern(traits.texts)[traits.code[order]])

    def _add_events(self, events: EventColumns, first: int, rows: int) -> None:
        before = len(self.events)
        self.events.extend(events.row + first, rows)
        if not events.row.size:
            return
        self.event_type.extend(self.event_types.intern(events.types)[events.type])
        self.units.extend(events.units)
        self.nanos.extend(events.nanos)
        self.currency.extend(np.concatenate([self.currencies.intern(events.currencies), np.array([-1], np.int32)])[events.currency])
        texts = self.texts.intern(events.texts)
        self.properties.extend(events.property_event + before, len(self.events))
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
        row = int(self.identity.find(name)[0])
        return row if row >= 0 and not self.gone.array[row] else -1

    def sequence_of(self, rows: np.ndarray) -> np.ndarray:
        """int64[n]: the log entry that each row came with."""
        return self.entry_sequence.array[self._entry_of(rows)]

    def backfill_of(self, rows: np.ndarray) -> np.ndarray:
        """bool[n]: the rows that came as history and not as news."""
        found: np.ndarray = self.entry_backfill.array[self._entry_of(rows)] != 0
        return found

    def _entry_of(self, rows: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.entry_row.array, rows, side="right") - 1
