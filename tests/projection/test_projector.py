"""The process that keeps the graph beside a server: it follows, tells how far it is, comes back when it dies, and ends with its server."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from idweave_server.model import DAY
from idweave_server.operations.projector import Projector
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Writer

from tests.engine.test_memberships import Define, event
from tests.neo4j_database import Database
from tests.operations.world import World, ingest, report
from tests.projection.graphs import credentials_of
from tests.projection.test_project import filled, right
from tests.projection.test_segments_project import RECENT, inside

PATIENCE = 120.0  # seconds; a process has to start, and machines are busy


def run(world: World, store: Store, database: Database, use: Callable[[Projector, Writer, list[str]], Awaitable[None]]) -> None:
    """A projector for as long as `use` takes."""
    said: list[str] = []

    async def main(writer: Writer) -> None:
        credentials = credentials_of(database)
        projector = Projector(
            store, database.uri, credentials, entropy=secrets.token_bytes, say=lambda event, **fields: said.append(f"{event} {fields}")
        )
        projector.start()
        try:
            await use(projector, writer, said)
        finally:
            await projector.stop()

    world.serve(store, main)


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_follows_and_comes_back_when_it_is_killed(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    lives, bought = list[int](), list[int]()

    async def use(projector: Projector, writer: Writer, said: list[str]) -> None:
        def level() -> bool:
            lag = projector.lag()
            return (lag.entries, lag.observations, lag.seconds, lag.error) == (0, 0, 0, "")

        assert projector.lag().observations == 4
        await until(level)
        assert projector.lag().sequence == writer.store.engine.sequence
        assert projector.written > 10
        lives.append(projector.pid)
        await writer.submit(ingest(report(11)))
        await until(level)
        await writer.submit(Define("recent", RECENT))
        bought.append(await _buys(world, writer, 14))
        await until(level)
        os.kill(projector.pid, signal.SIGKILL)
        bought.append(await _buys(world, writer, 15))
        await writer.submit(ingest(report(12)))
        assert projector.lag().observations == 2
        await until(level)
        lives.append(projector.pid)
        assert [one.split()[0] for one in said] == ["projector_ended"]

    with world.open() as store:
        filled(world, store)
        run(world, store, graph_database, use)
        assert len(set(lives)) == 2
        assert [row[2:] for row in inside(graph_database)] == [(at, at + 90 * DAY) for at in bought]
        assert all(gone(pid) for pid in lives)
    assert right(world, graph_database)


async def _buys(world: World, writer: Writer, number: int) -> int:
    """When somebody bought."""
    world.pass_by(3600)
    now = int(world.now)
    await writer.submit(ingest(report(number, time=now, events=(event("order_placed", 120),))))
    return now


def test_it_says_why_it_is_stuck(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def use(projector: Projector, writer: Writer, said: list[str]) -> None:
        await until(lambda: "cannot be reached" in projector.lag().error)
        assert projector.lag().observations == 4

    with world.open() as store:
        filled(world, store)
        run(world, store, Database("bolt://127.0.0.1:9", "neo4j", ""), use)


def test_it_stays_away_once_another_server_writes(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)

    async def use(projector: Projector, writer: Writer, said: list[str]) -> None:
        await until(lambda: any(one.startswith("projector_deposed") for one in said))
        assert projector.pid == 0

    with world.open() as store:
        filled(world, store)
    with world.open() as store:
        world.committer(store).perform(ingest(report(5)))
        store.term -= 1  # as of a server that was asleep when this one took over
        run(world, store, graph_database, use)
