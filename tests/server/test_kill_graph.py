"""The kill test on Neo4j: the server dies, the database dies, at random moments under load, and everything acknowledged is there once."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from idweave import AsyncClient

from tests.neo4j_database import Database
from tests.server.checks import check
from tests.server.loads import Load
from tests.server.running import ENTRY, ServerProcess, until
from tests.server.sharing import Shared, caught_up, status, writes
from tests.server.test_kill import explained, kill

SEED = 20_260_815
OPTIONS = ("--snapshot-every", "3000", "--graph", "")


@pytest.mark.parametrize("kills", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_to_a_kill_of_the_server(graph_database: Database, tmp_path: Path, kills: int) -> None:
    load = Load(SEED + kills)
    store = Shared(graph_database, tmp_path)
    chance = random.Random(load.seed)

    async def lives() -> None:
        for _ in range(kills):
            with store.server(*OPTIONS) as server, explained(server):
                await looked_at(server, load, chance)
                await load.run(server.address, after=chance.randrange(10, 120), die=partial(kill, server))
        with store.server(*OPTIONS) as server, explained(server):
            await looked_at(server, load, chance, whole=True)
            await asyncio.to_thread(until, lambda: caught_up(server), "the graph to show everything")
            assert server.stop() == 0

    asyncio.run(lives())
    assert load.acknowledged > 10 * kills
    graph_is_equal(store)


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_to_a_kill_of_the_database(own_database: Database, tmp_path: Path, kills: int) -> None:
    own_database.wipe()
    load = Load(SEED + 100 + kills)
    store = Shared(own_database, tmp_path)
    chance = random.Random(load.seed)

    async def die() -> None:
        await asyncio.to_thread(own_database.kill)

    async def lives() -> None:
        with store.server(*OPTIONS) as server, explained(server):
            for _ in range(kills):
                await looked_at(server, load, chance)
                await load.run(server.address, after=chance.randrange(10, 120), die=die)
                await still_answers(server, load)
                await asyncio.to_thread(own_database.start)
                await asyncio.to_thread(until, lambda: status(server).store_reachable, "the server to find its database again")
            await looked_at(server, load, chance, whole=True)
            await asyncio.to_thread(until, lambda: caught_up(server), "the graph to show everything")
            assert server.stop() == 0

    asyncio.run(lives())
    assert load.acknowledged > 10 * kills
    graph_is_equal(store)


def graph_is_equal(store: Shared) -> None:
    """As `idweave verify --graph` finds, which reads the whole graph back."""
    command = [sys.executable, "-c", ENTRY, "verify", "--store", store.database.uri, "--graph", "store"]
    done = subprocess.run(command, env={**os.environ, **store.environment}, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def still_answers(server: ServerProcess, load: Load) -> None:
    """Lookups go on while the database is away."""
    revision, person = load.book.revisions[-1]
    async with AsyncClient(server.address) as client:
        await client.lookup(person.anchor, consistency=revision)


async def looked_at(server: ServerProcess, load: Load, chance: random.Random, *, whole: bool = False) -> None:
    await asyncio.to_thread(until, lambda: writes(server), "the server to write")  # the lease of the dead one has to run out
    if not load.lives:
        return
    async with AsyncClient(server.address, timeout=60) as client:
        await load.settle(client)
        verified, _ = await asyncio.gather(client.verify(), check(client, load.book, chance, whole=whole))
        assert verified.equal, verified
