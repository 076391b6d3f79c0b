"""`idweave demo --store neo4j://...`: the sample as a graph in somebody's database, and what to look at there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

from idweave import Client, Counts
from rich.text import Text

from idweave_server.cli.telling import Sent
from idweave_server.cli.wording import QUIET
from idweave_server.errors import InputError, StoreFormatError, UnavailableError
from idweave_server.log.base import Credentials
from idweave_server.log.locate import is_neo4j
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_url import FORM, parse_url

POLL_SECONDS = 0.1
BROWSER = "http://{host}:7474/browser/"  # where a Neo4j has its Browser unless it is told otherwise
# As docs/neo4j/idweave/01-who-is-behind.cypher, of one whom the sample's story begins with.
QUESTION = """MATCH (:Identifier {key: 'cookie:c.5c23dbdb674b2dff'})-[:BELONGS_TO]->(profile:Profile)
MATCH belongs = (profile)<-[:BELONGS_TO]-(:Identifier)
RETURN belongs"""


def check_empty(store: str, credentials: Credentials | None) -> None:
    """Raises InputError where the store is no Neo4j, StoreFormatError where that holds something, StoreError where it does not answer."""
    if not is_neo4j(store):
        raise InputError(f"--store: the demo leaves its sample in a Neo4j alone, to be looked at in its Browser: write {FORM}")
    database = Neo4jDatabase(parse_url(store), credentials)
    try:
        database.check_version()
        held = database.ask("MATCH (x) RETURN count(x) AS nodes")[0]["nodes"]
        stores = database.ask("MATCH (w:Writer {name: 'log'}) RETURN count(w) AS n")[0]["n"]
    finally:
        database.close()
    if held:
        what = "an idweave store" if stores else "other data"
        serve = f"; or, if that is wanted, serve it: idweave serve --store {store}" if stores else ""
        raise StoreFormatError(
            f"{database.url} holds {what} already ({held:,} nodes), and the demo touches nothing: name an empty database, or empty this "
            f"one if nobody needs it{serve}"
        )


def shown_by_graph(client: Client, patience: float) -> Counts:
    """Wait until the graph shows all that was sent; what that is. Raises UnavailableError after so many seconds."""
    status = client.get_status(consistency="full")
    wanted, deadline, pause = status.entries, time.monotonic() + patience, Event()
    while status.projection.entries < wanted or status.projection.error:
        if time.monotonic() > deadline:
            why = f": {status.projection.error}" if status.projection.error else ""
            raise UnavailableError(
                f"the sample is in the store, but its graph is not there yet{why}; idweave project makes it", POLL_SECONDS
            )
        pause.wait(POLL_SECONDS)
        status = client.get_status(consistency="full")
    return status.counts


def left_lines(store: str, counts: Counts, sent: Sent, out: str) -> Iterator[tuple[Text, Text]]:
    """What is there now, and how to look at it. out: where the files are, blank where none were wanted."""
    url = parse_url(store)
    host = url.uri.partition("://")[2].rpartition(":")[0]
    browser = BROWSER.format(host=host)
    yield Text(" "), Text(f"The sample is in {url}, as a store and as a graph:", "bold")
    yield from (
        (Text(f"{count:>8}  "), Text(what))
        for count, what in (
            (sent.observations, f"observations sent from {sent.files} systems"),
            (counts.identifiers, "identifiers, a node each"),
            (counts.profiles, "profiles, a node each"),
        )
    )
    yield Text(), Text()
    yield Text(" "), Text("Look at it in the Neo4j Browser", "bold")
    yield Text("   1  "), Text.assemble("open ", browser, (", unless your Neo4j has it elsewhere, and connect to the same database", QUIET))
    yield Text("   2  "), Text("drop idweave's docs/neo4j/idweave.grass on the page, for colours and captions")
    yield Text("   3  "), Text("ask whose the browser is that read the shop without a word:")
    yield Text(), Text()
    for line in QUESTION.splitlines():
        yield Text("        "), Text(line, no_wrap=True)
    yield Text(), Text()
    yield Text("      "), Text("It is Maya Okafor. docs/neo4j-browser.md has more questions: why together, why apart, who shares what.")
    yield Text(), Text()
    yield Text(" "), Text("What to try next", "bold")
    tries = [
        (f"idweave serve --store {store}", "goes on with the store, and keeps the graph up with it"),
        (f"idweave verify --store {store} --graph store", "holds the graph against the store"),
        *([(f"ls {out}", "all that the server knows, as files")] if out else []),
    ]
    width = max(len(command) for command, _ in tries)
    for command, what in tries:
        yield Text(f"   {command:<{width}}  "), Text(what, QUIET)
