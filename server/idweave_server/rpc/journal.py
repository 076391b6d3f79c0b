"""The server's own log: one JSON object a line, without personal data; lines are gathered and written together, so that a call never
waits for whoever reads them."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

import orjson

MOST_LINES = 10_000  # waiting to be written; what comes beyond is dropped and counted


class Journal:
    """Writes lines to a stream. clock: seconds UTC. Nothing that a caller sent may be given to it but method names and request ids."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._waiting: deque[bytes] = deque()  # filled on one thread and emptied on another
        self.dropped = 0

    def say(self, event: str, **facts: str | int | float) -> None:
        """Note an event. facts: values that are no personal data."""
        if len(self._waiting) >= MOST_LINES:
            self.dropped += 1
            return
        self._waiting.append(self._line(event, facts))

    def fault(self, event: str, error: BaseException, **facts: str | int | float) -> None:
        """Note an error that nobody expected: its type and where it came from, never its text, which may quote what a caller sent."""
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        places = " < ".join(f"{frame.filename.rpartition('idweave_server/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        self.say(event, error=type(error).__name__, at=places, **facts)

    @property
    def waits(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._waiting) or self.dropped > 0

    def flush(self) -> None:
        """Write what waits; may block, so it has a thread of its own. A stream that takes no more loses it: a server does not stop because
        nobody listens."""
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if self.dropped:
            dropped, self.dropped = self.dropped, 0
            lines.append(self._line("lines_dropped", {"count": dropped}))
        if not lines:
            return
        try:
            self._stream.write(b"\n".join((*lines, b"")).decode())
            self._stream.flush()
        except (OSError, ValueError):
            self.dropped += len(lines)

    def _line(self, event: str, facts: dict[str, str | int | float]) -> bytes:
        time = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return orjson.dumps({"time": time, "event": event, **facts})
