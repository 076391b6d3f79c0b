"""What calls cost on a running server, turn by turn with a server that does nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from idweave import Client
from idweave.v1.identity_service_pb2 import BatchLookupResponse, LookupResponse
from idweave.v1.lookup_pb2 import LookupOutcome

from benchmarks import echo_server
from benchmarks.calls import at_rate, in_flight
from benchmarks.customers import BATCH, OBSERVATIONS, batch_lookup, lookup
from benchmarks.h2load import Load, ask, load
from benchmarks.processes import Served, serving
from benchmarks.results import row
from benchmarks.server_store import FLYING, SERVICE, Ground, all_count, it_counts, status

RATE = 1_000.0  # calls a second, which every server here answers easily
VARIED_RATE = 400.0  # of calls that a client in Python makes
BUSY_RATE = 500.0  # of lookups while an import runs
BATCH_RATE = 10.0
INGESTS = 64  # at once
ECHO, LOOKUP = echo_server.METHOD, f"{SERVICE}/Lookup"


class Tally:
    """Figures by name, one for each repeat."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], list[float]] = {}

    def add(self, name: str, value: float, unit: str, better: str = "lower") -> float:
        self._found.setdefault((name, unit, better), []).append(value)
        return value

    def rows(self) -> list[dict[str, Any]]:
        return [row(name, values, unit, better) for (name, unit, better), values in self._found.items()]


def weighed(tally: Tally, name: str, server: Served, run: Callable[[], Load], *, rate: bool = False) -> float:
    """Make a run, and note what it cost the server and how long its calls took; microseconds of CPU a call."""
    before = server.cpu
    found = run()
    each = tally.add(f"{name}: server CPU", (server.cpu - before) / found.calls * 1e6, "us/call")
    if rate:
        tally.add(f"{name}: rate", found.rate, "calls/s", "higher")
    for share, said in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9")):
        tally.add(f"{name}: {said}", found.percentile(share) / 1000, "ms")
    return each


def is_found(reply: bytes) -> None:
    """Raises AssertionError where a Lookup found nobody."""
    result = LookupResponse.FromString(reply).result
    assert result.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND, str(result)


def read(ground: Ground, server: Served, seconds: float, repeats: int) -> None:
    """Echo, Lookup, Lookup with the profile, BatchLookup, and lookups through the SDK."""
    tally, calls = Tally(), int(RATE * seconds)
    with serving([sys.executable, "-m", "benchmarks.echo_server"], ground.scratch) as echo:
        for turn in range(-1, repeats):
            found = Tally() if turn < 0 else tally  # the first turn warms up
            _turn(ground, server, echo, calls if turn >= 0 else 200, found, turn)
    ground.rows += tally.rows()


