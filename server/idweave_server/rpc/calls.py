"""What surrounds every call, in one place: request id, bounds, deadline, errors as statuses, counts and a log line.

A wrapper around the handler and not a gRPC interceptor, which never sees a message that cannot be parsed. Bytes come in and bytes go out,
so that such a message gets a proper status too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message

from idweave_server.errors import IdweaveError, NotServingError, QueueFullError, RequestError, TooLargeError
from idweave_server.rpc.journal import Journal
from idweave_server.rpc.metering import CallMeter, MethodMeter
from idweave_server.rpc.status import REQUEST_ID, answer

LONGEST_REQUEST_ID = 64
PARSED_ASIDE = 65_536  # bytes; a longer request is parsed in a worker thread, so that other calls go on meanwhile
CUT_SECONDS = 1.0  # that a watch has, when it is to end, to be rid of what it is sending
WATCH_SECONDS = 5.0  # until there may be room for another watch
SLOW = 1.0  # seconds; a call that took longer gets a log line like a failed one
_SANE_ID = re.compile(rf"[A-Za-z0-9._:/+=-]{{1,{LONGEST_REQUEST_ID}}}")
_OK = "OK"
OTHER = "other"  # stands for every method that there is not: its name is the caller's text


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may have. bytes: of the whole request. items: (its repeated field, how many); none where it has no list."""

    bytes: int
    items: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One method as it is declared. name: /package.Service/Method; streams: whether it answers with many messages; lasts: whether they come
    for as long as somebody listens; parse: bytes to what its handler takes, None for the request's message; raises DecodeError."""

    name: str
    request: type[Message]
    bounds: Bounds
    streams: bool = False
    lasts: bool = False
    parse: Callable[[bytes], Any] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that ended. code: the gRPC code's name; seconds: how long it took; items: what it carried, such as observations, or the
    messages of a stream."""

    method: str
    code: str
    seconds: float
    request_id: str
    items: int


class Spans(Protocol):
    """Whoever is told of calls when they end. Quick, and raises nothing."""

    def wants(self, code: str) -> bool:
        """Whether to be told of a call that ends now, with this code: of most there is nothing more to say."""

    def add(self, ended: Ended, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        """metadata: what came with the call; most of it is not to be passed on."""


# By the method's name: request -> response, or an async generator of responses where it streams. They know nothing of gRPC.
Handlers = Mapping[str, Callable[[Any], Any]]


class Surroundings:
    """What calls share. clock: seconds that never fall back; make_id: a fresh request id; aside: where long requests are parsed;
    most_running: calls at once, most_watches: of those that last, which are not among them; log_all: whether every call gets a log line, or
    only failed and slow ones; spans: told of calls."""

    def __init__(
        self,
        meter: CallMeter,
        journal: Journal,
        clock: Callable[[], float],
        make_id: Callable[[], str],
        aside: Executor,
        *,
        most_running: int,
        most_watches: int,
        log_all: bool = False,
        spans: Spans | None = None,
    ) -> None:
        self.meter, self.journal, self._clock, self._make_id, self._aside = meter, journal, clock, make_id, aside
        self._most_running, self._most_watches, self._log_all, self._spans = most_running, most_watches, log_all, spans
        self._tell_all = log_all or spans is not None
        self._running = 0
        self._watches: set[_Watch] = set()
        self.arrived = 0  # calls since the start
        self._handlers: Handlers = {}
        self._closed = "the server is starting: it makes its state ready; come again in a moment"
        self._idle: asyncio.Event | None = None  # of whoever waits for the end of all calls

    def open(self, handlers: Handlers) -> None:
        """From now on calls are served."""
        self._handlers, self._closed = handlers, ""

    def close(self, why: str) -> None:
        """From now on calls are refused with NOT_SERVING, and those that last end with it; others that run go on."""
        self._closed = why
        for watch in self._watches:
            watch.end()

    @property
    def watches(self) -> int:
        """Calls that last, of those that run."""
        return len(self._watches)

    async def idle(self) -> None:
        """Wait until no call runs. One waits at a time."""
        self._idle = asyncio.Event()
        while self._running:
            self._idle.clear()
            await self._idle.wait()

    def handler(self, method: Method) -> Any:
        """The gRPC handler of a method: bytes in, bytes out."""
        meter = self.meter.method(method.name)
        if method.streams:

            async def stream(raw: bytes, context: Any) -> None:
                await (self._watch if method.lasts else self._stream)(method, meter, raw, context)

            return grpc.unary_stream_rpc_method_handler(stream)

        async def unary(raw: bytes, context: Any) -> bytes:
            call = self._begin(meter, context)
            try:
                self._admit(method, raw)
                request = self._parse(method, raw, call) if len(raw) < PARSED_ASIDE else await self._parse_aside(method, raw, call)
                response = await self._handlers[method.name](request)
                data: bytes = response.SerializeToString()
            except BaseException as error:
                await self._fail(method, meter, call, error)
                raise AssertionError from None  # _fail never returns
            self._end(method, meter, call, _OK)
            return data

        return grpc.unary_unary_rpc_method_handler(unary)

    def refusal(self, name: str, error: IdweaveError) -> Any:
        """A gRPC handler that refuses a call of any shape, counted and told like the others; nothing of its request is read."""
        method = Method(name if name in self.meter.methods else OTHER, Empty, Bounds(0))
        meter = self.meter.method(method.name)

        async def refuse(_: Any, context: Any) -> None:
            await self._fail(method, meter, self._begin(meter, context), error)

        return grpc.stream_stream_rpc_method_handler(refuse)

    async def _stream(self, method: Method, meter: MethodMeter, raw: bytes, context: Any) -> None:
        call = self._begin(meter, context)
        try:
            self._admit(method, raw)
            async with aclosing(self._answers(method, raw, call)) as answers:
                async for data in answers:
                    await context.write(data)
                    self._sent(meter, call)
        except BaseException as error:
            await self._fail(method, meter, call, error)
        self._end(method, meter, call, _OK)

    async def _watch(self, method: Method, meter: MethodMeter, raw: bytes, context: Any) -> None:
        """As `_stream`, but a stop ends it, and it takes no place of those that are over soon."""
        call, watch = self._begin(meter, context), _Watch(asyncio.current_task())
        self._watches.add(watch)
        try:
            self._admit(method, raw)
            async with aclosing(self._answers(method, raw, call)) as answers:
                async for data in answers:
                    watch.writes = True
                    await context.write(data)
                    watch.writes = False
                    self._sent(meter, call)
                    if watch.ends:
                        raise NotServingError(self._closed)
        except BaseException as error:
            stopped = watch.leave() and isinstance(error, asyncio.CancelledError)
            self._watches.discard(watch)
            await self._fail(method, meter, call, NotServingError(self._closed) if stopped else error)
        watch.leave()
        self._watches.discard(watch)
        self._end(method, meter, call, _OK)

    async def _answers(self, method: Method, raw: bytes, call: _Call) -> AsyncGenerator[bytes]:
        """Each when the one before it has left: whoever reads slowly is waited for, and nothing piles up here."""
        async with aclosing(self._handlers[method.name](self._parse(method, raw, call))) as responses:
            async for response in responses:
                yield response.SerializeToString()

    def _sent(self, meter: MethodMeter, call: _Call) -> None:
        call.items, call.counted = call.items + 1, call.counted + 1
        meter.items += 1  # at once: a watch may last for days

    def _begin(self, meter: MethodMeter, context: Any) -> _Call:
        meter.running += 1
        self.arrived += 1
        self._running += 1
        return _Call(context, self._clock())

    def _admit(self, method: Method, raw: bytes) -> None:
        """Whether there is room for this call."""
        if self._closed:
            raise NotServingError(self._closed)
        if method.lasts and len(self._watches) > self._most_watches:
            said = f"{self._most_watches:,} watches are open already: close one and come again, or raise the server's --max-watches"
            raise QueueFullError(said, WATCH_SECONDS)
        if not method.lasts and self._running - len(self._watches) > self._most_running:
            raise QueueFullError(f"{self._most_running:,} calls are running already; come again", 1.0)
        most = method.bounds.bytes
        if len(raw) > most:
            raise TooLargeError.of("", f"the request has {len(raw):,} bytes; at most {most:,} are allowed: send it in parts")

    async def _parse_aside(self, method: Method, raw: bytes, call: _Call) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._aside, self._parse, method, raw, call)

    def _parse(self, method: Method, raw: bytes, call: _Call) -> Any:
        """The request, its list within its bounds."""
        try:
            request = (method.parse or method.request.FromString)(raw)
        except DecodeError:
            name = method.request.DESCRIPTOR.full_name
            raise RequestError.of("", f"the bytes are no {name}: broken, or text that is not UTF-8") from None
        bounds = method.bounds
        if bounds.items is not None:
            field, most = bounds.items
            call.items = len(getattr(request, field))
            if not call.items:
                raise RequestError.of(field, f"is empty; 1 to {most:,} are allowed")
            if call.items > most:
                raise TooLargeError.of(field, f"has {call.items:,} items; at most {most:,} are allowed: send them in parts")
        return request

    def _end(self, method: Method, meter: MethodMeter, call: _Call, code: str) -> None:
        seconds = self._clock() - call.begin
        meter.running -= 1
        self._running -= 1
        if self._idle is not None and not self._running:
            self._idle.set()
        meter.add(code, seconds, call.items - call.counted)
        if self._tell_all or seconds > SLOW or code != _OK:
            self._tell(method, call, code, seconds)

    def _tell(self, method: Method, call: _Call, code: str, seconds: float) -> None:
        if self._log_all or seconds > SLOW or code != _OK:
            milliseconds = round(seconds * 1_000, 3)
            self.journal.say("call", method=method.name, code=code, ms=milliseconds, request_id=self._id(call), items=call.items)
        if self._spans is not None and self._spans.wants(code):
            self._spans.add(Ended(method.name, code, seconds, self._id(call), call.items), call.context.invocation_metadata())

    async def _fail(self, method: Method, meter: MethodMeter, call: _Call, error: BaseException) -> None:
        """End the call with the status of its error; raises always."""
        if not isinstance(error, Exception):  # cancelled by the caller or its deadline, or the process ends
            self._end(method, meter, call, "CANCELLED")
            raise error
        request_id = self._id(call)
        if not isinstance(error, IdweaveError):
            self.journal.fault("fault", error, method=method.name, request_id=request_id)
        said = answer(error, request_id)
        self._end(method, meter, call, said.code.name)
        await call.context.abort(said.code, said.message, said.metadata)

    def _id(self, call: _Call) -> str:
        """What the log and the caller know a call by: its own word for it, else ours. Looked for where it is told alone: to read the
        metadata of every call would cost more than to look somebody up."""
        if not call.request_id:
            given = next((value for key, value in call.context.invocation_metadata() if key == REQUEST_ID), "")
            call.request_id = given if given and _SANE_ID.fullmatch(given) else self._make_id()
        return call.request_id


class _Call:
    """One call while it runs. counted: of its items, those that the meter has already."""

    __slots__ = ("begin", "context", "counted", "items", "request_id")

    def __init__(self, context: Any, begin: float) -> None:
        self.context, self.begin, self.items, self.counted, self.request_id = context, begin, 0, 0, ""


class _Watch:
    """A call that lasts. writes: whether a message is leaving just now; ends: whether the server has told it to."""

    __slots__ = ("_cut", "_task", "ends", "writes")

    def __init__(self, task: asyncio.Task[None] | None) -> None:
        assert task is not None
        self._task, self.writes, self.ends = task, False, False
        self._cut: asyncio.TimerHandle | None = None

    def end(self) -> None:
        """Cancelled in the midst of a first message gRPC would never send the status, so one that leaves is waited for, for a while."""
        if self.ends:
            return
        self.ends = True
        if self.writes:
            self._cut = asyncio.get_running_loop().call_later(CUT_SECONDS, self._task.cancel)
        else:
            self._task.cancel()

    def leave(self) -> bool:
        """It is over; whether it was told to end."""
        if self._cut is not None:
            self._cut.cancel()
        if self.ends:
            self._task.uncancel()
        return self.ends
