"""Figures by name, gathered over the turns of a benchmark, and what a run of calls cost the server that answered it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.h2load import Load
from benchmarks.processes import Served
from benchmarks.results import row

SHARES = ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"))


class Tally:
    """Figures by name, one for each turn."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], list[float]] = {}

    def add(self, name: str, value: float, unit: str, better: str = "lower") -> float:
        self._found.setdefault((name, unit, better), []).append(value)
        return value

    def times(self, name: str, load: Load) -> None:
        """How long calls took."""
        for share, said in SHARES:
            self.add(f"{name}: {said}", load.percentile(share) / 1000, "ms")

    def rows(self) -> list[dict[str, Any]]:
        return [row(name, values, unit, better) for (name, unit, better), values in self._found.items()]


def weighed(tally: Tally, name: str, server: Served, run: Callable[[], Load], *, rate: bool = False) -> float:
    """Make a run, and note what it cost the server and how long its calls took, and their rate where nothing but the server bounds it;
    microseconds of CPU a call."""
    before = server.cpu
    load = run()
    each = tally.add(f"{name}: server CPU", (server.cpu - before) / load.calls * 1e6, "us/call")
    if rate:
        tally.add(f"{name}: rate", load.rate, "calls/s", "higher")
    tally.times(name, load)
    return each
