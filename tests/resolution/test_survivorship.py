"""The winning trait by each of the three orders, against a sort in plain Python."""

from __future__ import annotations

import random

import numpy as np
import pytest

from idweave_server.resolution.policy import Trait, load_policy
from idweave_server.resolution.survivorship import Stated, all_values, winning_observations
from tests.resolution.worlds import START, Seen, World, columns

POLICY = load_policy("[sources.form]\nparty = 'zero'\n[sources.shop]\nparty = 'first'\n[sources.list]\nparty = 'third'")


@pytest.mark.parametrize("rule", ["recency", "party", "support"])
def test_winner_is_the_first_by_the_rule(rule: str) -> None:
    r = random.Random(5)
    for _ in range(60):
        seen = tuple(
            Seen(f"o{i}", START + r.randrange(3), r.choice(("form", "shop", "list")), "LOGIN", (("email", "", "a"),)) for i in range(12)
        )
        built = columns(POLICY, World(seen))
        value = np.array([r.choice((-1, 0, 1, 2)) for _ in seen], np.int32)
        profile = np.array([r.choice((-1, 0, 1)) for _ in seen], np.int32)
        content = np.array([30, 10, 20], np.uint64)
        winner = winning_observations(POLICY, Trait("t", survivorship=rule), Stated(value, content), built.observations, profile, 3)
        for p in range(3):
            rows = [i for i in range(12) if profile[i] == p and value[i] >= 0]
            if not rows:
                assert winner[p] == -1
                continue

            def rank(i: int, rows: list[int] = rows) -> tuple[int, ...]:
                support = -sum(value[j] == value[i] for j in rows)
                time, party = -seen[i].time, int(POLICY.source(seen[i].source).party)
                first = {"recency": (time, party, support), "party": (party, time, support), "support": (support, party, time)}[rule]
                return (*first, int(content[value[i]]))

            assert rank(int(winner[p])) == min(rank(i) for i in rows)


def test_list_valued_traits_are_the_union() -> None:
    stated = Stated(np.array([0, 1, 0, -1, 1], np.int32), np.array([9, 3], np.uint64))
    profile, value = all_values(stated, np.array([0, 0, 0, 1, 1], np.int32))
    assert profile.tolist() == [0, 0, 1]
    assert value.tolist() == [1, 0, 1]
