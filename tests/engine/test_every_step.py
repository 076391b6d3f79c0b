"""The live engine equals the batch run after every single step, on small worlds that cross every threshold often."""

from __future__ import annotations

import random

import pytest
from idweave_server.model import DAY
from idweave_server.resolution.policy import load_policy

from tests.engine.living import Living, batch_view, live_view
from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, Said, Seen, World, random_world


@pytest.mark.parametrize("worlds", [range(20), pytest.param(range(20, 220), marks=pytest.mark.slow)], ids=["some", "many"])
@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_observations_verdicts_and_retractions_one_by_one(text: str, worlds: range) -> None:
    policy = load_policy(text)
    profiles = 0
    for seed in worlds:
        world = random_world(seed, observations=6 + seed % 12)
        living, r = Living.begin(policy, world), random.Random(seed)
        steps: list[Seen | Said] = [*world.seen, *world.said]
        r.shuffle(steps)
        at = START + 45 * DAY
        for step in steps:
            at += r.choice((0, 1, 3600, DAY))
            if isinstance(step, Seen):
                living.observe((step,), at)
            else:
                living.say((step,), at)
            assert live_view(living) == batch_view(living), (seed, step)
        r.shuffle(steps)
        for step in steps[: len(steps) // 2]:
            at += r.choice((0, 1, 3600, DAY))
            if isinstance(step, Seen):
                living.retract(step.source, step.name, at)
            else:
                living.say((), at, withdrawn=(step.name,))
            assert live_view(living) == batch_view(living), (seed, step)
        profiles += len(living.engine.state.profiles)
    assert profiles > 2 * len(worlds)


def test_an_entry_tells_how_many_profiles_it_changed() -> None:
    policy = load_policy("")
    jo, phone, cookie = ("email", "", "jo@mail"), ("phone", "", "+1"), ("cookie", "", "c1")
    seen = [Seen(f"o{n}", START + n, "web", "LOGIN", keys) for n, keys in enumerate([(jo,), (phone,), (jo, phone), (jo,), (cookie,)])]
    living = Living.begin(policy, World(tuple(seen)))
    changed = []
    for one in seen:
        living.observe((one,), START + DAY)
        changed.append(living.changed)
    living.retract("web", "o2", START + DAY)
    changed.append(living.changed)
    assert changed == [1, 1, 2, 0, 1, 2]
