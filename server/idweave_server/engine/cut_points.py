"""The cut points of recency, frequency and money: computed of everybody once a day, held in the log, and as they are scored with."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.ranking import rfm_values
from idweave_server.engine.state import State
from idweave_server.engine.subjects import CHUNK
from idweave_server.entries.columns import CutsEntry
from idweave_server.model import DAY
from idweave_server.segments.rfm import Cuts, RfmCuts, rfm_cuts

SCORED = ("rfm_recency", "rfm_frequency", "rfm_monetary")  # fields that need cut points
READ = frozenset(f"field:{name}" for name in SCORED)  # as Program.reads says it


def ends_of_day(now: int) -> int:
    """The next midnight of UTC, when cut points are due again."""
    return (now // DAY + 1) * DAY


def cut(state: State, now: int) -> Generator[Job, Any, CutsEntry]:
    """The cut points of all profiles as they are."""
    slots = state.profiles.taken()
    lots = [rfm_values(state, slots[:0], now)]
    for begin in range(0, slots.size, CHUNK):
        lots.append(rfm_values(state, slots[begin : begin + CHUNK], now))
        yield pause
    recency, frequency, monetary, tie = (np.concatenate(parts) for parts in zip(*lots, strict=True))
    found: RfmCuts = yield partial(rfm_cuts, recency, frequency, monetary, tie)
    return entry_of(found)


def take_cuts(state: State, entry: CutsEntry) -> None:
    """Score by these from now on."""
    state.rfm_cuts, state.cut_at = cuts_of(entry), state.time


def entry_of(cuts: RfmCuts) -> CutsEntry:
    rows = (cuts.recency, cuts.frequency, cuts.monetary)
    known = np.array([row.value.size > 0 for row in rows], np.uint8)
    value, tie = np.zeros((3, 4), np.int64), np.zeros((3, 4), np.uint64)
    for at in np.flatnonzero(known).tolist():
        value[at], tie[at] = rows[at].value, rows[at].tie
    return CutsEntry(known, value, tie)


def cuts_of(entry: CutsEntry) -> RfmCuts:
    rows = [
        Cuts(value, tie) if known else Cuts.none() for known, value, tie in zip(entry.known.tolist(), entry.value, entry.tie, strict=True)
    ]
    return RfmCuts(*rows)
