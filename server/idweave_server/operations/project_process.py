"""The process that keeps the graph for a server: a request as JSON on its standard input, what it did as JSON lines on its output.

It ends when its standard input does, and so never outlives the server that started it.
"""

from __future__ import annotations

import os
import select
import sys
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from idweave_server.errors import DeposedError, IdweaveError
from idweave_server.operations.process import NICENESS, told_credentials
from idweave_server.operations.project import Projecting, Told, open_graph, opened_for
from idweave_server.operations.store import Store


def run(request: dict[str, Any]) -> None:
    """Raises IdweaveError."""
    graph = open_graph(request["graph"], told_credentials(request["graph_credentials"]))
    try:
        read = partial(
            Store.read,
            request["url"],
            key_source=Path(request["key"]),
            snapshots=Path(request["snapshots"]) if request["snapshots"] else None,
            credentials=told_credentials(request["credentials"]),
        )
        with opened_for(graph, read) as store:
            Projecting(store, graph, term=request["term"], writer=request["writer"], tell=tell).follow(wanted)
    finally:
        graph.close()


def wanted(seconds: float) -> bool:
    """Wait; False once nobody holds the other end of the standard input."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return not ready or bool(os.read(sys.stdin.fileno(), 1))


def tell(told: Told) -> None:
    """A line for the server; `deposed` and `error` come with none of the rest."""
    line = {"sequence": told.sequence, "at": told.at, "written": told.written, "error": told.error}
    _say(line)


def _say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    os.nice(NICENESS)
    from idweave_server.kernel_cache import use_kernel_cache  # before anything that compiles

    use_kernel_cache()
    request = orjson.loads(sys.stdin.buffer.readline())
    try:
        run(request)
    except IdweaveError as error:
        _say({"error": str(error), "deposed": isinstance(error, DeposedError)})
    except BrokenPipeError:
        os._exit(0)  # the server is gone: there is nobody to tell


if __name__ == "__main__":
    main()
