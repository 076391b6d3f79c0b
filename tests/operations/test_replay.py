"""Whatever was written: a restart, with a snapshot or without, gives the state that was live, ids included."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from idweave_server.errors import IdweaveError
from idweave_server.model import DAY, Verdict
from idweave_server.operations.assert_verdict import AssertRequest, WithdrawRequest
from idweave_server.operations.committer import Committer
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.retract import RetractRequest
from idweave_server.operations.snapshot import make_snapshot
from idweave_server.operations.store import Store
from idweave_server.operations.writer import Tick

from tests.operations.world import NOW, World, ingest, report

# Small enough that every threshold is crossed often.
POLICY = """
[shared]
partners = 3
[epochs]
gap_days = 5
[namespaces.cookie]
ttl_days = 2
[namespaces.phone]
ttl_days = 9
"""
IDENTIFIERS = [
    *(("email", "", value) for value in ("kelly.neal@gmail.com", "ann@acme.org", "bo.li@yahoo.com", "info@acme.org", "x.y@web.de")),
    *(("phone", "", f"+1415622267{digit}") for digit in range(3)),
    *(("cookie", "", f"cookie-{letter}-12345678") for letter in "abc"),
    ("ip", "", "8.8.8.8"),
]
NAMES = ("Kelly", "Ann", "Bo", "Paul", "Maria")


class Chance:
    """Any write at all, from a seed."""

    def __init__(self, seed: int, world: World) -> None:
        self.draw, self.world, self.number = random.Random(seed), world, 0

    def write(self) -> Any:
        draw, now = self.draw, int(self.world.now)
        roll = draw.random()
        if roll < 0.62:
            return ingest(*(self._report(now) for _ in range(draw.randint(1, 4))))
        if roll < 0.74:
            verdict = draw.choice(list(Verdict))
            left, right = draw.sample(IDENTIFIERS[:8], 2)
            pair = verdict in (Verdict.SAME, Verdict.DIFFERENT)
            return AssertRequest(verdict, left, right if pair else None, now - draw.randint(0, 9), "desk", f"v{draw.randint(0, 9)}")
        if roll < 0.79:
            return WithdrawRequest(f"v{draw.randint(0, 9)}")
        if roll < 0.88:
            begin = now - draw.randint(1, 20) * DAY
            one = RetractRequest("shop", f"o{draw.randint(0, self.number)}")
            return draw.choice([one, one, RetractRequest(draw.choice(["shop", "crm"]), None, begin, begin + 3 * DAY)])
        if roll < 0.95:
            until = now - draw.choice([0, 0, 1, 5]) * DAY
            return EraseRequest(tuple(draw.sample(IDENTIFIERS[:11], draw.randint(1, 2))), observed_until=until)
        return Tick()

    def _report(self, now: int) -> Any:
        draw = self.draw
        number = self.number if draw.random() > 0.1 else draw.randint(0, self.number)
        self.number += 1
        traits = (("first_name", draw.choice(NAMES)),) if draw.random() < 0.6 else ()
        identifiers = draw.sample(IDENTIFIERS, draw.randint(1, 3))
        time = now - draw.choice([0, 1, 3, 8, 30]) * DAY - draw.randint(0, 5)
        return report(number, *identifiers, time=time, source=draw.choice(["shop", "shop", "crm"]), kind="ORDER", traits=traits)


def tried(committer: Committer, write: Any) -> None:
    try:
        committer.perform(write)
    except IdweaveError:
        assert not isinstance(write, Tick)


@pytest.mark.parametrize("seed", range(6))
def test_a_restart_gives_the_state_that_was_live(tmp_path: Path, seed: int) -> None:
    world, folder = World(tmp_path, POLICY), tmp_path / "snapshots"
    chance = Chance(seed, world)
    for round_ in range(4):
        with world.open(snapshots=folder) as store:
            committer = world.committer(store)
            for _ in range(25):
                tried(committer, chance.write())
                world.pass_by(chance.draw.choice([0, 1, 3600, DAY]))
            tried(committer, Tick())
            live = dump(store.engine).ordered()
            with Store.read(world.url) as replayed:
                assert differences(live, dump(replayed.engine).ordered(), store.key, 9) == ([], 0)
            if round_ % 2 == 0:
                make_snapshot(store, NOW * 1000)
        with world.open(snapshots=folder) as store:
            assert differences(live, dump(store.engine).ordered(), store.key, 9) == ([], 0)
