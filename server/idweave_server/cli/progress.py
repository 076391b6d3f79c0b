"""Progress on the terminal: rate and time left for what takes longer than two seconds, nothing when piped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

PATIENCE = 2.0  # seconds
VERBS = {"read": "reading", "normalise": "normalising", "rules": "resolving", "report": "summing up", "write": "writing"}


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str, float], None]]:
    """A function to tell (stage, share done) that draws a bar for each stage once the run has taken two seconds."""
    if not console.is_terminal:
        yield lambda stage, done: None
        return
    begun = time.monotonic()
    bars = Progress(
        TextColumn("{task.description:>12}"), BarColumn(40), TaskProgressColumn(show_speed=True), TimeRemainingColumn(), console=console, transient=True
    )
    tasks: dict[str, TaskID] = {}

    def watch(stage: str, done: float) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(VERBS.get(stage, stage), total=1.0)
        bars.update(tasks[stage], completed=done)
        if time.monotonic() - begun > PATIENCE and not bars.live.is_started:
            bars.start()

    try:
        yield watch
    finally:
        if bars.live.is_started:
            bars.stop()
