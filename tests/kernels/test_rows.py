"""Loops over rows of nodes against their meaning in plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from idweave_server.kernels.rows import block_of, compressed_rows, first_of_row, group_by, row_numbers, strong_partners, strongest_links


@pytest.mark.parametrize("seed", range(6))
def test_compressed_rows_drop_repeats_and_keep_first_entries(seed: int) -> None:
    r = np.random.default_rng(seed)
    n, s = int(r.integers(0, 8)), int(r.integers(0, 40)) if seed else 0
    row = r.integers(0, max(n, 1), s).astype(np.int32)[: s if n else 0]
    value = r.integers(-1, 5, row.size).astype(np.int32)
    start, found, entry = compressed_rows(row, value, n)
    for i in range(n):
        expected: list[int] = []
        for x in value[row == i].tolist():
            if x >= 0 and x not in expected:
                expected.append(x)
        assert found[start[i] : start[i + 1]].tolist() == expected
    assert (value[entry] == found).all()
    assert (row[entry] == row_numbers(start)).all()


def test_group_by_leaves_out_minus_one_and_keeps_order() -> None:
    start, member = group_by(np.array([2, -1, 0, 2, 0], np.int32), 4)
    assert [member[a:b].tolist() for a, b in pairwise(start)] == [[2, 4], [], [0, 3], []]


def test_strong_partners_are_the_strong_identifiers_of_the_same_rows() -> None:
    start = np.array([0, 3, 4, 6], np.int64)
    identifier = np.array([0, 1, 2, 1, 2, 0], np.int32)
    node = np.array([10, 11, 12, 11, -1, 10], np.int32)  # the identifier 2 no longer counts in the last row
    nodes, partners = strong_partners(start, node, identifier, np.array([1, 0, 1], np.uint8))
    assert sorted(zip(nodes.tolist(), partners.tolist(), strict=True)) == [(10, 2), (11, 0), (11, 2), (12, 0)]


def test_first_of_row_goes_by_rank_then_strength_then_content() -> None:
    start = np.array([0, 3, 6, 8, 8], np.int64)
    node = np.array([0, 1, 2, 1, 2, 3, 3, -1], np.int32)
    rank = np.array([5, 1, 1, 2, 2, 2, 0, 0], np.int16)
    strongest = np.array([9, 3, 4, 4], np.int64)
    content = np.array([[0, 0], [7, 0], [5, 9], [5, 8]], np.uint64)
    eligible = np.array([1, 1, 1, 1], np.uint8)
    assert first_of_row(start, node, eligible, rank, strongest, content).tolist() == [2, 3, 3, -1]
    eligible[3] = 0
    assert first_of_row(start, node, eligible, rank, strongest, content).tolist() == [2, 2, -1, -1]


def test_strongest_links_and_blocks() -> None:
    a, b = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    assert strongest_links(a, b, np.array([5, 8], np.int64), 4).tolist() == [5, 8, 8, 0]
    start, cut = np.array([0, 2, 2], np.int64), np.array([10, 20], np.int64)
    time = np.array([10, 11, 20, 21, 99, 5], np.int64)
    assert block_of(start, cut, np.array([0, 0, 0, 0, 1, -1], np.int32), time).tolist() == [0, 1, 1, 2, 0, 0]
