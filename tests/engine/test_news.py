"""What is told of profiles adds up: whoever follows it knows after every entry which profiles there are, and which became which."""

from __future__ import annotations

import random

import pytest
from idweave_server.engine.changes import Changes
from idweave_server.engine.profile_store import uuid_text
from idweave_server.model import DAY, ChangeCause, ChangeKind
from idweave_server.resolution.policy import load_policy

from tests.engine.living import Living, live_view
from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, Said, Seen, World, random_world

Members = dict[str, frozenset[object]]
COMES = (ChangeKind.PROFILE_CREATED, ChangeKind.PROFILE_SPLIT)
GOES = (ChangeKind.PROFILE_MERGED, ChangeKind.PROFILE_GONE, ChangeKind.PROFILE_ERASED)


def members(living: Living) -> Members:
    """The nodes of every profile that there is, by its id."""
    return dict(standing[3] for standing in live_view(living).values() if isinstance(standing, tuple) and standing[3] is not None)


class Follower:
    """Hears what is told, and holds it against what is there."""

    def __init__(self, living: Living) -> None:
        self.living, self.there, self.causes = living, Members(), set[ChangeCause]()
        self.heard: list[Changes] = []
        living.engine.heard = self.heard.append

    def check(self, where: object) -> None:
        now = members(self.living)
        told = {(ChangeKind(int(row["kind"])), uuid_text(*row["profile"].tolist())): row for said in self.heard for row in said.rows}
        self.heard.clear()
        came = {one for kind, one in told if kind in COMES}
        went = {one for kind, one in told if kind in GOES}
        assert came == now.keys() - self.there.keys(), where
        assert went == self.there.keys() - now.keys(), where
        changed = {one for kind, one in told if kind is ChangeKind.PROFILE_CHANGED}
        assert {one for one in now.keys() & self.there.keys() if now[one] != self.there[one]} <= changed <= now.keys(), where
        for (kind, one), row in told.items():
            self._check_other(kind, one, uuid_text(*row["other"].tolist()), now, where)
            self.causes.add(ChangeCause(int(row["cause"])))
        self.there = now

    def _check_other(self, kind: ChangeKind, one: str, other: str, now: Members, where: object) -> None:
        outcome = self.living.engine.look_up_profile(one).outcome
        if outcome == "UNKNOWN":
            assert one[14] == "8", where  # of an epoch that is none any more
        elif kind is ChangeKind.PROFILE_MERGED:
            assert self.living.engine.look_up_profile(one).slot == self.living.engine.look_up_profile(other).slot >= 0, where
        elif kind is ChangeKind.PROFILE_SPLIT:
            assert other != one, where
        else:
            assert other == uuid_text(0, 0), where
        if kind is ChangeKind.PROFILE_GONE:
            assert outcome in ("GONE", "UNKNOWN"), where


@pytest.mark.parametrize("worlds", [range(15), pytest.param(range(15, 200), marks=pytest.mark.slow)], ids=["some", "many"])
@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_what_is_told_adds_up(text: str, worlds: range) -> None:
    causes = set[ChangeCause]()
    for seed in worlds:
        world = random_world(seed, observations=6 + seed % 12)
        living, r = Living.begin(load_policy(text), world), random.Random(seed)
        follower = Follower(living)
        steps: list[Seen | Said] = [*world.seen, *world.said]
        r.shuffle(steps)
        at = START + 45 * DAY
        for step in steps:
            at += r.choice((0, 1, 3600, DAY))
            while (due := living.engine.due()) is not None and due <= at:
                living.tick(due)
                follower.check((seed, due))
            if isinstance(step, Seen):
                living.observe((step,), at)
            else:
                living.say((step,), at)
            follower.check((seed, step))
        for step in steps[: len(steps) // 2]:
            if isinstance(step, Seen):
                living.retract(step.source, step.name, at)
            else:
                living.say((), at, withdrawn=(step.name,))
            follower.check((seed, step))
        causes |= follower.causes
    assert {ChangeCause.EVENT, ChangeCause.MERGE, ChangeCause.SPLIT, ChangeCause.CORRECTION} <= causes


def test_a_merge_a_split_and_a_visitor_who_becomes_known() -> None:
    jo, al, cookie = ("email", "", "jo@mail"), ("email", "", "al@mail"), ("cookie", "", "c1")
    seen = [
        Seen("a", START, "web", "LOGIN", (jo,)),
        Seen("b", START + 1, "web", "LOGIN", (al,)),
        Seen("c", START + 2, "web", "LOGIN", (jo, al)),
    ]
    seen += [Seen("d", START + 3, "web", "BROWSE", (cookie,)), Seen("e", START + 4, "web", "LOGIN", (cookie, jo))]
    living = Living.begin(load_policy(""), World(tuple(seen)))
    told: list[list[tuple[str, str]]] = []

    def hear(changes: Changes) -> None:
        told.append(sorted((ChangeKind(int(row["kind"])).name, ChangeCause(int(row["cause"])).name) for row in changes.rows))

    living.engine.heard = hear
    for one in seen:
        living.observe((one,), START + DAY)
    living.retract("web", "c", START + DAY)
    merged = [("PROFILE_CHANGED", "MERGE"), ("PROFILE_MERGED", "MERGE")]
    assert told[:3] == [[("PROFILE_CREATED", "EVENT")], [("PROFILE_CREATED", "EVENT")], merged]
    assert told[3:] == [[("PROFILE_CREATED", "EVENT")], merged, [("PROFILE_CHANGED", "SPLIT"), ("PROFILE_SPLIT", "SPLIT")]]
