"""Changes in an order that their content alone decides."""

from __future__ import annotations

import random

import numpy as np
import pytest
from idweave_server.engine.changes import CHANGE, Changes, no_rows, ordered, rows_of
from idweave_server.model import ChangeCause, ChangeKind

from tests.operations.made_changes import a_change


def drawn(chance: random.Random, count: int) -> np.ndarray:
    """Rows of few values, so that many agree in much."""
    names = ("effective_at", "until", "segment", "version", "backfill")
    few = {name: np.array([chance.randrange(2) for _ in range(count)]) for name in names}
    words = {name: np.array([[chance.randrange(2), chance.randrange(2)] for _ in range(count)], np.uint64) for name in ("profile", "other")}
    kinds = np.array([chance.choice(list(ChangeKind)) for _ in range(count)])
    causes = np.array([chance.choice(list(ChangeCause)) for _ in range(count)])
    return rows_of(count, **few, **words, kind=kinds, cause=causes)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_that_of_the_content(seed: int) -> None:
    chance = random.Random(seed)
    rows = drawn(chance, chance.randrange(60))
    shuffled = rows[chance.sample(range(rows.size), rows.size)]
    assert ordered(rows).tobytes() == ordered(shuffled).tobytes()
    keys = [(int(r["effective_at"]), *r["profile"].tolist(), int(r["kind"]), int(r["segment"])) for r in ordered(rows)]
    assert keys == sorted(keys)
    assert sorted(map(bytes, ordered(rows))) == sorted(map(bytes, rows))


def test_ids_are_compared_as_unsigned_words() -> None:
    high = rows_of(2, profile=np.array([[2**63, 0], [1, 2**64 - 1]], np.uint64))
    assert ordered(high)["profile"].tolist() == [[1, 2**64 - 1], [2**63, 0]]


def test_slices_of_an_entry_are_one_list() -> None:
    parts = [a_change(3), a_change(1), a_change(2, ChangeKind.SEGMENT_LEFT), a_change(2, ChangeKind.PROFILE_CHANGED)]
    made = Changes.of(5, 7, 100, parts)
    assert (made.sequence, made.term, made.at, len(made)) == (5, 7, 100, 4)
    assert made.rows["profile"][:, 1].tolist() == [1, 2, 2, 3]
    assert made.rows.tobytes() == Changes.of(5, 7, 100, [np.concatenate(parts[::-1])]).rows.tobytes()


def test_an_entry_may_change_nothing() -> None:
    assert len(Changes(5, 7, 100)) == len(Changes.of(5, 7, 100, [])) == len(no_rows()) == 0
    assert Changes(5, 7, 100).rows.dtype == CHANGE


def test_what_is_left_out_is_nothing_and_no_segment() -> None:
    (row,) = rows_of(1, kind=ChangeKind.PROFILE_GONE)
    assert (row["segment"], row["version"], row["until"], row["other"].tolist(), row["kind"]) == (-1, 0, 0, [0, 0], 5)


def test_a_change_is_packed() -> None:
    assert CHANGE.itemsize == 59
