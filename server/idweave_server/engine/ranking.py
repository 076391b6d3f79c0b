"""What people are ranked by, lot by lot: the values that the cut points of recency, frequency and monetary value are computed of."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.state import State
from idweave_server.engine.subjects import gather, profile_ties
from idweave_server.segments.subjects import Needs

LOT = 65_536  # profiles to be ranked at a time: tens of milliseconds
_VALUES = Needs(("last_purchase_time", "purchase_count", "spend_total"))


def taken_slots(state: State) -> np.ndarray:
    """int32[p], ascending: the slots that hold a profile."""
    return np.flatnonzero(state.profiles.bearer.array >= 0).astype(np.int32)


def rfm_values(state: State, slots: np.ndarray, now: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(recency, frequency, monetary int64[p]; tie uint64[p]): what segments.rfm.rfm_cuts asks for, of these profiles. Those of several lots
    belong one after another: LOT slots at a time leave the thread free in between."""
    found = gather(state, slots, _VALUES, now)
    return found.values[0], found.values[1], found.values[2], profile_ties(state, slots)
