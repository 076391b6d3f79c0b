"""Work as steps: a generator that yields its long, pure jobs and does the rest itself: one code for the loop and for the command line.

A job runs wherever the driver likes and touches nothing that others see; what stands between two yields runs on the thread that owns the
state, and is short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from typing import Any, TypeVar

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


async def drive(steps: Steps[T], pool: Executor) -> T:
    """Drive the steps to their end on the event loop, each job in the pool."""
    loop = asyncio.get_running_loop()
    resume: Callable[[Any], Job] = steps.send
    given: Any = None
    while True:
        try:
            job = resume(given)
        except StopIteration as end:
            return end.value
        try:
            given, resume = await loop.run_in_executor(pool, job), steps.send
        except Exception as error:
            given, resume = error, steps.throw
