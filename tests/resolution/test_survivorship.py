"""The winning trait by each of the three orders, against a sort in plain Python."""

from __future__ import annotations

import random

import numpy as np
import pytest
from idweave_server.resolution.policy import Trait, load_policy
from idweave_server.resolution.survivorship import Stated, all_values, winning_observations

from tests.resolution.worlds import START, Seen, World, columns

POLICY = load_policy("[sources.form]\nparty = 'zero'\n[sources.shop]\nparty = 'first'\n[sources.list]\nparty = 'third'")


def rank_of(rule: str, seen: tuple[Seen, ...], value: list[int], content: list[int], rows: list[int], row: int) -> tuple[int, ...]:
    support = -sum(value[j] == value[row] for j in rows)
    time, party = -seen[row].time, int(POLICY.source(seen[row].source).party)
    first = {"recency": (time, party, support), "party": (party, time, support), "support": (support, party, time)}[rule]
    return (*first, content[value[row]])


@pytest.mark.parametrize("rule", ["recency", "party", "support"])
def test_winner_is_the_first_by_the_rule(rule: str) -> None:
    r = random.Random(5)
    content = [30, 10, 20]
    for _ in range(60):
        seen = tuple(
            Seen(f"o{i}", START + r.randrange(3), r.choice(("form", "shop", "list")), "LOGIN", (("email", "", "a"),)) for i in range(12)
        )
        built = columns(POLICY, World(seen))
        value = [r.choice((-1, 0, 1, 2)) for _ in seen]
        profile = np.array([r.choice((-1, 0, 1)) for _ in seen], np.int32)
        stated = Stated(np.array(value, np.int32), np.array(content, np.uint64))
        winner = winning_observations(POLICY, Trait("t", survivorship=rule), stated, built.observations, profile, 3).tolist()
        assert winner[2] == -1
        for p in range(2):
            rows = [i for i in range(12) if profile[i] == p and value[i] >= 0]
            if not rows:
                assert winner[p] == -1
                continue
            ranks = [rank_of(rule, seen, value, content, rows, row) for row in rows]
            assert ranks[rows.index(winner[p])] == min(ranks)


def test_list_valued_traits_are_the_union() -> None:
    stated = Stated(np.array([0, 1, 0, -1, 1], np.int32), np.array([9, 3], np.uint64))
    profile, value = all_values(stated, np.array([0, 0, 0, 1, 1], np.int32))
    assert profile.tolist() == [0, 0, 1]
    assert value.tolist() == [1, 0, 1]
