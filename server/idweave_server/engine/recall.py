"""What observations said, as they were reported: rows of the store as values, and the traits that a profile shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from idweave_server.engine.fold import identifiers_of, name_of, retracted_rows
from idweave_server.engine.identifier_store import Known
from idweave_server.engine.reading import Reading
from idweave_server.entries.columns import RetractionEntry
from idweave_server.intake.reports import ReportedEvent
from idweave_server.kernels.labels import Labels
from idweave_server.model import Refusal
from idweave_server.resolution.observations import Observations
from idweave_server.resolution.survivorship import Stated, winning_observations

Value = str | int | float | bool
PROPERTY_TYPES = ("text", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class StoredObservation:
    """One observation. time: seconds UTC; identifiers: each with its spelling as observed, "" where that is the canonical one; derived ones
    are left out."""

    observation_id: str
    source: str
    time: int
    kind: str
    identifiers: tuple[tuple[Known, str], ...]
    traits: tuple[tuple[str, Value], ...]
    events: tuple[ReportedEvent, ...]
    backfill: bool


@dataclass(frozen=True, slots=True)
class StoredTrait:
    """A value that a profile shows, and the observation that it comes from."""

    name: str
    value: Value
    row: int


@dataclass(frozen=True, slots=True)
class QuarantinedValue:
    """A value that was set aside; row: its observation."""

    row: int
    field: str
    reason: Refusal
    value: str
    message: str


def typed(kind: str, text: str) -> Value:
    """A canonical text as the value that it stands for."""
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    return text == "true" if kind == "boolean" else text


class Recall(Reading):
    """Reads of observations."""

    def observation(self, row: int) -> StoredObservation:
        seen = self.state.observations
        return StoredObservation(
            observation_id=seen.ids[row],
            source=self.source_of(row),
            time=self.time_of(row),
            kind=self.state.policy.kinds[int(seen.kind.array[row])].name,
            identifiers=tuple(self._sightings(row)),
            traits=tuple(self._traits(row)),
            events=tuple(self._events(row)),
            backfill=bool(seen.backfill_of(np.array([row]))[0]),
        )

    def source_of(self, row: int) -> str:
        """Which system reported an observation."""
        seen = self.state.observations
        return seen.sources[seen.source.array.item(row)]

    def time_of(self, row: int) -> int:
        """When it was observed, seconds UTC."""
        return self.state.observations.time.one(row)

    def _sightings(self, row: int) -> Iterator[tuple[Known, str]]:
        seen, ids = self.state.observations, self.state.identifiers
        derived = self.state.namespaces_that(standing="derived")
        for sighting in seen.sightings.span(row):
            code = int(seen.identifier.array[sighting])
            if not derived[ids.namespace.array[code]]:
                yield self.identifier(code), self._spelling(sighting)

    def _spelling(self, sighting: int) -> str:
        seen = self.state.observations
        at = int(seen.observed.array.searchsorted(sighting))
        there = at < len(seen.observed) and int(seen.observed.array[at]) == sighting
        return seen.texts[int(seen.observed_text.array[at])] if there else ""

    def spelling_of(self, code: int) -> str:
        """How an identifier was spelled when it was last seen, "" where as its canonical value."""
        sighting = int(self.state.identifiers.head.array[code])
        return self._spelling(sighting) if sighting >= 0 else ""

    def _traits(self, row: int) -> Iterator[tuple[str, Value]]:
        seen = self.state.observations
        for at in seen.traits.span(row):
            name = seen.trait_names[int(seen.trait.array[at])]
            yield name, typed(self.state.policy.trait(name).type, seen.texts[int(seen.value.array[at])])

    def _events(self, row: int) -> Iterator[ReportedEvent]:
        seen = self.state.observations
        for at in seen.events.span(row):
            currency = int(seen.currency.array[at])
            yield ReportedEvent(
                type=seen.event_types[int(seen.event_type.array[at])],
                units=int(seen.units.array[at]),
                nanos=int(seen.nanos.array[at]),
                currency=seen.currencies[currency] if currency >= 0 else "",
                properties=tuple(self._property(q) for q in seen.properties.span(at)),
            )

    def _property(self, at: int) -> tuple[str, Value]:
        seen = self.state.observations
        kind = PROPERTY_TYPES[int(seen.property_type.array[at])]
        return seen.texts[int(seen.property_name.array[at])], typed(kind, seen.texts[int(seen.property_value.array[at])])

    def rows_of_observation(self, source: str, observation_id: str) -> int:
        """The row of an observation that counts, -1 without one."""
        return self.state.observations.row_named(name_of(source, observation_id))

    def rows_reported(self, source: str, begin: int | None, end: int | None) -> np.ndarray:
        """int64: the observations of a source that count, with begin <= time < end."""
        return retracted_rows(self.state, RetractionEntry(source, None, begin, end))

    def identifiers_of(self, rows: np.ndarray) -> np.ndarray:
        """int32: the identifiers that these observations saw, each once."""
        return identifiers_of(self.state, rows)

    def traits_of(self, slot: int) -> list[StoredTrait]:
        """What a profile shows, by name: of each trait the winning value, of list-valued ones every value as stated last."""
        seen = self.state.observations
        rows = self.rows_of(slot)
        owner, place = seen.traits.places(rows)
        trait, value = seen.trait.array[place], seen.value.array[place]
        told = _bare(rows, self)
        found: list[StoredTrait] = []
        for number in sorted(np.unique(trait).tolist(), key=lambda n: seen.trait_names[n]):
            name, mine = seen.trait_names[number], trait == number
            rule = self.state.policy.trait(name)
            if rule.many:
                distinct, first = np.unique(value[mine], return_index=True)
                shown = [(seen.texts[code], int(rows[owner[mine][at]])) for code, at in zip(distinct.tolist(), first.tolist(), strict=True)]
                found += [StoredTrait(name, typed(rule.type, text), row) for text, row in sorted(shown)]
                continue
            at, text = self._winner(told, owner[mine], value[mine], name)
            row = int(rows[at])
            found.append(StoredTrait(name, typed(rule.type, text), row))
        return found

    def _winner(self, told: Observations, owner: np.ndarray, value: np.ndarray, name: str) -> tuple[int, str]:
        """(place, text): the value of a trait that wins among those that these observations state, and where the one that states it is."""
        seen = self.state.observations
        codes, place = np.unique(value, return_inverse=True)
        stated = np.full(told.time.size, -1, np.int32)
        stated[owner[::-1]] = place[::-1]
        content = seen.texts.index.take(codes.astype(np.int32))[:, 0]
        winner = winning_observations(
            self.state.policy, self.state.policy.trait(name), Stated(stated, content), told, np.zeros(stated.size, np.int32), 1
        )
        return int(winner[0]), seen.texts[int(codes[stated[winner[0]]])]

    def quarantined(self) -> np.ndarray:
        """int64: the places of the values that were set aside of observations that count, in the order of the log."""
        seen = self.state.observations
        return np.flatnonzero(seen.gone.array[seen.quarantined.array] == 0)

    def quarantined_value(self, place: int) -> QuarantinedValue | None:
        """None where its observation counts no more."""
        seen = self.state.observations
        row = seen.quarantined.array.item(place)
        if seen.gone.array[row]:
            return None
        return QuarantinedValue(
            row,
            seen.fields[seen.quarantined_field.array.item(place)],
            Refusal(seen.quarantined_reason.array.item(place)),
            seen.quarantined_value[place],
            seen.texts[seen.quarantined_message.array.item(place)],
        )


def _bare(rows: np.ndarray, recall: Recall) -> Observations:
    """Observations as survivorship reads them: their times and sources."""
    seen, none = recall.state.observations, np.zeros(0, np.int32)
    nothing = np.zeros(1, np.int64)
    return Observations(
        time=seen.time.take(rows),
        source=seen.source.array[rows].astype(np.int32),
        kind=seen.kind.array[rows],
        content=seen.identity.take(rows),
        first_name=none,
        birth_date=none,
        start=np.zeros(rows.size + 1, np.int64),
        identifier=none,
        hint=none,
        sources=tuple(seen.sources.words),
        labels=Labels(np.zeros(0, np.uint32), nothing, nothing, none, np.zeros(0, np.uint8)),
    )
