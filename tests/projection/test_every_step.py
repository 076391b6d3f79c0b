"""After every step of a small world the graph that was followed is the graph of a replay, and in the end that of a rebuild, as a whole."""

from __future__ import annotations

import random
import statistics
from typing import Any

import numpy as np
import pytest
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import ErasureEntry
from idweave_server.model import DAY
from idweave_server.projection import follower
from idweave_server.projection.follower import Follower
from idweave_server.resolution.policy import load_policy

from tests.engine.living import KEY, contents
from tests.neo4j_database import Database
from tests.projection.graphs import Followed, held, opened, wrong
from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, Said, Seen, random_world


@pytest.mark.parametrize("seeds", [(11,), pytest.param(tuple(range(20, 60)), marks=pytest.mark.slow)], ids=["one", "many"])
@pytest.mark.parametrize(
    ("text", "rows"), [("", 10_000), pytest.param(TIGHT, 5, marks=pytest.mark.slow), (FLEETING, 3)], ids=["default", "tight", "fleeting"]
)
def test_the_graph_follows_every_step(
    graph_database: Database, monkeypatch: pytest.MonkeyPatch, text: str, rows: int, seeds: tuple[int, ...]
) -> None:
    """rows: of a transaction; what takes several goes by two lanes."""
    monkeypatch.setattr(follower, "ROWS", rows)
    left: list[tuple[int, int]] = []
    for seed in seeds:
        with opened(graph_database, rebuild=True) as graph:
            followed = _lived(Followed(load_policy(text), random_world(seed, observations=8 + seed % 8), graph), seed)
            shown = held(graph_database)
            left.append((len(shown[0]), len(shown[1])))
        with opened(graph_database, rebuild=True) as graph:
            assert held(graph_database) == ([], [])
            Follower(followed.replayed(), graph).reconcile()
            assert held(graph_database) == shown
    nodes, ties = zip(*left, strict=True)
    of_all = statistics.mean if text == FLEETING else min  # of some of its worlds little is left in the end
    assert of_all(nodes) > 5
    assert of_all(ties) > 2


def _lived(followed: Followed, seed: int) -> Followed:
    """Batches, verdicts and ticks in some order, then half of it taken back and somebody erased."""
    living, r = followed.living, random.Random(seed)
    world = random_world(seed, observations=8 + seed % 8)
    steps: list[Any] = [*world.seen, *world.said]
    r.shuffle(steps)
    at = START + 45 * DAY
    for step in [*steps, *(("undo", one) for one in r.sample(steps, len(steps) // 2)), "erase", steps[0]]:
        at += r.choice((0, 3600, DAY, 2 * DAY))
        if isinstance(step, Seen):
            living.observe((step,), at)
        elif step == "erase":
            key = r.choice([k for o in living.world.seen for k in o.keys])
            hashed = keyed(contents([key]), KEY)
            followed.erase(ErasureEntry(hashed, np.full(1, -(2**40)), np.full(1, at)), at)
        elif isinstance(step, Said):
            living.say((step,), at)
        elif isinstance(step, tuple):
            _, one = step
            living.retract(one.source, one.name, at) if isinstance(one, Seen) else living.say((), at, withdrawn=(one.name,))
        if r.random() < 0.3:
            living.tick(at + 600)
        followed.catch_up()
        assert [str(one) for one in wrong(followed.replayed(), followed.graph)] == [], (seed, step)
    return followed
