"""Which verdicts an erasure covers: those that name an erased identifier and were stated up to its time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.model import MIN_TIME
from idweave_server.resolution.observations import Verdicts


@dataclass(frozen=True, slots=True)
class Erasures:
    """identifier: int32[e]; until: int64[e], seconds UTC, inclusive."""

    identifier: np.ndarray
    until: np.ndarray

    def by_identifier(self, identifiers: int) -> np.ndarray:
        """int64[i]: the latest erasure of each identifier, before all time where there is none."""
        until = np.full(identifiers, MIN_TIME - 1, np.int64)
        np.maximum.at(until, self.identifier, self.until)
        return until

    @staticmethod
    def none() -> Erasures:
        return Erasures(np.zeros(0, np.int32), np.zeros(0, np.int64))


def erased_verdicts(verdicts: Verdicts, until: np.ndarray) -> np.ndarray:
    """bool[w]: verdicts that name an identifier erased at or after their time."""
    right = np.where(verdicts.right >= 0, until[verdicts.right], MIN_TIME - 1) if len(verdicts) else np.zeros(0, np.int64)
    return verdicts.time <= np.maximum(until[verdicts.left], right)
