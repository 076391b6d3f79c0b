"""A server with a driven clock in a process of its own, which can be killed at any moment and started again on the same store.

Processes are forked from one that has everything imported and compiled, so that a start costs a fraction of a second. Nothing is served in
that one, so there are no threads to lose by it.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from idweave_server.app import outside, start
from idweave_server.cli.driven_clock import DrivenClock
from idweave_server.config import Config

from tests.scenarios.played import next_due

PATIENCE = 120.0  # seconds, of which a start that has to compile takes most
ALL = 36_500.0  # days: the feed forgets nothing


@dataclass(frozen=True, slots=True)
class Mortal:
    """address: where it serves."""

    address: str
    process: BaseProcess
    pipe: Connection

    def move(self, at: int) -> None:
        """The clock to a second; returns when all that is due by then has come about."""
        self.pipe.send(at)
        assert self.pipe.poll(PATIENCE), "what is due did not come about"
        assert self.pipe.recv() == at

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@contextmanager
def mortal(folder: Path, at: int) -> Iterator[Mortal]:
    """at: what its clock says. The folder has its store, and a policy.toml for a new one. Killed at the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scenarios.warm"])
    ours, its = context.Pipe()
    process = context.Process(target=serve, args=(its, folder, at), daemon=True)
    process.start()
    its.close()
    try:
        assert ours.poll(PATIENCE), "it did not start"
        yield Mortal(ours.recv(), process, ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def serve(pipe: Connection, folder: Path, at: int) -> None:
    asyncio.run(_serve(pipe, folder, DrivenClock(at)))


async def _serve(pipe: Connection, folder: Path, clock: DrivenClock) -> None:
    store = f"sqlite:///{folder / 'idweave.db'}"
    config = Config(store=store, listen="127.0.0.1:0", metrics="", policy=folder / "policy.toml", snapshot_every=0, feed_days=ALL)
    running = await start(config, io.StringIO(), clock.drives(outside()))
    pipe.send(running.address)
    while True:
        at = await asyncio.to_thread(pipe.recv)
        clock.move(at)
        while next_due(running.writer) <= at:
            await asyncio.sleep(0.002)
        pipe.send(at)
