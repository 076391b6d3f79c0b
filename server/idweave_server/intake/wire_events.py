"""Events as they were sent, as columns: what `reported_events` makes of reports, where all of a batch are as usual."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa

from idweave_server.entries.columns import EventColumns
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.content import ContentHash
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.event_columns import NANOS, TYPES, add_events, currency_problem, property_label, type_problem
from idweave_server.intake.report_columns import SURELY_SHORT, name_problem
from idweave_server.intake.reports import MAX_EVENTS, MAX_PROPERTIES
from idweave_server.intake.wire_reports import EVENT, MONEY, OBSERVATION, TRAIT, VALUES, Scanned, Spans


def sent_events(found: Scanned, content: ContentHash) -> EventColumns | None:
    """The events of a batch; None where one of them is unusual, so that each has to be looked at by itself."""
    here, events = found.places(OBSERVATION), found.places(EVENT)
    if not events.size:
        return EventColumns.none()
    row = _number(found, here)[found.found.parent[events]]
    number = _number(found, events)
    types = Encoded.of([found.texts(events, 0).array()])
    kinds = types.values.to_pylist()
    if np.bincount(row).max() > MAX_EVENTS or not all(kind == kind.strip() and not type_problem(kind)[0] for kind in kinds):
        return None
    money, properties = _money(found, number, events.size), _properties(found, number)
    if money is None or properties is None:
        return None
    units, nanos, currency, currencies = money
    event, name, value, typed, texts, labels = properties
    columns = EventColumns(
        row=row.astype(np.int32),
        type=types.code,
        types=tuple(kinds),
        units=units,
        nanos=nanos,
        currency=currency,
        currencies=currencies,
        property_event=event,
        property_name=name,
        property_value=value,
        property_type=typed,
        texts=texts,
    )
    add_events(columns, labels, content)
    return columns


def _number(found: Scanned, places: np.ndarray) -> np.ndarray:
    """int64 by message: which of those at these places it is, -1 for none."""
    number = np.full(found.found.type.size, -1, np.int64)
    number[places] = np.arange(places.size)
    return number


def _money(found: Scanned, number: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]] | None:
    """(units int64[v], nanos int32[v], currency int32[v], currencies): of all events; number: of the event at each place."""
    places = found.places(MONEY)
    stated = found.texts(places, 0)
    amounts = [np.where(found.found.size[places, slot] >= 0, found.found.start[places, slot], 0) for slot in (1, 2)]
    told = np.flatnonzero((stated.size > 0) | (amounts[0] != 0) | (amounts[1] != 0))
    whole, part = (amount[told] for amount in amounts)
    named = Encoded.of([stated.take(told).array()])
    currencies = named.values.to_pylist()
    odd = (part <= -NANOS) | (part >= NANOS) | ((whole > 0) & (part < 0)) | ((whole < 0) & (part > 0))
    if odd.any() or any(currency_problem(one) for one in currencies):
        return None
    event = number[found.found.parent[places[told]]]
    units, nanos, currency = np.zeros(count, np.int64), np.zeros(count, np.int32), np.full(count, -1, np.int32)
    units[event], nanos[event], currency[event] = whole, part, named.code
    return units, nanos, currency, tuple(currencies)


def _properties(
    found: Scanned, number: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, pa.StringArray, np.ndarray] | None:
    """(event int32[q], name int32[q], value int32[q], type uint8[q], texts, label uint64[q, 2], see event_columns.property_label)"""
    places = found.places(TRAIT)
    event = number[found.found.parent[places]]
    places, event = places[event >= 0], event[event >= 0]
    names, (values, numbers) = found.texts(places, 0), found.values(places)
    typed = (found.found.size[places, VALUES] >= 0).argmax(axis=1).astype(np.uint8)  # TEXT, too, where none is stated
    if event.size and np.bincount(event).max() > MAX_PROPERTIES:
        return None
    if (values.size > SURELY_SHORT).any() or any(isinstance(one, float) and not math.isfinite(one) for one in numbers.values()):
        return None
    start, size = (np.stack(both, axis=1).reshape(-1) for both in ((names.start, values.start), (names.size, values.size)))
    texts = Encoded.of([Spans(values.data, start, size).array()])  # each name and its value, in turn
    name, value = texts.code[::2], texts.code[1::2]
    pairs, which = np.unique(name.astype(np.int64) * len(TYPES) + typed, return_inverse=True)
    told = [(texts.values[pair // len(TYPES)].as_py(), pair % len(TYPES)) for pair in pairs.tolist()]
    if any(name_problem(spelled)[0] for spelled, _ in told):
        return None
    labels = content_of(pa.array([property_label(*one) for one in told], pa.string()))
    return event.astype(np.int32), name, value, typed, texts.values, labels[which]
