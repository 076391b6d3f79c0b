"""How late the event loop runs what is due: a timer that measures how much later than asked it rang."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from idweave_server.rpc.metering import Histogram

PERIOD = 0.02  # seconds between two measurements, each of which costs a wake-up: at twice as many, a tenth of what a lookup costs
WINDOWS = 6  # the percentile is that of the last WINDOWS * WINDOW measurements: about a minute
WINDOW = 500
# Seconds, a tenth apart in proportion from 50 microseconds to 20 seconds: the percentile is known to 10 %.
BOUNDS = tuple(0.00005 * 1.1**step for step in range(136))


class LagMeter:
    """Measures the loop that it runs on. clock: seconds that never fall back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.ever = Histogram((0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0))
        self.worst = 0.0
        self._windows = [Histogram(BOUNDS)]
        self._filled = 0  # measurements in the last window
        self._due = 0.0
        self._timer: asyncio.TimerHandle

    async def run(self) -> None:
        """Measure until cancelled. By a timer and not by sleeping, which takes the loop three turns: between calls this is all it does."""
        loop = asyncio.get_running_loop()
        self._wait(loop)
        try:
            await loop.create_future()  # which nobody fulfils
        finally:
            self._timer.cancel()

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = self._clock() + PERIOD
        self._timer = loop.call_later(PERIOD, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self.add(self._clock() - self._due)
        self._wait(loop)

    def add(self, seconds: float) -> None:
        """Take in one measurement."""
        late = max(seconds, 0.0)
        self.ever.add(late)
        self._windows[-1].add(late)
        self._filled += 1
        if self._filled == WINDOW:
            self._filled = 0
            self._windows = [*self._windows[1 - WINDOWS :], Histogram(BOUNDS)]
        self.worst = max(self.worst, late)

    def percentile(self, share: float = 0.999) -> float:
        """Seconds that this share of the latest measurements did not exceed, rounded up to the next bound; 0 before the first one."""
        counts = [sum(column) for column in zip(*(window.counts for window in self._windows), strict=True)]
        wanted, so_far = share * sum(counts), 0
        for bound, count in zip((*BOUNDS, self.worst), counts, strict=True):
            so_far += count
            if so_far and so_far >= wanted:
                return bound
        return 0.0
