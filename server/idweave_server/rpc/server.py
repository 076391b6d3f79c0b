"""The gRPC server: services, health and reflection on one address, opened when the state is ready and drained when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from idweave_server.errors import UnknownMethodError
from idweave_server.rpc.calls import Handlers, Surroundings
from idweave_server.rpc.listen import Protection, TokenCheck, check, open_port
from idweave_server.rpc.methods import methods_of

# Bytes of a request; gRPC itself refuses a longer one when its length arrives, before any of it is held in memory, but says so in its own
# words. So this is a quarter more than any method takes: whoever sends a little too much is told the field, the limit and the remedy.
LONGEST_MESSAGE = 20 * 1024 * 1024
NO_METHOD = "this server has no such method: it is older than the caller, or the name is wrong; its reflection lists what it has"
MOST_STREAMS = 1_000  # calls at once on one connection
QUIET_SECONDS = 0.1  # without a call, and callers have understood that the server stops
HINT_SECONDS = 2.0  # for callers that do not, at most
LAST_SECONDS = 0.2  # for the last replies to leave
OPTIONS = (
    ("grpc.max_receive_message_length", LONGEST_MESSAGE),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_concurrent_streams", MOST_STREAMS),
    ("grpc.so_reuseport", 0),  # two servers on one port would each get half of the calls
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)


class Server:
    """Services on one address. Health says NOT_SERVING, and calls are refused, until `open` and from `drain` on; SERVING whether this
    server writes or stands by, since both answer reads: who writes is told by GetStatus, and by the refusal of a write."""

    def __init__(
        self,
        services: Sequence[ServiceDescriptor],
        surroundings: Surroundings,
        address: str,
        protection: Protection,
    ) -> None:
        """Raises InputError where the address would let strangers in, or cannot be listened on."""
        check(address, protection)
        self._surroundings = surroundings
        self._names = [service.full_name for service in services]
        interceptors = [TokenCheck(protection.tokens, surroundings.refusal)] if protection.tokens else None
        self._server = grpc.aio.server(options=OPTIONS, interceptors=interceptors)
        for service in services:
            handlers = {method.name.rpartition("/")[2]: surroundings.handler(method) for method in methods_of(service)}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        self._server.add_generic_rpc_handlers((_Unknown(surroundings),))  # asked last
        port = open_port(self._server, address, protection)
        self.address = address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"

    async def start(self) -> None:
        """Answer health and reflection; every other call is refused until `open`."""
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()

    async def open(self, handlers: Handlers) -> None:
        """The state is ready: serve."""
        self._surroundings.open(handlers)
        await self._say(health_pb2.HealthCheckResponse.SERVING)

    async def close(self, why: str) -> None:
        """Refuse calls until it is opened again; those that run go on."""
        self._surroundings.close(why)
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def drain(self, seconds: float) -> bool:
        """Refuse calls, and wait for those that run; whether all ended in time. The address stays open, so that what comes meanwhile is
        told to go elsewhere instead of being cut off."""
        self._surroundings.close("the server is stopping; send the call again in a moment")
        await self._health.enter_graceful_shutdown()
        try:
            async with asyncio.timeout(seconds):
                await self._surroundings.idle()
        except TimeoutError:
            return False
        # A call that arrives while gRPC closes is cancelled without a reason, so wait until those who call have understood.
        for _ in range(round(HINT_SECONDS / QUIET_SECONDS)):
            before = self._surroundings.arrived
            await asyncio.sleep(QUIET_SECONDS)
            if self._surroundings.arrived == before:
                break
        return True

    async def stop(self) -> None:
        """Close the address; whatever still runs a moment later, such as somebody's watch of the health, is cancelled."""
        await self._server.stop(LAST_SECONDS)

    async def _say(self, status: Any) -> None:
        for name in ("", *self._names):
            await self._health.set(name, status)


class _Unknown(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers for every method that nothing else answers for."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def service(self, details: Any) -> Any:
        return self._surroundings.refusal(details.method, UnknownMethodError(NO_METHOD))
