"""Counts and percentiles of calls and of the loop's lag."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from idweave_server.rpc.lag import PERIOD, LagMeter
from idweave_server.rpc.metering import CallMeter, Histogram


def test_a_histogram_counts_up_to_and_including_each_bound() -> None:
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.add(seconds)
    assert histogram.cumulative() == [("0.1", 2), ("1.0", 3), ("+Inf", 4)]
    assert histogram.total == 7.65


def test_calls_are_counted_by_method_and_code() -> None:
    meter = CallMeter()
    meter.method("/a/B").add("OK", 0.001, 5)
    meter.method("/a/B").add("NOT_FOUND", 0.001, 0)
    meter.method("/a/B").add("OK", 0.001, 2)
    assert meter.method("/a/B").codes == {"OK": 2, "NOT_FOUND": 1}
    assert meter.method("/a/B").items == 7


def test_the_percentile_of_the_lag_is_known_to_ten_percent() -> None:
    lag = LagMeter(lambda: 0.0)
    assert lag.percentile() == 0.0
    drawn = np.random.default_rng(7).exponential(0.004, 5_000)
    for seconds in drawn:
        lag.add(float(seconds))
    expected = float(np.quantile(drawn, 0.999))
    assert expected * 0.999 <= lag.percentile() <= expected * 1.11
    lag.add(-0.001)  # a timer that came early is no lag
    assert lag.worst == drawn.max()


def test_a_lag_beyond_all_bounds_is_told_as_it_was() -> None:
    lag = LagMeter(lambda: 0.0)
    lag.add(1_000.0)
    assert lag.percentile() == 1_000.0


def test_a_timer_that_rings_late_is_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    now, lag = [100.0], LagMeter(lambda: now[0])

    async def measured() -> tuple[list[float], int]:
        loop = asyncio.get_running_loop()
        timers: list[Timer] = []

        def call_later(delay: float, ring: Callable[..., None], *arguments: Any) -> Timer:
            timers.append(Timer(delay, lambda: ring(*arguments)))
            return timers[-1]

        monkeypatch.setattr(loop, "call_later", call_later, raising=False)
        task = loop.create_task(lag.run())
        await asyncio.sleep(0)
        for late in (0.0, 0.004, 0.001):
            now[0] += PERIOD + late
            timers[-1].ring()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [timer.delay for timer in timers], sum(timer.cancelled for timer in timers)

    delays, cancelled = asyncio.run(measured())
    assert delays == [PERIOD] * 4
    assert cancelled == 1
    assert lag.worst == pytest.approx(0.004)
    assert sum(lag.ever.counts) == 3


@dataclass
class Timer:
    """One that rings when it is told to."""

    delay: float
    ring: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True
