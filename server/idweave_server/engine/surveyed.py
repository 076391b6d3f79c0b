"""Everybody looked at, chunk by chunk between writes, as if at one instant: who changes meanwhile is looked at again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

import numpy as np

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.state import State
from idweave_server.engine.subjects import CHUNK, HERE

PATIENT = 8  # rounds after which a whole chunk is

T = TypeVar("T")


class Look(NamedTuple):
    """slots: int32[p]; holds: bool[p], whether what was found is of the present state; found: of them all."""

    slots: np.ndarray
    holds: np.ndarray
    found: Any


def survey(state: State, look: Callable[[np.ndarray], Callable[[], T]]) -> Generator[Job, Any, list[Look]]:
    """look: copies what it needs of profiles, int32[p] slots, and returns the work on the copy, which runs anywhere. In what is returned
    each profile of the state, as it is then, holds once."""
    seen = np.zeros(0, np.int64)  # by slot: the entry that had last touched the profile when it was looked at, -1 before
    cuts, looks = state.rfm_cuts, list[tuple[np.ndarray, np.ndarray, T]]()
    rounds = 0
    while True:
        if cuts is not state.rfm_cuts:  # everybody may have another score
            cuts, seen, looks = state.rfm_cuts, seen[:0], []
        seen = np.concatenate([seen, np.full(len(state.profiles.id) - seen.size, -1, np.int64)])
        taken, touched = state.profiles.bearer.array >= 0, state.profiles.published.array
        stale = np.flatnonzero(taken & (touched != seen)).astype(np.int32)
        if not stale.size:
            return [Look(slots, taken[slots] & (seen[slots] == then), found) for slots, then, found in looks]
        rounds += 1
        at_once = stale.size <= (HERE if rounds < PATIENT else CHUNK)
        for begin in range(0, stale.size, CHUNK):
            slots = stale[begin : begin + CHUNK]
            slots = slots[state.profiles.bearer.array[slots] >= 0]
            then = state.profiles.published.array[slots].copy()
            seen[slots] = np.where(then > state.sequence, -1, then)  # an entry that is half applied may touch a profile again
            work = look(slots)
            looks.append((slots, then, work() if at_once else (yield work)))
        if (seen[stale] < 0).any():
            yield pause
