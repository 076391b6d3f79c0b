"""`idweave project`: keep the graph in Neo4j up with a store."""

from __future__ import annotations

import secrets
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Annotated

import orjson
import typer
from rich.console import Console

from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.cli.store import StoreUrl, replayed, store_url
from idweave_server.errors import InputError
from idweave_server.log.locate import is_neo4j

STAGE = "project"
GRAPH = "A Neo4j that holds the graph; by default the store's own, if it is one."
Rows = dict[str, tuple[int, int, int]]


def project(
    store: StoreUrl = None,
    graph: Annotated[str | None, typer.Option("--graph", metavar="URL", show_default=False, help=GRAPH)] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Take the graph away first, and make it anew.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with whatever is taken in, until stopped.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON, a line for each step.")] = False,
) -> None:
    """Make the graph in Neo4j show what a store knows: identifiers, links, profiles, redirects and segments; only what differs is written.

    A server on a Neo4j store does so by itself, as does one that was started with --graph; this command takes the graph over from it.
    """
    from idweave_server.app import credentials, folders
    from idweave_server.log.base import MAX_TERM
    from idweave_server.operations.project import Projecting, Told, open_graph, opened_for
    from idweave_server.operations.store import Store

    following = False

    def tell(told: Told) -> None:
        if json:
            typer.echo(orjson.dumps({"sequence": told.sequence, "at": told.at, "written": told.written, "error": told.error}).decode())
        elif told.error:
            typer.echo(f"idweave: {told.error}; trying again", err=True)
        elif following:
            output_console().print(f"entry {told.sequence:,}: {_sum(told.written)}", highlight=False, soft_wrap=True)

    url = store_url(store)
    terminal = Console(stderr=True)
    with ExitStack() as stack:
        database = open_graph(graph_url(url, graph), credentials())
        stack.callback(database.close)
        stack.enter_context(kernels_at_hand(terminal))
        with shown_progress(terminal) as watch:
            read = partial(Store.read, url, folders=folders(), credentials=credentials(), progress=replayed(watch))
            opened = stack.enter_context(opened_for(database, read, rebuild=rebuild))
            projecting = Projecting(opened, database, term=secrets.randbelow(MAX_TERM) + 1, tell=tell)
            begun = time.monotonic()
            told = projecting.begin(rebuild=rebuild, progress=lambda done, total: watch(STAGE, done, total))
            taken = time.monotonic() - begun
        if not json:
            rate = f", {told.rows / taken:,.0f} a second" if told.rows and taken > 1 else ""
            line = f"the graph shows entry {told.sequence:,}: {_sum(told.written)}{rate}"
            output_console().print(line, highlight=False, soft_wrap=True)
        if follow:
            following = True
            projecting.follow(until_stopped())
        else:
            projecting.catch_up()
        projecting.release()


def graph_url(store: str, graph: str | None) -> str:
    """The database that holds a store's graph. Raises InputError."""
    if graph:
        return graph
    if not is_neo4j(store):
        raise InputError("the store is a file: name the Neo4j that holds its graph with --graph neo4j://host")
    return store


def until_stopped() -> Callable[[float], bool]:
    """Waits as many seconds as it is given; False once a signal has come."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return lambda seconds: not stopped.wait(seconds)


def _sum(written: Rows) -> str:
    """`12 links written, 3 deleted` of each kind, or that nothing differed."""
    if not written:
        return "nothing to write"
    parts = []
    for kind, (created, updated, deleted) in written.items():
        told = [f"{count:,} {word}" for count, word in ((created, "new"), (updated, "changed"), (deleted, "deleted")) if count]
        parts.append(f"{kind.replace('_', ' ')} {', '.join(told)}")
    return "; ".join(parts)
