"""Lookups beside the graph and beside a database that hangs, and writes after the death of the one who wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import grpc
from idweave.v1.identity_service_pb2 import IngestResponse
from idweave.v1.observation_pb2 import Outcome

from benchmarks.customers import lookup
from benchmarks.h2load import Load, load
from benchmarks.neo4j_ground import LOOK, PATIENCE, Neo4jGround, caught_up, shows_all
from benchmarks.processes import Served
from benchmarks.results import row
from benchmarks.server_busy import RATE, SHORTEST
from benchmarks.server_calls import LOOKUP
from benchmarks.server_store import COUNTS, SERVICE, status
from benchmarks.weighing import Tally, weighed

ALONE, BESIDE, ASLEEP = "without the graph", "while it is written", "while Neo4j hangs"
WARM_UP = 500
TRY = 0.02  # seconds between two tries of a write that is refused
LEASE = 10.0  # seconds, as by default


def lookups(ground: Neo4jGround, seconds: float) -> None:
    """At a fixed rate, on a server without a graph, on one that writes a whole one, and on the same while its database is asleep."""
    message, tally = lookup(ground.customers.any_identifiers(5, ground.known, 1)[0]), Tally()

    def looked(server: Served, calls: int) -> Load:
        return load(server.address, LOOKUP, message, ground.scratch, calls=calls, rate=RATE, shortest=SHORTEST)

    def noted(server: Served, when: str) -> None:
        weighed(tally, f"Lookup at {RATE:g}/s {when}", server, lambda: looked(server, int(RATE * seconds)))

    with ground.serve(graph=False) as server:
        looked(server, WARM_UP)
        noted(server, ALONE)
    ground.database.drop_graph()
    with ground.serve(graph=True) as server, ThreadPoolExecutor(1) as beside:
        looked(server, WARM_UP)
        _wait_for_identifiers(ground)
        share = _meanwhile(server, beside.submit(noted, server, BESIDE))
        tally.add("Lookup while it is written: of that time it was", share, "of all", "neither")
        caught_up(server)
        with ground.database.asleep():
            noted(server, ASLEEP)
        begun = time.perf_counter()
        _write(ground, server)
        tally.add("writes go on after Neo4j woke", time.perf_counter() - begun, "s")
    ground.rows += tally.rows()


def _wait_for_identifiers(ground: Neo4jGround) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ground.database.count("Identifier"):
        if time.monotonic() > deadline:
            raise SystemExit(f"no graph was begun in {PATIENCE:g} s")
        time.sleep(LOOK)


def _meanwhile(server: Served, looking: Future[None]) -> float:
    """Of the time that the lookups took, the share during which the graph was still written."""
    begun, written = time.perf_counter(), None
    while not looking.done():
        if written is None and shows_all(server):
            written = time.perf_counter() - begun
        time.sleep(5 * LOOK)
    looking.result()
    return 1.0 if written is None else written / (time.perf_counter() - begun)


def take_over(ground: Neo4jGround, repeats: int) -> None:
    """From the SIGKILL of the server that writes until the one that stood by has committed an observation."""
    took = []
    for _ in range(repeats):
        with ground.serve(graph=True) as first, ground.serve(graph=True) as second:
            deadline = time.monotonic() + PATIENCE
            while status(second).lag.entries or status(second).leader != first.address:
                if time.monotonic() > deadline:
                    raise SystemExit("the second server does not follow the first")
                time.sleep(LOOK)
            first.process.kill()
            begun = time.perf_counter()
            _write(ground, second)
            took.append(time.perf_counter() - begun)
    ground.rows.append(row("take-over: writes go on after", took, "s"))


def _write(ground: Neo4jGround, server: Served) -> None:
    """One observation, tried until it is committed; it is known already where a try was committed whose answer was lost."""
    messages: Iterator[bytes] = ground.customers.single(ground.fresh(1), 1)
    message, deadline = next(messages), time.monotonic() + PATIENCE
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(f"{SERVICE}/Ingest")
        while True:
            try:
                taken = IngestResponse.FromString(call(message, timeout=60)).result
                assert taken.outcome in (*COUNTS, Outcome.OUTCOME_DUPLICATE), str(taken)
                return
            except grpc.RpcError as error:
                if time.monotonic() > deadline:
                    raise SystemExit(f"no write in {PATIENCE:g} s: {error}") from None
                time.sleep(TRY)
