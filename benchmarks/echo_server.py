"""The least that a Python gRPC server can cost: any unary call is answered with nothing. Run as a module it says its address and serves.

grpc.aio on uvloop like the server itself, without interceptors, messages or anything to do: what a call costs beyond this is idweave's.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import grpc
import uvloop

METHOD = "/benchmark.Echo/Nothing"


class Anything(grpc.GenericRpcHandler):  # type: ignore[misc] # grpc has no types
    """Has every method."""

    def __init__(self) -> None:
        self._handler = grpc.unary_unary_rpc_method_handler(nothing)

    def service(self, handler_call_details: Any) -> Any:
        del handler_call_details
        return self._handler


async def nothing(request: bytes, context: Any) -> bytes:
    del request, context
    return b""


async def serve() -> None:
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((Anything(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    gc.collect()
    gc.freeze()
    print(f"serving on 127.0.0.1:{port},", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
