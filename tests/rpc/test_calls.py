"""What surrounds every call, through a real channel: request ids, bounds, statuses, deadlines, counts, log lines."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from idweave import AsyncClient
from idweave.errors import StoreAwayError
from idweave.v1.identity_service_pb2 import BatchLookupRequest, IngestBatchRequest, LookupQuery, LookupRequest, LookupResponse
from idweave_server.errors import NotFoundError, RequestError, UnavailableError
from idweave_server.rpc.listen import Protection

from tests.rpc.served import IDENTITY, Failure, Served, failure, served

LOOKUP = f"{IDENTITY}Lookup"


async def answer(request: LookupRequest) -> LookupResponse:
    return LookupResponse(revision=request.purpose)


async def call(channel: Any, request: bytes, *, method: str = "Lookup", **options: Any) -> bytes:
    """The reply."""
    reply: bytes = await channel.unary_unary(f"{IDENTITY}{method}")(request, timeout=options.pop("timeout", 20), **options)
    return reply


async def failing(channel: Any, request: bytes, **options: Any) -> Failure:
    with pytest.raises(grpc.RpcError) as caught:
        await call(channel, request, **options)
    return failure(caught.value)


def test_a_call_is_answered_counted_and_named() -> None:
    async def test() -> None:
        async with served({"Lookup": answer}) as at:
            reply = await call(at.channel, LookupRequest(purpose="x").SerializeToString())
            assert LookupResponse.FromString(reply).revision == "x"
            meter = at.surroundings.meter.method(LOOKUP)
            assert (meter.codes, meter.running, sum(meter.seconds.counts)) == ({"OK": 1}, 0, 1)
            assert at.logged() == []  # a good, quick call is counted and not logged

    asyncio.run(test())


@pytest.mark.parametrize(
    ("given", "used"), [("abc-1", "abc-1"), ("x" * 64, "x" * 64), ("x" * 65, "made-1"), ("a b", "made-1"), ("", "made-1")]
)
def test_a_sane_request_id_of_the_caller_is_kept(given: str, used: str) -> None:
    async def test() -> None:
        async with served({"Lookup": answer}, log_all=True) as at:
            await call(at.channel, b"", metadata=(("x-request-id", given),))
            (line,) = at.logged()
            assert (line["event"], line["method"], line["code"], line["request_id"]) == ("call", LOOKUP, "OK", used)

    asyncio.run(test())


def test_a_domain_error_becomes_its_status() -> None:
    async def refuse(request: LookupRequest) -> LookupResponse:
        raise RequestError.of("identifiers[0].value", "is empty")

    async def test() -> None:
        async with served({"Lookup": refuse}) as at:
            told = await failing(at.channel, b"", metadata=(("x-request-id", "abc-1"),))
            assert told.code is grpc.StatusCode.INVALID_ARGUMENT
            assert (told.reason, told.fields) == ("ERROR_REASON_INVALID_REQUEST", (("identifiers[0].value", "is empty"),))
            assert told.trailers["x-request-id"] == "abc-1"
            assert at.surroundings.meter.method(LOOKUP).codes == {"INVALID_ARGUMENT": 1}
            assert [line["code"] for line in at.logged()] == ["INVALID_ARGUMENT"]

    asyncio.run(test())


def test_a_database_that_is_away_is_told_at_once() -> None:
    """gRPC would call again by itself until the time is up, and the caller would hear of nothing but that."""
    asked = 0

    async def refuse(request: LookupRequest) -> LookupResponse:
        nonlocal asked
        asked += 1
        raise UnavailableError("the database does not answer", 5.0)

    async def test() -> None:
        async with served({"Lookup": refuse}) as at, AsyncClient(at.server.address, timeout=3.0) as client:
            with pytest.raises(StoreAwayError, match="does not answer") as caught:
                await client.lookup("email:jo@example.org")
            assert (caught.value.reason, caught.value.retry_after, asked) == ("STORE_AWAY", 5.0, 1)

    asyncio.run(test())


def test_a_fault_tells_the_caller_nothing_and_the_log_where() -> None:
    async def fail(request: LookupRequest) -> LookupResponse:
        raise KeyError(request.purpose)

    async def test() -> None:
        async with served({"Lookup": fail}) as at:
            told = await failing(at.channel, LookupRequest(purpose="jo@example.org").SerializeToString())
            assert (told.code, told.reason) == (grpc.StatusCode.INTERNAL, "ERROR_REASON_INTERNAL")
            assert "made-1" in told.message
            fault, line = at.logged()
            assert (fault["event"], fault["error"], fault["request_id"], line["code"]) == ("fault", "KeyError", "made-1", "INTERNAL")
            assert "jo@example.org" not in at.stream.getvalue() + told.message + str(told.trailers)

    asyncio.run(test())


@pytest.mark.parametrize("broken", [b"\xff\xff\xff", b"\x1a\x05ab", b"\x1a\x02\xc3\x28"])
def test_bytes_that_are_no_message_are_refused_properly(broken: bytes) -> None:
    async def test() -> None:
        async with served({"Lookup": answer}) as at:
            told = await failing(at.channel, broken)
            assert (told.code, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ERROR_REASON_INVALID_REQUEST")
            assert "LookupRequest" in told.message
            await call(at.channel, b"")

    asyncio.run(test())


def test_bounds_are_named() -> None:
    async def test() -> None:
        async with served({"Lookup": answer}) as at:
            told = await failing(at.channel, LookupRequest(purpose="x" * 300_000).SerializeToString())
            assert (told.code, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ERROR_REASON_TOO_LARGE")
            assert "at most 262,144" in told.message
            many = BatchLookupRequest(queries=[LookupQuery()] * 10_001)
            told = await failing(at.channel, many.SerializeToString(), method="BatchLookup")
            assert (told.reason, told.fields) == (
                "ERROR_REASON_TOO_LARGE",
                (("queries", "has 10,001 items; at most 10,000 are allowed: send them in parts"),),
            )
            told = await failing(at.channel, IngestBatchRequest().SerializeToString(), method="IngestBatch")
            assert (told.reason, told.fields) == ("ERROR_REASON_INVALID_REQUEST", (("observations", "is empty; 1 to 10,000 are allowed"),))
            told = await failing(at.channel, b"x" * (17 * 1024 * 1024), method="BatchLookup")
            assert (told.code, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ERROR_REASON_TOO_LARGE")
            assert told.message == "the request has 17,825,792 bytes; at most 16,777,216 are allowed: send it in parts"
            assert told.fields == (("", told.message),)
            told = await failing(at.channel, b"x" * (21 * 1024 * 1024), method="BatchLookup")
            assert told.code is grpc.StatusCode.RESOURCE_EXHAUSTED  # gRPC itself, before the message is held in memory

    asyncio.run(test())


def test_a_deadline_ends_the_call_and_the_next_one_is_served() -> None:
    ended = []

    async def wait(request: LookupRequest) -> LookupResponse:
        if request.purpose:
            return LookupResponse()
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            ended.append(True)
            raise
        raise AssertionError

    async def test() -> None:
        async with served({"Lookup": wait}) as at:
            told = await failing(at.channel, b"", timeout=0.2)
            assert told.code is grpc.StatusCode.DEADLINE_EXCEEDED
            await call(at.channel, LookupRequest(purpose="x").SerializeToString())
            async with asyncio.timeout(20):
                await at.surroundings.idle()
            assert ended == [True]
            assert at.surroundings.meter.method(LOOKUP).codes == {"CANCELLED": 1, "OK": 1}

    asyncio.run(test())


def test_more_calls_than_may_run_are_told_when_to_come_again() -> None:
    async def test() -> None:
        go = asyncio.Event()

        async def wait(request: LookupRequest) -> LookupResponse:
            await go.wait()
            return LookupResponse()

        async with served({"Lookup": wait}, most_running=2) as at:
            running = [asyncio.ensure_future(call(at.channel, b"")) for _ in range(2)]
            async with asyncio.timeout(20):
                while at.surroundings.meter.running < 2:
                    await asyncio.sleep(0.001)
            told = await failing(at.channel, b"")
            assert (told.code, told.reason, told.retry) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_QUEUE_FULL", 1.0)
            go.set()
            await asyncio.gather(*running)
            await call(at.channel, b"")

    asyncio.run(test())


def test_before_it_opens_and_while_it_drains_calls_are_sent_elsewhere() -> None:
    async def test() -> None:
        go = asyncio.Event()

        async def wait(request: LookupRequest) -> LookupResponse:
            await go.wait()
            return LookupResponse()

        async with served({}, opened=False) as at:
            told = await failing(at.channel, b"")
            assert (told.code, told.reason, told.retry) == (grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", 1.0)
            assert await health(at) == 2
            await at.server.open({LOOKUP: wait})
            assert await health(at) == 1
            running = asyncio.ensure_future(call(at.channel, b""))
            async with asyncio.timeout(20):
                while not at.surroundings.meter.running:
                    await asyncio.sleep(0.001)
            draining = asyncio.ensure_future(at.server.drain(20))
            await asyncio.sleep(0)
            assert await health(at) == 2
            told = await failing(at.channel, b"")
            assert told.reason == "ERROR_REASON_NOT_SERVING"
            assert not draining.done()
            go.set()
            await running
            assert await draining is True

    asyncio.run(test())


def test_what_does_not_end_in_time_is_cut_off() -> None:
    async def wait(request: LookupRequest) -> LookupResponse:
        await asyncio.sleep(3_600)
        raise AssertionError

    async def test() -> None:
        async with served({"Lookup": wait}) as at:
            running = asyncio.ensure_future(failing(at.channel, b""))
            async with asyncio.timeout(20):
                while not at.surroundings.meter.running:
                    await asyncio.sleep(0.001)
            assert await at.server.drain(0.01) is False
            await at.server.stop()
            assert (await running).code in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)

    asyncio.run(test())


def test_a_token_is_asked_of_everything_but_health() -> None:
    async def test() -> None:
        async with served({"Lookup": answer}, protection=Protection(tokens=("one-token-of-many", "another-token-here"))) as at:
            assert await health(at) == 1
            for shown in ((), (("authorization", "Bearer wrong"),), (("authorization", "another-token-here"),)):
                told = await failing(at.channel, b"x" * 100_000, metadata=(*shown, ("x-request-id", "abc-1")))
                assert (told.code, told.reason) == (grpc.StatusCode.UNAUTHENTICATED, "ERROR_REASON_ACCESS_DENIED")
                assert "authorization: Bearer" in told.message
                assert told.trailers["x-request-id"] == "abc-1"
            await call(at.channel, b"", metadata=(("authorization", "Bearer another-token-here"),))
            assert at.surroundings.meter.method(LOOKUP).codes == {"UNAUTHENTICATED": 3, "OK": 1}
            assert [(line["method"], line["code"], line["request_id"]) for line in at.logged()] == [
                (LOOKUP, "UNAUTHENTICATED", "abc-1")
            ] * 3
            assert "wrong" not in at.stream.getvalue()


def test_reflection_and_streams_ask_for_the_token_too() -> None:
    async def test() -> None:
        async with served({}, protection=Protection(tokens=("one-token-of-many",))) as at:
            for method in ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/idweave.v1.AdminService/ExportFiles"):
                with pytest.raises(grpc.RpcError) as caught:
                    await at.channel.stream_stream(method)(timeout=20).read()  # which has sent nothing yet
                assert failure(caught.value).reason == "ERROR_REASON_ACCESS_DENIED"

    asyncio.run(test())


@pytest.mark.parametrize("name", ["/idweave.v1.IdentityService/Guess", "/idweave.v9.IdentityService/Lookup", "/jo@example.org"])
@pytest.mark.parametrize("size", [0, 1_000_000])
def test_a_method_that_there_is_not_is_told_as_such(name: str, size: int) -> None:
    async def test() -> None:
        async with served({"Lookup": answer}) as at:
            with pytest.raises(grpc.RpcError) as caught:
                await at.channel.unary_unary(name)(b"x" * size, timeout=20)
            told = failure(caught.value)
            assert (told.code, told.reason) == (grpc.StatusCode.UNIMPLEMENTED, "ERROR_REASON_UNKNOWN_METHOD")
            assert at.surroundings.meter.method("other").codes == {"UNIMPLEMENTED": 1}
            assert "other" in at.stream.getvalue() + str(at.logged())
            assert name not in at.stream.getvalue() + str(set(at.surroundings.meter.methods))  # it is the caller's text

    asyncio.run(test())


def test_health_and_reflection_are_still_found() -> None:
    async def test() -> None:
        async with served({}) as at:
            assert await health(at) == 1
            stream = at.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")(timeout=20)
            await stream.write(b"\x3a\x00")  # list_services
            assert b"idweave.v1.IdentityService" in await stream.read()
            stream.cancel()

    asyncio.run(test())

    asyncio.run(test())


async def health(at: Served) -> int:
    """1 serving, 2 not."""
    reply = await at.channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20)
    return int(reply[1])


def test_a_stream_is_answered_piece_by_piece_and_its_error_is_told() -> None:
    async def pieces(request: Any) -> Any:
        yield LookupResponse(revision="a")
        yield LookupResponse(revision="b")
        raise NotFoundError("there is no c")

    async def test() -> None:
        async with served({}) as at:
            at.surroundings.open({"/idweave.v1.AdminService/ExportFiles": pieces})
            stream = at.channel.unary_stream("/idweave.v1.AdminService/ExportFiles")(b"", timeout=20)
            assert [LookupResponse.FromString(await stream.read()).revision for _ in range(2)] == ["a", "b"]
            with pytest.raises(grpc.RpcError) as caught:
                await stream.read()
            assert failure(caught.value).reason == "ERROR_REASON_NOT_FOUND"

    asyncio.run(test())
