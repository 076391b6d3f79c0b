"""Which labels are similar, and which one dominates, against the plain-Python rules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.labels import before, dominant, dominant_date, one_edit, similar, similar_date

from tests.kernels import naive
from tests.kernels.graphs import label_table

WORD = st.text("abß小", min_size=1, max_size=7)
FAMILY = st.sets(st.integers(0, 3), max_size=2)


@settings(max_examples=300, deadline=None)
@given(WORD, WORD, FAMILY, FAMILY, st.booleans(), st.booleans())
def test_similarity_equals_the_oracle_and_is_symmetric(
    a: str, b: str, kin_a: set[int], kin_b: set[int], latin_a: bool, latin_b: bool
) -> None:
    if a == b:
        kin_b, latin_b = kin_a, latin_a
    families, alphabetic = {a: kin_a, b: kin_b}, {a: latin_a, b: latin_b}
    labels = label_table([a, b], families, alphabetic)
    wanted = naive.similar_names(families, alphabetic)(a, b)
    assert a == b or bool(similar(labels, 0, 1)) == wanted
    assert a == b or bool(similar(labels, 1, 0)) == wanted
    assert similar(labels, 0, 0)


@settings(max_examples=300, deadline=None)
@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_one_edit_equals_trying_every_edit(a: str, b: str) -> None:
    chars = np.array([ord(c) for c in a + b], np.uint32)
    assert one_edit(chars, 0, len(a), len(a), len(a + b)) == (naive.one_edit(a, b) or naive.one_edit(b, a))


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("jonathan", "jonathon", True),  # a letter misspelt
        ("kirsten", "kristen", True),  # neighbours swapped
        ("sarah", "sara", True),
        ("j", "jane", True),  # an initial
        ("alex", "alexandra", True),  # cut short
        ("tim", "tom", False),  # too short for one edit
        ("anna", "otto", False),
        ("marc", "mrac", True),
        ("小明", "小红", False),  # half of the characters: other people
    ],
)
def test_names_that_made_the_rules_necessary(a: str, b: str, alike: bool) -> None:
    labels = label_table([a, b], alphabetic={word: word.isascii() for word in (a, b)})
    assert bool(similar(labels, 0, 1)) is alike


@settings(max_examples=100, deadline=None)
@given(WORD, WORD)
def test_order_is_that_of_code_points(a: str, b: str) -> None:
    assert bool(before(label_table([a, b]), 0, 1)) == (a < b)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(WORD, st.integers(0, 4), max_size=6), st.integers(300, 1000), st.randoms(use_true_random=False))
def test_the_dominant_label_equals_the_oracle(counts: dict[str, int], share: int, shuffle) -> None:  # type: ignore[no-untyped-def]
    words = sorted(counts)
    shuffle.shuffle(words)
    alike = naive.similar_names({word: set() for word in words}, dict.fromkeys(words, True))
    codes, weight = np.arange(len(words), dtype=np.int32), np.array([counts[w] for w in words], np.int64)
    found = dominant(label_table(words), codes, weight, 0, len(words), share)
    wanted = naive.dominant(Counter(counts), alike, share)
    assert (None if found < 0 else words[found]) == wanted


DATE = st.sampled_from([19850304, 19850403, 19850305, 19860304, 19851212])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(DATE, st.integers(0, 4), max_size=5), st.integers(300, 1000), DATE, DATE)
def test_dates_equal_the_oracle(counts: dict[int, int], share: int, a: int, b: int) -> None:
    assert bool(similar_date(a, b)) == naive.similar_dates(a, b)
    found = dominant_date(np.array(list(counts), np.int32), np.array(list(counts.values()), np.int64), 0, len(counts), share)
    assert (None if found < 0 else found) == naive.dominant(Counter(counts), naive.similar_dates, share)
