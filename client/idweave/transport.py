"""How calls are made, for either client: a deadline on each, failures as our errors, patience with a full queue, pages and streams."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

import grpc
import grpc.aio

from idweave.channels import Endpoint, open_channel
from idweave.errors import CallCancelledError, IdweaveClientError, QueueFullError
from idweave.failures import error_of
from idweave.rpcs import Answered, Asked, Rpc
from idweave.v1.identity_service_pb2 import GetTimelineResponse
from idweave.v1.quality_service_pb2 import ListIssuesResponse

Page = TypeVar("Page", GetTimelineResponse, ListIssuesResponse)

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

    def pause(self, error: IdweaveClientError) -> float | None:
        """How long to wait before the call is made again; None where that is no use, or the time is up before."""
        if not isinstance(error, QueueFullError):
            return None
        seconds = QUEUE_WAIT if error.retry_after is None else max(error.retry_after, 0.01)
        return seconds if seconds < self.left() else None


class Transport:
    """Calls that block; threads may share it."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._closed = False
        self._channel = open_channel(endpoint, grpc)

    @property
    def channel(self) -> grpc.Channel:
        if self._closed:
            raise RuntimeError("this client is closed; make another one")
        return self._channel

    def call(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> Answered:
        deadline = Deadline(rpc, timeout, self._timeout)
        method = self.channel.unary_unary(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        while True:
            try:
                return method(request, timeout=deadline.left(), metadata=self.endpoint.metadata)
            except grpc.RpcError as failure:
                error = self._error(failure, rpc, deadline)
                wait = deadline.pause(error)
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
        deadline = Deadline(rpc, timeout, self._timeout)
        method = self.channel.unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        call = method(request, timeout=deadline.left(), metadata=self.endpoint.metadata)
        try:
            yield from call
        except grpc.RpcError as failure:
            raise self._error(failure, rpc, deadline) from failure
        finally:
            call.cancel()  # where the caller stops half way

    def close(self) -> None:
        self._closed = True
        self._channel.close()

    def _error(self, failure: grpc.RpcError, rpc: Rpc[Any, Any], deadline: Deadline) -> IdweaveClientError:
        return error_of(failure, method=rpc.method, address=self.endpoint.address, timeout=deadline.seconds)


class AsyncTransport:
    """Calls under asyncio. The channel is made in the event loop that first uses it, and belongs to that one."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._closed = False
        self._channel: grpc.aio.Channel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def channel(self) -> grpc.aio.Channel:
        if self._closed:
            raise RuntimeError("this client is closed; make another one")
        loop = asyncio.get_running_loop()
        if self._channel is None:
            self._loop, self._channel = loop, open_channel(self.endpoint, grpc.aio)
        if self._loop is not loop:
            raise RuntimeError("this client belongs to another event loop; make one in each")
        return self._channel

    async def call(self, rpc: Rpc[Asked, Answered], request: Asked, timeout: float | None) -> Answered:
        deadline = Deadline(rpc, timeout, self._timeout)
        method = self.channel.unary_unary(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        while True:
            try:
                return await method(request, timeout=deadline.left(), metadata=self.endpoint.metadata)
            except grpc.RpcError as failure:
                error = self._error(failure, rpc, deadline)
                wait = deadline.pause(error)
                if wait is None:
                    raise error from failure
            except asyncio.CancelledError:
                self._raise_where_closed(rpc)
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
        deadline = Deadline(rpc, timeout, self._timeout)
        method = self.channel.unary_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)
        call = method(request, timeout=deadline.left(), metadata=self.endpoint.metadata)
        try:
            async for piece in call:
                yield piece
        except grpc.RpcError as failure:
            raise self._error(failure, rpc, deadline) from failure
        except asyncio.CancelledError:
            self._raise_where_closed(rpc)
            raise
        finally:
            call.cancel()  # where the caller stops half way

    async def close(self) -> None:
        self._closed = True
        if self._channel is not None:
            await self._channel.close()

    def _raise_where_closed(self, rpc: Rpc[Any, Any]) -> None:
        """Closing a channel of grpc.aio looks to its calls as if their tasks were cancelled, which they are not."""
        task = asyncio.current_task()
        if self._closed and not (task and task.cancelling()):
            raise CallCancelledError(f"{rpc.method} was given up: the client was closed", code="CANCELLED", method=rpc.method) from None

    def _error(self, failure: grpc.RpcError, rpc: Rpc[Any, Any], deadline: Deadline) -> IdweaveClientError:
        return error_of(failure, method=rpc.method, address=self.endpoint.address, timeout=deadline.seconds)
