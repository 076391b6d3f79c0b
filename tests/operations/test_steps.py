"""Steps do the same on the loop as inline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from idweave_server.engine.applied import pause
from idweave_server.operations.steps import QUIET, TURNS, Steps, drive, run


def driven(make: Callable[[], Steps[Any]]) -> Any:
    async def main() -> Any:
        with ThreadPoolExecutor(1) as pool:
            return await drive(make(), pool)

    return asyncio.run(main())


DRIVERS = pytest.mark.parametrize("do", [lambda make: run(make()), driven], ids=["inline", "on the loop"])


@DRIVERS
def test_results_of_jobs_come_back_in_order(do: Callable[[Callable[[], Steps[Any]]], Any]) -> None:
    def steps() -> Steps[list[int]]:
        first = yield lambda: 1
        second = yield lambda: first + 1
        return [first, second]

    assert do(steps) == [1, 2]


@DRIVERS
def test_what_a_job_raises_is_raised_where_it_was_asked_for(do: Callable[[Callable[[], Steps[Any]]], Any]) -> None:
    def fail() -> int:
        raise ValueError("no")

    def steps() -> Steps[str]:
        try:
            yield fail
        except ValueError:
            yield lambda: "something else"
        yield fail
        return "not reached"

    with pytest.raises(ValueError, match="no"):
        do(steps)


def test_on_the_loop_jobs_run_in_the_pool_and_steps_on_the_loop() -> None:
    threads: list[str] = []

    def steps() -> Steps[None]:
        threads.append(threading.current_thread().name)
        threads.append((yield lambda: threading.current_thread().name))
        threads.append(threading.current_thread().name)

    driven(steps)
    assert threads[0] == threads[2] == "MainThread"
    assert threads[1] != "MainThread"


class _Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    given = 0

    def submit(self, *args: Any, **options: Any) -> Future[Any]:
        self.given += 1
        return super().submit(*args, **options)


@pytest.mark.parametrize(("turn", "turns"), [(QUIET / 2, 1), (QUIET * 2, TURNS)], ids=["nothing else to do", "much else to do"])
def test_a_pause_lasts_while_the_loop_has_other_things_to_do(turn: float, turns: int) -> None:
    now = 0.0

    def steady() -> float:
        nonlocal now
        now += turn  # it is read at the start of a turn and at its end
        return now

    def steps() -> Steps[str]:
        assert (yield pause) is None
        return "done"

    async def main() -> int:
        with _Counting(1) as pool:
            assert await drive(steps(), pool, steady) == "done"
            return pool.given

    assert asyncio.run(main()) == turns
