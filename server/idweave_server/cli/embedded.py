"""A whole server inside this process, on a thread of its own, for as long as a command needs one."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from idweave_server.config import Config

if TYPE_CHECKING:
    from idweave_server.cli.driven_clock import DrivenClock


@contextmanager
def embedded_server(folder: Path, policy: Path, store: str = "", clock: DrivenClock | None = None) -> Iterator[str]:
    """Its address, on a free port of this machine. policy: TOML; store: its URL, by default a file in the folder; clock: that it goes by,
    the machine's by default.

    Raises what a start raises.
    """
    from idweave_server.app import outside, start

    url = store or f"sqlite:///{quote(str(folder.resolve() / 'idweave.db'))}"
    config = Config(store=url, listen="127.0.0.1:0", policy=policy, metrics="", snapshot_every=0)
    begun, ready = threading.Event(), threading.Event()
    address: list[str] = []
    failed: list[BaseException] = []
    ending: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        ended = asyncio.Event()
        ending.append((asyncio.get_running_loop(), ended))
        begun.set()
        running = await start(config, io.StringIO(), None if clock is None else clock.drives(outside()))
        address.append(running.address)
        ready.set()
        await ended.wait()
        await running.stop()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            begun.set()
            ready.set()

    thread = threading.Thread(target=run, name="embedded server")
    thread.start()
    try:
        ready.wait()
        if failed:
            raise failed[0]
        yield address[0]
    finally:
        begun.wait()  # Ctrl-C may come at any time
        with suppress(RuntimeError, IndexError):  # it has ended by itself, or never begun
            ending[0][0].call_soon_threadsafe(ending[0][1].set)
        thread.join()
    if failed:
        raise failed[0]
