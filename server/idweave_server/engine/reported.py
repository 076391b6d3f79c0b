"""What observations said, copied out of the store for many rows at once: where gathered profiles depend on how the store lays it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from idweave_server.engine.observation_store import ObservationStore
from idweave_server.kernels.stretches import listed


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StoredEvents:
    """e events as they were reported. type: int32[e], into event_types; units: int64[e], nanos: int32[e], currency: int32[e], -1 without an
    amount; property_start: int64[e + 1]; name, value: int32[q], text codes; kind: uint8[q], of the value."""

    type: np.ndarray
    units: np.ndarray
    nanos: np.ndarray
    currency: np.ndarray
    property_start: np.ndarray
    name: np.ndarray
    value: np.ndarray
    kind: np.ndarray


def times_of_rows(store: ObservationStore, rows: np.ndarray) -> np.ndarray:
    """int64[r], seconds UTC."""
    return store.time.take(rows)


def sources_of_rows(store: ObservationStore, rows: np.ndarray) -> np.ndarray:
    """int32[r], into store.sources."""
    found: np.ndarray = store.source.array[rows].astype(np.int32)
    return found


def kinds_of_rows(store: ObservationStore, rows: np.ndarray) -> np.ndarray:
    """int32[r], into policy.kinds."""
    found: np.ndarray = store.kind.array[rows].astype(np.int32)
    return found


def content_of_rows(store: ObservationStore, rows: np.ndarray) -> np.ndarray:
    """uint64[r, 2]: the hash of (source, observation id)."""
    return store.identity.take(rows)


def traits_of_rows(store: ObservationStore, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(at int64[v], trait int32[v], value int32[v]): what the rows state, row by row: which of them, by its place; into store.trait_names;
    text code."""
    at, place = store.traits.places(rows)
    return at, store.trait.array[place].astype(np.int32), store.value.array[place]


def events_of_rows(store: ObservationStore, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(event int64[e], at int64[e]): the events of these rows, row by row, and which of the rows each belongs to, by its place."""
    at, event = store.events.places(rows)
    return event, at


def stored_events(store: ObservationStore, events: np.ndarray) -> StoredEvents:
    """A copy of these events, int64[e]."""
    first, size = store.properties.spans(events)
    _, place = listed(first, size)
    return StoredEvents(
        type=store.event_type.array[events].astype(np.int32),
        units=store.units.array[events],
        nanos=store.nanos.array[events],
        currency=store.currency.array[events].astype(np.int32),
        property_start=np.concatenate((np.zeros(1, np.int64), np.cumsum(size))),
        name=store.property_name.array[place],
        value=store.property_value.array[place],
        kind=store.property_type.array[place],
    )


def read_texts(store: ObservationStore, kernel: Callable[..., None], code: np.ndarray) -> np.ndarray:
    """int64[n]: what a kernel of kernels.decimals reads in the texts of these codes, int32[n]."""
    out = np.empty(code.size, np.int64)
    kernel(store.texts.texts.data.array, *store.texts.texts.spans(code), out)
    return out
