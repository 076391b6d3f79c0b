"""Writes wait while the graph is too far behind, loudly, and never when the server is told to end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import QueueFullError
from idweave_server.model import Outcome
from idweave_server.operations.brake import Brake
from idweave_server.operations.writer import Limits, Writer

from tests.operations.leased import Journal, until
from tests.operations.world import World, ingest, report


class Behind:
    """How far something is behind, as the test says."""

    def __init__(self, bound: int) -> None:
        self.lag, self.journal = 0, Journal()
        self.brake = Brake(lambda: self.lag, bound, steady=time.monotonic, journal=self.journal)


def serve(folder: Path, behind: Behind, use: Any, **chosen: Any) -> None:
    world = World(folder)
    with world.open() as store:
        world.serve(store, use, hold=behind.brake.hold, **chosen)


def test_writes_wait_and_go_on(tmp_path: Path) -> None:
    behind = Behind(100)

    async def use(writer: Writer) -> None:
        await writer.submit(ingest(report(1)))
        behind.lag = 101
        late = asyncio.ensure_future(writer.submit(ingest(report(2))))
        await until(lambda: behind.brake.seconds > 0)
        await writer.settled()  # a fully consistent read does not wait for what is not begun
        assert not late.done()
        assert writer.store.engine.sequence == 2
        behind.lag = 100
        assert (await late).results[0].outcome is Outcome.ACCEPTED
        assert behind.journal.events == ["ingest_slowed"]  # at the bound, it is slow still
        behind.lag = 80
        await writer.submit(ingest(report(3)))
        assert behind.journal.events == ["ingest_slowed", "ingest_eased"]

    serve(tmp_path, behind, use)


def test_only_a_full_queue_refuses(tmp_path: Path) -> None:
    behind = Behind(100)
    behind.lag = 500

    async def use(writer: Writer) -> None:
        waiting = [asyncio.ensure_future(writer.submit(ingest(report(number)))) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError) as refused:
            await writer.submit(ingest(report(9)))
        assert refused.value.retry_seconds > 0
        behind.lag = 0
        assert len(await asyncio.gather(*waiting)) == 5

    serve(tmp_path, behind, use, limits=Limits(waiting=5))


def test_a_stop_waits_for_nothing(tmp_path: Path) -> None:
    behind = Behind(100)
    behind.lag = 500

    async def use(writer: Writer) -> None:
        waiting = asyncio.ensure_future(writer.submit(ingest(report(1))))
        await until(lambda: behind.brake.slow)
        await writer.drain()
        assert (await waiting).results[0].outcome is Outcome.ACCEPTED

    serve(tmp_path, behind, use)


def test_no_bound_holds_nothing() -> None:
    behind = Behind(0)
    behind.lag = 10**9
    asyncio.run(behind.brake.hold(lambda: False))
    assert behind.journal.events == []
