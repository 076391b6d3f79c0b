"""Reads of the state's arrays themselves, for what is asked thousands of times a second or of thousands of rows."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from idweave_server.engine.identifier_store import Status
from idweave_server.engine.state import State

_ALIVE = int(Status.ALIVE)  # an enumeration's members cost a microsecond each to look up in Python 3.11


def usual_standing(state: State, code: int) -> tuple[int, int, int] | None:
    """(flags, shared, slot) of an identifier that is alive and has one epoch: model.Flag, model.Shared, its profile or -1. None for any
    other one, of which `standing` tells."""
    ids = state.identifiers
    if ids.status.array.item(code) != _ALIVE or code in ids.splits:
        return None
    return ids.flags.array.item(code), ids.shared.array.item(code), ids.profile.array.item(code)


def usual_standings(state: State, codes: np.ndarray) -> list[tuple[int, int, int] | None]:
    """The same of many, int32[n]; None where a code is negative, too."""
    ids = state.identifiers
    known = np.where(codes >= 0, codes, 0)
    if not len(ids):
        return [None] * codes.size
    usual = ((codes >= 0) & (ids.status.array[known] == _ALIVE)).tolist()
    columns = (column.array[known].tolist() for column in (ids.flags, ids.shared, ids.profile))
    splits = ids.splits
    return [
        (flags, shared, slot) if alive and code not in splits else None
        for alive, code, flags, shared, slot in zip(usual, codes.tolist(), *columns, strict=True)
    ]


def rows_of_types(state: State, rows: np.ndarray, types: Set[str]) -> np.ndarray:
    """int64: those of the rows whose evidence kind, or the type of one of whose events, is among `types`; in their order."""
    seen = state.observations
    kinds = [number for number, kind in enumerate(state.policy.kinds) if kind.name in types]
    chosen = np.isin(seen.kind.array[rows], kinds)
    numbers = [number for word in types if (number := seen.event_types.number(word)) >= 0]
    if numbers:
        owner, place = seen.events.places(rows)
        chosen[owner[np.isin(seen.event_type.array[place], numbers)]] = True
    return rows[chosen]
