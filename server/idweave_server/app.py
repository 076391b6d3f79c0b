"""The server put together: configuration, clock and chance from outside; log, state, writer, services inside; started, watched, drained.

Import it after `use_kernel_cache`, as the command line does: the engine's kernels must find their cache named already.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import uvloop

from idweave_server import __version__, policy_file
from idweave_server.config import Config
from idweave_server.errors import IdweaveError, InputError, StoreError
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernels.warmup import warm_up
from idweave_server.log.base import MAX_TERM
from idweave_server.log.locate import store_path
from idweave_server.operations.reader import Reader
from idweave_server.operations.snapshot import SnapshotMaker
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Group, Writer
from idweave_server.rpc.calls import Surroundings
from idweave_server.rpc.journal import Journal
from idweave_server.rpc.lag import LagMeter
from idweave_server.rpc.listen import Protection
from idweave_server.rpc.metering import CallMeter
from idweave_server.rpc.methods import SERVICES
from idweave_server.rpc.metrics import Metrics, MetricsPort, Reading
from idweave_server.rpc.readings import readings
from idweave_server.rpc.server import Server
from idweave_server.rpc.services import Served, handlers

# Threads for what is pure and long. Writing has its own: a hundred columns whose formats are asked for hold up no observation.
WORKERS, WRITERS = 4, 1
# A worker that runs Python keeps the loop waiting for this long at most; by default it would be ten times that.
SWITCH_SECONDS = 0.0005
TICK_SECONDS = 1.0  # how often what is due by the clock is looked for
FLUSH_SECONDS = 0.1
SCRAPE_SECONDS = 5.0
ENTRY_WORTH = 100  # observations: to replay an entry takes as long as that many of a large one, however few it holds
SHORTEST_TOKEN = 16  # characters
STOPPED_AT_ONCE = 130  # exit code, as of a command that Ctrl-C ends


class Running:
    """A server that runs. address, metrics_address: where; ended: set when it has to end; fault: why, where that is no signal."""

    def __init__(self, config: Config, log: TextIO) -> None:
        self.config = config
        self.meter, self.lag = CallMeter(), LagMeter(time.perf_counter)
        self.journal = Journal(log, time.time)
        self.pool, self._writing = ThreadPoolExecutor(WORKERS, "idweave-worker"), ThreadPoolExecutor(WRITERS, "idweave-writer")
        self.ended = asyncio.Event()
        self.fault: BaseException | None = None
        self.address = self.metrics_address = ""
        self.since = 0  # seconds UTC; when it began to serve
        self.store: Store
        self.writer: Writer
        self.reader: Reader
        self.snapshots: SnapshotMaker
        self._server: Server
        self._stack = AsyncExitStack()
        self._unsaved = 0  # observations since the last snapshot

    async def start(self) -> None:
        """Serve. Raises InputError, StoreError, PolicyError; nothing is left behind then."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Refuse what comes, finish what runs and what waits to be written, and give the store free."""
        self.journal.say("stopping")
        whole = await self._server.drain(self.config.drain_seconds)
        if not whole:
            self.journal.say("calls_cut_off", count=self.meter.running)
        await self.writer.drain()
        await self._stack.aclose()

    async def _start(self) -> None:
        """Each part is undone by the stack in reverse order: tasks, metrics, store, address, threads, the last log lines."""
        config, stack, loop = self.config, self._stack, asyncio.get_running_loop()
        policy, protection = policy_text(config.policy), protection_of(config)
        for pool in (self.pool, self._writing):
            stack.callback(pool.shutdown, wait=True)
        self._keep_journal()
        surroundings = Surroundings(
            self.meter, self.journal, time.perf_counter, request_ids(), self.pool, most_running=config.most_calls, log_all=config.log_calls
        )
        self._server = Server(SERVICES, surroundings, config.listen, protection)
        self.address = self._server.address
        stack.push_async_callback(self._server.stop)
        await self._server.start()
        self.journal.say("listening", address=self.address)
        if not any(use_kernel_cache().rglob("*.nbi")):
            self.journal.say("compiling", text="the kernels are compiled for this machine: about a minute, this once")
        await loop.run_in_executor(self.pool, warm_up)
        self.store = await loop.run_in_executor(self.pool, partial(self._open, policy))
        stack.callback(self.store.close)
        for notice in self.store.notices:
            self.journal.say("notice", text=notice)
        self.writer = Writer(
            self.store,
            milliseconds=milliseconds,
            steady=steady,
            entropy=secrets.token_bytes,
            pool=self._writing,
            told=self._count,
            fatal=self._break,
        )
        self.reader = Reader(self.store, self.writer, steady=steady, seal=secrets.token_bytes(32), pool=self.pool)
        self.snapshots = SnapshotMaker(self.store, milliseconds)
        if config.metrics:
            await self._open_metrics()
        self.writer.start()
        for work in (self.lag.run(), self._tick(), self._snap()):
            self._aside(work)
        self.since = milliseconds() // 1000
        await self._server.open(handlers(self.served()))
        self.journal.say("serving", address=self.address, sequence=self.store.engine.sequence)

    def _open(self, policy: str | None) -> Store:
        """The store, with its log replayed; on a worker thread. Says now and then how far it is."""
        said = time.monotonic()

        def progress(done: int, entries: int) -> None:
            nonlocal said
            if time.monotonic() - said > 2.0:
                said = time.monotonic()
                self.journal.say("replaying", done=done, entries=entries)

        config = self.config
        return Store.open(
            config.store,
            holder=f"process {os.getpid()} on {socket.gethostname()}",
            address=self.address,
            term=secrets.randbelow(MAX_TERM) + 1,
            milliseconds=milliseconds,
            entropy=secrets.token_bytes,
            policy_text=policy,
            snapshots=config.snapshots or snapshot_folder(config.store),
            progress=progress,
        )

    def served(self) -> Served:
        """What the services answer from."""
        return Served(self.store, self.writer, self.reader, self.snapshots, self.lag, self.pool, milliseconds, self.since)

    async def _open_metrics(self) -> None:
        loop, served = asyncio.get_running_loop(), self.served()

        async def read() -> list[Reading]:
            return readings(served)  # on the loop, which owns the state; the scrape has a thread of its own

        port = MetricsPort(
            self.config.metrics,
            Metrics(self.meter, self.lag, lambda: asyncio.run_coroutine_threadsafe(read(), loop).result(SCRAPE_SECONDS)),
        )
        self.metrics_address = port.address
        self._stack.push_async_callback(loop.run_in_executor, None, port.close)
        self.journal.say("metrics", address=port.address)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task until the server stops. One that fails ends the server: nothing runs unwatched."""
        task = asyncio.get_running_loop().create_task(work)

        def look(done: asyncio.Task[None]) -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                self._break(error)

        async def cancel() -> None:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

        task.add_done_callback(look)
        self._stack.push_async_callback(cancel)

    def _keep_journal(self) -> None:
        """Write log lines on a thread of their own: whoever reads them may be slow."""
        scribe = ThreadPoolExecutor(1, "idweave-journal")
        self._stack.callback(self.journal.flush)
        self._stack.callback(self.journal.say, "stopped")
        self._stack.callback(scribe.shutdown, wait=True)

        async def flush() -> None:
            while True:
                await asyncio.get_running_loop().run_in_executor(scribe, self.journal.flush)
                await asyncio.sleep(FLUSH_SECONDS)

        self._aside(flush())

    async def _tick(self) -> None:
        """Let time pass: evidence expires, although nobody writes."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            due = self.writer.due()
            if due is not None and due <= milliseconds() // 1000:
                try:
                    await self.writer.tick()
                except IdweaveError as error:  # a full queue, a clock that leapt, a full disk: the next second tries again
                    self.journal.say("tick_failed", error=type(error).__name__, text=str(error))
                    await asyncio.sleep(TICK_SECONDS)

    async def _snap(self) -> None:
        """Make a snapshot whenever so many observations have come, so that the next start is quick."""
        erasures = self.store.erasures
        while self.config.snapshot_every:
            await asyncio.sleep(TICK_SECONDS)
            if erasures != self.store.erasures:  # which took all snapshots away
                erasures, self._unsaved = self.store.erasures, len(self.store.engine.state.observations)
            if self._unsaved >= self.config.snapshot_every:
                self._unsaved = 0
                begun = time.monotonic()
                try:
                    made = await self.snapshots.make()
                except StoreError as error:
                    self.journal.say("snapshot_failed", error=type(error).__name__, text=str(error))
                else:
                    self.journal.say("snapshot", entries=made.about.sequence if made else 0, seconds=round(time.monotonic() - begun, 3))

    def _count(self, group: Group) -> None:
        self._unsaved += max(group.observations, ENTRY_WORTH)

    def _break(self, error: BaseException) -> None:
        """The state is no longer to be trusted, or a part has stopped: end; the log is right, and the next start replays it."""
        self.fault = self.fault or error
        self.journal.fault("broken", error)
        self.ended.set()


