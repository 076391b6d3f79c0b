"""What OpenTelemetry's own code complains of, as lines of our log: bounded, and without what it quotes."""

from __future__ import annotations

import enum
import logging
import threading
from collections.abc import Callable

from idweave_server.rpc.journal import Journal

LOGGER = "opentelemetry"
QUIET_SECONDS = 60.0  # between two lines about the same thing
MOST_THINGS = 50  # that are told apart
LONGEST_TEXT = 200  # characters


class Troubles(logging.Handler):
    """Takes the warnings of the library's loggers. clock: seconds that never fall back. Of a message only the template is told, and a
    status code: the rest may hold a header's secret."""

    def __init__(self, journal: Journal, clock: Callable[[], float]) -> None:
        super().__init__(logging.WARNING)
        self._journal, self._clock = journal, clock
        self._guard = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}  # when it was told last
        self._logger, self._propagated = logging.getLogger(LOGGER), True

    def listen(self) -> None:
        """Nothing of the library reaches standard error from now on but through here."""
        self._propagated, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)

    def cease(self) -> None:
        """Leave the loggers as they were."""
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagated

    def emit(self, record: logging.LogRecord) -> None:
        given = record.args if isinstance(record.args, tuple) else ()
        code = next((one.name for one in given if isinstance(one, enum.Enum)), "")
        self.say(str(record.msg), code)

    def say(self, text: str, code: str = "") -> None:
        """At most one line a minute of each thing."""
        thing, now = (text[:LONGEST_TEXT], code), self._clock()
        with self._guard:
            last = self._told.get(thing)
            quiet = len(self._told) >= MOST_THINGS if last is None else now - last < QUIET_SECONDS
            if not quiet:
                self._told[thing] = now
        if not quiet:
            self._journal.say("telemetry", text=thing[0], code=code)
