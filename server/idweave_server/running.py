"""A server that runs: its parts, how they are put together, and how each is taken apart again.

Three layers, each of which ends before the one around it: the process (threads, log lines), the address (refusing until there is something
to answer from), and the life of a loaded store (who writes, what is done by itself). A life may end before its server does: where the store
turns out to have been restored from a backup under it, the next life loads it again.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from idweave_server.config import NO_GRAPH, Config
from idweave_server.errors import NotServingError, StoreError
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import are_compiled, compile_kernels
from idweave_server.kernels.warmup import warm_up
from idweave_server.log.base import MAX_TERM, Credentials
from idweave_server.log.locate import Folders, is_neo4j
from idweave_server.model import DAY
from idweave_server.operations.applying import StateAstrayError
from idweave_server.operations.awaited import Awaited
from idweave_server.operations.feed import Feed, Retention
from idweave_server.operations.feed_keeping import FeedKeeper
from idweave_server.operations.projecting import Projection
from idweave_server.operations.reader import Reader
from idweave_server.operations.reign import Claim, Reign, Role
from idweave_server.operations.snapshot import SnapshotMaker
from idweave_server.operations.store import Store
from idweave_server.operations.upkeep import Clockwork, Snapshots
from idweave_server.operations.watch import Watches
from idweave_server.operations.writer import Writer
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
from idweave_server.telemetry.extra import open_telemetry

if TYPE_CHECKING:
    from idweave_server.telemetry.exporting import Telemetry

# Threads for what is pure and long. Writing has its own: a hundred columns whose formats are asked for hold up no observation.
# So has the lease of the writer's place: what is long must not cost a server its place.
WORKERS, WRITERS, LEASES = 4, 1, 1
FLUSH_SECONDS = 0.1
SCRAPE_SECONDS = 5.0
MAKING_SECONDS = 0.25  # between two looks at a store that another server is just making
EVERYWHERE = ("0.0.0.0", "[::]", "::", "")  # hosts to listen on, at none of which anybody is found


@dataclass(frozen=True, slots=True)
class Outside:
    """What comes from outside: clocks, chance and environment. milliseconds: the wall clock, UTC; seconds: the same, finer; steady: seconds
    that only go forward; precise: the same for short times; sleep: until so many seconds of the wall clock are over, or a little earlier;
    entropy: n random bytes; request_id: one that no other process gives; environment: for telemetry alone."""

    milliseconds: Callable[[], int]
    seconds: Callable[[], float]
    nanoseconds: Callable[[], int]
    steady: Callable[[], float]
    precise: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    entropy: Callable[[int], bytes]
    request_id: Callable[[], str]
    credentials: Credentials | None
    folders: Folders
    environment: Mapping[str, str]


class Running:
    """A server that runs. address, metrics_address: where; ended: set when it has to end; fault: why, where that is no signal."""

    def __init__(self, config: Config, log: TextIO, outside: Outside, policy: str | None, protection: Protection) -> None:
        """policy: TOML of a new store's, None for the defaults or what the store has."""
        self.config, self._outside, self._policy, self._protection = config, outside, policy, protection
        self.meter, self.lag = CallMeter(), LagMeter(outside.precise)
        self.journal = Journal(log, outside.seconds)
        self.pool, self._writing = ThreadPoolExecutor(WORKERS, "idweave-worker"), ThreadPoolExecutor(WRITERS, "idweave-writer")
        self._leasing = ThreadPoolExecutor(LEASES, "idweave-lease")
        self.ended = asyncio.Event()
        self.fault: BaseException | None = None
        self.address = self.metrics_address = ""
        self.since = 0  # seconds UTC; when it began to serve
        self.store: Store
        self.writer: Writer
        self.reader: Reader
        self.reign: Reign
        self.projection: Projection
        self.snapshots: SnapshotMaker
        self.watches: Watches
        self._server: Server
        self._stack, self._life = AsyncExitStack(), AsyncExitStack()
        self._lives = False
        self._astray = asyncio.Event()

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
        await self._stack.aclose()

    def served(self) -> Served:
        """What the services answer from."""
        parts = (self.store, self.writer, self.reign, self.reader, self.watches, self.snapshots, self.projection, self.lag, self.pool)
        return Served(*parts, self._outside.milliseconds, self.since)

    # Each part is undone by the stack in reverse order.

    async def _start(self) -> None:
        stack, loop = self._stack, asyncio.get_running_loop()
        for pool in (self.pool, self._writing, self._leasing):
            stack.callback(pool.shutdown, wait=True)
        self._keep_journal()
        telemetry = self._open_telemetry()
        await self._listen(telemetry)
        if not are_compiled(use_kernel_cache()):
            self.journal.say("compiling", text="the kernels are compiled for this machine: about a minute, this once")
            await loop.run_in_executor(self.pool, compile_kernels, use_kernel_cache())
        await loop.run_in_executor(self.pool, warm_up)
        stack.push_async_callback(self._end_life)
        await self._live()
        self._tell_of_itself(telemetry)
        for work in (self.lag.run(), self._live_again()):
            self._aside(work, stack)
        self.since = self._outside.milliseconds() // 1000
        await self._server.open(handlers(self.served()))
        self.journal.say("serving", address=self.address, sequence=self.store.engine.sequence)

    def _keep_journal(self) -> None:
        """Write log lines on a thread of their own: whoever reads them may be slow."""
        scribe = ThreadPoolExecutor(1, "idweave-journal")
        self._stack.callback(self.journal.flush)
        self._stack.callback(self.journal.say, "stopped")
        self._stack.callback(scribe.shutdown, wait=True)

        async def flush() -> None:
            while True:
                if self.journal.waits:
                    await asyncio.get_running_loop().run_in_executor(scribe, self.journal.flush)
                await asyncio.sleep(FLUSH_SECONDS)

        self._aside(flush(), self._stack)

    def _open_telemetry(self) -> Telemetry | None:
        if not self.config.otel:
            return None
        outside = self._outside
        opened = open_telemetry(outside.environment, self.journal, nanoseconds=outside.nanoseconds, steady=outside.steady)
        if opened is not None:
            self._stack.push_async_callback(asyncio.get_running_loop().run_in_executor, None, opened.close)
        return opened

    async def _listen(self, telemetry: Telemetry | None) -> None:
        """Open the address, where every call is refused until the state is ready."""
        surroundings = Surroundings(
            self.meter,
            self.journal,
            self._outside.precise,
            self._outside.request_id,
            self.pool,
            most_running=self.config.most_calls,
            most_watches=self.config.most_watches,
            log_all=self.config.log_calls,
            spans=telemetry.spans if telemetry else None,
        )
        self._server = Server(SERVICES, surroundings, self.config.listen, self._protection)
        self.address = self._server.address
        self._stack.push_async_callback(self._server.stop)
        await self._server.start()
        self.journal.say("listening", address=self.address)

    def _tell_of_itself(self, telemetry: Telemetry | None) -> None:
        """To Prometheus, and to a collector."""
        loop = asyncio.get_running_loop()

        async def read() -> list[Reading]:
            return readings(self.served()) if self._lives else []  # on the loop, which owns the state; the scrape has its own thread

        metrics = Metrics(self.meter, self.lag, lambda: asyncio.run_coroutine_threadsafe(read(), loop).result(SCRAPE_SECONDS))
        if self.config.metrics:
            port = MetricsPort(self.config.metrics, metrics)
            self.metrics_address = port.address
            self._stack.push_async_callback(loop.run_in_executor, None, port.close)
            self.journal.say("metrics", address=port.address)
        if telemetry is not None:
            telemetry.begin(metrics)
            self._stack.push_async_callback(loop.run_in_executor, None, telemetry.close)  # again: it reads the state, and ends before

    # The life of a loaded store.

    async def _live(self) -> None:
        """Load the store, and take the role that is left to this server."""
        life, outside, config = self._life, self._outside, self.config
        self.store = await self._load()
        life.push_async_callback(asyncio.get_running_loop().run_in_executor, self._writing, self.store.close)
        for notice in self.store.notices:
            self.journal.say("notice", text=notice)
        awaited = Awaited()
        self.projection = Projection(
            self.store,
            graph_of(config),
            outside.credentials,
            bound=config.projection_lag,
            entropy=outside.entropy,
            steady=outside.steady,
            journal=self.journal,
        )
        self.writer = Writer(
            self.store,
            milliseconds=outside.milliseconds,
            steady=outside.steady,
            entropy=outside.entropy,
            pool=self._writing,
            awaited=awaited,
            fatal=self._break,
            deposed=lambda error: self.reign.deposed(error),
            away=lambda error: self.reign.away(error),
            hold=self.projection.brake.hold,
        )
        clockwork = Clockwork(self.writer, outside.milliseconds, lambda: self.reader.forget(), self.journal, outside.sleep)
        self.reign = Reign(
            self.store,
            self.writer,
            awaited,
            self._claim(),
            pool=self._writing,
            aside=self._leasing,
            steady=outside.steady,
            journal=self.journal,
            duties=(clockwork.run, self.projection.run),
            forget=lambda: self.reader.forget(),
            fatal=self._break,
        )
        self.reader = Reader(self.store, self.reign, steady=outside.steady, seal=outside.entropy(32), pool=self.pool)
        self.watches = await self._watch(life)
        self.snapshots = SnapshotMaker(self.store, outside.milliseconds)
        made = Snapshots(self.store, self.snapshots, self.reign, config.snapshot_every, outside.steady, self.journal)
        self._aside(made.run(), life)
        life.push_async_callback(self.reign.stop)
        await self.reign.begin()
        self._lives = True

    async def _watch(self, life: AsyncExitStack) -> Watches:
        """What happens is kept for a while for those who watch, and for the next start."""
        store, engine, later = self.store, self.store.engine, asyncio.get_running_loop().call_later
        feed = store.feed
        assert feed is not None
        life.callback(feed.end, lambda: NotServingError("the server stops or loads its store again; go on with the last token in a moment"))
        await self._keep_feed(feed, life)
        return Watches(store, self.reign, feed, engine, engine.memberships.store, steady=self._outside.steady, later=later)

    async def _keep_feed(self, feed: Feed, life: AsyncExitStack) -> None:
        """Write what changes to disk: without it all goes on, but tokens do not outlive this process."""
        loop, file, begin = asyncio.get_running_loop(), self.store.feed_file(), self.store.saved
        assert file is not None
        assert begin is not None
        try:
            opened = await loop.run_in_executor(self.pool, file.open, begin)
        except (OSError, StoreError) as error:
            self.journal.say("feed_failed", error=type(error).__name__, text=str(error))
            file.close()
            return
        if not opened:
            self.journal.say("notice", text="another server of this machine writes the change feed: resume tokens of this one end with it")
            return
        keeper = FeedKeeper(feed, file, self.pool, self.journal, loop.call_later)
        life.push_async_callback(keeper.end)
        self._aside(keeper.run(), life)

    async def _load(self) -> Store:
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._writing, self._open)
            except NotServingError:  # another server is just making the store
                await asyncio.sleep(MAKING_SECONDS)

    def _open(self) -> Store:
        """The store, with its log replayed; on a worker thread. Says now and then how far it is."""
        config, outside = self.config, self._outside
        said = outside.steady()

        def progress(done: int, entries: int) -> None:
            nonlocal said
            if outside.steady() - said > 2.0:
                said = outside.steady()
                self.journal.say("replaying", done=done, entries=entries)

        claim = self._claim()
        return Store.open(
            config.store,
            holder=claim.holder,
            address=claim.address,
            term=claim.term(),
            milliseconds=outside.milliseconds,
            entropy=outside.entropy,
            policy_text=self._policy,
            key_source=config.key_file,
            snapshots=config.snapshots,
            folders=outside.folders,
            credentials=outside.credentials,
            lease_seconds=config.lease_seconds,
            stand_by=True,
            feed=Retention(config.feed_changes, round(config.feed_days * DAY)),
            progress=progress,
        )

    def _claim(self) -> Claim:
        def term() -> int:
            return int.from_bytes(self._outside.entropy(8), "big") % MAX_TERM + 1

        return Claim(f"process {os.getpid()} on {socket.gethostname()}", self.config.address or public(self.address), term)

    async def _live_again(self) -> None:
        """Load the store once more whenever its state has turned out to be none that the log ever had."""
        while True:
            await self._astray.wait()
            self._astray.clear()
            self.journal.say("reloading", text="the store is not what this server knew: it was restored from a backup, say")
            await self._server.close("the server loads its store again; send the call again in a moment")
            await self._end_life()
            await self._live()
            await self._server.open(handlers(self.served()))
            self.journal.say("serving", address=self.address, sequence=self.store.engine.sequence)

    async def _end_life(self) -> None:
        self._lives = False
        life, self._life = self._life, AsyncExitStack()
        await life.aclose()

    def _aside(self, work: Coroutine[Any, Any, None], stack: AsyncExitStack) -> None:
        """Run a task until the stack is undone. One that fails ends the server: nothing runs unwatched."""
        task = asyncio.get_running_loop().create_task(work)

        def look(done: asyncio.Task[None]) -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                self._break(error)

        async def cancel() -> None:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

        task.add_done_callback(look)
        stack.push_async_callback(cancel)

    def _break(self, error: BaseException) -> None:
        """The state is no longer to be trusted, or a part has stopped: end; the log is right, and the next start replays it."""
        if isinstance(error, StateAstrayError):
            self._astray.set()
            return
        self.fault = self.fault or error
        self.journal.fault("broken", error)
        self.ended.set()


def graph_of(config: Config) -> str:
    """The URL of the database that the graph is kept in, "" for none."""
    if config.graph:
        return "" if config.graph == NO_GRAPH else config.graph
    return config.store if is_neo4j(config.store) else ""


def public(address: str) -> str:
    """Where others find a server that listens on this address."""
    host, _, port = address.rpartition(":")
    return f"{socket.gethostname()}:{port}" if host in EVERYWHERE and not address.startswith("unix") else address


def stands_by(running: Running) -> bool:
    return running.reign.standing().role is Role.STANDBY
