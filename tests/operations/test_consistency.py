"""How long a read waits: not at all, for the state of a revision, or for whole entries."""

from __future__ import annotations

import asyncio

import pytest
from idweave_server.errors import RevisionError
from idweave_server.operations.consistency import Consistency, Freshness, until_fresh


class Ours:
    """A store that gave out the revision "r7" for its entry 7, and a writer that notes who waits for what."""

    def __init__(self) -> None:
        self.waited: list[object] = []

    def place_of(self, token: str) -> int:
        if token not in ("r7", "forked"):
            raise RevisionError("this revision is of another store")
        return 7

    def sequence_of(self, token: str) -> int:
        assert self.waited, "what the log has in that place is known when the state contains it"
        if token != "r7":
            raise RevisionError("this store never had it")
        return 7

    async def applied(self, sequence: int) -> None:
        self.waited.append(sequence)

    async def settled(self) -> None:
        self.waited.append("settled")


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        (Consistency(), []),
        (Consistency(Freshness.AT_LEAST_AS_FRESH, "r7"), [7]),
        (Consistency(Freshness.FULLY_CONSISTENT), ["settled"]),
    ],
)
def test_a_read_waits_for_what_it_asks_for(asked: Consistency, waited: list[object]) -> None:
    ours = Ours()
    asyncio.run(until_fresh(asked, ours, ours))
    assert ours.waited == waited


@pytest.mark.parametrize("token", ["", "r8", "x" * 1000])
def test_a_revision_of_elsewhere_fails_loudly(token: str) -> None:
    ours = Ours()
    with pytest.raises(RevisionError, match="another store"):
        asyncio.run(until_fresh(Consistency(Freshness.AT_LEAST_AS_FRESH, token), ours, ours))


def test_a_revision_of_another_history_fails_when_its_place_is_reached() -> None:
    ours = Ours()
    with pytest.raises(RevisionError, match="never had"):
        asyncio.run(until_fresh(Consistency(Freshness.AT_LEAST_AS_FRESH, "forked"), ours, ours))
    assert ours.waited == [7]
