"""What calls cost on a running server, turn by turn with a server that does nothing, both on one core and the load on another."""

from __future__ import annotations

import sys
import time

import numpy as np
from idweave import Client, Identifier
from idweave.v1.identity_service_pb2 import BatchLookupResponse, LookupResponse
from idweave.v1.lookup_pb2 import LookupOutcome

from benchmarks import echo_server
from benchmarks.calls import at_rate, in_flight
from benchmarks.customers import BATCH, OBSERVATIONS, batch_lookup, lookup
from benchmarks.h2load import Load, ask, load
from benchmarks.processes import Served, apart, serving
from benchmarks.server_store import SERVICE, Ground, it_counts
from benchmarks.weighing import Tally, weighed

RATE = 1_000.0  # calls a second, which every server here answers easily
VARIED_RATE = 400.0  # of calls that a client in Python makes
BATCH_RATE = 10.0
INGESTS = 64  # at once
WARM_UP = 200  # calls of each kind before those that count
ECHO, LOOKUP, BATCH_LOOKUP = echo_server.METHOD, f"{SERVICE}/Lookup", f"{SERVICE}/BatchLookup"
FOUND = LookupOutcome.LOOKUP_OUTCOME_FOUND


def is_found(reply: bytes) -> None:
    """Raises AssertionError where a Lookup found nobody."""
    result = LookupResponse.FromString(reply).result
    assert result.outcome == FOUND, str(result)


def read(ground: Ground, server: Served, pairs: int, repeats: int) -> None:
    """Echo, Lookup, Lookup with the profile, BatchLookup, and lookups through the SDK. pairs: of runs of the echo and of Lookup in a turn,
    each a second long: what lies between the two is small beside the moods of a machine, so they take turns often."""
    tally = Tally()
    with serving([sys.executable, "-m", "benchmarks.echo_server"], ground.scratch) as echo, apart(server, echo):
        _turn(ground, server, echo, WARM_UP, 1, Tally(), 0)
        for turn in range(1, repeats + 1):
            _turn(ground, server, echo, int(RATE), pairs, tally, turn)
    ground.rows += tally.rows()


def _turn(ground: Ground, server: Served, echo: Served, calls: int, pairs: int, tally: Tally, turn: int) -> None:
    one, *others = ground.customers.any_identifiers(turn, ground.known, calls // 2)
    for _ in range(pairs):
        _same(ground, server, echo, calls, tally, one)
    _varied(server, echo, [lookup(each) for each in others], tally)
    _in_batches(ground, server, max(10, calls // 100), tally, turn)
    weighed(tally, "Lookup through the SDK", server, lambda: _through_sdk(server, others), rate=True)


def _same(ground: Ground, server: Served, echo: Served, calls: int, tally: Tally, one: Identifier) -> None:
    """One lookup again and again, all of whose parts are kept in memory."""

    def fixed(name: str, on: Served, method: str, message: bytes, rate: float | None = RATE) -> float:
        def run() -> Load:
            return load(on.address, method, message, ground.scratch, calls=calls, rate=rate)

        return weighed(tally, name, on, run, rate=rate is None)

    bare, whole = lookup(one), lookup(one, include_profile=True)
    least = fixed("echo", echo, ECHO, b"")
    tally.add("Lookup over echo", fixed("Lookup", server, LOOKUP, bare) - least, "us/call")
    tally.add("Lookup with profile over echo", fixed("Lookup with profile", server, LOOKUP, whole) - least, "us/call")
    fixed("echo, at full speed", echo, ECHO, b"", None)
    fixed("Lookup, at full speed", server, LOOKUP, bare, None)


def _varied(server: Served, echo: Served, messages: list[bytes], tally: Tally) -> None:
    """Lookups of identifiers that were not asked for before."""

    def run(on: Served) -> Load:
        if on is echo:
            return at_rate(on.address, ECHO, messages, VARIED_RATE, lambda _: None)
        return at_rate(on.address, LOOKUP, messages, VARIED_RATE, is_found)

    least = weighed(tally, "echo, Python client", echo, lambda: run(echo))
    each = weighed(tally, "Lookup, always another", server, lambda: run(server))
    tally.add("Lookup, always another, over echo", each - least, "us/call")


def _in_batches(ground: Ground, server: Served, batches: int, tally: Tally, seed: int) -> None:
    wanted = batch_lookup(ground.customers.any_identifiers(1_000 + seed, ground.known, BATCH))
    results = BatchLookupResponse.FromString(ask(server.address, BATCH_LOOKUP, wanted)).results
    assert sum(one.outcome == FOUND for one in results) == BATCH, "lookups of a batch found nobody"

    def run() -> Load:
        rate = {"rate": BATCH_RATE, "connections": 1, "streams": 4}
        return load(server.address, BATCH_LOOKUP, wanted, ground.scratch, calls=batches, **rate)  # type: ignore[arg-type]

    each = weighed(tally, "BatchLookup(1,000)", server, run)
    tally.add("BatchLookup(1,000): server CPU an item", each / BATCH, "us")


def _through_sdk(server: Served, wanted: list[Identifier]) -> Load:
    """One lookup after another, as a program makes them."""
    took = []
    with Client(server.address) as client:
        client.lookup(wanted[0])
        begun = time.perf_counter()
        for one in wanted:
            before = time.perf_counter()
            reply = client.lookup(one)
            took.append(time.perf_counter() - before)
            assert reply.result.outcome == FOUND, str(reply.result)
        return Load(np.array(took) * 1e6, time.perf_counter() - begun)


def ingest(ground: Ground, server: Served, calls: int) -> None:
    """Single observations, 64 in flight, each durable when it is answered."""

    def send(customers: int, tally: Tally) -> None:
        messages = ground.customers.single(ground.fresh(customers), customers)
        run = lambda: in_flight(server.address, f"{SERVICE}/Ingest", messages, INGESTS, it_counts)  # noqa: E731
        weighed(tally, f"Ingest, {INGESTS} in flight", server, run, rate=True)

    send(WARM_UP // OBSERVATIONS, Tally())
    tally = Tally()
    send(-(-calls // OBSERVATIONS), tally)
    ground.rows += tally.rows()
