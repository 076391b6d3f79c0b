"""Take observations back: profiles become what they would be without them. What is sent again afterwards is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.entries.columns import RetractionEntry
from idweave_server.errors import NotFoundError, RequestError
from idweave_server.model import MAX_TIME, MIN_TIME
from idweave_server.operations.steps import Steps

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer


@dataclass(frozen=True, slots=True)
class RetractReply:
    """How many observations were (or would be) taken back, how many identifiers they named, and how many profiles changed (0 where nothing
    was done); revision: a state that contains it."""

    observations: int
    identifiers: int
    profiles_changed: int
    revision: str


@dataclass(frozen=True, slots=True)
class RetractRequest:
    """One observation of a source, or, where observation_id is None, what it reported with begin <= time of observation < end (None: no
    bound). validate_only: count, and change nothing."""

    source: str
    observation_id: str | None = None
    begin: int | None = None
    end: int | None = None
    validate_only: bool = False

    def __post_init__(self) -> None:
        if not self.source:
            raise RequestError.of("source", "name the source that reported it")
        if self.observation_id is not None:
            if not self.observation_id:
                raise RequestError.of("observation.observation_id", "name the observation")
            return
        begin, end = MIN_TIME if self.begin is None else self.begin, MAX_TIME if self.end is None else self.end
        for field, time in (("range.from", begin), ("range.until", end)):
            if not MIN_TIME <= time <= MAX_TIME:
                raise RequestError.of(field, "a time from 1900-01-01 to 2100-01-01 is needed")
        if begin >= end:
            raise RequestError.of("range.until", "it has to be later than `from`: the range is empty")

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[RetractReply]:
        store = committer.store
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        entry = RetractionEntry(self.source, self.observation_id, self.begin, self.end)
        rows = self._rows(committer)
        identifiers = int(store.engine.identifiers_of(rows).size)
        if self.validate_only or not rows.size:
            return RetractReply(int(rows.size), identifiers, 0, store.revision())
        committed = yield from committer.commit(entry, stamp.at)
        return RetractReply(int(rows.size), identifiers, committed.applied.changed(), store.revision())

    def _rows(self, committer: Committer) -> np.ndarray:
        """int64[n]: the observations that count and that it is about. Raises NotFoundError for one that is not there."""
        engine = committer.store.engine
        if self.observation_id is None:
            return engine.rows_reported(self.source, self.begin, self.end)
        row = engine.rows_of_observation(self.source, self.observation_id)
        if row < 0:
            raise NotFoundError("the source has reported no observation of this id, or it was retracted already")
        return np.array([row], np.int64)
