"""Interning against a dictionary, through every stage of growth, with a bound on the work of each single insertion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.index import MOVES, HashIndex


def hashes(numbers: np.ndarray) -> np.ndarray:
    """A well-spread hash for each number."""
    state = np.random.default_rng(5).integers(0, 2**64, (int(numbers.max(initial=0)) + 1, 2), dtype=np.uint64)
    return state[numbers]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2_000), max_size=400), max_size=8), st.sampled_from([0, 1, 300]))
def test_equals_a_dictionary(batches: list[list[int]], capacity: int) -> None:
    table = hashes(np.arange(2_001))
    index, known = HashIndex(capacity), dict[int, int]()
    for batch in batches:
        numbers = np.array(batch, np.int64)
        assert index.find(table[numbers]).tolist() == [known.get(x, -1) for x in batch]
        assert index.intern(table[numbers]).tolist() == [known.setdefault(x, len(known)) for x in batch]
        assert len(index) == len(known)
        assert [index.find_one(*row) for row in table[numbers[:3]].tolist()] == [known[x] for x in batch[:3]]
        assert index.find_one(1, 2) == -1
        every = np.arange(len(index), dtype=np.int32)
        assert (index.take(every) == table[np.array(list(known), np.int64)].reshape(-1, 2)).all()
    assert (index.hashes == table[np.array(list(known), np.int64)]).all()


LONGEST_RUN = 1_000  # of taken slots, among thousands: ln(n) / (load - 1 - ln(load))


def test_one_at_a_time_moves_a_bounded_number_and_everything_stays_findable() -> None:
    """The longest pause of an insertion is MOVES slots and a run of taken ones, whatever the size: a full rehash would show here."""
    wanted = hashes(np.arange(5_000))
    index, left, grown, both = HashIndex(), 0, 0, 0
    for k in range(len(wanted)):
        assert index.intern(wanted[k : k + 1])[0] == k
        if index.moves_left > left:
            assert left == 0, "a table was outgrown before it was filled"
            grown += 1
        else:
            assert left - index.moves_left <= MOVES + LONGEST_RUN
        both += index.moves_left > 0
        left = index.moves_left
        if k % 97 == 0:
            assert index.find(wanted[: k + 1]).tolist() == list(range(k + 1))
            assert (index.find(wanted[k + 1 :]) == -1).all()
    assert grown >= 5
    assert both >= 300


def test_equal_tags_and_equal_places_are_told_apart() -> None:
    """Hashes that agree in all but their low half, or in the bits that choose slot and tag, are different."""
    rows = [(x, y) for x in (0, 1, 2**32, 2**63, 2**64 - 1) for y in (0, 1, 2**63, 2**64 - 1)]
    wanted = np.array(rows, np.uint64)
    index = HashIndex()
    assert index.intern(wanted).tolist() == list(range(len(rows)))
    assert index.intern(wanted[::-1]).tolist() == list(reversed(range(len(rows))))


def test_memory_is_at_most_22_bytes_a_number_while_it_grows() -> None:
    wanted, index = hashes(np.arange(400_000)), HashIndex()
    for start in range(0, len(wanted), 1_000):
        index.intern(wanted[start : start + 1_000])
        if start >= 300_000:  # large enough for both arrays to hold what they use alone
            assert index.nbytes / len(index) < 22
    assert index.find(wanted).tolist() == list(range(len(wanted)))


def test_hashes_that_want_one_place_are_told_apart_and_found() -> None:
    """However many want the last slot, or the first, or one in between: there is room behind it, in every stage of growth."""
    for high in (2**64 - 1, 0, 2**63):
        wanted = np.empty((3_000, 2), np.uint64)
        wanted[:, 0], wanted[:, 1] = high, np.arange(3_000)
        index = HashIndex()
        for start in range(0, 3_000, 100):
            assert index.intern(wanted[start : start + 100]).tolist() == list(range(start, start + 100))
        assert index.find(wanted).tolist() == list(range(3_000))
        assert [index.find_one(high, low) for low in (0, 1, 2_999, 3_000)] == [0, 1, 2_999, -1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1_500), max_size=500), max_size=8))
def test_renewed_hashes_are_known_by_their_latest_number(batches: list[list[int]]) -> None:
    table = hashes(np.arange(1_501))
    index, latest, every = HashIndex(), dict[int, int](), list[int]()
    for batch in batches:
        assert index.renew(table[np.array(batch, np.int64)]).tolist() == list(range(len(every), len(every) + len(batch)))
        latest.update({x: len(every) + place for place, x in enumerate(batch)})
        every += batch
        assert index.find(table).tolist() == [latest.get(x, -1) for x in range(1_501)]
        assert (index.take(np.arange(len(every), dtype=np.int32)) == table[np.array(every, np.int64)].reshape(-1, 2)).all()


def test_more_than_fit_are_refused_and_what_was_there_stays() -> None:
    index = HashIndex(limit=1_000)
    wanted = hashes(np.arange(1_001))
    assert index.intern(wanted[:1_000])[-1] == 999
    index.intern(wanted[:1_000])  # known ones still fit
    with pytest.raises(OverflowError, match="at most 1,000 distinct values"):
        index.intern(wanted)
    assert index.find(wanted).tolist() == [*range(1_000), -1]
    with pytest.raises(ValueError, match="must lie in"):
        HashIndex(limit=2**31)
    with pytest.raises(ValueError, match="must lie in"):
        HashIndex(capacity=5, limit=4)


def test_misuse_is_refused_and_the_view_is_read_only() -> None:
    index = HashIndex()
    assert index.intern(np.empty((0, 2), np.uint64)).tolist() == []
    with pytest.raises(ValueError, match="hashes must be an array of uint64"):
        index.intern(np.zeros((2, 2), np.int64))
    with pytest.raises(ValueError, match=r"hashes must have shape \[n, 2\]"):
        index.find(np.zeros((2, 3), np.uint64))
    index.intern(hashes(np.arange(3)))
    with pytest.raises(ValueError, match="read-only"):
        index.hashes[0] = 1
