"""Progress on the terminal: rate and time left for what takes longer than two seconds, nothing when piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

PATIENCE = 2.0  # seconds
WIDTH = 100  # columns
VERBS = {
    "read": "reading",
    "normalise": "normalising",
    "rules": "resolving",
    "report": "summing up",
    "write": "writing",
    "replay": "replaying",
    "import": "taking in",
    "export": "fetching",
    "copy": "copying",
    "compare": "comparing",
}
# The stages that say how much they have done, and in what.
UNITS = {"write": "rows", "replay": "entries", "import": "observations", "copy": "entries", "compare": "entries"}
BYTES = ("read", "export")  # the same, in bytes

Watch = Callable[[str, int, int], None]


class RateColumn(ProgressColumn):
    """Megabytes read or rows written a second; blank for a stage that is not counted."""

    def render(self, task: Task) -> Text:
        stage = task.fields["stage"]
        if not task.speed or (stage not in UNITS and stage not in BYTES):
            return Text("")
        rate = decimal(int(task.speed)) if stage in BYTES else f"{task.speed:,.0f} {UNITS[stage]}"
        return Text(f"{rate}/s", "bright_black")


def output_console() -> Console:
    """Standard output: as wide as the terminal, or 100 columns where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)


@contextmanager
def shown_progress(console: Console) -> Iterator[Watch]:
    """A function to tell (stage, done, of how much) that draws a bar for each stage once the run has taken two seconds."""
    if not console.is_terminal:
        yield lambda stage, done, total: None
        return
    begun = time.monotonic()
    columns = (
        TextColumn("{task.description:>12}"),
        BarColumn(40),
        TextColumn("{task.percentage:>3.0f} %"),
        RateColumn(),
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=console, transient=True)
    tasks: dict[str, TaskID] = {}

    def watch(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(VERBS.get(stage, stage), total=None, stage=stage)
        if done:  # a bar without a total moves to and fro: nothing is known of a stage that has only begun
            bars.update(tasks[stage], completed=done, total=total or None)
        if time.monotonic() - begun > PATIENCE and not bars.live.is_started:
            bars.start()

    try:
        yield watch
    finally:
        if bars.live.is_started:
            bars.stop()
