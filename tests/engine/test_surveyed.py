"""What is said of everybody is of one state, whatever is written while it is looked at."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from idweave_server.engine import surveyed
from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.engine.membership_answers import Foreseen
from idweave_server.engine.profile_store import uuid_text
from idweave_server.model import DAY
from idweave_server.operations.retract import RetractRequest
from idweave_server.segments.expression import Expression

from tests.engine.test_memberships import SEGMENTS, drawn, event, person
from tests.operations.world import World, ingest, report

Told = tuple[set[str], int, int, list[tuple[int, str, bool]]]


def told(engine: Engine, found: Foreseen) -> Told:
    changes = zip(found.time.tolist(), [uuid_text(*words) for words in found.profile.tolist()], found.entered.tolist(), strict=True)
    return {engine.profile_id(slot) for slot in found.slots.tolist()}, found.unknown, found.population, list(changes)


def disturbed(steps: Generator[Any, Any, Foreseen], write: Callable[[], None]) -> Foreseen:
    """Write before and after each job."""
    try:
        job = next(steps)
        while True:
            write()
            found = job()
            write()
            job = steps.send(found)
    except StopIteration as end:
        return end.value


def looked(engine: Engine, expression: Expression, now: int, until: int) -> list[tuple[int, str, bool]]:
    """One look at everybody at each instant that anything is due."""
    memberships, slots = engine.memberships, engine.memberships.everybody()
    program = memberships.compiled([("asked", expression)])

    def at(instant: int) -> tuple[np.ndarray, np.ndarray]:
        parts = run(memberships.evaluated(program, slots, instant))
        return np.concatenate([part.truth[0] for part in parts]) == 2, np.concatenate([part.until[0] for part in parts])

    member, ends = at(now)
    changes = []
    while (instant := int(ends.min())) <= until:
        after, ends = at(instant)
        changes += [(instant, engine.profile_id(int(slots[who])), bool(after[who])) for who in np.flatnonzero(after != member)]
        member = after
    return sorted(changes)


@pytest.mark.parametrize("seed", range(4))
def test_who_is_in_and_who_will_be_is_of_the_state_at_the_end(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveyed, "CHUNK", 2)
    monkeypatch.setattr(surveyed, "HERE", 0)
    world, r = World(tmp_path), random.Random(seed)
    with world.open() as store:
        committer, number, sent = world.committer(store), 0, list[str]()

        def write() -> None:
            nonlocal number
            if r.random() < 0.5 and number < 60:
                number += 1
                if sent and r.random() < 0.3:
                    committer.perform(RetractRequest(source="shop", observation_id=sent.pop(r.randrange(len(sent)))))
                else:
                    committer.perform(ingest(drawn(r, number, int(world.now))))
                    sent.append(f"o{number}")

        while number < 20:
            write()
        memberships, engine = store.engine.memberships, store.engine
        for name, expression in SEGMENTS.items():
            if name in ("reachable", "others"):
                continue
            until = engine.state_time + 400 * DAY
            found = told(engine, disturbed(memberships.foreseen(expression, until), write))
            assert found == told(engine, run(memberships.foreseen(expression, until))), name
            assert found[3] == looked(engine, expression, engine.state_time, until), name
        assert number > 25, number


def test_an_order_that_is_dated_ahead_is_foreseen(tmp_path: Path) -> None:
    """It counts from its time on, which a forecast of somebody's entry has to know."""
    world = World(tmp_path)
    with world.open() as store:
        committer, now = world.committer(store), int(world.now)
        committer.perform(ingest(report(1, time=now + 200, events=(event("order_placed", 120, order_id="a"),))))
        slot = person(store, "person1@gmail.com")
        found = run(store.engine.memberships.foreseen(SEGMENTS["recent"], now + 100 * DAY))
        wanted = [(now + 200, True), (now + 200 + 90 * DAY, False)]
        assert (found.slots.tolist(), list(zip(found.time.tolist(), found.entered.tolist(), strict=True))) == ([], wanted)
        assert found.sizes([now + 199, now + 200, now + 89 * DAY, now + 91 * DAY]) == (
            (now + 199, 0),
            (now + 200, 1),
            (now + 89 * DAY, 1),
            (now + 91 * DAY, 0),
        )
        assert store.engine.profile_id(slot) == uuid_text(*found.profile[0].tolist())
