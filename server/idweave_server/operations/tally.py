"""What a server counts from its start: outcomes of ingest, and the latest observations that were refused, which no log holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from idweave_server.model import Outcome, Refusal

KEPT = 10_000  # refused observations that can be listed


@dataclass(frozen=True, slots=True)
class RefusedObservation:
    """A rejected or conflicting observation. time: of its refusal, seconds UTC; field, reason, value, message: of its first issue."""

    time: int
    source: str
    observation_id: str
    outcome: Outcome
    field: str
    reason: Refusal
    value: str
    message: str


class Tally:
    """outcomes: int64[7], by model.Outcome; refused: the latest `KEPT`, oldest first."""

    def __init__(self) -> None:
        self.outcomes = np.zeros(len(Outcome), np.int64)
        self.refused: deque[RefusedObservation] = deque(maxlen=KEPT)

    def count(self, outcome: np.ndarray) -> None:
        """outcome: uint8[n]."""
        self.outcomes += np.bincount(outcome, minlength=len(Outcome))

    def keep(self, refused: Iterable[RefusedObservation]) -> None:
        self.refused.extend(refused)

    def of(self, outcome: Outcome) -> int:
        return int(self.outcomes[outcome])
