"""Profiles copied out of the state as columns that conditions are evaluated on."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.belongings import Belongings
from idweave_server.engine.happenings import happenings, in_order
from idweave_server.engine.reported import events_of_rows, kinds_of_rows, sources_of_rows, stored_events
from idweave_server.engine.state import State
from idweave_server.engine.trait_values import TraitValues
from idweave_server.kernels.hashing import tie_hash
from idweave_server.segments.attributes import (
    FAVOURITE_CHANNEL,
    PREFERRED_CHANNEL,
    PREFIX,
    TAGS,
    Attributes,
    Past,
    is_attribute,
    named_properties,
    next_ahead,
    with_orders,
)
from idweave_server.segments.subjects import FOREVER, NO_VALUE, Events, Needs, Sightings, Subjects

CHUNK = 4_096  # profiles to gather at a time: a few milliseconds
HERE = 256  # profiles to evaluate without a worker thread


def gather(state: State, slots: np.ndarray, needs: Needs, now: int) -> Subjects:
    """The profiles in these slots, int32[p], distinct and taken, as they are at `now`, seconds UTC: a copy that any thread may read.

    Raises KeyError for a field that is none of attributes.fields_of.
    """
    return _Gathering(state, slots, needs, now).subjects()


def profile_ties(state: State, slots: np.ndarray) -> np.ndarray:
    """uint64[p]: hashes of the profiles' ids, by which equal values are ranked."""
    ids = state.profiles.id.array[slots]
    return tie_hash(ids[:, 0].copy(), ids[:, 1].copy())


class _Gathering:
    def __init__(self, state: State, slots: np.ndarray, needs: Needs, now: int) -> None:
        self.state, self.needs, self.now = state, needs, now
        self.slots = np.ascontiguousarray(slots, np.int32)
        self.belongings = Belongings(state, self.slots)
        state.vocabulary.refresh(state.policy, state.observations)
        computed = [name for name in (*needs.fields, *needs.lists) if is_attribute(name)]
        stated = [name for name in (*needs.fields, *needs.lists) if not is_attribute(name)]
        self.traits = bool(stated) or PREFERRED_CHANNEL in computed
        self.past = needs.events or bool(computed)
        self.start = np.zeros(self.slots.size + 1, np.int64)
        self.row = self.time = np.zeros(0, np.int64)
        if self.past or self.traits or needs.sightings:
            self.start, self.row, self.time = self.belongings.rows()

    def subjects(self) -> Subjects:
        events, attributes = self._computed() if self.past else (None, None)
        traits = TraitValues(self.state, self.start, self.row, self.time) if self.traits else None
        values = self._values(attributes, traits)
        lists = [self._list(name, attributes, traits) for name in self.needs.lists]
        count = self.slots.size
        return Subjects(
            count=count,
            values=values,
            list_start=np.array([start for start, _ in lists], np.int64).reshape(len(lists), count + 1),
            lists=tuple(codes for _, codes in lists),
            events=events if self.needs.events else None,
            sightings=self._sightings() if self.needs.sightings else None,
            namespaces=self._namespaces(),
            strength=self._strength() if self.needs.strength else np.full(count, NO_VALUE),
            changes=next_ahead(self.start, self.time, self.now, FOREVER),
        )

    def _computed(self) -> tuple[Events, Attributes]:
        state, seen, known = self.state, self.state.observations, self.state.vocabulary
        event, at = events_of_rows(seen, self.row)
        stored = stored_events(seen, in_order(state, event, at))
        named = named_properties(known.words, stored.property_start, stored.name)
        events = happenings(state, stored, named, self.start, self.time, at)
        past = Past(
            now=self.now,
            start=self.start,
            time=self.time,
            source=known.source_text.array[sources_of_rows(seen, self.row)],
            events=events,
            row=at,
            role=np.where(events.time <= self.now, known.role.array[stored.type], np.uint8(0)),
            rate=known.rate.array,
            home=known.home,
            unknowable=known.unknowable,
            words=known.words,
            tie=lambda codes: seen.texts.index.take(codes)[:, 0].copy(),
        )
        past = with_orders(past, named)
        return past.events, Attributes(past, named, state.policy.money.margin, state.rfm_cuts, lambda: profile_ties(state, self.slots))

    def _values(self, attributes: Attributes | None, traits: TraitValues | None) -> np.ndarray:
        """int64[f, p]"""
        stated: dict[str, np.ndarray] = {}
        if traits is not None:
            names = {_trait_name(name) for name in self.needs.fields if not is_attribute(name)}
            if PREFERRED_CHANNEL in self.needs.fields:
                names.add(PREFERRED_CHANNEL)
            stated = traits.single(sorted(names))
        values = np.empty((len(self.needs.fields), self.slots.size), np.int64)
        for number, name in enumerate(self.needs.fields):
            if attributes is None or not is_attribute(name):
                values[number] = stated[_trait_name(name)]
            elif name == PREFERRED_CHANNEL:
                declared = stated[PREFERRED_CHANNEL]
                values[number] = np.where(declared == NO_VALUE, attributes.column(FAVOURITE_CHANNEL), declared)
            else:
                values[number] = attributes.column(name)
        return values

    def _list(self, name: str, attributes: Attributes | None, traits: TraitValues | None) -> tuple[np.ndarray, np.ndarray]:
        if name == TAGS and attributes is not None:
            return attributes.tags()
        if traits is None:
            raise KeyError(name)
        return traits.many(_trait_name(name))

    def _sightings(self) -> Sightings:
        seen = self.state.observations
        source = sources_of_rows(seen, self.row)
        return Sightings(self.start, self.time, source, self.state.vocabulary.party.array[source], kinds_of_rows(seen, self.row))

    def _namespaces(self) -> np.ndarray:
        """int32[n, p]; together the identifiers of all namespaces but derived ones are counted."""
        wanted, policy = self.needs.namespaces, self.state.policy
        out = np.zeros((len(wanted), self.slots.size), np.int32)
        if not wanted:
            return out
        owner, code = self.belongings.identifiers()
        space = self.state.identifiers.namespace.array[code]
        names = [n.name for n in policy.namespaces]
        derived = self.state.namespaces_that(standing="derived")
        for number, name in enumerate(wanted):
            mine = ~derived[space] if not name else space == (names.index(name) if name in names else -1)
            out[number] = np.bincount(owner[mine], minlength=self.slots.size)
        return out

    def _strength(self) -> np.ndarray:
        profiles = self.state.profiles
        weak = profiles.weak_left.array[self.slots] >= 0
        return np.where(weak, profiles.weak_strength.array[self.slots], NO_VALUE)


def _trait_name(field: str) -> str:
    """The trait that a field shows: one that is called like an attribute has a prefix there."""
    return field.removeprefix(PREFIX) if is_attribute(field.removeprefix(PREFIX)) else field
