"""What one publishing put in place, as the arrays that all kinds of rows are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import Publication
from idweave_server.engine.component import Component, closed, gather
from idweave_server.engine.engine import Engine
from idweave_server.engine.fold import rows_of
from idweave_server.engine.identifier_store import Status
from idweave_server.kernels.places import Places
from idweave_server.projection.columns import NULL
from idweave_server.projection.keys import identifier_keys
from idweave_server.projection.rows import InternedNames
from idweave_server.resolution.resolve import Resolution

LATEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Frame:
    """codes: int32[c], the identifiers whose rows are stated anew, the first `scope` of them those that were resolved, by their numbers in
    the component; keys: string[c]; there: bool[c], which are nodes of the graph; first, last: int64[c], when each was seen, NULL for never;
    node_slot: int32[v], the profile of each node of theirs, -1 without one; slots: int32[p], ascending, these profiles; row: int64[k] and
    time: int64[k], of the component's sightings, the place of the row among its rows and when it was; row_slot: int32[r], the place among
    `slots` of each row's profile, -1 for another or none."""

    engine: Engine
    component: Component
    resolution: Resolution
    names: InternedNames
    codes: np.ndarray
    scope: int
    keys: pa.StringArray
    there: np.ndarray
    first: np.ndarray
    last: np.ndarray
    node_slot: np.ndarray
    slots: np.ndarray
    row: np.ndarray
    time: np.ndarray
    row_slot: np.ndarray

    @staticmethod
    def of(engine: Engine, published: Publication, names: InternedNames) -> Frame:
        state = engine.state
        component = published.component or gather(state, np.zeros(0, np.int32), state.time)
        resolution = published.resolution or component.resolve()
        scope = component.codes[: component.scope]
        others = np.setdiff1d(published.touched, scope).astype(np.int32)
        codes = np.concatenate([scope, others])
        row = np.repeat(np.arange(component.rows.size), np.diff(component.observations.start))
        time = component.observations.time[row]
        within, beyond = _seen_within(component, resolution, time), _seen_beyond(engine, others)
        first, last, counts = (np.concatenate(parts) for parts in zip(within, beyond, strict=True))
        erased = state.identifiers.status.array[codes] == Status.ERASED
        node_slot = _node_slots(engine, component, resolution)
        slots = np.unique(node_slot[node_slot >= 0])
        return Frame(
            engine=engine,
            component=component,
            resolution=resolution,
            names=names,
            codes=codes,
            scope=scope.size,
            keys=identifier_keys(engine, codes),
            there=(counts | _judged(engine, codes)) & ~erased,
            first=first,
            last=last,
            node_slot=node_slot,
            slots=slots,
            row=row,
            time=time,
            row_slot=Places(slots).of(state.observations.profile.array[component.rows]),
        )


def everything(engine: Engine, size: int) -> Iterator[Publication]:
    """All identifiers with their components, about `size` at a time, as if all had been touched."""
    state = engine.state
    done = np.zeros(len(state.identifiers), bool)
    at = 0
    while at < done.size:
        block = np.arange(at, min(at + size, done.size), dtype=np.int32)
        at += block.size
        block = block[~done[block]]
        if not block.size:
            continue
        component = gather(state, closed(state, block), state.time)
        done[block] = done[component.codes[: component.scope]] = True
        yield Publication(block, component, component.resolve())


def together(engine: Engine, published: Sequence[Publication]) -> Publication:
    """Several publishings as one, of the state as it is after all of them."""
    if len(published) == 1:
        return published[0]
    touched = np.unique(np.concatenate([np.zeros(0, np.int32), *(one.touched for one in published)]))
    scope = [one.component.codes[: one.component.scope] for one in published if one.component is not None]
    if not scope:
        return Publication(touched, None, None)
    component = gather(engine.state, closed(engine.state, np.unique(np.concatenate([touched, *scope]))), engine.state.time)
    return Publication(touched, component, component.resolve())


def _seen_within(component: Component, resolution: Resolution, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(first int64[s], last int64[s], counts bool[s]): of the identifiers in scope; time: int64[k], of the sightings."""
    first, last = np.full(component.codes.size, LATEST), np.full(component.codes.size, NULL)
    np.minimum.at(first, component.observations.identifier, time)
    np.maximum.at(last, component.observations.identifier, time)
    first, last = first[: component.scope], last[: component.scope]
    counts = np.diff(resolution.statuses.nodes.first[: component.scope + 1]) > 0
    return np.where(first == LATEST, NULL, first), last, counts


def _seen_beyond(engine: Engine, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(first int64[n], last int64[n], counts bool[n]): of identifiers that are not resolved, such as IP addresses; codes: ascending."""
    seen = engine.state.observations
    rows = rows_of(engine.state, codes)
    rows = rows[rows < engine.state.rows]
    owner, place = seen.sightings.places(rows)
    row, code = rows[owner], seen.identifier.array[place]
    mine = np.flatnonzero(np.isin(code, codes))
    row, at = row[mine], np.searchsorted(codes, code[mine])
    first, last, counts = np.full(codes.size, LATEST), np.full(codes.size, NULL), np.zeros(codes.size, bool)
    time = seen.time.take(row)
    np.minimum.at(first, at, time)
    np.maximum.at(last, at, time)
    counts[at[engine.calendar.counting(engine.state, row, codes[at])]] = True
    return np.where(first == LATEST, NULL, first), last, counts


def _judged(engine: Engine, codes: np.ndarray) -> np.ndarray:
    """bool[n]: which are named by a verdict in force."""
    state = engine.state
    out = np.zeros(codes.size, bool)
    for at in np.flatnonzero(state.identifiers.judged.array[codes]).tolist():
        out[at] = any(not state.verdicts.stated[n].gone for n in state.verdicts.about.get(int(codes[at]), ()))
    return out


def _node_slots(engine: Engine, component: Component, resolution: Resolution) -> np.ndarray:
    ids, nodes = engine.state.identifiers, resolution.statuses.nodes
    count = int(nodes.first[component.scope])
    slot = ids.profile.array[component.codes[nodes.identifier[:count]]]
    for at in np.flatnonzero(np.diff(nodes.first[: component.scope + 1]) > 1).tolist():
        split = ids.splits.get(int(component.codes[at]))
        if split is not None:
            slot[nodes.first[at] : nodes.first[at + 1]] = split.profile
    return slot
