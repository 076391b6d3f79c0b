"""How a segment will grow or shrink if nothing happens: its size at chosen times, and who enters and leaves it when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.profile_store import uuid_text
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.model import DAY
from idweave_server.operations.memberships import Memberships
from idweave_server.operations.preview_segment import AHEAD
from idweave_server.operations.segment_source import SegmentSource, checked, expression_of
from idweave_server.operations.steps import Steps
from idweave_server.segments.templates.template import Template

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

MOST_TIMES = 100
FARTHEST = 3_653 * DAY  # ten years
CHANGES, MOST_CHANGES = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """times: seconds UTC; none for the usual ones. horizon: seconds to look ahead for changes, None up to the last time; limit: of changes
    given, 0 for the usual."""

    source: SegmentSource
    times: tuple[int, ...] = ()
    horizon: int | None = None
    limit: int = 0

    def __post_init__(self) -> None:
        if len(self.times) > MOST_TIMES:
            raise TooLargeError.of("times", f"{len(self.times)} are more than {MOST_TIMES}")
        if not 0 <= self.limit <= MOST_CHANGES:
            raise RequestError.of("limit", f"{self.limit} is not from 1 to {MOST_CHANGES:,}; 0 asks for {CHANGES:,}")
        if self.horizon is not None and not 0 <= self.horizon <= FARTHEST:
            raise RequestError.of("horizon", "0 seconds to ten years can be looked ahead")


@dataclass(frozen=True, slots=True)
class ForecastChange:
    """A profile that enters, or leaves, at a time."""

    time: int
    profile_id: str
    entered: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """size: now; sizes: (time, size), in the order asked; changes: the earliest; total: of changes within the horizon; time: of the
    answer."""

    size: int
    sizes: tuple[tuple[int, int], ...]
    changes: tuple[ForecastChange, ...]
    total: int
    time: int
    revision: str


def forecast_segment(
    engine: Engine, memberships: Memberships, templates: Mapping[str, Template], question: ForecastQuestion, revision: Callable[[], str]
) -> Steps[Forecast]:
    """revision: tells that of the present state. Raises RequestError, DefinitionError, NotFoundError."""
    expression = expression_of(memberships, question.source, templates)
    checked(memberships, question.source.segment, expression)
    now = engine.state_time
    times = question.times or tuple(now + days * DAY for days in AHEAD)
    for place, time in enumerate(times):
        if not now < time <= now + FARTHEST:
            raise RequestError.of(f"times[{place}]", "a time later than now and within ten years is needed")
    end = max(times) if question.horizon is None else now + question.horizon
    found = yield from memberships.foreseen(expression, max(end, *times))
    told = revision()
    total = int(np.searchsorted(found.time, end, "right"))
    first = slice(0, min(total, question.limit or CHANGES))
    rows = zip(found.time[first].tolist(), found.profile[first].tolist(), found.entered[first].tolist(), strict=True)
    changes = tuple(ForecastChange(time, uuid_text(*words), entered) for time, words, entered in rows)
    return Forecast(found.slots.size, found.sizes(times), changes, total, now, told)
