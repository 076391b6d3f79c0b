"""Calls that last: iterators over what a server tells, which take the call up again where it breaks off."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from threading import Event
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import grpc
import grpc.aio

from idweave.channels import Endpoint
from idweave.errors import CallCancelledError, DeadlineError, IdweaveClientError, InternalError, UnavailableError
from idweave.failures import error_of
from idweave.route import Way
from idweave.rpcs import Rpc
from idweave.v1.change_pb2 import WatchMembershipResponse, WatchProfilesResponse

if TYPE_CHECKING:
    from idweave.transport import AsyncTransport, Transport

Response = TypeVar("Response", bound=WatchProfilesResponse | WatchMembershipResponse)

FIRST_PAUSE, LAST_PAUSE = 0.1, 5.0  # seconds between two tries


class Resumption:
    """When a call that broke off is made again, and from where. A server that never said anything is given up after `patience` seconds; one
    that did is asked again for as long as the caller likes."""

    def __init__(self, rpc: Rpc[Any, Any], request: Any, timeout: float | None, patience: float, way: Way) -> None:
        if timeout is not None and not 0 < timeout < math.inf:
            raise ValueError(f"a timeout of {timeout} s cannot be met; give a number of seconds above 0, or None for no end")
        self.rpc, self.timeout = rpc, timeout
        self.request = rpc.request()
        self.request.CopyFrom(request)
        self._way = way
        now = time.monotonic()
        self._end = math.inf if timeout is None else now + timeout
        self._patience = now + patience
        self._pause, self._spoken = FIRST_PAUSE, False  # whether this call has said something

    def left(self) -> float | None:
        """Seconds until the caller's timeout."""
        return None if self._end == math.inf else max(self._end - time.monotonic(), 0.0)

    def heard(self, token: str) -> None:
        """A response came; the caller asks for the next one when it is done with it."""
        self.request.resume_token = token
        self._pause, self._spoken, self._patience = FIRST_PAUSE, True, math.inf

    def pause(self, failure: grpc.RpcError, asked: Endpoint) -> float:
        """Seconds to wait before the call is made again. Raises what it failed with where that is no use."""
        error = error_of(failure, method=self.rpc.method, address=asked.address, timeout=self.timeout or 0.0)
        spoken, self._spoken = self._spoken, False
        if not (_passes(error) or (spoken and isinstance(error, InternalError) and not error.reason)):  # that was gRPC's own
            raise error from failure
        if error.reason:
            self._patience = math.inf
        wait = self._way.after(error, asked)
        if wait is None:
            wait, self._pause = self._pause, min(2 * self._pause, LAST_PAUSE)
        wait = max(wait, error.retry_after or 0.0)
        if time.monotonic() + wait >= min(self._end, self._patience):
            raise error from failure
        return wait


def _passes(error: IdweaveClientError) -> bool:
    """Whether it may be otherwise in a moment. The caller's own timeout is found out by its clock."""
    return isinstance(error, UnavailableError | CallCancelledError | DeadlineError)


class Watch(Iterator[Response], Generic[Response]):
    """What a server tells, for as long as one listens. resume_token: where to go on after the last response that was handed out; empty
    before the first one. The call is made again, from there, whenever it breaks off: what was handed out may come once more, with the same
    ids, and nothing is left out."""

    def __init__(self, transport: Transport, resumption: Resumption) -> None:
        self._transport = transport
        self._resumption = resumption
        self._call: Any = None
        self._asked = transport.route.current
        self._closed = Event()

    @property
    def resume_token(self) -> str:
        return str(self._resumption.request.resume_token)

    def __next__(self) -> Response:
        while not self._closed.is_set():
            if self._call is None:
                self._asked = self._transport.route.current
                self._call = self._transport.begin(self._resumption.rpc, self._resumption.request, self._asked, self._resumption.left())
            try:
                response: Response = next(self._call)
            except StopIteration:
                self.close()
                raise
            except grpc.RpcError as failure:
                self._call = None
                if self._closed.is_set():
                    break
                self._transport.raise_where_closed(self._resumption.rpc)
                self._closed.wait(self._resumption.pause(failure, self._asked))
            else:
                self._resumption.heard(response.resume_token)
                return response
        raise StopIteration

    def close(self) -> None:
        """End it; another thread may, while this one waits for the next response."""
        self._closed.set()
        call, self._call = self._call, None
        if call is not None:
            call.cancel()


class AsyncWatch(AsyncIterator[Response], Generic[Response]):
    """`Watch` under asyncio."""

    def __init__(self, transport: AsyncTransport, resumption: Resumption) -> None:
        self._transport = transport
        self._resumption = resumption
        self._call: Any = None
        self._asked = transport.route.current
        self._closed = asyncio.Event()

    @property
    def resume_token(self) -> str:
        return str(self._resumption.request.resume_token)

    async def __anext__(self) -> Response:
        while not self._closed.is_set():
            if self._call is None:
                self._asked = self._transport.route.current
                self._call = self._transport.begin(self._resumption.rpc, self._resumption.request, self._asked, self._resumption.left())
            try:
                response: Any = await self._call.read()
            except grpc.RpcError as failure:
                self._call = None
                if self._closed.is_set():
                    break
                self._transport.raise_where_closed(self._resumption.rpc)
                await asyncio.sleep(self._resumption.pause(failure, self._asked))
            except asyncio.CancelledError:  # which has ended the call too: the next one goes on from the token
                self._call = None
                if self._closed.is_set():
                    break
                self._transport.raise_where_closed(self._resumption.rpc)
                raise
            else:
                if response is grpc.aio.EOF:
                    await self.aclose()
                    break
                self._resumption.heard(response.resume_token)
                return response
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End it; another task may, while this one waits for the next response."""
        self._closed.set()
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
