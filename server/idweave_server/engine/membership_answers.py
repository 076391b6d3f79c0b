"""What is answered about memberships, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np


class Truth(IntEnum):
    """Numbered as verdicts are; one lower than in segment.proto."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Standing(NamedTuple):
    """What one segment says of one profile now. truth: Truth; until: the first later second at which it changes by itself, FOREVER for
    never; since: since when it is TRUE without a break, seconds, 0 where it is not or nobody knows."""

    truth: int
    until: int
    since: int


class Held(NamedTuple):
    """A segment that a profile is in."""

    segment: str
    version: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a definition or, a warning, strange about it. position: in its text, "" for the whole; suggestion: what was meant
    perhaps, "" without one."""

    position: str
    message: str
    suggestion: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """Whom a condition holds of now, and who enters and leaves later if nothing happens but time passing.

    slots: int32[n], profiles of which it is TRUE, in any order; unknown: of how many it is UNKNOWN; population: how many profiles there
    are. time: int64[k], seconds, of each change; profile: uint64[k, 2], ids; entered: bool[k]; by time, then profile.
    """

    slots: np.ndarray
    unknown: int
    population: int
    time: np.ndarray
    profile: np.ndarray
    entered: np.ndarray

    def sizes(self, instants: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """(instant, members), in the order asked."""
        growth = np.concatenate([[0], np.cumsum(np.where(self.entered, 1, -1))])
        return tuple((at, self.slots.size + int(growth[np.searchsorted(self.time, at, "right")])) for at in instants)
