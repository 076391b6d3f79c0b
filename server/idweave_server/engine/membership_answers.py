"""What is answered about memberships, as plain values."""

from __future__ import annotations

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
class Matched:
    """Whom a condition holds of at an instant. slots: int32[n], profiles of which it is TRUE, in any order; unknown: of how many it is
    UNKNOWN; population: how many profiles there are."""

    slots: np.ndarray
    unknown: int
    population: int


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """Who enters and leaves, if nothing happens. time: int64[k], seconds; profile: uint64[k, 2], ids; entered: bool[k]. By time, then
    profile."""

    time: np.ndarray
    profile: np.ndarray
    entered: np.ndarray
