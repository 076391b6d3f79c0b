"""Segments on a running server: CheckMembership beside Lookup, and many who leave in one second while others are looked up."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
from idweave import Client, Identifier
from idweave import segments as s
from idweave.v1.change_pb2 import WatchMembershipRequest, WatchMembershipResponse
from idweave.v1.identity_service_pb2 import IngestBatchRequest
from idweave.v1.observation_pb2 import Observation
from idweave.v1.segment_service_pb2 import CheckMembershipRequest, CheckMembershipResponse

from benchmarks import driven_server
from benchmarks.calls import at_rate, in_flight
from benchmarks.customers import BATCH, lookup
from benchmarks.h2load import Load, load
from benchmarks.processes import Served, apart, serving
from benchmarks.server_calls import LOOKUP, RATE, VARIED_RATE, WARM_UP, is_found
from benchmarks.server_store import FLYING, SERVICE, Ground, all_count, send
from benchmarks.weighing import Tally, weighed

SEGMENTS = "/idweave.v1.SegmentService"
CHECK, WATCH = f"{SEGMENTS}/CheckMembership", f"{SEGMENTS}/WatchMembership"
DAY = 86_400
LEASE = 90 * DAY
HALF_DAY = DAY // 2
LEAD = 4.0  # seconds from the leap of the clock to the second in which all are due
CALM = 3.0  # seconds of lookups before it
PATIENCE = 6.0  # seconds of lookups after it
LEAVING_RATE = 500.0  # lookups a second
SHORTEST = 50  # bytes of a reply, whose length changes with the revision
WATCHED = "leavers"
CHECK_OVER_LOOKUP = "CheckMembership over Lookup: server CPU"
LAST_IS_TOLD = "the last who leaves is told after"
LOOKUP_OVER_IDLE = "p99 of Lookup while they leave over that before"
ASKED = "recent"
DEFINITIONS = {
    ASKED: s.count("purchase", amount=">= 100 EUR", days=90),
    "lapsed": s.older("last_purchase_time", months=6, zone="Europe/Berlin"),
    "lookers": s.then_not("page_viewed", "purchase", wait=timedelta(hours=1), last=timedelta(days=7)),
    "busy": s.all_of(s.count("page_viewed", compared=">= 2", days=30), s.has("email"), s.compare("purchase_count", ">=", 1)),
    "calm": s.all_of(s.in_segment(ASKED), s.not_(s.tagged("staff"))),
}


def segment_calls(ground: Ground, customers: int, pairs: int, repeats: int) -> None:
    """CheckMembership of one segment and Lookup, of the same customers, turn by turn."""
    with ground.server() as server:
        send(ground, server, customers)
        with Client(server.address, timeout=60) as client:
            for name, definition in DEFINITIONS.items():
                client.put_segment(name, definition)
        tally = Tally()
        with apart(server):
            _turn(ground, server, WARM_UP, 1, Tally(), 0)
            for turn in range(1, repeats + 1):
                _turn(ground, server, int(RATE), pairs, tally, turn)
        ground.rows += tally.rows()


def _turn(ground: Ground, server: Served, calls: int, pairs: int, tally: Tally, turn: int) -> None:
    one, *others = ground.customers.any_identifiers(turn, ground.known, calls // 2)

    def fixed(name: str, method: str, message: bytes) -> float:
        return weighed(tally, name, server, lambda: load(server.address, method, message, ground.scratch, calls=calls, rate=RATE))

    for _ in range(pairs):
        looked, checked = fixed("Lookup", LOOKUP, lookup(one)), fixed("CheckMembership", CHECK, check(one))
        tally.add(CHECK_OVER_LOOKUP, checked / looked, "times")
    looked = weighed(tally, "Lookup, always another", server, lambda: _varied(server, LOOKUP, [lookup(each) for each in others]))
    checked = weighed(tally, "CheckMembership, always another", server, lambda: _varied(server, CHECK, [check(each) for each in others]))
    tally.add(f"{CHECK_OVER_LOOKUP}, always another", checked / looked, "times")


def _varied(server: Served, method: str, messages: list[bytes]) -> Load:
    return at_rate(server.address, method, messages, VARIED_RATE, is_found if method == LOOKUP else is_answered)


def check(identifier: Identifier) -> bytes:
    """A CheckMembershipRequest."""
    return CheckMembershipRequest(identifier=identifier, segments=[ASKED]).SerializeToString()


def is_answered(reply: bytes) -> None:
    """Raises AssertionError where a CheckMembership told nothing."""
    found = CheckMembershipResponse.FromString(reply).memberships
    assert len(found) == 1, str(found)
    assert found[0].truth, str(found)


def leaving(ground: Ground, people: int) -> None:
    """So many who leave a segment in one second: how long until the last of them is told, and Lookups before and meanwhile."""
    number = len(list(ground.scratch.glob("clock-*")))
    file = ground.scratch / f"clock-{number}"
    more, begun = driven_server.ahead(file), int(time.time())
    bought = begun - LEASE + HALF_DAY
    with serving(
        [sys.executable, "-m", "benchmarks.driven_server", f"sqlite:///{ground.scratch / f'leaving-{number}.db'}", str(file)],
        ground.scratch,
    ) as server:
        with Client(server.address, timeout=600) as client:
            client.put_segment(WATCHED, s.count("order_placed", amount=">= 100 EUR", days=90))
            in_flight(server.address, f"{SERVICE}/IngestBatch", _orders(people, bought), FLYING, all_count)
            known = Identifier(namespace="email", value=_email(0))
            there = client.preview_segment(WATCHED).size
            assert there == people, f"{there:,} of {people:,} are in the segment"
        tally = Tally()
        _turn_of_the_clock(ground, server, more, bought + LEASE, people, lookup(known), tally)
        ground.rows += tally.rows()


def _turn_of_the_clock(ground: Ground, server: Served, more: Any, due: int, people: int, message: bytes, tally: Tally) -> None:
    calm, busy = LEAVING_RATE * CALM, LEAVING_RATE * (LEAD + PATIENCE)
    idle = load(server.address, LOOKUP, message, ground.scratch, calls=int(calm), rate=LEAVING_RATE, shortest=SHORTEST)
    tally.times("Lookup at 500/s, nothing else", idle)
    with ThreadPoolExecutor(2) as beside:
        listening = threading.Event()
        told = beside.submit(_listen, server, people, listening)
        listening.wait()
        at = time.time() + LEAD
        at = float(int(at)) + 1.0
        more[0] = due * 1000 - int(at * 1000)
        looked = load(server.address, LOOKUP, message, ground.scratch, calls=int(busy), rate=LEAVING_RATE, shortest=SHORTEST)
        first, last = told.result()
    tally.add("who leave in one second", people, "profiles", "neither")
    tally.add("the first who leaves is told after", first - at, "s")
    tally.add(LAST_IS_TOLD, last - at, "s")
    meanwhile = looked.between(at, last)
    tally.times("Lookup at 500/s, while they leave", meanwhile)
    tally.add("Lookup at 500/s, while they leave: worst", meanwhile.percentile(1.0) / 1000, "ms")
    tally.add(LOOKUP_OVER_IDLE, meanwhile.percentile(0.99) / idle.percentile(0.99), "times")


def _listen(server: Served, people: int, listening: threading.Event) -> tuple[float, float]:
    """When the first and the last of them were told."""
    first, told = 0.0, 0
    with grpc.insecure_channel(server.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        watch = channel.unary_stream(WATCH, response_deserializer=WatchMembershipResponse.FromString)
        responses = watch(WatchMembershipRequest(segments=[WATCHED]).SerializeToString(), timeout=120)
        for response in responses:
            listening.set()
            if response.changes:
                first, told = first or time.time(), told + len(response.changes)
            if told == people:
                last = time.time()
                responses.cancel()
                return first, last
    raise SystemExit(f"the watch ended after {told:,} of {people:,} changes")


def _orders(people: int, bought: int) -> Iterator[bytes]:
    """IngestBatchRequests: an order each, all of one second."""
    for begin in range(0, people, BATCH):
        seen = []
        for number in range(begin, min(begin + BATCH, people)):
            one = Observation(observation_id=f"order-{number}", evidence_kind="ORDER")
            one.source.name, one.time.seconds = "shop", bought
            one.identifiers.add(namespace="email", value=_email(number))
            event = one.events.add(type="order_placed")
            event.amount.units, event.amount.currency = 120, "EUR"
            seen.append(one)
        yield IngestBatchRequest(observations=seen).SerializeToString()


def _email(number: int) -> str:
    return f"leaver.{number}@gmx.net"
