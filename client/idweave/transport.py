"""How calls are made, for either client: a deadline on each, failures as our errors, patience with a full queue, pages and streams."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from threading import Lock
from typing import Any, TypeVar

import grpc
import grpc.aio

from idweave.channels import Endpoint, open_channel
from idweave.errors import CallCancelledError, IdweaveClientError, QueueFullError
from idweave.failures import error_of
from idweave.route import Route, Way
from idweave.rpcs import Answered, Asked, Rpc
from idweave.v1.change_pb2 import WatchMembershipResponse, WatchProfilesResponse
from idweave.v1.identity_service_pb2 import GetTimelineResponse
from idweave.v1.quality_service_pb2 import ListIssuesResponse
from idweave.v1.segment_service_pb2 import ListMembersResponse, ListSegmentsResponse
from idweave.watch import AsyncWatch, Resumption, Watch

Told = TypeVar("Told", bound=WatchProfilesResponse | WatchMembershipResponse)
Page = TypeVar("Page", GetTimelineResponse, ListIssuesResponse, ListMembersResponse, ListSegmentsResponse)

LONG_TIMEOUT = 3_600.0  # seconds, for calls that may go through all that is known
QUEUE_WAIT = 1.0  # seconds, where a full queue does not say how long


class Deadline:
    """The instant by which a call must be over, however often it is tried. Raises ValueError where it is no time at all."""

    def __init__(self, rpc: Rpc[Any, Any], timeout: float | None, otherwise: float) -> None:
        self.seconds = timeout if timeout is not None else max(otherwise, LONG_TIMEOUT) if rpc.long else otherwise
        if not 0 < self.seconds < math.inf:
            raise ValueError(f"a timeout of {self.seconds} s cannot be met; give a number of seconds above 0")
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.0)

    def pause(self, error: IdweaveClientError, way: Way, asked: Endpoint) -> float | None:
        """How long to wait before the call is made again; None where that is no use, or the time is up before."""
        if isinstance(error, QueueFullError):
            seconds: float | None = QUEUE_WAIT if error.retry_after is None else max(error.retry_after, 0.01)
        else:
            seconds = way.after(error, asked)
        return seconds if seconds is not None and seconds < self.left() else None


class Transport:
    """Calls that block; threads may share it."""

    def __init__(self, route: Route, timeout: float) -> None:
        self.route = route
        self._timeout = timeout
        self._closed = False
        self._channels: dict[str, grpc.Channel] = {}
        self._opening = Lock()

    @property
    def channel(self) -> grpc.Channel:
        """To the server that is asked now."""
        return self._channel(self.route.current)

    def _channel(self, to: Endpoint) -> grpc.Channel:
        with self._opening:
            if self._closed:
                raise RuntimeError("this client is closed; make another one")
            if to.address not in self._channels:
                self._channels[to.address] = open_channel(to, grpc)
            return self._channels[to.address]

    def call(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> Answered:
        deadline, way = Deadline(rpc, timeout, self._timeout), Way(self.route, repeatable=rpc.repeatable)
        while True:
            asked = self.route.current
            method = self._channel(asked).unary_unary(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
            try:
                return method(request, timeout=deadline.left(), metadata=asked.metadata)
            except grpc.RpcError as failure:
                error = _error(failure, rpc, asked, deadline)
                wait = deadline.pause(error, way, asked)
                if wait is None:
                    raise error from failure
            time.sleep(wait)

    def pages(self, rpc: Rpc[Any, Page], request: Any, timeout: float | None) -> Iterator[Page]:
        while True:
            page = self.call(rpc, request, timeout)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def stream(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> Iterator[Answered]:
        deadline, asked = Deadline(rpc, timeout, self._timeout), self.route.current
        method = self._channel(asked).unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        call = method(request, timeout=deadline.left(), metadata=asked.metadata)
        try:
            yield from call
        except grpc.RpcError as failure:
            raise _error(failure, rpc, asked, deadline) from failure
        finally:
            call.cancel()  # where the caller stops half way

    def watch(self, rpc: Rpc[Asked, Told], request: Asked, timeout: float | None) -> Watch[Told]:
        return Watch(self, Resumption(rpc, request, timeout, self._timeout, Way(self.route, repeatable=True)))

    def begin(self, rpc: Rpc[Asked, Told], request: Asked, asked: Endpoint, seconds: float | None) -> Any:
        """A stream of answers, without an end where seconds is None."""
        method = self._channel(asked).unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        return method(request, timeout=seconds, metadata=asked.metadata)

    def raise_where_closed(self, rpc: Rpc[Any, Any]) -> None:
        if self._closed:
            raise _given_up(rpc) from None

    def close(self) -> None:
        with self._opening:
            self._closed = True
            for channel in self._channels.values():
                channel.close()


class AsyncTransport:
    """Calls under asyncio. The channel is made in the event loop that first uses it, and belongs to that one."""

    def __init__(self, route: Route, timeout: float) -> None:
        self.route = route
        self._timeout = timeout
        self._closed = False
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def channel(self) -> grpc.aio.Channel:
        """To the server that is asked now."""
        return self._channel(self.route.current)

    def _channel(self, to: Endpoint) -> grpc.aio.Channel:
        if self._closed:
            raise RuntimeError("this client is closed; make another one")
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise RuntimeError("this client belongs to another event loop; make one in each")
        if to.address not in self._channels:
            self._channels[to.address] = open_channel(to, grpc.aio)
        return self._channels[to.address]

    async def call(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> Answered:
        deadline, way = Deadline(rpc, timeout, self._timeout), Way(self.route, repeatable=rpc.repeatable)
        while True:
            asked = self.route.current
            method = self._channel(asked).unary_unary(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
            try:
                return await method(request, timeout=deadline.left(), metadata=asked.metadata)
            except grpc.RpcError as failure:
                error = _error(failure, rpc, asked, deadline)
                wait = deadline.pause(error, way, asked)
                if wait is None:
                    raise error from failure
            except asyncio.CancelledError:
                self.raise_where_closed(rpc)
                raise
            await asyncio.sleep(wait)

    async def pages(self, rpc: Rpc[Any, Page], request: Any, timeout: float | None) -> AsyncIterator[Page]:
        while True:
            page = await self.call(rpc, request, timeout)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def stream(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> AsyncIterator[Answered]:
        deadline, asked = Deadline(rpc, timeout, self._timeout), self.route.current
        method = self._channel(asked).unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        call = method(request, timeout=deadline.left(), metadata=asked.metadata)
        try:
            async for piece in call:
                yield piece
        except grpc.RpcError as failure:
            raise _error(failure, rpc, asked, deadline) from failure
        except asyncio.CancelledError:
            self.raise_where_closed(rpc)
            raise
        finally:
            call.cancel()  # where the caller stops half way

    def watch(self, rpc: Rpc[Asked, Told], request: Asked, timeout: float | None) -> AsyncWatch[Told]:
        return AsyncWatch(self, Resumption(rpc, request, timeout, self._timeout, Way(self.route, repeatable=True)))

    def begin(self, rpc: Rpc[Asked, Told], request: Asked, asked: Endpoint, seconds: float | None) -> Any:
        """A stream of answers, without an end where seconds is None."""
        method = self._channel(asked).unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        return method(request, timeout=seconds, metadata=asked.metadata)

    async def close(self) -> None:
        self._closed = True
        for channel in self._channels.values():
            await channel.close()

    def raise_where_closed(self, rpc: Rpc[Any, Any]) -> None:
        """Closing a channel of grpc.aio looks to its calls as if their tasks were cancelled, which they are not."""
        task = asyncio.current_task()
        if self._closed and not (task and task.cancelling()):
            raise _given_up(rpc) from None


def _given_up(rpc: Rpc[Any, Any]) -> CallCancelledError:
    return CallCancelledError(f"{rpc.method} was given up: the client was closed", code="CANCELLED", method=rpc.method)


def _error(failure: grpc.RpcError, rpc: Rpc[Any, Any], asked: Endpoint, deadline: Deadline) -> IdweaveClientError:
    return error_of(failure, method=rpc.method, address=asked.address, timeout=deadline.seconds)
