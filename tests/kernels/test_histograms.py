"""Counted names and dates against Counters."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np
import pytest
from idweave_server.kernels.histograms import Histograms, count_labels, dissimilar, distinct_partners, dominant_dates, dominant_labels

from tests.kernels import naive
from tests.kernels.graphs import label_table
from tests.kernels.test_agglomerate import ALPHABETIC, DATES, FAMILIES, SIMILAR, WORDS


def counted(histograms: Histograms) -> list[Counter[int]]:
    out = []
    for lo, hi in zip(histograms.start[:-1], histograms.start[1:], strict=True):
        values = histograms.value[lo:hi].tolist()
        assert values == sorted(set(values)), "values ascend and are distinct"
        out.append(Counter(dict(zip(values, histograms.weight[lo:hi].tolist(), strict=True))))
    return out


def reports(seed: int, size: int, n: int, values: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    node, value = rng.integers(-1, n, size).astype(np.int32), rng.integers(-1, values, size).astype(np.int32)
    return node, value, rng.integers(1, 100, size)


@pytest.mark.parametrize(("size", "n", "values"), [(0, 0, 1), (0, 3, 1), (1, 1, 1), (300, 20, 5), (3_000, 4, 300), (500, 400, 9)])
def test_counts_equal_counters(size: int, n: int, values: int) -> None:
    node, value, weight = reports(1, size, n, values)
    wanted: list[Counter[int]] = [Counter() for _ in range(n)]
    for x, y, w in zip(node.tolist(), value.tolist(), weight.tolist(), strict=True):
        if x >= 0 and y >= 0:
            wanted[x][y] += w
    assert counted(count_labels(node, value, weight, n)) == wanted


@pytest.mark.parametrize("share", [400, 500, 600, 1000])
def test_dominant_labels_and_dissimilar_equal_the_oracle(share: int) -> None:
    node, value, weight = reports(share, 900, 300, len(WORDS))
    found = count_labels(node, value, weight // 20 * 10 + 10, 300)
    labels = label_table(WORDS, FAMILIES, ALPHABETIC)
    named = [Counter({WORDS[value]: weight for value, weight in counts.items()}) for counts in counted(found)]
    wanted = [naive.dominant(counts, SIMILAR, share) for counts in named]
    assert [None if x < 0 else WORDS[x] for x in dominant_labels(found, labels, share)] == wanted
    assert {None}.issubset(wanted)
    for names in (1, 2, 3):
        several = [int(naive.dissimilar(counts, SIMILAR, names, share)) for counts in named]
        assert dissimilar(found, labels, names, share).tolist() == several
        assert 0 < sum(several) < 300 or names == 1 or share == 400


def test_dominant_dates_equal_the_oracle() -> None:
    node, value, weight = reports(3, 500, 200, len(DATES))
    dates = np.where(value >= 0, np.array(DATES, np.int32)[value], -1).astype(np.int32)
    found = count_labels(node, dates, weight // 30 * 10 + 10, 200)
    wanted = [naive.dominant(counts, naive.similar_dates, 600) for counts in counted(found)]
    assert [None if x < 0 else x for x in dominant_dates(found, 600).tolist()] == wanted


def test_a_hotline_has_many_names() -> None:
    """Hundreds of names on one node: heapsort's turn; dissimilar ones, none of them dominant."""
    rng = np.random.default_rng(9)
    words = sorted({"".join(rng.choice(list("abcdefgh"), int(rng.integers(1, 7)))) for _ in range(300)})
    similar = lru_cache(None)(naive.similar_names({word: set() for word in words}, dict.fromkeys(words, True)))
    counts = Counter({word: int(rng.integers(1, 5)) for word in words})
    code = rng.permutation(len(words))  # codes say nothing about the order of the words
    table = [""] * len(words)
    for word, c in zip(words, code, strict=True):
        table[c] = word
    found = count_labels(np.zeros(len(words), np.int32), code.astype(np.int32), np.array([counts[w] for w in words]), 1)
    groups = next(k for k in range(1, 300) if not naive.dissimilar(counts, similar, k + 1, 500))
    assert groups > 3
    assert dissimilar(found, label_table(table), groups, 500).tolist() == [1]
    assert dissimilar(found, label_table(table), groups + 1, 500).tolist() == [0]


def test_partners_are_counted_once() -> None:
    rng = np.random.default_rng(6)
    node, partner = rng.integers(0, 30, 2_000).astype(np.int32), rng.integers(0, 100, 2_000).astype(np.int32)
    wanted = [len(set(partner[node == x].tolist())) for x in range(31)]
    assert distinct_partners(node, partner, 31).tolist() == wanted


def test_misuse_is_refused() -> None:
    good = count_labels(np.zeros(1, np.int32), np.zeros(1, np.int32), np.ones(1, np.int64), 1)
    with pytest.raises(ValueError, match=r"node must lie in \[-1, 1\)"):
        count_labels(np.ones(1, np.int32), np.zeros(1, np.int32), np.ones(1, np.int64), 1)
    with pytest.raises(ValueError, match=r"histograms.value must lie in \[0, 0\)"):
        dominant_labels(good, label_table([]), 600)
    with pytest.raises(ValueError, match="names must be at least 1"):
        dissimilar(good, label_table(["anna"]), 0, 600)
