"""A server that is killed at random moments under load has everything that it acknowledged, once, and nothing by half."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from idweave import AsyncClient

from tests.server.checks import check
from tests.server.loads import Load
from tests.server.running import ServerProcess, launch, process

SEED = 20_260_401
OPTIONS = ("--snapshot-every", "3000")  # observations: some kills come while a snapshot is made, some starts begin from one


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_to_a_kill(tmp_path: Path, kills: int) -> None:
    load = Load(SEED + kills)
    asyncio.run(lives(tmp_path, kills, load, random.Random(load.seed)))
    assert load.acknowledged > 10 * kills
    assert load.book.retracted
    assert load.book.erased


async def lives(folder: Path, kills: int, load: Load, chance: random.Random) -> None:
    for number in range(kills):
        if number % 5 == 3:
            killed_while_it_starts(folder, chance)
        with process(folder, *OPTIONS) as server, explained(server):  # which the lock of the dead one does not keep from starting
            await looked_at(server, load, chance)
            await load.run(server.address, after=chance.randrange(10, 120), die=partial(kill, server))
    with process(folder, *OPTIONS) as server, explained(server):
        await looked_at(server, load, chance, whole=True)
        assert server.stop() == 0


@contextmanager
def explained(server: ServerProcess) -> Iterator[None]:
    """A failure comes with what the server said."""
    try:
        yield
    except Exception as error:
        ended = server.process.poll()
        server.stop()  # so that its log is whole
        error.add_note(f"the server's exit code was {ended}, and it said:\n{server.log.read_text()[-4000:]}")
        raise


async def kill(server: ServerProcess) -> None:
    server.process.kill()


async def looked_at(server: ServerProcess, load: Load, chance: random.Random, *, whole: bool = False) -> None:
    if not load.lives:
        return
    async with AsyncClient(server.address, timeout=60) as client:
        await load.settle(client)
        verified, _ = await asyncio.gather(client.verify(), check(client, load.book, chance, whole=whole))
        assert verified.equal, verified


def killed_while_it_starts(folder: Path, chance: random.Random) -> None:
    server = launch(folder, *OPTIONS, store=f"sqlite:///{folder / 'idweave.db'}", listen="127.0.0.1:0", environment=None)
    try:
        time.sleep(chance.uniform(0.2, 4.0))  # a moment to die at, nothing is waited for
    finally:
        server.process.kill()
        server.process.wait()
