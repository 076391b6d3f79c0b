"""How fresh an answer must be, and the wait until the state is.

A write is acknowledged after it is applied, so the state of this process contains every revision that it gave out; what is left to wait for
are entries that are applied in steps.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Freshness(Enum):
    MINIMIZE_LATENCY = "minimize_latency"
    AT_LEAST_AS_FRESH = "at_least_as_fresh"
    FULLY_CONSISTENT = "fully_consistent"


@dataclass(frozen=True, slots=True)
class Consistency:
    """revision: of AT_LEAST_AS_FRESH, as a write or a read returned it; "" otherwise."""

    freshness: Freshness = Freshness.MINIMIZE_LATENCY
    revision: str = ""


class Revisions(Protocol):
    """What a store knows of revisions."""

    def sequence_of(self, token: str) -> int:
        """The entry that a token names. Raises RevisionError for one of another store, or of a state that this one never had."""


class Progress(Protocol):
    """What a writer tells those who wait."""

    def applied(self, sequence: int) -> Awaitable[None]:
        """Returns when the state contains this entry."""

    def settled(self) -> Awaitable[None]:
        """Returns when no entry is half applied."""


async def until_fresh(consistency: Consistency, store: Revisions, writer: Progress) -> None:
    """Raises RevisionError, NotServingError."""
    if consistency.freshness is Freshness.AT_LEAST_AS_FRESH:
        await writer.applied(store.sequence_of(consistency.revision))
    elif consistency.freshness is Freshness.FULLY_CONSISTENT:
        await writer.settled()
