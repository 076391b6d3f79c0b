"""Who is looked at again: nobody that segments cannot say anything else of, and everybody that they can."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from idweave_server.intake.reports import Report
from idweave_server.model import DAY
from idweave_server.operations.retract import RetractRequest
from idweave_server.operations.store import Store
from idweave_server.segments.expression import (
    Expression,
    FieldTest,
    IdentityTest,
    Operator,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Span,
    TimeTest,
)

from tests.engine.test_memberships import SEGMENTS, Define, Follower, event
from tests.operations.world import World, ingest, report

POLICY = '[traits]\ncity = { type = "text" }\n'
OF_SIGHTINGS: dict[str, Expression] = {
    "quiet": TimeTest("last_seen", Relation.OLDER, Span(seconds=7 * DAY)),
    "of_bergen": FieldTest("city", Operator.EQUAL, ("Bergen",)),
    "sure": IdentityTest("email", 1, 1_500_000),
    "by_the_app": ProvenanceTest(("app",), (), ()),
    "from_the_app": FieldTest("acquisition_source", Operator.EQUAL, ("app",)),
    "not_quiet": SegmentTest("quiet"),
}


class Looks:
    """How many profiles are looked at after each write."""

    def __init__(self, store: Store) -> None:
        self.count, memberships = 0, store.engine.memberships
        look = memberships._look

        def counted(program: object, slots: np.ndarray, tells: bool) -> object:
            self.count += slots.size
            return look(program, slots, tells)  # type: ignore[arg-type]

        memberships._look = counted  # type: ignore[method-assign, assignment]

    def taken(self) -> int:
        count, self.count = self.count, 0
        return count


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(6, 40))])
def test_what_is_told_adds_up_where_most_observations_say_little(seed: int, tmp_path: Path) -> None:
    world, r = World(tmp_path, POLICY), random.Random(seed)
    chosen = dict(r.sample(sorted({**SEGMENTS, **OF_SIGHTINGS}.items()), r.choice((1, 3, 12))))
    for one in ("others", "reachable", "not_quiet"):
        chosen.pop(one, None)
    with world.open() as store:
        committer, follower, looks = world.committer(store), Follower(store.engine), Looks(store)
        for name, expression in chosen.items():
            committer.perform(Define(name, expression))
        sent: list[str] = []
        spared = 0
        for step in range(40):
            world.pass_by(r.choice((0, 1, 3600, DAY, 7 * DAY)))
            if sent and r.random() < 0.15:
                committer.perform(RetractRequest(source="shop", observation_id=sent.pop(r.randrange(len(sent)))))
            else:
                committer.perform(ingest(said := drawn(r, step, int(world.now))))
                if said.source == "shop":
                    sent.append(f"o{step}")
                spared += not looks.taken()
            follower.check()
            looks.taken()
        assert spared or chosen.keys() & OF_SIGHTINGS.keys()


def drawn(r: random.Random, step: int, now: int) -> Report:
    """Mostly a sight of a device or a mailbox, of which two people have one together."""
    person = r.randrange(3)
    own = [
        ("email", f"person{person}@gmail.com"),
        ("cookie", f"cookie-number-{person:08}"),
        ("device", f"{person:08}-1111-4a7d-9c31-000000000000"),
    ]
    keys = r.sample(own, r.choice((1, 1, 2)))
    if r.random() < 0.15:
        keys.append(("cookie", "cookie-number-of-all"))
    events = (event(r.choice(("order_placed", "cart_added")), r.choice((0, 20, 120))),) if r.random() < 0.25 else ()
    traits = ((r.choice(("city", "shoes")), r.choice(("Bergen", "Turin"))),) if r.random() < 0.2 else ()
    named = (("first_name", ("Ingrid", "Walter", "Chidi")[person]),) if r.random() < 0.4 else ()
    time, source = now - r.choice((0, 60, DAY, 30 * DAY)), r.choice(("shop", "shop", "app"))
    return report(step, *keys, time=time, source=source, events=events, traits=(*named, *traits))


def test_a_sight_of_somebody_is_looked_at_where_a_segment_reads_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer, follower, looks = world.committer(store), Follower(store.engine), Looks(store)
        committer.perform(Define("recent", SEGMENTS["recent"]))
        looked = []
        said: list[dict[str, Any]] = [{"events": (event("order_placed", 120),)}, {}, {"traits": (("city", "Bergen"),)}, {}]
        for number, more in enumerate(said):
            if number == 3:
                committer.perform(Define("quiet", OF_SIGHTINGS["quiet"]))
            looks.taken()
            world.pass_by(10)
            committer.perform(ingest(report(number, ("email", "jo@gmail.com"), time=int(world.now), **more)))
            looked.append(looks.taken())
            follower.check()
        assert looked == [1, 0, 0, 1]
        world.pass_by(90 * DAY)
        committer.perform(ingest(report(9, ("email", "al@gmail.com"), time=int(world.now))))
        follower.check()
        assert [(kind.name, segment) for kind, _, segment, _, _ in follower.seen] == [
            ("SEGMENT_ENTERED", "recent"),
            ("SEGMENT_ENTERED", "quiet"),
            ("SEGMENT_LEFT", "recent"),
        ]
