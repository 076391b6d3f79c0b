"""A Neo4j that goes on after the command that started it: found again, and stopped, by its folder."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import LocalNeo4jError
from .server import GONE_WITHIN, PAUSE, answers, start
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """A Neo4j that was started in a folder and still runs."""

    process: int
    settings: Settings


def begin(settings: Settings) -> tuple[Known, bool]:
    """Start Neo4j unless one runs in this folder; that one, and whether it ran already. Raises LocalNeo4jError."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(settings.home):
        found = running_in(settings)
        if found is not None:
            return found, True
        running = start(settings, born=lambda process: _remember(settings, process))
        return Known(running.process.pid, settings), False


def running_in(settings: Settings) -> Known | None:
    """The Neo4j of this folder with the addresses that it has, which may be others than these settings'."""
    try:
        was = json.loads(_memory(settings.home).read_text("utf-8"))
        process, bolt, http = int(was["process"]), int(was["bolt"]), was["http"]
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (OSError, ValueError, KeyError):
        return None
    if os.fsencode(_arguments(settings.home)) not in command:
        return None  # the number is another process's by now
    return Known(process, Settings(settings.home, bolt, http, settings.password, settings.heap, settings.page_cache, settings.brief))


def end(settings: Settings, within: float = GONE_WITHIN) -> bool:
    """Stop the Neo4j of this folder in order; False where none runs. Raises LocalNeo4jError when it does not end in time."""
    found = running_in(settings)
    if found is None:
        return False
    os.kill(found.process, signal.SIGTERM)
    deadline = time.monotonic() + within
    while running_in(settings) is not None:
        if time.monotonic() > deadline:
            raise LocalNeo4jError(
                f"Neo4j (process {found.process}) did not end within {within:.0f} s; {found.settings.console} may say why"
            )
        time.sleep(PAUSE)
    _memory(settings.home).unlink(missing_ok=True)
    return True


def ready(known: Known) -> bool:
    """Whether it answers by now."""
    return answers(known.settings)


def _remember(settings: Settings, process: int) -> None:
    _memory(settings.home).write_text(json.dumps({"process": process, "bolt": settings.bolt, "http": settings.http}), "utf-8")


def _memory(home: Path) -> Path:
    return home / "run" / "process.json"


def _arguments(home: Path) -> Path:
    return home / "run" / "java.arguments"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Two starts in one folder follow each other."""
    with (home / "start.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