async def start(config: Config, log: TextIO = sys.stderr) -> Running:
    """A server that serves on the running loop. Raises InputError, StoreError, PolicyError."""
    running = Running(config, log)
    await running.start()
    return running


def run(config: Config, announce: Callable[[str], None]) -> None:
    """Serve until a signal. announce: hears one line when the server is ready. Raises InputError, StoreError, PolicyError."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config, announce))


async def _serve(config: Config, announce: Callable[[str], None]) -> None:
    running = Running(config, sys.stderr)
    opened, told = False, False

    def stop() -> None:
        nonlocal told
        if told or not opened:
            # While it opens it has acknowledged nothing, and when it is told twice nobody wants to wait: what is durable is durable.
            running.journal.say("stopped_at_once")
            running.journal.flush()
            os._exit(STOPPED_AT_ONCE)
        told = True
        running.ended.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await running.start()
    opened = True
    gc.collect()
    gc.freeze()  # what the start has made stays; no later collection has to look at it again
    announce(ready_line(running))
    await running.ended.wait()
    await running.stop()
    if running.fault is not None:
        raise StoreError(
            "the server has stopped itself after a fault, which its log tells of; nothing acknowledged is lost: start it again"
        )


def ready_line(running: Running) -> str:
    """What the server says when it is ready."""
    counts = running.store.engine.counts()
    known = f"{counts.observations:,} observations, {counts.identifiers:,} identifiers, {counts.profiles:,} profiles"
    return f"idweave {__version__} is serving on {running.address}, store {running.config.store}: {known}"


def milliseconds() -> int:
    """The wall clock, UTC."""
    return time.time_ns() // 1_000_000


def steady() -> float:
    """Seconds that only go forward, those that the machine slept included where the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def request_ids() -> Callable[[], str]:
    """Ids that no other process gives, cheaply."""
    begin, number = secrets.token_hex(6), itertools.count(1)
    return lambda: f"{begin}-{next(number):x}"


def policy_text(path: Path | None) -> str | None:
    """The policy to make a store with. Raises InputError, PolicyError."""
    return None if path is None else policy_file.policy_text(path)


def protection_of(config: Config) -> Protection:
    """The files that protect the address. Raises InputError."""
    certificate = b"" if config.certificate is None else _read(config.certificate, "--tls-cert")
    key = b"" if config.key is None else _read(config.key, "--tls-key")
    tokens: tuple[str, ...] = ()
    if config.tokens is not None:
        lines = _read(config.tokens, "--token-file").decode("utf-8", "replace").splitlines()
        tokens = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
        if not tokens or min(map(len, tokens)) < SHORTEST_TOKEN:
            raise InputError(
                f"--token-file {config.tokens}: one token a line, each of {SHORTEST_TOKEN} characters or more; none may be guessable"
            )
    return Protection(certificate, key, tokens, config.insecure)


def snapshot_folder(store: str) -> Path:
    """Beside the store, under its name."""
    path = store_path(store)
    return path.with_name(f"{path.name}.snapshots")


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{option} {path} cannot be read: {error.strerror or error}") from None
