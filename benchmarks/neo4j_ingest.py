"""Observations into a store on Neo4j, with its graph and without: how many a second, what each costs whom, how long commits take."""

from __future__ import annotations

import os
import time

from idweave_server.log.base import Draft
from idweave_server.log.locate import open_log
from idweave_server.model import EntryKind

from benchmarks.calls import in_flight
from benchmarks.customers import OBSERVATIONS
from benchmarks.neo4j_ground import Neo4jGround, Spent, caught_up
from benchmarks.processes import Served
from benchmarks.results import row
from benchmarks.server_calls import INGESTS
from benchmarks.server_store import SERVICE, WARM_UP, it_counts, send, status
from benchmarks.weighing import Tally

BODIES = (4, 64)  # KiB: of a small batch, and of one of a thousand observations
TERM = 1
_CONSTRAINTS = (
    "CREATE CONSTRAINT bare_writer IF NOT EXISTS FOR (w:BareWriter) REQUIRE w.name IS UNIQUE",
    "CREATE CONSTRAINT bare_entry IF NOT EXISTS FOR (e:BareEntry) REQUIRE e.seq IS UNIQUE",
)
_BARE = "MATCH (w:BareWriter {name: 'bare'}) SET w.guard = true SET w.seq = w.seq + 1 CREATE (:BareEntry {seq: w.seq, body: $body})"


def appends(ground: Neo4jGround, count: int) -> None:
    """The log's append, turn by turn with the least that a driver can do: a number under a lock, and a node. Then all is gone."""
    database, tally = ground.database, Tally()
    for constraint in _CONSTRAINTS:
        database.ask(constraint)
    database.ask("CREATE (:BareWriter {name: 'bare', seq: 0})")
    log = open_log(ground.store, create=True)
    try:
        log.acquire("a benchmark", "", TERM)
        for size in BODIES:
            taken: dict[str, list[float]] = {"log": [], "driver": []}
            for _ in range(count):
                body = os.urandom(size * 1024)
                begun = time.perf_counter()
                log.append(TERM, [Draft(EntryKind.OBSERVATIONS, 1, body)])
                between = time.perf_counter()
                with database.driver.session() as session:
                    session.run(_BARE, body=body).consume()
                taken["log"].append((between - begun) * 1e3)
                taken["driver"].append((time.perf_counter() - between) * 1e3)
            for who, times in taken.items():
                for share, said in ((0.5, "p50"), (0.99, "p99")):
                    tally.add(f"append of {size} KiB by the {who}: {said}", sorted(times)[int(share * (count - 1))], "ms")
    finally:
        log.close()
    ground.rows += tally.rows()
    database.wipe()
    database.ask("DROP CONSTRAINT bare_writer")
    database.ask("DROP CONSTRAINT bare_entry")


def ingest(ground: Neo4jGround, observations: int, calls: int, *, graph: bool) -> None:
    """IngestBatch(1,000) on a server of its own, then single observations. With a graph the clock runs until that shows the last one, and a
    quarter as many come first, unmeasured, so that the database has compiled what following asks of it."""
    name = "with the graph" if graph else "without it"
    with ground.serve(graph=graph) as server:
        send(ground, server, max(observations // 4 // OBSERVATIONS, WARM_UP) if graph else WARM_UP)
        if graph:
            caught_up(server)
        spent, begun = Spent(ground, server, graph=graph), time.perf_counter()
        sent, load = send(ground, server, max(observations // OBSERVATIONS, WARM_UP))
        missing = status(server).projection.lag_observations
        if graph:
            caught_up(server)
        seconds = time.perf_counter() - begun
        tally = Tally()
        tally.add(f"IngestBatch(1,000) {name}: rate", sent / (seconds if graph else load.seconds), "obs/s", "higher")
        if graph:
            tally.add(f"IngestBatch(1,000) {name}: acknowledged", sent / load.seconds, "obs/s", "higher")
            tally.add(f"IngestBatch(1,000) {name}: not shown at the end", missing, "obs", "neither")
        for who, cpu in spent.since().items():
            tally.add(f"IngestBatch(1,000) {name}: CPU of the {who}", cpu / sent * 1e6, "us/obs")
        tally.times(f"IngestBatch(1,000) {name}", load)
        single(ground, server, calls, name, tally)
        ground.rows += tally.rows()
        if graph:
            caught_up(server)
            ground.rows.append(row("graph: rows an observation", [_rows(ground) / status(server).counts.observations], "rows", "neither"))


def single(ground: Neo4jGround, server: Served, calls: int, name: str, tally: Tally) -> None:
    """Single observations, each durable when it is answered; the last call of a run waits for nobody."""
    for flying, count in ((1, calls), (INGESTS, 8 * calls)):
        customers = -(-count // OBSERVATIONS)
        messages = ground.customers.single(ground.fresh(customers), customers)
        load = in_flight(server.address, f"{SERVICE}/Ingest", messages, flying, it_counts)
        tally.add(f"Ingest, {flying} in flight, {name}: rate", load.rate, "obs/s", "higher")
        tally.times(f"Ingest, {flying} in flight, {name}", load)


def _rows(ground: Neo4jGround) -> int:
    nodes = sum(ground.database.count(label) for label in ("Identifier", "Profile"))
    return nodes + int(ground.database.ask("MATCH ()-[r]->() RETURN count(r)")[0][0])
