"""The store of the server benchmark: filled over gRPC a thousand observations at a time, then started from its log and from a snapshot."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idweave import Client, GetStatusResponse
from idweave.v1.identity_service_pb2 import IngestBatchResponse, IngestResponse
from idweave.v1.observation_pb2 import Outcome

from benchmarks.calls import in_flight
from benchmarks.customers import IDENTIFIERS, TRAITS, Customers
from benchmarks.h2load import Load
from benchmarks.processes import Served, idweave, serving
from benchmarks.replay import replayed
from benchmarks.results import row

SERVICE = "/idweave.v1.IdentityService"
FLYING = 8  # requests of a thousand observations at once: while four become one entry, four wait or are on their way
WARM_UP = 200  # customers that come first, unmeasured: their requests load what is loaded at first use
SNAPSHOT_SECONDS = 600.0  # within which a snapshot has to be made
REPLAYED = 4  # one customer in so many
SAMPLE = 200  # profiles looked at
COUNTS = (Outcome.OUTCOME_ACCEPTED, Outcome.OUTCOME_UNLINKED)


@dataclass(slots=True)
class Ground:
    """Where the benchmark works. known: customers that the store has; nothing is ever sent twice."""

    scratch: Path
    customers: Customers
    known: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def store(self) -> str:
        return f"sqlite:///{self.scratch / 'idweave.db'}"

    def server(self, *options: str, store: str = "") -> Any:
        """The server on the store, as a context manager."""
        where = ["--store", store or self.store, "--listen", "127.0.0.1:0", "--metrics", "off"]
        return serving(idweave("serve", *where, *(options or ("--snapshot-every", "0"))), self.scratch)

    def fresh(self, count: int) -> int:
        """The first of so many customers that the store does not have yet."""
        first, self.known = self.known, self.known + count
        return first


def all_count(reply: bytes) -> None:
    """Raises AssertionError where an observation of an IngestBatch was not taken in."""
    strange = [result for result in IngestBatchResponse.FromString(reply).results if result.outcome not in COUNTS]
    assert not strange, f"{len(strange)} observations were not taken in; the first: {strange[0]}"


def it_counts(reply: bytes) -> None:
    """The same of an Ingest."""
    result = IngestResponse.FromString(reply).result
    assert result.outcome in COUNTS, str(result)


def status(served: Served) -> GetStatusResponse:
    with Client(served.address, timeout=60) as client:
        return client.get_status()


def fill(ground: Ground, customers: int) -> None:
    """IngestBatch into an empty store, and what the state costs then."""
    with ground.server() as server:
        send(ground, server, WARM_UP)
        cpu = server.cpu
        sent, found = send(ground, server, max(customers - WARM_UP, WARM_UP))
        ground.rows += [
            row("IngestBatch(1,000): rate", [sent / found.seconds], "obs/s", "higher"),
            row("IngestBatch(1,000): server CPU", [(server.cpu - cpu) / sent * 1e6], "us/obs"),
            row("IngestBatch(1,000): p50", [found.percentile(0.5) / 1000], "ms"),
            row("IngestBatch(1,000): p99", [found.percentile(0.99) / 1000], "ms"),
        ]
        _weigh(ground, server)
        _look(ground, server)


def send(ground: Ground, server: Served, customers: int) -> tuple[int, Load]:
    """IngestBatch of so many fresh customers: (observations, how long calls took)."""
    sent = 0

    def requests() -> Iterator[bytes]:
        nonlocal sent
        for some, request in ground.customers.batches(ground.fresh(customers), customers):
            sent += some
            yield request

    found = in_flight(server.address, f"{SERVICE}/IngestBatch", requests(), FLYING, all_count)
    return sent, found


def _weigh(ground: Ground, server: Served) -> None:
    """Memory as GetStatus tells it, each line a thing."""
    told = status(server)
    ground.rows.append(row("memory: resident", [server.resident / 2**20], "MiB"))
    print(
        f"memory at {told.counts.identifiers:,} identifiers, {told.counts.observations:,} observations, {told.counts.profiles:,} profiles:"
    )
    for line in told.memory:
        each = line.bytes / max(line.count, 1)
        ground.rows.append(row(f"memory: {line.what}", [each], "bytes each"))
        budget = f"<= {line.budget}: {'met' if each <= line.budget else 'MISSED'}" if line.budget else "no budget"
        print(f"  {line.what:24} {line.count:>12,} {line.bytes / 2**20:>10,.1f} MiB {each:>8.1f} each, {budget}")


def _look(ground: Ground, server: Served) -> None:
    """Raises AssertionError where the profiles are not what the customers are."""
    with Client(server.address, timeout=60) as client:
        found = [
            client.lookup(ground.customers.identifier(customer, 0), include_profile=True).profile
            for customer in range(0, ground.known, max(1, ground.known // SAMPLE))
        ]
    whole = sum(len(one.identifiers) == IDENTIFIERS and len(one.traits) == TRAITS for one in found) / len(found)
    ground.rows.append(row("profiles of 8 identifiers and 6 traits", [whole], "of all", "neither"))
    assert whole > 0.9, f"{whole:.0%} of the profiles are whole; one that is looked at: {found[0]}"


def begin(ground: Ground, repeats: int) -> None:
    """Starts: on nothing, on the log, on a snapshot; and the replay by itself."""
    with ground.server(store=f"sqlite:///{ground.scratch / 'empty.db'}") as server:
        ground.rows.append(row("start on an empty store", [server.seconds], "s"))
    _replay(ground, repeats)
    with ground.server("--snapshot-every", "1") as server:
        ground.rows.append(row("start without a snapshot", [server.seconds], "s"))
        requests = [request for _, request in ground.customers.batches(ground.fresh(1), 1)]
        in_flight(server.address, f"{SERVICE}/IngestBatch", requests, 1, all_count)
        wait_for_snapshot(ground, server)
    ground.rows.append(row("snapshot: made in", list(_snapshot_seconds(ground)), "s"))
    seconds_taken = []
    for _ in range(repeats):
        with ground.server() as server:
            seconds_taken.append(server.seconds)
    ground.rows.append(row("start from a snapshot", seconds_taken, "s"))


def _replay(ground: Ground, repeats: int) -> None:
    """Of a log of its own, whose every entry is one request: none waits while another is done."""
    url = f"sqlite:///{ground.scratch / 'replayed.db'}"
    count = max(ground.known // REPLAYED, WARM_UP)
    with ground.server(store=url) as server:
        requests = (request for _, request in ground.customers.batches(0, count))
        in_flight(server.address, f"{SERVICE}/IngestBatch", requests, 1, all_count)
    rates = []
    for _ in range(repeats):
        observations, seconds = replayed(url)
        rates.append(observations / seconds)
    ground.rows.append(row("replay, 1,000 an entry", rates, "obs/s", "higher"))


def wait_for_snapshot(ground: Ground, server: Served) -> None:
    """Wait for the snapshot that the server makes of all it has."""
    deadline = time.monotonic() + SNAPSHOT_SECONDS
    while True:
        told = status(server)
        if told.snapshot.entries == told.entries:
            break
        if time.monotonic() > deadline:
            raise SystemExit(f"no snapshot after {SNAPSHOT_SECONDS:g} s")
        time.sleep(0.1)
    ground.rows.append(row("snapshot: size", [told.snapshot.bytes / 2**20], "MiB"))


def _snapshot_seconds(ground: Ground) -> Iterator[float]:
    """What the servers, which have ended, told of the snapshots that they made."""
    for log in sorted(ground.scratch.glob("server-*.log")):
        for line in log.read_text().splitlines():
            if line.startswith("{") and (said := json.loads(line)).get("event") == "snapshot":
                yield float(said["seconds"])
