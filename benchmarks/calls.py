"""Load whose requests all differ, which h2load cannot make: sent through grpc as bytes, so many in flight or so many a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import grpc
import numpy as np

from benchmarks.h2load import Load

OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
DEADLINE = 120.0  # seconds for a call

Check = Callable[[bytes], None]  # looks at a reply; raises where it is not what it should be


def in_flight(address: str, method: str, messages: Iterable[bytes], flying: int, check: Check) -> Load:
    """Send all messages, `flying` at a time. Raises an ExceptionGroup of grpc.RpcError and of what check raises."""
    return asyncio.run(_in_flight(address, method, messages, flying, check))


def at_rate(address: str, method: str, messages: Iterable[bytes], rate: float, check: Check) -> Load:
    """Send all messages, so many a second, whether earlier ones are answered or not. Raises as in_flight."""
    return asyncio.run(_at_rate(address, method, messages, rate, check))


async def _in_flight(address: str, method: str, messages: Iterable[bytes], flying: int, check: Check) -> Load:
    waiting = iter(messages)
    took: list[float] = []

    async def send_on() -> None:
        for message in waiting:
            begun = time.perf_counter()
            reply = await call(message, timeout=DEADLINE)
            took.append(time.perf_counter() - begun)
            check(reply)

    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        await channel.channel_ready()
        call = channel.unary_unary(method)
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(flying):
                group.create_task(send_on())
        return Load(np.array(took) * 1e6, time.perf_counter() - begun)


async def _at_rate(address: str, method: str, messages: Iterable[bytes], rate: float, check: Check) -> Load:
    took: list[float] = []

    async def send(message: bytes, due: float) -> None:
        reply = await call(message, timeout=DEADLINE)
        took.append(time.perf_counter() - due)
        check(reply)

    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        await channel.channel_ready()
        call = channel.unary_unary(method)
        begun = due = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for message in messages:
                if (ahead := due - time.perf_counter()) > 0:
                    await asyncio.sleep(ahead)
                group.create_task(send(message, due))
                due += 1 / rate
        return Load(np.array(took) * 1e6, time.perf_counter() - begun)
