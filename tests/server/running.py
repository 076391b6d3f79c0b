"""A real server for tests, in three ways. Each is a context manager; each makes a store of its own in `folder` unless told another.

    with aside(tmp_path) as server:                       # in this process, on a thread of its own: quick, for synchronous clients
        stub = IdentityServiceStub(grpc.insecure_channel(server.address))

    async with here(tmp_path) as server:                  # on this event loop: for asynchronous clients, and to look inside
        server.store.engine, server.writer, server.reader

    with process(tmp_path, "--snapshot-every", "100") as server:   # a real process, for signals, kills and the command line
        server.process.kill()

`server.address` is HOST:PORT; `server.store`, of the two that are somewhere else, is the store's URL: to start another server on it, or to
look at the file. `health(address)` says SERVING, NOT_SERVING, or UNREACHABLE; `until(condition)` polls with a deadline. Servers listen on
free ports of loopback, without metrics unless asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from idweave_server.app import outside, start
from idweave_server.cli.driven_clock import DrivenClock
from idweave_server.config import Config
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.running import Running

PATIENCE = 60.0  # seconds
COMPILED = 300.0  # seconds for a start, in which kernels may have to be compiled first
ENTRY = "from idweave_server.cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class ServerAside:
    """A server on another thread. running: its parts, to be looked at on `loop` alone."""

    address: str
    store: str
    running: Running
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server in a process of its own. Its standard output and its log are files, so that it never waits for a reader."""

    address: str
    store: str
    process: subprocess.Popen[bytes]
    output: Path
    log: Path

    def stop(self, patience: float = PATIENCE) -> int:
        """Ask it to stop, as an operator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)


def config(folder: Path, **fields: Any) -> Config:
    """A configuration with a store in the folder, a free port and no metrics; other fields as given."""
    chosen = Config(store=f"sqlite:///{folder / 'idweave.db'}", listen="127.0.0.1:0", metrics="", drain_seconds=10.0)
    return replace(chosen, **fields)


@contextlib.asynccontextmanager
async def here(folder: Path, clock: DrivenClock | None = None, **fields: Any) -> AsyncIterator[Running]:
    """A server on this event loop. clock: that it goes by, the machine's by default; fields: of Config."""
    server = await start(config(folder, **fields), around=None if clock is None else clock.drives(outside()))
    try:
        yield server
    finally:
        await server.stop()


@contextlib.contextmanager
def aside(folder: Path, clock: DrivenClock | None = None, **fields: Any) -> Iterator[ServerAside]:
    """A server on a thread of its own. clock: that it goes by, the machine's by default; fields: of Config."""
    chosen = config(folder, **fields)
    ready, done = threading.Event(), threading.Event()
    found: list[Running] = []
    failed: list[BaseException] = []
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        ended = asyncio.Event()
        loops.append((asyncio.get_running_loop(), ended))
        async with here(folder, clock, **fields) as server:
            found.append(server)
            ready.set()
            await ended.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()
            done.set()

    thread = threading.Thread(target=run, name="server aside")
    thread.start()
    try:
        assert ready.wait(COMPILED), "the server did not start in time"
        if failed:
            raise failed[0]
        yield ServerAside(found[0].address, chosen.store, found[0], loops[0][0])
    finally:
        for loop, ended in loops:
            if not done.is_set():
                with contextlib.suppress(RuntimeError):  # it ended between the question and the call
                    loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE)
    if failed:
        raise failed[0]


@contextlib.contextmanager
def process(
    folder: Path, *options: str, store: str = "", listen: str = "127.0.0.1:0", environment: dict[str, str] | None = None
) -> Iterator[ServerProcess]:
    """A server as `idweave serve` starts it, ready; killed at the end if it still runs. options: more of the command's."""
    url = store or f"sqlite:///{folder / 'idweave.db'}"
    serving = launch(folder, *options, store=url, listen=listen, environment=environment)
    try:
        until(lambda: address_in(serving.output) or serving.process.poll() is not None, "the server to be ready or to end", COMPILED)
        address = address_in(serving.output)
        assert address, f"the server ended with {serving.process.returncode}: {serving.log.read_text()}"
        yield replace(serving, address=address)
    finally:
        if serving.process.poll() is None:
            serving.process.kill()
        serving.process.wait()


def launch(folder: Path, *options: str, store: str, listen: str, environment: dict[str, str] | None = None) -> ServerProcess:
    """Start the command and do not wait; its address is not known yet."""
    output, log = unused(folder, "output"), unused(folder, "log")
    command = [sys.executable, "-c", ENTRY, "serve", "--store", store, "--listen", listen, "--metrics", "off", *options]
    around = {**os.environ, "NUMBA_CACHE_DIR": str(use_kernel_cache()), "PYTHONUTF8": "1", **(environment or {})}
    with output.open("wb") as out, log.open("wb") as err:
        return ServerProcess("", store, spawn(command, around, out, err), output, log)


def spawn(command: list[str], environment: dict[str, str], out: IO[bytes], err: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)


def unused(folder: Path, name: str) -> Path:
    return next(path for n in range(10_000) if not (path := folder / f"server-{n}.{name}").exists())


def address_in(output: Path) -> str:
    """The address that a server says it serves on, "" before it does."""
    found = re.search(r"serving on (\S+),", output.read_text())
    return found[1] if found else ""


def health(address: str, service: str = "") -> str:
    """SERVING or NOT_SERVING, as the server says; UNREACHABLE where none answers."""
    with grpc.insecure_channel(address) as channel:
        try:
            said = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        except grpc.RpcError:
            return "UNREACHABLE"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(said.status))


def until(condition: Callable[[], object], what: str = "the condition", patience: float = PATIENCE) -> None:
    """Poll until the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience} s for {what}"
        time.sleep(0.02)
