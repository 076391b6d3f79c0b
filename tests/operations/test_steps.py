"""Steps do the same on the loop as inline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from idweave_server.operations.steps import Steps, drive, run


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
