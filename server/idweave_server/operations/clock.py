"""The wall clock of a writer, with an eye on jumps: a clock that leaps ahead must not expire the world (every expiry is for good).

While the server runs the wall clock is compared with its own last reading and a clock that nobody sets. At a start there is no such
reading, and a store may have been idle for long, so only what is absurd is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from idweave_server.errors import ClockError
from idweave_server.model import DAY, MAX_TIME

JUMP = DAY  # seconds that the wall clock may gain on the steady one between two readings
IDLE = 3_650 * DAY  # seconds that a store may have been idle at a start


class Clock:
    """milliseconds: the wall clock, UTC; steady: seconds that only go forward, suspended time included where the system can tell."""

    def __init__(
        self, milliseconds: Callable[[], int], steady: Callable[[], float], state_time: int, *, jump: int = JUMP, idle: int = IDLE
    ) -> None:
        self._milliseconds, self.steady, self._jump, self._idle = milliseconds, steady, jump, idle
        self._state_time = state_time  # at the start; 0 for a store without entries
        self._last: tuple[int, float] | None = None

    def read(self) -> int:
        """Milliseconds now. Raises ClockError where the wall clock has leapt ahead, every time until it is right again."""
        wall, steady = self._milliseconds(), self.steady()
        if self._last is not None:
            before, then = self._last
            ahead = (wall - before) / 1000 - (steady - then)
            if ahead > self._jump:
                raise ClockError(
                    f"the wall clock has leapt {ahead / DAY:.1f} days ahead; nothing is written until it is right: set the clock, or "
                    "restart the server where the clock is right now and was wrong before"
                )
        elif self._state_time and wall // 1000 - self._state_time > self._idle:
            raise ClockError(
                f"the wall clock is {(wall // 1000 - self._state_time) / DAY:.0f} days after the store's last entry, more than the "
                f"{self._idle // DAY} that are believed; nothing is written until it is right: set the clock"
            )
        if wall // 1000 >= MAX_TIME:
            raise ClockError("the wall clock says 2100 or later; nothing is written until it is right: set the clock")
        self._last = (wall, steady)
        return wall
