"""Duplicates and conflicts, against a plain reading of the rule."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.intake.sameness import duplicates, kept_instead, sort_out
from idweave_server.model import Outcome

FAST = settings(max_examples=80, derandomize=True, deadline=None)
rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 1)), max_size=20)
STEP = 2**61  # four steps are negative as int64: an order by that would be another one


def hashes(numbers: list[tuple[int, ...]]) -> np.ndarray:
    return np.array([[n[0] * STEP, n[-1]] for n in numbers], np.uint64).reshape(-1, 2)


@FAST
@given(rows)
def test_of_each_identity_the_least_content_is_kept_once(found: list[tuple[int, int, int]]) -> None:
    identity, content = hashes([(i,) for i, _, _ in found]), hashes([(a + 2, b) for _, a, b in found])
    outcome = sort_out(identity, content).tolist()
    least = {i: min((a, b) for j, a, b in found if j == i) for i, _, _ in found}
    seen = set()
    for (i, a, b), one in zip(found, outcome, strict=True):
        if (a, b) != least[i]:
            assert one == Outcome.CONFLICT
        else:
            assert one == (Outcome.DUPLICATE if i in seen else Outcome.ACCEPTED)
            seen.add(i)
    kept = np.flatnonzero(np.array(outcome, np.uint8) == Outcome.ACCEPTED)
    conflicts = np.flatnonzero(np.array(outcome, np.uint8) == Outcome.CONFLICT)
    instead = kept[kept_instead(identity[kept], identity[conflicts])]
    assert [found[at][0] for at in instead] == [found[at][0] for at in conflicts]


@FAST
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=20))
def test_what_several_sources_tell_is_counted_by_pair(told: list[tuple[int, int]]) -> None:
    sources = ("web", "shop", "app", "crm")
    content = hashes([(one,) for one, _ in told])
    outcome = np.full(len(told), Outcome.ACCEPTED, np.uint8)
    found = duplicates(outcome, content, np.array([s for _, s in told], np.int32), sources)
    expected = Counter(
        tuple(sorted((sources[a], sources[b])))
        for one in {one for one, _ in told}
        for a, b in combinations(sorted({s for x, s in told if x == one}), 2)
    )
    assert found.between == dict(sorted(expected.items()))
    assert found.within == {}


def test_duplicates_within_a_source_are_counted_by_source() -> None:
    outcome = np.array([Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.ERASED], np.uint8)
    found = duplicates(outcome, hashes([(n,) for n in range(5)]), np.array([0, 1, 1, 1, 1], np.int32), ("a", "b"))
    assert found.within == {"b": 2}
    assert duplicates(outcome[:0], hashes([]), np.zeros(0, np.int32), ()).between == {}
