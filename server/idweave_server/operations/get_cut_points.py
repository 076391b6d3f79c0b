"""Where the fifths of buyers end that scores go by, and since when and until when they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.segments.rfm import Cuts
from idweave_server.segments.subjects import NO_VALUE

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine


@dataclass(frozen=True, slots=True)
class CutPointsAnswer:
    """computed, next: seconds UTC; 0 for never. recency, frequency, monetary: (score, greatest value that had it), seconds UTC, purchases
    and micros of `currency`."""

    computed: int
    next: int
    recency: tuple[tuple[int, int], ...]
    frequency: tuple[tuple[int, int], ...]
    monetary: tuple[tuple[int, int], ...]
    currency: str


def get_cut_points(engine: Engine) -> CutPointsAnswer:
    state, due = engine.state, engine.cuts_due()
    soonest = max(due, state.time) if due is not None else 0
    cuts = state.rfm_cuts
    recency, frequency, monetary = (cuts.recency, cuts.frequency, cuts.monetary) if cuts is not None else (Cuts.none(),) * 3
    return CutPointsAnswer(state.cut_at, soonest, _scored(recency), _scored(frequency), _scored(monetary), state.policy.money.currency)


def _scored(cuts: Cuts) -> tuple[tuple[int, int], ...]:
    return tuple((score, value) for score, value in enumerate(cuts.value.tolist(), 1) if value != NO_VALUE)
