"""Scores are fifths of the buyers, whatever the ties, and nobody's score depends on the order in which they are listed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from idweave_server.segments.rfm import rfm_cuts, scores
from idweave_server.segments.subjects import NO_VALUE


def ranked(value: list[int], tie: list[int]) -> list[int]:
    found, ties = np.array(value, np.int64), np.array(tie, np.uint64)
    return scores(rfm_cuts(found, found, found, ties).frequency, found, ties).tolist()


def naive(value: list[int], tie: list[int]) -> list[int]:
    """1 and how many of the four cuts lie at or below somebody's rank."""
    order = sorted(range(len(value)), key=lambda at: (value[at], tie[at]))
    rank = {at: place for place, at in enumerate(order)}
    return [1 + sum(len(value) * group // 5 <= rank[at] for group in range(1, 5)) for at in range(len(value))]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 9, 10, 11, 99, 1_000])
def test_scores_equal_ranks(size: int) -> None:
    r = np.random.default_rng(size)
    tie = r.permutation(np.arange(size, dtype=np.uint64) * np.uint64(2**64 // size - 1) if size > 1 else np.zeros(1, np.uint64)).tolist()
    for value in (r.integers(0, 3, size), r.integers(0, 10**6, size), np.ones(size, np.int64)):
        assert ranked(value.tolist(), tie) == naive(value.tolist(), tie)


def test_every_fifth_has_its_share_though_most_bought_once() -> None:
    frequency = [1] * 80 + [2] * 15 + [9] * 5
    assert Counter(ranked(frequency, [7919 * at % 100 for at in range(100)])) == dict.fromkeys(range(1, 6), 20)


def test_the_order_in_which_they_are_listed_means_nothing() -> None:
    value, tie = [3, 1, 1, 1, 7, 1, 2], [5, 9, 2, 8, 1, 4, 3]
    found = dict(zip(tie, ranked(value, tie), strict=True))
    turned = ranked(value[::-1], tie[::-1])
    assert dict(zip(tie[::-1], turned, strict=True)) == found


def test_who_never_bought_is_in_no_fifth_and_one_order_moves_its_buyer_alone() -> None:
    recency = np.array([NO_VALUE, 10, 20, 30, 40, 50], np.int64)
    count, spent = np.array([0, 1, 1, 1, 1, 1]), np.array([0, 5, NO_VALUE, 7, 8, 9])
    tie = np.arange(6, dtype=np.uint64)
    cuts = rfm_cuts(recency, count, spent, tie)
    assert scores(cuts.recency, recency, tie).tolist() == [NO_VALUE, 1, 2, 3, 4, 5]
    assert scores(cuts.monetary, spent, tie).tolist()[2] == NO_VALUE
    recency[1] = 60
    assert scores(cuts.recency, recency, tie).tolist() == [NO_VALUE, 5, 2, 3, 4, 5]


def test_of_nobody_there_are_no_cuts() -> None:
    none = np.full(3, NO_VALUE)
    cuts = rfm_cuts(none, np.zeros(3, np.int64), none, np.arange(3, dtype=np.uint64))
    assert cuts.recency.value.size == 0
    assert scores(cuts.recency, np.array([5, NO_VALUE]), np.zeros(2, np.uint64)).tolist() == [NO_VALUE, NO_VALUE]
