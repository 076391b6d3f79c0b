"""Events of the store, copied: the only module that knows how the observation store lays them out for what is computed of many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.observation_store import ObservationStore


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


def events_of_rows(store: ObservationStore, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int64[e], int64[e]): the events of these rows, int64[r], row by row, and which of the rows each belongs to, by its place."""
    return spread(store.event_start.array, rows)


def stored_events(store: ObservationStore, events: np.ndarray) -> StoredEvents:
    """A copy of these events."""
    place, owner = spread(store.property_start.array, events)
    return StoredEvents(
        type=store.event_type.array[events],
        units=store.units.array[events],
        nanos=store.nanos.array[events],
        currency=store.currency.array[events],
        property_start=np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=events.size)))),
        name=store.property_name.array[place],
        value=store.property_value.array[place],
        kind=store.property_type.array[place],
    )


def spread(start: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(place int64[k], owner int64[k]): the entries of some rows of a ragged table, start int64[n + 1], and the row's place among them."""
    size = start[rows + 1] - start[rows]
    owner = np.repeat(np.arange(rows.size), size)
    return np.arange(owner.size) + (start[rows] - np.cumsum(size) + size)[owner], owner
