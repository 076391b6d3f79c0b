"""While an entry of observations is taken in, readers get their turn many times, and see what was there before or all that came of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from idweave_server.engine.applied import pause
from idweave_server.entries.columns import AnyEntry
from idweave_server.resolution.policy import load_policy

from tests.engine.living import Living, View, live_view
from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, World, random_world


@dataclass
class Watched(Living):
    """Looks at what was known before at every pause. pauses: how many there were; turns: entries that changed what was looked at."""

    known: World = field(default_factory=lambda: World(()))
    pauses: int = 0
    turns: int = 0

    def put(self, entry: AnyEntry, at: int) -> Any:
        self.log.append((entry, at))
        shown = replace(self.known, flags=self.world.flags, mailbox_names=self.world.mailbox_names)
        reader = Living(self.policy, shown, self.engine)
        views: list[View] = [live_view(reader)]
        steps, given = self.engine.apply(entry, sequence=len(self.log), term=7, at=at), None
        try:
            while True:
                job = steps.send(given)
                self.pauses += job is pause
                views.append(live_view(reader))
                given = job()
        except StopIteration as end:
            views.append(live_view(reader))
            changes = sum(one != other for one, other in itertools.pairwise(views))
            assert changes <= 1, "something was seen that is neither what was before nor what is after"
            self.turns += changes
            self.known = self.world
            return end.value


@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_readers_see_whole_states(text: str) -> None:
    policy, turns = load_policy(text), 0
    for seed in range(12):
        world = random_world(seed, observations=14)
        watched = Watched(policy, replace(world, seen=(), said=()), Living.begin(policy, world).engine)
        for first in range(0, len(world.seen), 2):
            before = watched.pauses
            watched.observe(world.seen[first : first + 2], START + 45 * 86_400)
            assert watched.pauses - before >= 5, "long work is in slices"
        turns += watched.turns
    assert turns > 12
