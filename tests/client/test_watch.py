"""Watches of either client before a server that drops them: taken up again from the last token, or ended with the right error."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from idweave import (
    AsyncClient,
    CallCancelledError,
    Client,
    DeadlineError,
    QueueFullError,
    ResumeTokenError,
    RevisionError,
    UnavailableError,
)
from idweave import watch as watch_module
from idweave.v1.change_pb2 import ProfileChange, WatchMembershipResponse, WatchProfilesResponse

from tests.client.fake_server import FakeServer, failure, serving

DROPPED = failure(grpc.StatusCode.UNAVAILABLE)
STOPPING = failure(grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", retry=0.01)


def told(token: str, *, more: bool = False) -> WatchProfilesResponse:
    return WatchProfilesResponse(changes=[ProfileChange(change_id=f"{token}.0")], resume_token=token, more=more)


class Followed:
    """A watch of either client, spoken to as if it were one of `Client`."""

    def __init__(self, watch: Any, runner: asyncio.Runner | None) -> None:
        self.watch, self._runner = watch, runner

    @property
    def resume_token(self) -> str:
        return str(self.watch.resume_token)

    def tokens(self, count: int) -> list[str]:
        """Those of the next responses."""
        return [self.next().resume_token for _ in range(count)]

    def next(self) -> Any:
        if self._runner is None:
            return next(self.watch)
        return self._runner.run(self._anext())

    async def _anext(self) -> Any:
        return await anext(self.watch)

    def close(self) -> None:
        if self._runner is None:
            self.watch.close()
        else:
            self._runner.run(self.watch.aclose())


@pytest.fixture(params=[Client, AsyncClient])
def follow(request: pytest.FixtureRequest) -> Iterator[Callable[..., Followed]]:
    """Begins a watch of profiles with a client of its own."""
    runner = asyncio.Runner() if request.param is AsyncClient else None
    clients, watches = [], []

    def begin(address: str, *, patience: float = 10.0, **asked: Any) -> Followed:
        clients.append(request.param(address, timeout=patience))
        watches.append(Followed(clients[-1].watch_profiles(**asked), runner))
        return watches[-1]

    yield begin
    for one in watches:
        one.close()
    for client in clients:
        if runner is None:
            client.close()
        else:
            runner.run(client.close())
    if runner is not None:
        runner.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(watch_module, "LAST_PAUSE", 0.05)


def asked_tokens(server: FakeServer) -> list[str]:
    return [request.resume_token for request in server.requests("WatchProfiles")]


@pytest.mark.parametrize("end", [DROPPED, STOPPING, failure(grpc.StatusCode.CANCELLED), failure(grpc.StatusCode.INTERNAL)])
def test_a_watch_that_breaks_off_goes_on_from_its_last_token(end: Any, follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), told("b"), end], [told("c"), end], [told("d"), "hang"])
    watch = follow(server.address, kinds=["merged"], include_backfill=True)
    assert watch.resume_token == ""
    assert watch.tokens(3) == ["a", "b", "c"]
    assert watch.resume_token == "c"
    assert watch.tokens(1) == ["d"]
    assert asked_tokens(server) == ["", "b", "c"]
    requests = server.requests("WatchProfiles")
    assert all(list(one.kinds) == [2] and one.include_backfill for one in requests), "the question stays the same"


def test_a_revision_that_was_cut_comes_again_whole(follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), told("a", more=True), DROPPED], [told("a", more=True), told("b"), "hang"])
    watch = follow(server.address)
    assert [watch.next().more for _ in range(4)] == [False, True, True, False]
    assert asked_tokens(server) == ["", "a"]


def test_once_it_was_answered_it_is_taken_up_for_as_long_as_it_takes(follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), DROPPED], *[DROPPED] * 12, [told("b"), "hang"])
    watch = follow(server.address, patience=0.1)
    assert watch.tokens(2) == ["a", "b"]


def test_a_server_that_starts_is_waited_for(follow: Callable[..., Followed], server: FakeServer) -> None:
    starting = failure(grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", retry=0.15)
    server.plan("WatchProfiles", *[starting] * 3, [told("a"), "hang"])
    watch = follow(server.address, patience=0.1)
    assert watch.tokens(1) == ["a"]


def test_nobody_there_is_an_error_after_the_client_s_patience(follow: Callable[..., Followed]) -> None:
    watch = follow("127.0.0.1:9", patience=0.3)
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9"):
        watch.next()


def test_what_no_waiting_mends_is_raised(follow: Callable[..., Followed], server: FakeServer) -> None:
    expired = failure(grpc.StatusCode.OUT_OF_RANGE, "ERROR_REASON_RESUME_TOKEN_EXPIRED", metadata={"oldest": "o"})
    server.plan("WatchProfiles", [told("a"), expired], failure(grpc.StatusCode.FAILED_PRECONDITION, "ERROR_REASON_REVISION_UNKNOWN"))
    watch = follow(server.address)
    assert watch.tokens(1) == ["a"]
    with pytest.raises(ResumeTokenError) as caught:
        watch.next()
    assert (caught.value.oldest, caught.value.reason, watch.resume_token) == ("o", "RESUME_TOKEN_EXPIRED", "a")
    with pytest.raises(RevisionError):
        follow(server.address, resume_token="of elsewhere").next()


def test_a_fault_of_the_server_is_raised_where_it_says_so(follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), failure(grpc.StatusCode.INTERNAL, "ERROR_REASON_INTERNAL")])
    watch = follow(server.address)
    watch.next()
    with pytest.raises(Exception, match="it failed") as caught:
        watch.next()
    assert type(caught.value).__name__ == "InternalError"


def test_too_many_watches_are_waited_for_and_then_told(follow: Callable[..., Followed], server: FakeServer) -> None:
    full = failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_QUEUE_FULL", retry=0.05)
    server.plan("WatchProfiles", full, full, [told("a"), "hang"])
    assert follow(server.address).tokens(1) == ["a"]
    server.plan("WatchProfiles", *[full] * 100)
    with pytest.raises(QueueFullError):
        follow(server.address, timeout=0.2).next()


def test_the_timeout_is_of_the_whole_watch(follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), DROPPED], [told("b"), "hang"])
    begun = time.monotonic()
    watch = follow(server.address, timeout=0.5)
    assert watch.tokens(2) == ["a", "b"]
    with pytest.raises(DeadlineError):
        watch.next()
    assert 0.4 < time.monotonic() - begun < 5
    for timeout in (0.0, -1.0, float("inf")):
        with pytest.raises(ValueError, match="timeout"):
            follow(server.address, timeout=timeout)


def test_a_closed_watch_ends_and_its_call_with_it(follow: Callable[..., Followed], server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), "hang"])
    watch = follow(server.address)
    watch.next()
    watch.close()
    assert server.cancelled.wait(10)
    with pytest.raises((StopIteration, StopAsyncIteration)):
        watch.next()


def test_another_server_is_asked_where_one_is_gone(follow: Callable[..., Followed], server: FakeServer) -> None:
    for other in serving():
        server.plan("WatchProfiles", [told("a"), STOPPING])
        other.plan("WatchProfiles", [told("b"), "hang"])
        watch = follow([server.address, other.address])
        assert watch.tokens(2) == ["a", "b"]
        assert asked_tokens(other) == ["a"]


def test_a_thread_that_waits_hears_of_the_close(server: FakeServer) -> None:
    server.plan("WatchProfiles", [told("a"), "hang"], [told("a"), "hang"])
    with Client(server.address) as client:
        watch = client.watch_profiles()
        next(watch)
        closing = threading.Timer(0.1, watch.close)
        closing.start()
        assert list(watch) == []
        closing.join()
        other = client.watch_profiles()
        next(other)
        closing = threading.Timer(0.1, client.close)
        closing.start()
        with pytest.raises(CallCancelledError, match="the client was closed"):
            next(other)
        closing.join()


def test_a_task_that_is_cancelled_ends_and_may_go_on_later(server: FakeServer) -> None:
    server.plan(
        "WatchMembership",
        [WatchMembershipResponse(resume_token="a"), "hang"],
        [WatchMembershipResponse(resume_token="b"), "hang"],
        ["hang"],
    )

    async def test() -> None:
        async with AsyncClient(server.address) as client:
            watch = client.watch_membership("recent")
            assert (await anext(watch)).resume_token == "a"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await anext(watch)
            async with asyncio.timeout(10):
                async for response in watch:
                    assert response.resume_token == "b"
                    break
            await watch.aclose()
            other = client.watch_membership()
            waiting = asyncio.ensure_future(anext(other))
            await asyncio.sleep(0.05)
        with pytest.raises(CallCancelledError, match="the client was closed"):
            await waiting

    asyncio.run(test())
