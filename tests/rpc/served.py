"""A server with hand-made handlers on the running loop, and what tests look at from outside."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from idweave_server.rpc.calls import Spans, Surroundings
from idweave_server.rpc.journal import Journal
from idweave_server.rpc.listen import Protection
from idweave_server.rpc.metering import CallMeter
from idweave_server.rpc.methods import SERVICES
from idweave_server.rpc.server import Server

IDENTITY = "/idweave.v1.IdentityService/"
OPEN = Protection()


@dataclass(frozen=True, slots=True)
class Served:
    """server, surroundings: what is tested; channel: to it; stream: its log."""

    server: Server
    surroundings: Surroundings
    channel: Any
    stream: io.StringIO

    def logged(self) -> list[dict[str, Any]]:
        self.surroundings.journal.flush()
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@contextlib.asynccontextmanager
async def served(
    handlers: Mapping[str, Any],
    *,
    most_running: int = 100,
    most_watches: int = 100,
    log_all: bool = False,
    protection: Protection = OPEN,
    opened: bool = True,
    spans: Spans | None = None,
) -> AsyncIterator[Served]:
    """handlers: by the name of a method of IdentityService, or by its full name."""
    stream, numbers = io.StringIO(), itertools.count(1)
    with ThreadPoolExecutor(1) as pool:
        surroundings = Surroundings(
            CallMeter(),
            Journal(stream, time.time),
            time.perf_counter,
            lambda: f"made-{next(numbers)}",
            pool,
            most_running=most_running,
            most_watches=most_watches,
            log_all=log_all,
            spans=spans,
        )
        server = Server(SERVICES, surroundings, "127.0.0.1:0", protection)
        await server.start()
        if opened:
            await server.open({name if "/" in name else f"{IDENTITY}{name}": handler for name, handler in handlers.items()})
        try:
            async with grpc.aio.insecure_channel(server.address) as channel:
                yield Served(server, surroundings, channel, stream)
        finally:
            await server.stop()


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call as a client sees it."""

    code: grpc.StatusCode
    message: str
    reason: str
    fields: tuple[tuple[str, str], ...]
    retry: float | None
    trailers: dict[str, Any]
    metadata: dict[str, str]  # of the ErrorInfo


def failure(error: grpc.RpcError) -> Failure:
    """What a failed call tells, its google.rpc.Status taken apart."""
    trailers = dict(error.trailing_metadata() or ())
    status = Status.FromString(trailers.get("grpc-status-details-bin", b""))
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    for packed in status.details:
        packed.Unpack(info) or packed.Unpack(bad) or packed.Unpack(retry)
    seconds = retry.retry_delay.ToMilliseconds() / 1_000 if retry.HasField("retry_delay") else None
    fields = tuple((one.field, one.description) for one in bad.field_violations)
    return Failure(error.code(), error.details(), info.reason, fields, seconds, trailers, dict(info.metadata))
