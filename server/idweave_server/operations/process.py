"""A helper process: it opens the store for reading, replays the log by itself, and works on a state of its own, beside the live one.

Run as a module: a request as JSON on its standard input, the answer as JSON on its standard output. What goes wrong is told as an answer
too, so that it reaches the one who asked.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from idweave_server.errors import IdweaveError, StoreError
from idweave_server.log.base import Credentials

NICENESS = 10  # the helper gives way to the server, whose lookups share its cores


async def ask(task: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Have a helper process do a task, named as module:function; its answer. The process ends where the caller gives up.

    Raises StoreError with what went wrong. A fault's traceback goes to this process's own standard error, never into an answer: it may hold
    what callers sent.
    """
    command = (sys.executable, "-m", __name__, task)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, start_new_session=True)
    try:
        answer, _ = await process.communicate(orjson.dumps(request))
    except RuntimeError:  # uvloop's word for a process that ended before it had read anything
        answer = b""
        await process.wait()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    try:
        told: dict[str, Any] = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise StoreError(f"the helper process for {task} ended with {process.returncode}; the server's log tells why") from None
    if "error" in told:
        raise StoreError(f"the helper process for {task}: {told['error']}")
    return told


def told_credentials(told: Mapping[str, str] | None) -> Credentials | None:
    """What a request says of the store's credentials; it comes through a pipe, where nobody else can read it."""
    return None if told is None else Credentials(told["user"], told["password"])


def main() -> None:
    os.nice(NICENESS)
    from idweave_server.kernel_cache import use_kernel_cache  # before anything that compiles

    use_kernel_cache()
    module, _, function = sys.argv[1].partition(":")
    try:
        answer = getattr(importlib.import_module(module), function)(orjson.loads(sys.stdin.buffer.read()))
    except IdweaveError as error:
        answer = {"error": str(error)}
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