def _turn(ground: Ground, server: Served, echo: Served, calls: int, tally: Tally, turn: int) -> None:
    one, *many = ground.customers.any_identifiers(turn, ground.known, calls // 2)
    bare = lookup(one)
    whole = lookup(one, include_profile=True)

    def fixed(name: str, on: Served, method: str, message: bytes, rate: float | None = RATE) -> float:
        run = lambda: load(on.address, method, message, ground.scratch, calls=calls, rate=rate)  # noqa: E731
        return weighed(tally, name, on, run, rate=rate is None)

    least = fixed("echo", echo, ECHO, b"")
    tally.add("Lookup over echo", fixed("Lookup", server, LOOKUP, bare) - least, "us/call")
    tally.add("Lookup with profile over echo", fixed("Lookup with profile", server, LOOKUP, whole) - least, "us/call")
    fixed("echo, at full speed", echo, ECHO, b"", None)
    fixed("Lookup, at full speed", server, LOOKUP, bare, None)

    messages = [lookup(each) for each in many]
    least = weighed(tally, "echo, Python client", echo, lambda: at_rate(echo.address, ECHO, messages, VARIED_RATE, lambda _: None))
    varied = weighed(tally, "Lookup, always another", server, lambda: at_rate(server.address, LOOKUP, messages, VARIED_RATE, is_found))
    tally.add("Lookup, always another, over echo", varied - least, "us/call")

    wanted = batch_lookup(ground.customers.any_identifiers(turn + 1_000, ground.known, BATCH))
    assert replies(ask(server.address, f"{SERVICE}/BatchLookup", wanted)) == BATCH, "lookups of a batch found nobody"
    batches = max(10, calls // 100)
    each = weighed(
        tally,
        "BatchLookup(1,000)",
        server,
        lambda: load(
            server.address, f"{SERVICE}/BatchLookup", wanted, ground.scratch, calls=batches, rate=BATCH_RATE, connections=1, streams=4
        ),
    )
    tally.add("BatchLookup(1,000): server CPU an item", each / BATCH, "us")
    weighed(tally, "Lookup through the SDK", server, lambda: _through_sdk(server, ground, turn, calls // 2), rate=True)


def _through_sdk(server: Served, ground: Ground, seed: int, calls: int) -> Load:
    """One lookup after another, as a program makes them."""
    import numpy as np

    wanted, took = ground.customers.any_identifiers(seed + 2_000, ground.known, calls), []
    with Client(server.address) as client:
        client.lookup(wanted[0])
        begun = time.perf_counter()
        for one in wanted:
            before = time.perf_counter()
            reply = client.lookup(one)
            took.append(time.perf_counter() - before)
            assert reply.result.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND, str(reply.result)
        return Load(np.array(took) * 1e6, time.perf_counter() - begun)


def ingest(ground: Ground, server: Served, calls: int) -> None:
    """Single observations, 64 in flight, each durable when it is answered."""
    tally = Tally()
    count = -(-calls // OBSERVATIONS)
    for measured in (False, True):
        some = count if measured else 20
        messages = ground.customers.single(ground.fresh(some), some)
        run = lambda: in_flight(server.address, f"{SERVICE}/Ingest", messages, INGESTS, it_counts)  # noqa: B023, E731
        weighed(tally if measured else Tally(), f"Ingest, {INGESTS} in flight", server, run, rate=True)
    ground.rows += tally.rows()


def busy(ground: Ground, seconds: float) -> None:
    """Lookups at a fixed rate while a large import runs, on a server of its own, so that its loop lag tells of this alone."""
    with ground.server() as server:
        one = ground.customers.any_identifiers(5, ground.known, 1)[0]
        message, tally, taken = lookup(one), Tally(), 0
        _calm(ground, server, message, tally)
        done, found = threading.Event(), list[Load | BaseException]()

        def look_up() -> None:
            try:
                calls = int(BUSY_RATE * seconds)
                found.append(load(server.address, LOOKUP, message, ground.scratch, calls=calls, rate=BUSY_RATE, shortest=50))
            except BaseException as error:
                found.append(error)
            finally:
                done.set()

        def requests() -> Iterator[bytes]:
            nonlocal taken
            while not done.is_set():
                some = 2_000
                for count, request in ground.customers.batches(ground.fresh(some), some):
                    if done.is_set():
                        return
                    taken += count
                    yield request

        looking = threading.Thread(target=look_up)
        cpu = server.cpu
        looking.start()
        imported = in_flight(server.address, f"{SERVICE}/IngestBatch", requests(), FLYING, all_count, done.is_set)
        looking.join()
        if isinstance(found[0], BaseException):
            raise found[0]
        for share, said in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "worst")):
            tally.add(f"Lookup at 500/s during an import: {said}", found[0].percentile(share) / 1000, "ms")
        tally.add("import during lookups: rate", taken / imported.seconds, "obs/s", "higher")
        tally.add("import during lookups: server CPU", (server.cpu - cpu) / imported.seconds, "of a core", "neither")
        lag = status(server).loop_lag
        tally.add("loop lag p99.9 during an import", lag.seconds * 1e3 + lag.nanos / 1e6, "ms")
        ground.rows += tally.rows()


def _calm(ground: Ground, server: Served, message: bytes, tally: Tally) -> None:
    """The same lookups before the import begins; few, as they count for the loop's lag as well."""
    found = load(server.address, LOOKUP, message, ground.scratch, calls=250, rate=BUSY_RATE)
    tally.add("Lookup at 500/s, nothing else: p50", found.percentile(0.5) / 1000, "ms")
    tally.add("Lookup at 500/s, nothing else: p99", found.percentile(0.99) / 1000, "ms")


def replies(data: bytes) -> int:
    """How many lookups of a batch found somebody."""
    return sum(one.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND for one in BatchLookupResponse.FromString(data).results)
