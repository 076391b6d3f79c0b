"""How fresh an answer must be, and the wait until the state is.

A write is acknowledged after it is applied, so the state of the server that writes contains every revision that it gave out; what is left
to wait for are entries that are applied in steps. A server that stands by waits until it has read that far in the log.
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

    def place_of(self, token: str) -> int:
        """The entry that a token of this store names, whether or not the state contains it. Raises RevisionError for any other token."""

    def sequence_of(self, token: str) -> int:
        """The entry that a token names. Raises RevisionError for one of another store, or of a state that this one never had."""


class Progress(Protocol):
    """What those who wait are told: by a writer, or by the reign that knows who writes."""

    def applied(self, sequence: int) -> Awaitable[None]:
        """Returns when the state contains this entry. Raises RevisionError where the log has none such, NotServingError."""

    def settled(self) -> Awaitable[None]:
        """Returns when the state contains all that was acknowledged, and nothing by half. Raises NotWriterError, NotServingError."""


async def until_fresh(consistency: Consistency, store: Revisions, progress: Progress) -> None:
    """Raises RevisionError, NotWriterError, NotServingError, UnavailableError."""
    if consistency.freshness is Freshness.AT_LEAST_AS_FRESH:
        await progress.applied(store.place_of(consistency.revision))
        store.sequence_of(consistency.revision)  # the entry in that place may be another one than the token's
    elif consistency.freshness is Freshness.FULLY_CONSISTENT:
        await progress.settled()
