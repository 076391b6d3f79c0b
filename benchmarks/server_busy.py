"""Lookups at a fixed rate while a large import runs: how long they take, and how late the server's loop is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from benchmarks.calls import in_flight
from benchmarks.customers import BLOCK, lookup
from benchmarks.h2load import Load, load
from benchmarks.processes import Served
from benchmarks.server_calls import LOOKUP
from benchmarks.server_store import FLYING, SERVICE, Ground, all_count, status
from benchmarks.weighing import Tally

RATE = 500.0  # lookups a second
CALM = 250  # lookups before the import; few, as they count for the loop's lag as well
SHORTEST = 50  # bytes of a reply, whose length changes with the revision


def busy(ground: Ground, seconds: float) -> None:
    """On a server of its own, so that its loop lag tells of this alone."""
    with ground.server() as server, ThreadPoolExecutor(1) as beside:
        message, tally = lookup(ground.customers.any_identifiers(5, ground.known, 1)[0]), Tally()
        tally.times("Lookup at 500/s, nothing else", _lookups(ground, server, message, CALM))
        cpu = server.cpu
        looking = beside.submit(_lookups, ground, server, message, int(RATE * seconds))
        sent = _import(ground, server, looking, tally)
        tally.add("import during lookups: server CPU", (server.cpu - cpu) / sent.seconds, "of a core", "neither")
        found = looking.result()
        tally.times("Lookup at 500/s during an import", found)
        tally.add("Lookup at 500/s during an import: worst", found.percentile(1.0) / 1000, "ms")
        lag = status(server).loop_lag
        tally.add("loop lag p99.9 during an import", lag.seconds * 1e3 + lag.nanos / 1e6, "ms")
        ground.rows += tally.rows()


def _lookups(ground: Ground, server: Served, message: bytes, calls: int) -> Load:
    return load(server.address, LOOKUP, message, ground.scratch, calls=calls, rate=RATE, shortest=SHORTEST)


def _import(ground: Ground, server: Served, looking: Future[Load], tally: Tally) -> Load:
    """IngestBatch of ever more customers until the lookups are done."""
    taken = 0

    def requests() -> Iterator[bytes]:
        nonlocal taken
        while True:
            for count, request in ground.customers.batches(ground.fresh(BLOCK), BLOCK):
                if looking.done():
                    return
                taken += count
                yield request

    sent = in_flight(server.address, f"{SERVICE}/IngestBatch", requests(), FLYING, all_count)
    tally.add("import during lookups: rate", taken / sent.seconds, "obs/s", "higher")
    return sent
