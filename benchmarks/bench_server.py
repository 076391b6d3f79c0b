"""`idweave serve` as a whole process: what calls cost beyond a server that does nothing, ingest, latency under an import, starts, memory.

Fixed load comes from h2load, a client in C (Debian: nghttp2-client). It repeats one request, and an observation that is repeated is a
DUPLICATE, so ingest, and lookups that are always of another identifier, come from grpc in this process. Everything is on loopback, and the
store on the disk of the checkout, since /tmp may be memory. Linux alone: CPU is read from /proc.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.customers import IDENTIFIERS, Customers
from benchmarks.h2load import find_h2load
from benchmarks.server_busy import busy
from benchmarks.server_calls import ingest, read
from benchmarks.server_store import Ground, begin, fill
from benchmarks.targets import Target, told

NAME = "server"
SIZES = {"small": 20_000, "full": 1_000_000}  # identifiers
LARGE = 200_000  # identifiers; from here on every run is long enough to trust
SEED = 7


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows for a store of `size` identifiers. Raises SystemExit where a program is missing or fails."""
    if not Path("/proc/self/stat").exists():
        raise SystemExit("the server benchmark reads what processes cost from /proc, which only Linux has")
    find_h2load()
    large = size >= LARGE
    results.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="server-", dir=results.FOLDER) as scratch:
        ground = Ground(Path(scratch), Customers(SEED, int(time.time())))
        ground.rows.append(results.row("context: a write and its fsync", flushed(Path(scratch)), "ms", "neither"))
        stage("fill the store", lambda: fill(ground, size // IDENTIFIERS))
        stage("start it", lambda: begin(ground, repeats if large else 1))
        with ground.server() as server:
            stage("calls", lambda: read(ground, server, 5 if large else 1, repeats))
            stage("ingest", lambda: ingest(ground, server, 20_000 if large else 2_000))
        stage("lookups during an import", lambda: busy(ground, 20.0 if large else 5.0))
        print(told(targets(ground.rows)))
        if not large:
            print(f"the targets are for {SIZES['full']:,} identifiers")
        return ground.rows


def stage(name: str, work: Any) -> None:
    begun = time.monotonic()
    work()
    print(f"{name}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)


def targets(rows: list[dict[str, Any]]) -> list[Target]:
    """What the first release has to show."""
    found = {line["name"]: line["value"] for line in rows}
    return [
        Target("Lookup beyond the echo, server CPU", 80, "us", found["Lookup over echo"]),
        Target("IngestBatch(1,000), durable and resolved", 20_000, "obs/s", found["IngestBatch(1,000): rate"], least=True),
        Target("p99 of Lookup at 500/s during an import", 25, "ms", found["Lookup at 500/s during an import: p99"]),
        Target("loop lag p99.9 during an import", 25, "ms", found["loop lag p99.9 during an import"]),
        Target("start from a snapshot", 5, "s", found["start from a snapshot"]),
        Target("replay, 1,000 an entry", 150_000, "obs/s", found["replay, 1,000 an entry"], least=True),
    ]


def flushed(folder: Path) -> list[float]:
    """Milliseconds that 4 KiB take to the disk: what no durable acknowledgement can be under."""
    took = []
    with (folder / "flushed").open("wb", buffering=0) as file:
        for _ in range(20):
            begun = time.perf_counter()
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
            took.append((time.perf_counter() - begun) * 1e3)
    return took
