"""A store and its graph in Neo4j: ingest with and without the graph, the projector beside a bare driver, commits, starts, take-over, bytes.

Everything runs beside everything else on this machine: the database, the server, the process that keeps the graph, and the load. So what is
told is what all of them can do together; on a machine with few cores that is less than any of them could alone. Linux alone, as `server`.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.bench_server import flushed, stage
from benchmarks.customers import Customers
from benchmarks.h2load import find_h2load
from benchmarks.neo4j_database import OwnNeo4j
from benchmarks.neo4j_ground import Neo4jGround
from benchmarks.neo4j_ingest import appends, ingest
from benchmarks.neo4j_lookups import ALONE, ASLEEP, BESIDE, LEASE, lookups, take_over
from benchmarks.neo4j_rows import rates, sizes
from benchmarks.neo4j_starts import starts
from benchmarks.project import KINDS
from benchmarks.server_busy import RATE
from benchmarks.targets import Target, told

NAME = "neo4j"
SIZES = {"small": 60_000, "full": 1_000_000}  # observations
LARGE = 500_000  # observations; from here on every run is long enough to trust
WARM = 20_000  # observations; from here on the database is warmed up
WARM_UP = 200_000  # rows
WITHOUT = 0.4  # of the observations are taken in without a graph
SEED = 11


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows for a store of `size` observations. Raises SystemExit where a program is missing or fails."""
    if not Path("/proc/self/stat").exists():
        raise SystemExit("the neo4j benchmark reads what processes cost from /proc, which only Linux has")
    find_h2load()
    large = size >= LARGE
    results.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="neo4j-", dir=results.FOLDER) as scratch:
        heap, page_cache = ("2g", "512m") if large else ("512m", "128m")
        database = OwnNeo4j(Path(scratch), "database", heap=heap, page_cache=page_cache)
        try:
            ground = Neo4jGround(Path(scratch), Customers(SEED, int(time.time())), database=database)
            ground.rows.append(results.row("context: a write and its fsync", flushed(Path(scratch)), "ms", "neither"))
            _all(ground, size, repeats if large else 1, large=large)
        finally:
            database.remove()
        print(told(targets(ground.rows)))
        if not large:
            print(f"the targets are for {SIZES['full']:,} observations and a database that has run for a while")
        return ground.rows


def _all(ground: Neo4jGround, size: int, repeats: int, *, large: bool) -> None:
    stage("warm the database up", lambda: ground.database.warm_up(WARM_UP if size >= WARM else 2_000))
    stage("appends", lambda: appends(ground, 300 if large else 50))
    calls = 1_000 if large else 150
    stage("ingest without a graph", lambda: ingest(ground, int(WITHOUT * size), calls, graph=False))
    stage("ingest with the graph", lambda: ingest(ground, size - int(WITHOUT * size), calls, graph=True))
    stage("starts", lambda: starts(ground, repeats))
    stage("lookups", lambda: lookups(ground, 20.0 if large else 3.0))
    stage("take-over", lambda: take_over(ground, repeats))

    def rows() -> None:
        batches = rates(ground, min(repeats, 2))
        stage("bytes on disk", lambda: sizes(ground, batches))

    stage("rows by kind", rows)


def targets(rows: list[dict[str, Any]]) -> list[Target]:
    """What the release with Neo4j has to show."""
    found = {line["name"]: line["value"] for line in rows}
    wanted = [
        Target("IngestBatch(1,000), log and graph on Neo4j", 8_000, "obs/s", found["IngestBatch(1,000) with the graph: rate"], least=True)
    ]
    for kind in KINDS:
        name = f"{kind} by the projector, of the driver's rate"
        wanted += [Target(name, 0.7, "times", found[name], least=True)] if name in found else []
    for when in (BESIDE, ASLEEP):
        for what in ("server CPU", "p50", "p99"):
            now, alone = (found[f"Lookup at {RATE:g}/s {one}: {what}"] for one in (when, ALONE))
            wanted.append(Target(f"Lookup {when}: {what}", 1.2, "times", now / alone))
    return [*wanted, Target("take-over, after a lease of 10 s", LEASE + 5, "s", found["take-over: writes go on after"])]
