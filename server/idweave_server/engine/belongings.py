"""What belongs to many profiles at once: their observations in order, and their identifiers.

The cost is that of the profiles asked for; for many of a store it is one pass over its columns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from idweave_server.engine.fold import rows_of
from idweave_server.engine.reported import content_of_rows, times_of_rows
from idweave_server.engine.state import State
from idweave_server.kernels.chronology import by_time
from idweave_server.kernels.places import Places
from idweave_server.kernels.rows import group_by
from idweave_server.kernels.sightings import ring_closed

MANY = 16  # one profile in so many is reason to look at all: nanoseconds an observation, where a profile by itself takes microseconds

Owner = Callable[[np.ndarray], np.ndarray]  # int32[n] slots to their places among those asked for, -1 for others


class Belongings:
    """Of the profiles in these slots, int32[p], distinct and taken."""

    def __init__(self, state: State, slots: np.ndarray) -> None:
        self.state, self.slots = state, slots
        self.many = slots.size * MANY > len(state.profiles)
        self.owner = _places(slots, len(state.profiles.id)) if self.many else Places(slots).of
        self._codes: np.ndarray | None = None

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(start int64[p + 1]; row, time int64[r]): the observations of each profile by time, then by content."""
        seen = self.state.observations
        if self.many:
            start, rows = group_by(self.owner(seen.profile.array[: self.state.rows]), self.slots.size)
        else:
            found = rows_of(self.state, self.identifiers()[1])
            start, member = group_by(self.owner(seen.profile.array[found]), self.slots.size)
            rows = found[member]
        time = times_of_rows(seen, rows)
        tied = np.flatnonzero(by_time(start, rows, time))
        if tied.size:
            same = rows[tied]
            when, profile = time[tied], seen.profile.array[same]
            run = np.cumsum(np.concatenate(([True], (when[1:] != when[:-1]) | (profile[1:] != profile[:-1]))))
            content = content_of_rows(seen, same)
            rows[tied] = same[np.lexsort((content[:, 1], content[:, 0], run))]
        return start, rows, time

    def identifiers(self) -> tuple[np.ndarray, np.ndarray]:
        """(owner int32[k], code int32[k]): the identifiers of each profile, each once, whichever epochs of it belong there."""
        ids = self.state.identifiers
        if self.many:
            codes = np.arange(len(ids), dtype=np.int32)
            parted = sorted(ids.splits)
        else:
            codes = self._closed()
            parted = sorted(ids.splits.keys() & set(codes.tolist())) if ids.splits else []
        owner = self.owner(ids.profile.array[codes])
        if not parted:
            return owner[owner >= 0], codes[owner >= 0]
        whole = (owner >= 0) & ~np.isin(codes, np.array(parted, np.int32))
        splits = [ids.splits[code].profile for code in parted]
        code = np.repeat(np.array(parted, np.int32), [split.size for split in splits])
        holder = self.owner(np.concatenate(splits))
        pairs = np.unique(np.stack([holder[holder >= 0], code[holder >= 0]], axis=1), axis=0)
        return np.concatenate([owner[whole], pairs[:, 0]]), np.concatenate([codes[whole], pairs[:, 1]])

    def _closed(self) -> np.ndarray:
        if self._codes is None:
            ids = self.state.identifiers  # bearers have a profile, so none of them is inert
            self._codes = ring_closed(self.state.profiles.bearer.array[self.slots], ids.ring.array, ids.mark.array)
        return self._codes


def _places(slots: np.ndarray, total: int) -> Owner:
    place = np.full(total + 1, -1, np.int32)  # the last one is for -1
    place[slots] = np.arange(slots.size)
    return lambda wanted: place[wanted]
