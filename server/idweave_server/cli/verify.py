"""`idweave verify`: whether the state is what the log says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import orjson
import typer
from idweave import VerifyResponse
from rich.console import Console
from rich.text import Text

from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.cli.replies import print_all
from idweave_server.cli.store import replayed, store_url
from idweave_server.cli.wording import LOOK, QUIET

OWN = "store"  # the graph that is in the store's own database
GRAPH = "The graph in this Neo4j instead, without a server; `store` for the one in the store's own database."
KEPT = "Have the server compare the graph that it keeps, too."
LONG = 3_600.0  # seconds; the log is replayed whole


def verify(
    asking: Asking,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", show_default=False, help="A store, and no server.")] = None,
    graph: Annotated[str | None, typer.Option("--graph", metavar="URL", show_default=False, help=GRAPH)] = None,
    with_graph: Annotated[bool, typer.Option("--with-graph", help=KEPT)] = False,
) -> None:
    """Replay the log and compare: a running server's state, or, with --store, what a start from the newest snapshot gives.

    With --graph the graph in Neo4j is compared, and every difference named; with --with-graph the server compares the one that it keeps.
    Exits with 1 where they differ.
    """
    if with_graph and (store or graph):
        raise typer.BadParameter("is for a running server: leave --store and --graph out", param_hint="--with-graph")
    if graph:
        _of_graph(store_url(store), graph, asking.json)
        return
    if store:
        reply = _of_store(store)
    else:
        with asking.client(timeout=max(asking.timeout, LONG)) as client:
            reply = client.verify(graph=with_graph, timeout=max(asking.timeout, LONG))
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply))
    if not reply.equal or (reply.HasField("graph") and not reply.graph.equal):
        raise typer.Exit(1)


def _of_store(url: str) -> VerifyResponse:
    from idweave_server.app import credentials, folders
    from idweave_server.operations.verify import verify_store

    with shown_progress(Console(stderr=True)) as watch:
        found = verify_store(url, key_source=None, snapshots=None, folders=folders(), credentials=credentials(), progress=replayed(watch))
    return VerifyResponse(
        equal=found.equal,
        differences=found.differences,
        difference_count=found.count,
        identifiers=found.identifiers,
        entries=found.entries,
        revision=found.revision,
    )


def _of_graph(store: str, graph: str, json: bool) -> None:
    from idweave_server.app import credentials, folders
    from idweave_server.operations.project import open_graph
    from idweave_server.operations.verify_graph import verify_graph

    database = open_graph(store if graph == OWN else graph, credentials())
    try:
        with shown_progress(Console(stderr=True)) as watch:
            found = verify_graph(store, database, folders=folders(), credentials=credentials(), progress=replayed(watch))
    finally:
        database.close()
    told = [str(difference) for difference in found.differences]
    if json:
        counts = {"equal": found.equal, "sequence": found.sequence, "nodes": found.nodes, "relationships": found.relationships}
        typer.echo(orjson.dumps({**counts, "differences": told}).decode())
    else:
        print_all(output_console(), _graph_lines(len(told), told, found.nodes, found.relationships, found.sequence))
    if not found.equal:
        raise typer.Exit(1)


def _graph_lines(count: int, told: Sequence[str], nodes: int, relationships: int, entry: int) -> Iterator[Text]:
    compared = f"graph: {nodes:,} nodes and {relationships:,} relationships compared, as of entry {entry:,}"
    remedy = "The store is right: idweave project mends the graph, and idweave project --rebuild makes it anew."
    yield from _verdict(count == 0, count, told, compared, remedy)


def _lines(found: VerifyResponse) -> Iterator[Text]:
    compared = f"{found.identifiers:,} identifiers compared, {found.entries:,} entries replayed"
    remedy = "The log is right: restart the server, which replays it, and report this as a fault."
    yield from _verdict(found.equal, found.difference_count, found.differences, compared, remedy)
    if found.HasField("graph"):
        graph = found.graph
        yield from _graph_lines(graph.difference_count, graph.differences, graph.nodes, graph.relationships, graph.entry)


def _verdict(equal: bool, count: int, differences: Sequence[str], compared: str, remedy: str) -> Iterator[Text]:
    """count: of all differences, of which some may be listed alone."""
    if equal:
        yield Text.assemble(("EQUAL", "green"), (f"  {compared}", QUIET))
        return
    told = f"{count:,} difference{'s' * (count != 1)}"
    yield Text.assemble(("NOT EQUAL", f"bold {LOOK}"), f"  {told}", (f"; {compared}", QUIET))
    yield from (Text(f"  {line}") for line in differences)
    yield Text(remedy)
