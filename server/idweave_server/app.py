"""The server as a program: what comes from outside is taken here, and a server is started, announced, and stopped by a signal.

Import it after `use_kernel_cache`, as the command line does: the engine's kernels must find their cache named already.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import uvloop

from idweave_server import __version__, policy_file
from idweave_server.config import Config
from idweave_server.errors import InputError, StoreError
from idweave_server.log.base import Credentials
from idweave_server.log.locate import Folders
from idweave_server.rpc.listen import Protection
from idweave_server.running import Outside, Running, stands_by

# A worker that runs Python keeps the loop waiting for this long at most; by default it would be ten times that.
SWITCH_SECONDS = 0.0005
SHORTEST_TOKEN = 16  # characters
STOPPED_AT_ONCE = 130  # exit code, as of a command that Ctrl-C ends


async def start(config: Config, log: TextIO = sys.stderr, around: Outside | None = None) -> Running:
    """A server that serves on the running loop. around: clocks that somebody drives, say; by default the machine's. Raises InputError,
    StoreError, PolicyError."""
    running = make(config, log, around or outside())
    await running.start()
    return running


def make(config: Config, log: TextIO, around: Outside) -> Running:
    """A server that is yet to start. Raises InputError, PolicyError."""
    return Running(config, log, around, policy_text(config.policy), protection_of(config))


def outside() -> Outside:
    """What comes from this machine."""
    return Outside(
        milliseconds=milliseconds,
        seconds=time.time,
        nanoseconds=time.time_ns,
        steady=steady,
        precise=time.perf_counter,
        sleep=asyncio.sleep,
        entropy=secrets.token_bytes,
        request_id=request_ids(),
        credentials=credentials(),
        folders=folders(),
        environment=os.environ,
    )


def run(config: Config, announce: Callable[[str], None]) -> None:
    """Serve until a signal. announce: hears one line when the server is ready. Raises InputError, StoreError, PolicyError."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config, announce))


async def _serve(config: Config, announce: Callable[[str], None]) -> None:
    running = make(config, sys.stderr, outside())
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
    aside = "; another server writes, and this one stands by" if stands_by(running) else ""
    return f"idweave {__version__} is serving on {running.address}, store {running.config.store}: {known}{aside}"


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


def credentials() -> Credentials | None:
    """Who this is to a database, from the environment; a URL may name another user. None without a password."""
    password = os.environ.get("IDWEAVE_NEO4J_PASSWORD")
    return Credentials(os.environ.get("IDWEAVE_NEO4J_USER") or "neo4j", password) if password else None


def folders() -> Folders:
    """Where this user's machine keeps what belongs to stores in a database, after the XDG base directories."""
    data, cache = (os.environ.get(name, "") for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"))
    home = Path.home() if not (data and cache) else Path()
    return Folders(
        (Path(data) if data else home / ".local" / "share") / "idweave",
        (Path(cache) if cache else home / ".cache") / "idweave",
    )


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{option} {path} cannot be read: {error.strerror or error}") from None
