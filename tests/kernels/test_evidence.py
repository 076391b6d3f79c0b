"""Evidence against dictionaries: what counts once, what is summed, and which pairs a row gives."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.evidence import Links, aggregate, pairs
from idweave_server.kernels.numbering import number_pairs

from tests.kernels import naive

COST = [105_361, 693_147, 2_302_585]


def compiled(rows: list[tuple[int, int, int, int, int, int]]) -> Links:
    table = np.array(rows, np.int64).reshape(-1, 6)
    a, b, day, kind = (table[:, k].astype(np.int32) for k in range(4))
    return aggregate(a, b, day, kind, table[:, 4].copy(), table[:, 5].copy())


def as_mapping(links: Links) -> dict[tuple[int, int], tuple[int, int, int, int]]:
    columns = (links.strength, links.count, links.first, links.last)
    found = dict(zip(zip(links.a.tolist(), links.b.tolist(), strict=True), zip(*(c.tolist() for c in columns), strict=True), strict=True))
    assert len(found) == len(links.a), "a link stands twice"
    return found


def sightings(seed: int, size: int, nodes: int, days: int) -> list[tuple[int, int, int, int, int, int]]:
    rng = np.random.default_rng(seed)
    out = []
    for a, b in np.sort(rng.integers(0, nodes, (size, 2)), axis=1).tolist():
        day, kind = int(rng.integers(-3, days)), int(rng.integers(0, 3))
        out.append((a, b, day, kind, COST[kind], day * 86_400 + int(rng.integers(0, 86_400))))
    return out


@pytest.mark.parametrize(("size", "nodes", "days"), [(0, 5, 5), (1, 5, 5), (40, 2, 2), (500, 8, 3), (2_000, 60, 40), (4_000, 3, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_equals_the_oracle_in_any_order(seed: int, size: int, nodes: int, days: int) -> None:
    rows = sightings(seed, size, nodes, days)
    wanted = naive.aggregate(rows)
    assert as_mapping(compiled(rows)) == wanted
    order = np.random.default_rng(seed).permutation(len(rows))
    assert as_mapping(compiled([rows[i] for i in order])) == wanted


def test_many_days_and_kinds_outgrow_the_first_table() -> None:
    rows = [(0, 1, k, k % 7, 5, k) for k in range(40_000)]
    assert as_mapping(compiled(rows)) == {(0, 1): (200_000, 40_000, 0, 39_999)}


def test_repeats_widen_the_times_but_count_once() -> None:
    """Twelve page views on one day are one piece of evidence; another day, or another source, is another."""
    rows = [(3, 9, 100, 0, 10, 100 * 86_400 + hour) for hour in range(12)] + [(3, 9, 101, 0, 10, 101 * 86_400), (3, 9, 100, 1, 7, 5)]
    assert as_mapping(compiled(rows)) == {(3, 9): (27, 3, 5, 101 * 86_400)}


def test_a_node_is_no_link_to_itself_and_the_smaller_end_comes_first() -> None:
    assert as_mapping(compiled([(4, 4, 1, 1, 1, 1), (1, 2, 1, 1, 1, 1)])) == {(1, 2): (1, 1, 1, 1)}
    with pytest.raises(ValueError, match="smaller node first"):
        compiled([(5, 4, 1, 1, 1, 1)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=7), max_size=6))
def test_pairs_are_the_combinations_of_distinct_linking_nodes(rows: list[list[tuple[int, bool]]]) -> None:
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    flat = [entry for row in rows for entry in row]
    node, linking = np.array([x for x, _ in flat], np.int32), np.array([y for _, y in flat], np.uint8)
    wanted = [(r, a, b) for r, row in enumerate(rows) for a, b in combinations(sorted({x for x, links in row if links}), 2)]
    assert list(zip(*(column.tolist() for column in pairs(offsets, node, linking)), strict=True)) == wanted


def test_pairs_refuse_misuse() -> None:
    with pytest.raises(ValueError, match="offsets must ascend within 0 and 2"):
        pairs(np.array([0, 3]), np.zeros(2, np.int32), np.ones(2, np.uint8))
    with pytest.raises(ValueError, match="linking must have 2 rows"):
        pairs(np.array([0, 2]), np.zeros(2, np.int32), np.ones(3, np.uint8))


@pytest.mark.parametrize("expected", [None, 1, 100])
def test_pairs_are_numbered_as_first_seen(expected: int | None) -> None:
    rng = np.random.default_rng(4)
    a, b = rng.integers(-5, 25, (2, 3_000)).astype(np.int32)
    number, first = number_pairs(a, b, expected)
    assert number.tolist() == naive.dense(list(zip(a.tolist(), b.tolist(), strict=True)))
    assert number[first].tolist() == list(range(len(first)))
    assert len(first) == len(set(zip(a.tolist(), b.tolist(), strict=True)))
