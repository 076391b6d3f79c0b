"""What people are ranked by, lot by lot: the values that the cut points of recency, frequency and monetary value are computed of."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.state import State
from idweave_server.engine.subjects import gather, profile_ties
from idweave_server.segments.subjects import Needs

_VALUES = Needs(("last_purchase_time", "purchase_count", "spend_total"))


def rfm_values(state: State, slots: np.ndarray, now: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(recency, frequency, monetary int64[p]; tie uint64[p]): what segments.rfm.rfm_cuts asks for, of these profiles. Those of several lots
    belong one after another."""
    found = gather(state, slots, _VALUES, now)
    return found.values[0], found.values[1], found.values[2], profile_ties(state, slots)
