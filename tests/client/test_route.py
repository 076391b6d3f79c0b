"""Several servers of one store: the one that writes is found, remembered, and looked for again when it is gone."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from idweave import LookupResponse, Observation, RetractResponse, errors
from idweave.channels import addresses_in

from tests.client.fake_server import Failure, FakeServer, failure, serving

CODE = grpc.StatusCode
EMAIL = "email:jo@example.org"
GONE = failure(CODE.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", retry=1)


def stands_by(leader: str = "") -> Failure:
    return failure(CODE.FAILED_PRECONDITION, "ERROR_REASON_NOT_WRITER", retry=1, metadata={"leader": leader} if leader else {})


@pytest.fixture
def pair() -> Iterator[tuple[FakeServer, FakeServer]]:
    with contextlib.contextmanager(serving)() as one, contextlib.contextmanager(serving)() as other:
        yield one, other


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("a:1", ("a:1",)),
        ("a:1,b:2", ("a:1", "b:2")),
        ("a:1, [::1]:2", ("a:1", "[::1]:2")),
        (["a:1", "b:2"], ("a:1", "b:2")),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", ("ipv4:127.0.0.1:1,127.0.0.1:2",)),  # one server by two ways
    ],
)
def test_one_address_or_several(given: str | list[str], found: tuple[str, ...]) -> None:
    assert addresses_in(given) == found


@pytest.mark.parametrize("given", ["localhost:1,", ",", [], ["localhost:1", "example"], "localhost:1,10.0.0.1:2"])
def test_addresses_that_cannot_be_used_are_told_at_once(given: Any, connect: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"host:port|plain text"):
        connect(given)


def test_the_one_that_writes_is_followed_and_remembered(connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]) -> None:
    standby, writer = pair
    standby.plan("Ingest", stands_by(writer.address))
    client = connect(standby.address)
    for number in range(3):
        client.ingest(Observation(observation_id=str(number)))
    assert [len(server.requests("Ingest")) for server in pair] == [1, 3]
    assert writer.requests("Ingest")[0] == standby.requests("Ingest")[0]


def test_even_a_retraction_is_sent_on_since_nothing_was_done(connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]) -> None:
    standby, writer = pair
    standby.plan("Retract", stands_by(writer.address))
    writer.plan("Retract", RetractResponse(observations=1))
    assert connect(standby.address).retract("web", "o-1").observations == 1


def test_a_token_goes_along_and_plain_text_goes_no_further_than_was_allowed(connect: Callable[..., Any], server: FakeServer) -> None:
    server.plan("Retract", *[stands_by("10.1.2.3:50051")] * 9)
    with pytest.raises(errors.NotWriterError) as caught:
        connect(server.address, token="secret").retract("web", "o-1", timeout=0.3)
    assert caught.value.leader == "10.1.2.3:50051"


def test_a_writer_that_is_gone_is_looked_for_at_the_given_addresses(connect: Callable[..., Any], nobody: str, server: FakeServer) -> None:
    """Its lease has yet to run out: the standby names the dead one, for a while."""
    server.plan("Lookup", stands_by(nobody), stands_by(nobody), stands_by(), LookupResponse(revision="r1"))
    client = connect(server.address)
    assert client.lookup(EMAIL).revision == "r1"
    assert len(server.requests("Lookup")) == 4


def test_servers_that_do_not_answer_are_passed_by(connect: Callable[..., Any], nobody: str, server: FakeServer) -> None:
    begin = time.monotonic()
    client = connect([nobody, server.address])
    client.lookup(EMAIL)
    client.ingest(Observation())
    assert time.monotonic() - begin < 2  # where gRPC alone would try the first one for four seconds
    assert len(server.asked) == 2


def test_a_retraction_that_may_have_been_done_is_not_sent_to_another(
    connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]
) -> None:
    one, other = pair
    one.plan("Retract", Failure(CODE.UNAVAILABLE))
    client = connect(f"{one.address},{other.address}")
    with pytest.raises(errors.UnavailableError):
        client.retract("web", "o-1")
    assert other.asked == []
    client.retract("web", "o-1")  # which goes to the other one now
    assert len(other.asked) == 1


def test_all_are_asked_in_turn_until_the_timeout(connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]) -> None:
    for server in pair:
        server.plan("Lookup", *[GONE] * 20)
    with pytest.raises(errors.NotServingError):
        connect(",".join(server.address for server in pair)).lookup(EMAIL, timeout=1.0)
    counts = [len(server.asked) for server in pair]
    assert min(counts) > 1
    assert abs(counts[0] - counts[1]) <= 1
    assert sum(counts) < 20


def test_two_that_name_each_other_are_not_asked_in_a_frenzy(connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]) -> None:
    one, other = pair
    one.plan("Retract", *[stands_by(other.address)] * 99)
    other.plan("Retract", *[stands_by(one.address)] * 99)
    with pytest.raises(errors.NotWriterError):
        connect(one.address).retract("web", "o-1", timeout=1.0)
    assert 4 <= len(one.asked) + len(other.asked) < 20


def test_a_database_that_is_away_is_waited_for(client: Any, server: FakeServer) -> None:
    server.plan("Ingest", *[failure(CODE.UNAVAILABLE, "ERROR_REASON_STORE_AWAY", retry=0.02)] * 7)  # more than gRPC itself would try
    client.ingest(Observation(), timeout=60)
    assert len(server.asked) == 8


def test_a_retraction_that_a_lost_database_may_hold_is_not_made_again(client: Any, server: FakeServer) -> None:
    server.plan("Retract", failure(CODE.UNAVAILABLE, "ERROR_REASON_STORE_AWAY", retry=0.02))
    with pytest.raises(errors.StoreAwayError):
        client.retract("web", "o-1")


def test_one_that_hangs_is_not_asked_again(connect: Callable[..., Any], pair: tuple[FakeServer, FakeServer]) -> None:
    one, other = pair
    one.plan("Lookup", "hang")
    client = connect([one.address, other.address])
    with pytest.raises(errors.DeadlineError):
        client.lookup(EMAIL, timeout=0.2)
    client.lookup(EMAIL)
    assert len(other.asked) == 1
