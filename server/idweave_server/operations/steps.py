"""Work as steps: a generator that yields its long, pure jobs and does the rest itself: one code for the loop and for the command line.

A job runs wherever the driver likes and touches nothing that others see; what stands between two yields runs on the thread that owns the
state, and is short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from typing import Any, TypeVar

from idweave_server.engine.applied import pause

TURNS = 5  # at most, at one pause
QUIET = 0.0003  # seconds; a turn of a loop that has nothing else to do takes less
T = TypeVar("T")
Job = Callable[[], Any]
Steps = Generator[Job, Any, T]


def one(job: Callable[[], T]) -> Steps[T]:
    """A single job."""
    return (yield job)


def run(steps: Steps[T]) -> T:
    """Drive the steps to their end on this thread; what a job raises is raised where the steps yielded it."""
    resume: Callable[[Any], Job] = steps.send
    given: Any = None
    while True:
        try:
            job = resume(given)
        except StopIteration as end:
            return end.value
        try:
            given, resume = job(), steps.send
        except Exception as error:
            given, resume = error, steps.throw


async def drive(steps: Steps[T], pool: Executor, steady: Callable[[], float] | None = None) -> T:
    """Drive the steps to their end on the event loop, each job in the pool. steady: seconds that never fall, to see at a pause whether
    others have something to do; without it each pause is one turn."""
    loop = asyncio.get_running_loop()
    resume: Callable[[Any], Job] = steps.send
    given: Any = None
    while True:
        try:
            job = resume(given)
        except StopIteration as end:
            return end.value
        try:
            if job is pause and steady is not None:
                given = None
                await _while_others_run(loop, pool, steady)
            else:
                given = await loop.run_in_executor(pool, job)
            resume = steps.send
        except Exception as error:
            given, resume = error, steps.throw


async def _while_others_run(loop: asyncio.AbstractEventLoop, pool: Executor, steady: Callable[[], float]) -> None:
    """Wait as long as the loop has more to do than this, for some turns: an answer takes several, and would otherwise wait for a slice of
    the same work at each of them."""
    for _ in range(TURNS):
        begun = steady()
        await loop.run_in_executor(pool, pause)
        if steady() - begun < QUIET:
            return
