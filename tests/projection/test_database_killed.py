"""Neo4j is killed in the midst of writing, again and again: the projector waits for it, and in the end the graph is right."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from idweave_server.operations.project import Told

from tests.neo4j_database import Database
from tests.operations.world import World, ingest, report
from tests.projection.test_project import projecting, right

KILLS, ROUNDS, SIZE = 10, 60, 150


@pytest.mark.slow
def test_the_graph_is_right_after_ten_kills_of_the_database(tmp_path: Path, own_database: Database) -> None:
    world, chance, told = World(tmp_path), random.Random(3), list[Told]()
    over = threading.Event()

    def kill() -> None:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 4.0))  # an instant, not a condition
            own_database.kill()
            own_database.start()
        over.set()

    def fill(number: int) -> None:
        size = range(number * SIZE, (number + 1) * SIZE)
        reports = [report(n, ("email", f"person{n // 3}@gmail.com"), ("cookie", f"{n % 997:016x}c0ffee")) for n in size]
        world.committer(store).perform(ingest(*reports))

    with world.open() as store:
        fill(0)
        killer = threading.Thread(target=kill)
        rounds = iter(range(1, ROUNDS))

        def go_on(seconds: float) -> bool:
            time.sleep(min(seconds, 0.2))
            number = next(rounds, 0)
            if number:
                fill(number)
            return bool(number) or not over.is_set()

        with projecting(world, own_database, tell=told.append) as (kept, _):
            killer.start()
            kept.follow(go_on)
            killer.join()
            kept.catch_up()
        assert sum(bool(one.error) for one in told) >= KILLS // 2
    assert right(world, own_database)
