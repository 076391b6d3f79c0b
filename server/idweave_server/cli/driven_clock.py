"""A clock that goes where it is told to, for servers whose time is played: weeks pass in a moment, and nobody waits for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server's parts take a second to import
    from idweave_server.running import Outside

LOOK_SECONDS = 0.01  # of the machine's: how often whoever sleeps by it looks whether it has moved


class DrivenClock:
    """Wall clock and steady clock in one. Any thread may move it."""

    def __init__(self, at: int) -> None:
        """at: seconds UTC."""
        self._begun = self._at = at

    def move(self, at: int) -> None:
        """To this second. Raises ValueError for one that is over."""
        if at < self._at:
            raise ValueError(f"the clock says {self._at} and does not go back to {at}")
        self._at = at

    def milliseconds(self) -> int:
        return self._at * 1_000

    def steady(self) -> float:
        return float(self._at - self._begun)

    async def sleep(self, seconds: float) -> None:
        """Not for long: whoever sleeps has to look again, since nobody knows when it is moved."""
        await asyncio.sleep(min(seconds, LOOK_SECONDS))

    def drives(self, machine: Outside) -> Outside:
        """The same outside by this clock; what measures short times goes on by the machine's."""
        return replace(machine, milliseconds=self.milliseconds, steady=self.steady, sleep=self.sleep)
