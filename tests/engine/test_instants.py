"""Replayed up to any instant, what was told gives who was a member then, also between two writes."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from idweave_server.engine.changes import Changes
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_text
from idweave_server.kernels.conditions import TRUE
from idweave_server.model import DAY, ChangeKind
from idweave_server.operations.steps import run

from tests.engine.test_memberships import drawn, put
from tests.operations.world import World, ingest

Members = set[tuple[str, str]]


def members_at(engine: Engine, at: int) -> Members:
    """Of now or later, if nothing happens until then."""
    memberships, slots = engine.memberships, engine.memberships.everybody()
    parts = run(memberships.evaluated(memberships.program(), slots, at))
    names = memberships.program().names
    truth = np.concatenate([part.truth for part in parts], axis=1) if parts else np.zeros((len(names), 0))
    return {(engine.profile_id(int(slots[who])), names[which]) for which, who in np.argwhere(truth == TRUE).tolist()}


def replayed(told: list[Changes], engine: Engine, until: int) -> Members:
    """The members by what was told of the time up to an instant."""
    there: Members = set()
    for changes in told:
        for row in changes.rows:
            one = uuid_text(*row["profile"].tolist()), engine.memberships.store.names[int(row["segment"])]
            if int(row["effective_at"]) <= until and int(row["kind"]) in (ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT):
                (there.add if int(row["kind"]) == ChangeKind.SEGMENT_ENTERED else there.remove)(one)
    return there


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 40))])
def test_members_at_any_instant_are_those_of_the_changes_up_to_it(seed: int, tmp_path: Path) -> None:
    world, r = World(tmp_path), random.Random(seed)
    with world.open() as store:
        committer, engine = world.committer(store), store.engine
        told: list[Changes] = []
        engine.heard = told.append
        put(world, committer)
        moments: list[tuple[int, Members]] = []
        for step in range(25):
            begun = engine.state_time
            world.pass_by(r.choice((0, 1, 3599, 3600, DAY, 7 * DAY, 90 * DAY)))
            instants = {r.randint(begun, int(world.now) - 1) for _ in range(3)} if int(world.now) > begun else set()
            instants |= {due for due in (engine.due(),) if due is not None and due < int(world.now)}
            moments += [(at, members_at(engine, at)) for at in instants]
            committer.perform(ingest(drawn(r, step, int(world.now))))
        for at, members in moments:
            assert replayed(told, engine, at) == members, (seed, at)
        assert len({frozenset(members) for _, members in moments}) > 5
