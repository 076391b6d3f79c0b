"""What each kind of entry does to the state before anything is resolved, and which identifiers it touches."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.erasing import erase
from idweave_server.engine.expiry import Calendar
from idweave_server.engine.incoming import Incoming, Numbered
from idweave_server.engine.observation_store import Gone
from idweave_server.engine.state import State
from idweave_server.entries.columns import AnyEntry, ErasureEntry, ObservationEntry, RetractionEntry, VerdictEntry
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.sightings import rows_seen


def add(state: State, calendar: Calendar, entries: Sequence[tuple[int, AnyEntry]], at: int) -> Generator[Job, Any, np.ndarray]:
    """int32: the identifiers that entries touch, some more than once, what expires until their time, `at`, included. entries: an entry with
    its number, or several of observations that follow one another, where nobody looks between them. Policies and ticks touch nothing else.
    Yields pauses, in which readers see nothing of it that is not whole."""
    touched = [calendar.expired(state, state.time, at)]
    observed = [(sequence, entry) for sequence, entry in entries if isinstance(entry, ObservationEntry)]
    if observed:
        touched.append((yield from _observe(state, calendar, observed)))
        return np.concatenate(touched)
    ((sequence, entry),) = entries
    if isinstance(entry, VerdictEntry):
        codes = state.identifiers.intern(entry.identifiers, state.labels.intern(entry.names))
        named = np.array(state.verdicts.append(entry, sequence, codes), np.int32)
        state.identifiers.judged.array[named] = 1
        touched.append(named)
    elif isinstance(entry, RetractionEntry):
        touched.append(_take_back(state, retracted_rows(state, entry), Gone.RETRACTED))
    elif isinstance(entry, ErasureEntry):
        rows, codes = erase(state, entry)
        touched += [_take_back(state, rows, Gone.ERASED), codes]
    return np.concatenate(touched)


def _observe(state: State, calendar: Calendar, entries: Sequence[tuple[int, ObservationEntry]]) -> Generator[Job, Any, np.ndarray]:
    ids, first, coming = state.identifiers, len(state.observations), []
    for sequence, entry in entries:
        labels = state.labels.intern(entry.names)
        codes = ids.intern(entry.identifiers, labels)
        yield pause
        ids.bear(entry.births, codes, state.key, entry.identifiers.content)
        if len(entry.births):
            state.milliseconds = max(state.milliseconds, entry.births.milliseconds)
        coming.append(Numbered(entry, sequence, codes, labels))
    yield from state.observations.append(Incoming.of(coming), ids.head.array)
    calendar.add(state, first)
    return np.concatenate([one.codes for one in coming])


def retracted_rows(state: State, entry: RetractionEntry) -> np.ndarray:
    """int64: the rows that a retraction takes back."""
    seen = state.observations
    source = seen.sources.number(entry.source)
    if source < 0:
        return np.zeros(0, np.int64)
    if entry.observation_id is not None:
        row = seen.row_named(name_of(entry.source, entry.observation_id))
        return np.array([row] if row >= 0 else [], np.int64)
    mine = (seen.source.array == source) & (seen.gone.array == 0)
    rows = np.flatnonzero(mine)
    if entry.begin is not None:
        rows = rows[seen.time.take(rows) >= entry.begin]
    if entry.end is not None:
        rows = rows[seen.time.take(rows) < entry.end]
    return rows


def name_of(source: str, observation_id: str) -> np.ndarray:
    """uint64[1, 2]: hash of (source, observation id)."""
    return mix_hash(content_of(pa.array([source])), content_of(pa.array([observation_id])))


def _take_back(state: State, rows: np.ndarray, why: Gone) -> np.ndarray:
    seen = state.observations
    seen.gone.array[rows] |= np.uint8(why)
    seen.profile.array[rows] = -1
    if why is Gone.ERASED and rows.size:
        seen.ids.wipe(rows.tolist())
        seen.quarantined_value.wipe(np.flatnonzero(np.isin(seen.quarantined.array, rows)).tolist())
    return identifiers_of(state, rows)


def identifiers_of(state: State, rows: np.ndarray) -> np.ndarray:
    """int32: the identifiers that these rows saw, each once."""
    seen = state.observations
    return np.unique(seen.identifier.array[seen.sightings.places(rows)[1]])


def rows_of(state: State, codes: np.ndarray) -> np.ndarray:
    """int64, ascending: the rows, not gone, that saw any of these identifiers."""
    ids, seen = state.identifiers, state.observations
    return rows_seen(codes, ids.head.array, seen.before.array, seen.sightings.row.array, seen.gone.array, seen.mark.array)
