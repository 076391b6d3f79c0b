"""Starts of a server whose store is in Neo4j: from its log, and from a snapshot."""

from __future__ import annotations

from benchmarks.calls import in_flight
from benchmarks.neo4j_ground import Neo4jGround
from benchmarks.results import row
from benchmarks.server_store import SERVICE, all_count, status, wait_for_snapshot

SNAPSHOTS = "snapshots"


def starts(ground: Neo4jGround, repeats: int) -> None:
    logged, kept = [], []
    for _ in range(repeats):
        with ground.serve(graph=False) as server:
            logged.append(server.seconds)
            observations = status(server).counts.observations
    with ground.serve(graph=False, snapshots=SNAPSHOTS, every=1) as server:
        requests = [request for _, request in ground.customers.batches(ground.fresh(1), 1)]
        in_flight(server.address, f"{SERVICE}/IngestBatch", requests, 1, all_count)
        wait_for_snapshot(ground, server)
    for _ in range(repeats):
        with ground.serve(graph=False, snapshots=SNAPSHOTS) as server:
            kept.append(server.seconds)
    ground.rows += [
        row("start: observations in the log", [observations], "obs", "neither"),
        row("start from the log", logged, "s"),
        row("start from a snapshot", kept, "s"),
    ]
