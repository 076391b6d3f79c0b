"""Who waits for a state that contains an entry, on the loop that owns the state."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field


@dataclass(slots=True)
class Awaited:
    """waiting: (sequence, arrival, future), least first; wanted: set when somebody begins to wait."""

    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _arrivals: itertools.count[int] = field(default_factory=itertools.count)

    def add(self, sequence: int) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self.waiting, (sequence, next(self._arrivals), future))
        self.wanted.set()
        return future

    def mark(self) -> int:
        """Tells those who wait by now from those who come later."""
        self.wanted.clear()
        return next(self._arrivals)

    def tell(self, sequence: int) -> None:
        """The state contains this entry now."""
        while self.waiting and self.waiting[0][0] <= sequence:
            _, _, future = heapq.heappop(self.waiting)
            if not future.done():
                future.set_result(None)

    def fail(self, error: Exception, before: int | None = None) -> None:
        """What is still waited for will not come. before: of `mark`, for those alone who waited by then."""
        kept = []
        for one in self.waiting:
            _, arrival, future = one
            if before is not None and arrival > before:
                kept.append(one)
            elif not future.done():
                future.set_exception(error)
        heapq.heapify(kept)
        self.waiting = kept
