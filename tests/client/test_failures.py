"""Failed calls become typed errors, by either client; what will pass is tried again, what may have happened is not."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import idweave
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.status_pb2 import Status
from idweave import IngestBatchResponse, LookupResponse, Observation, RetractResponse, Violation, errors, failures

from tests.client.fake_server import Failure, FakeServer, failure

CODE = grpc.StatusCode
EMAIL = "email:jo@example.org"
FOUND = LookupResponse(revision="r1")
GONE = failure(CODE.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", retry=1)


def full(seconds: float | None) -> Failure:
    return failure(CODE.RESOURCE_EXHAUSTED, "ERROR_REASON_QUEUE_FULL", retry=seconds)


def detail(kind: str, data: bytes) -> bytes:
    return Status(details=[Packed(type_url=f"type.googleapis.com/google.rpc.{kind}", value=data)]).SerializeToString()


@pytest.mark.parametrize("reason", sorted(failures.BY_REASON))
def test_every_reason_is_raised_as_its_error(reason: str, client: Any, server: FakeServer) -> None:
    planned = failure(CODE.FAILED_PRECONDITION, reason, retry=3_600, fields={"source": "has no name"})
    server.plan("Retract", *[planned] * 50)  # who writes may change at any moment, so that is asked again until the time is up
    with pytest.raises(errors.IdweaveClientError) as caught:
        client.retract("web", "o-1", timeout=1.0)
    error = caught.value
    assert type(error) is failures.BY_REASON[reason]
    assert (str(error), error.message, error.method) == ("it failed", "it failed", "Retract")
    assert (error.code, error.reason) == ("FAILED_PRECONDITION", reason.removeprefix("ERROR_REASON_"))
    assert error.violations == (Violation("source", "has no name"),)
    assert (error.request_id, error.retry_after) == ("r-1", 3_600.0)


@pytest.mark.parametrize("code", [code for code in CODE if code is not CODE.OK])
def test_every_code_without_a_reason_is_raised_as_its_error(code: grpc.StatusCode, client: Any, server: FakeServer) -> None:
    server.plan("Retract", Failure(code, "so it is", request_id="r-2"))
    with pytest.raises(errors.IdweaveClientError, match="so it is" if code is not CODE.DEADLINE_EXCEEDED else "longer timeout") as caught:
        client.retract("web", "o-1")
    assert type(caught.value) is failures.BY_CODE[code]
    assert (caught.value.code, caught.value.reason, caught.value.request_id) == (code.name, "", "r-2")


def test_the_codes_are_all_there() -> None:
    assert set(failures.BY_CODE) == set(CODE) - {CODE.OK}


@pytest.mark.parametrize(
    "strange",
    [
        Failure(CODE.NOT_FOUND, details=b"\xff\xff"),
        Failure(CODE.NOT_FOUND, details=detail("ErrorInfo", b"\xff")),
        Failure(CODE.NOT_FOUND, details=detail("Help", b"")),
        failure(CODE.NOT_FOUND, "ERROR_REASON_CONFLICT", domain="proxy.example"),
        failure(CODE.NOT_FOUND, "ERROR_REASON_OF_TOMORROW"),
    ],
)
def test_details_that_say_nothing_to_us_leave_the_code(strange: Failure, client: Any, server: FakeServer) -> None:
    server.plan("Lookup", strange)
    with pytest.raises(errors.NotFoundError) as caught:
        client.lookup(EMAIL)
    assert caught.value.reason in {"", "OF_TOMORROW"}


def test_a_call_that_nobody_answers_is_made_again(client: Any, server: FakeServer) -> None:
    server.plan("Lookup", GONE, Failure(CODE.UNAVAILABLE), FOUND)
    assert client.lookup(EMAIL) == FOUND
    assert len(server.requests("Lookup")) == 3


def test_an_observation_is_sent_again_under_the_same_id(client: Any, server: FakeServer) -> None:
    server.plan("Ingest", GONE, GONE)
    client.ingest(source="web", kind="LOGIN", identifiers=[EMAIL])
    first, second, third = server.requests("Ingest")
    assert first == second == third
    assert first.observation.observation_id


def test_a_large_batch_is_sent_again_too(client: Any, server: FakeServer) -> None:
    """gRPC keeps 256 KiB for retries unless told otherwise, and silently gives up retrying beyond."""
    observations = [Observation(observation_id=f"{n}-" + "x" * 900) for n in range(1_000)]
    server.plan("IngestBatch", GONE, IngestBatchResponse(revision="r1"))
    assert client.ingest_batch(observations).revision == "r1"
    first, second = server.requests("IngestBatch")
    assert first == second
    assert first.ByteSize() > 900_000


@pytest.mark.parametrize("call", [lambda c: c.retract("web", "o-1"), lambda c: c.erase(EMAIL)], ids=["retract", "erase"])
def test_what_may_have_happened_is_not_done_twice(call: Callable[[Any], Any], client: Any, server: FakeServer) -> None:
    server.plan("Retract", GONE)
    server.plan("Erase", GONE)
    with pytest.raises(errors.NotServingError):
        call(client)
    assert len(server.asked) == 1


def test_retries_end_with_the_timeout(client: Any, server: FakeServer) -> None:
    server.plan("Lookup", *[GONE] * 9)
    with pytest.raises(errors.DeadlineError):
        client.lookup(EMAIL, timeout=0.3)
    assert 1 < len(server.asked) < 5


@pytest.mark.slow
def test_retries_end_with_the_fifth(client: Any, server: FakeServer) -> None:
    server.plan("Lookup", *[GONE] * 9)
    with pytest.raises(errors.NotServingError) as caught:
        client.lookup(EMAIL, timeout=60)
    assert caught.value.retry_after == 1.0
    assert len(server.asked) == 5


def test_a_full_queue_is_waited_for_as_long_as_it_says(client: Any, server: FakeServer) -> None:
    server.plan("Retract", *[full(0.02)] * 8, RetractResponse(observations=1))  # more tries than gRPC itself would make
    begin = time.monotonic()
    assert client.retract("web", "o-1").observations == 1
    assert time.monotonic() - begin > 8 * 0.02
    assert len(server.asked) == 9


@pytest.mark.parametrize("seconds", [5.0, None])
def test_a_queue_that_stays_full_beyond_the_timeout_is_told_at_once(seconds: float | None, client: Any, server: FakeServer) -> None:
    server.plan("Ingest", full(seconds))
    begin = time.monotonic()
    with pytest.raises(errors.QueueFullError) as caught:
        client.ingest(Observation(), timeout=0.9)
    assert time.monotonic() - begin < 0.9
    assert caught.value.retry_after == seconds
    assert len(server.asked) == 1


def test_a_full_disk_is_not_a_full_queue(client: Any, server: FakeServer) -> None:
    server.plan("Ingest", failure(CODE.RESOURCE_EXHAUSTED, "ERROR_REASON_STORE_FAILED"))
    with pytest.raises(errors.StoreFailedError):
        client.ingest(Observation())
    assert len(server.asked) == 1


def test_a_call_ends_with_its_time(client: Any, server: FakeServer) -> None:
    server.plan("Lookup", "hang")
    with pytest.raises(errors.DeadlineError, match=r"no answer from .* within 0.2 s; give it a longer timeout"):
        client.lookup(EMAIL, timeout=0.2)


def test_every_call_has_its_time(connect: Callable[..., Any], server: FakeServer) -> None:
    client = connect(server.address, timeout=50.0)
    client.get_status()
    client.get_status(timeout=20.0)
    client.erase(EMAIL)
    list(client.export_files(timeout=30.0))
    for asked, seconds in zip(server.asked, [50, 20, 3_600, 30], strict=True):
        assert 0.8 * seconds < asked.time_left < 1.01 * seconds  # gRPC sends long times rounded up


def test_a_stream_fails_with_our_errors(client: Any, server: FakeServer) -> None:
    server.plan("ExportFiles", failure(CODE.INTERNAL, "ERROR_REASON_INTERNAL"))
    with pytest.raises(errors.InternalError) as caught:
        list(client.export_files())
    assert caught.value.request_id == "r-1"


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_no_server_is_told_with_the_address(connect: Callable[..., Any], nobody: str) -> None:
    with pytest.raises(errors.UnavailableError, match=f"nobody answers at {nobody}; is the server running"):
        connect(nobody).retract("web", "o-1", timeout=5)


def test_a_message_beyond_the_limit_is_told_as_too_large(client: Any, server: FakeServer) -> None:
    with pytest.raises(errors.TooLargeError):
        client.ingest(Observation(observation_id="x" * (17 * 1024 * 1024)))
    assert server.asked == []


def test_a_closed_client_says_so(connect: Callable[..., Any], server: FakeServer) -> None:
    client = connect(server.address)
    client.get_status()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get_status()


def test_context_managers_close(server: FakeServer) -> None:
    with idweave.Client(server.address) as client:
        client.get_status()
    with pytest.raises(RuntimeError, match="closed"):
        client.get_status()

    async def run() -> None:
        async with idweave.AsyncClient(server.address) as client:
            await client.get_status()
        with pytest.raises(RuntimeError, match="closed"):
            await client.get_status()

    asyncio.run(run())


def test_an_async_client_may_be_made_anywhere_but_keeps_to_one_loop(server: FakeServer) -> None:
    async def ask(client: idweave.AsyncClient) -> None:
        await client.get_status()

    client = idweave.AsyncClient(server.address)
    with asyncio.Runner() as first:
        first.run(ask(client))
        with pytest.raises(RuntimeError, match="another event loop"):
            asyncio.run(ask(client))
        first.run(client.close())


def test_a_task_that_is_cancelled_gives_up_its_call(server: FakeServer) -> None:
    async def run() -> None:
        async with idweave.AsyncClient(server.address) as client:
            task = asyncio.create_task(client.lookup(EMAIL))
            await asyncio.to_thread(until, lambda: len(server.asked) == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(server.cancelled.wait, 10)

    server.plan("Lookup", "hang")
    asyncio.run(run())


def test_closing_gives_up_the_calls_under_way(server: FakeServer) -> None:
    server.plan("Lookup", "hang", "hang")
    client = idweave.Client(server.address)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.lookup, EMAIL)
        until(lambda: len(server.asked) == 1)
        client.close()
        with pytest.raises(errors.CallCancelledError):
            call.result(10)

    async def run() -> None:
        client = idweave.AsyncClient(server.address)
        call = asyncio.create_task(client.lookup(EMAIL))
        await asyncio.to_thread(until, lambda: len(server.asked) == 2)
        await client.close()
        with pytest.raises(errors.CallCancelledError, match="closed"):
            await call

    asyncio.run(run())


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.01)
