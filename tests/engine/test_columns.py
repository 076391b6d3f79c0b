"""Columns that hold less than arrays would: each against the plain list that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.engine import column as text_columns
from idweave_server.engine.column import Texts
from idweave_server.engine.narrow import Narrow
from idweave_server.engine.packed_texts import BLOCK, PackedTexts
from idweave_server.engine.ragged import Ragged
from idweave_server.engine.sparse import Sparse
from idweave_server.engine.times import Times
from idweave_server.model import MAX_TIME, MIN_TIME

RANDOM = np.random.default_rng(7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=90), max_size=6))
def test_entries_of_rows(batches: list[list[int]]) -> None:
    ragged, sizes = Ragged(), list[int]()
    for batch in batches:
        ragged.extend(np.repeat(np.arange(len(batch)), batch) + len(sizes), len(sizes) + len(batch))
        sizes += batch
        start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        rows = RANDOM.permutation(len(sizes))[:40]
        first, size = ragged.spans(rows)
        assert size.tolist() == [sizes[row] for row in rows]
        assert first.tolist() == start[rows].tolist()
        owner, place = ragged.places(rows)
        assert owner.tolist() == [at for at, row in enumerate(rows) for _ in range(sizes[row])]
        assert place.tolist() == [k for row in rows for k in range(start[row], start[row + 1])]
        assert [list(ragged.span(int(row))) for row in rows[:3]] == [list(range(start[row], start[row + 1])) for row in rows[:3]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from([-1, -1, -1, 0, 5, 2**31 - 1]), max_size=200), max_size=6))
def test_values_of_the_rows_that_have_one(batches: list[list[int]]) -> None:
    sparse, every = Sparse(), list[int]()
    for batch in batches:
        sparse.extend(len(every), np.array(batch, np.int32))
        every += batch
        rows = RANDOM.permutation(len(every))
        assert sparse.take(rows).tolist() == [every[row] for row in rows]
        assert len(sparse.values) == sum(value >= 0 for value in every)


def test_values_that_few_have_cost_little() -> None:
    sparse, values = Sparse(), np.full(1_000_000, -1, np.int32)
    values[::100] = 7
    sparse.extend(0, values)
    assert sparse.nbytes / values.size < 0.3


def test_times_of_two_centuries() -> None:
    every = np.array([MIN_TIME, 0, -1, int(datetime(2036, 2, 7, 6, 28, 15, tzinfo=UTC).timestamp()), MAX_TIME - 1, 1_790_000_000])
    times = Times()
    for some in (every, every[:0], every[3:], every[::-1]):
        times.extend(some)
    expected = np.concatenate([every, every[3:], every[::-1]])
    assert times.every().tolist() == expected.tolist()
    rows = RANDOM.permutation(len(times))
    assert times.take(rows).tolist() == expected[rows].tolist()
    assert [times.one(row) for row in range(len(times))] == expected.tolist()
    for beyond in (MIN_TIME - 1, MIN_TIME + 2**33):
        with pytest.raises(OverflowError, match="before 1900 or after 2100"):
            times.extend(np.array([beyond]))
    assert len(times) == len(expected)


def test_codes_take_what_they_need() -> None:
    narrow, every = Narrow(), list[int]()
    for most, size in ((100, 1), (127, 1), (128, 2), (32_767, 2), (32_768, 4), (5, 4)):
        some = np.array([-1, 0, most], np.int32)
        narrow.extend(some)
        every += some.tolist()
        assert narrow.array.itemsize == size
        assert narrow.array.tolist() == every
    narrow.replace(np.array([1, 2]))
    narrow.extend(np.zeros(0, np.int32))
    assert narrow.array.tolist() == [1, 2]


SHAPES: dict[str, Callable[[int], str]] = {
    "numbers": lambda n: f"{n * 61_803_399 % 10**8:08}-{n % 14:02}",
    "any": lambda n: ("", "x" * (n % 300), f"größe-{n}", "日本")[n % 4],
    "blank": lambda n: "",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_packed_texts_come_back(shape: Callable[[int], str]) -> None:
    every = [shape(n) for n in range(5 * BLOCK + 17)]
    packed, at = PackedTexts(), 0
    for step in (1, 1, BLOCK - 3, 2, 3 * BLOCK, 0, len(every)):
        packed.extend(pa.array(every[at : at + step], pa.string()))
        at = min(at + step, len(every))
        assert len(packed) == at
        assert packed.take(np.arange(at)).to_pylist() == every[:at]
    numbers = RANDOM.integers(0, len(every), 500)
    assert packed.take(numbers).to_pylist() == [every[n] for n in numbers]
    assert [packed[n] for n in numbers[:50].tolist()] == [every[n] for n in numbers[:50]]


def test_packed_texts_are_small() -> None:
    packed = PackedTexts()
    packed.extend(pa.array([SHAPES["numbers"](n) for n in range(1_024 * BLOCK)]))
    assert packed.nbytes / len(packed) < 5


@pytest.mark.parametrize("shape", list(SHAPES.values())[:2], ids=list(SHAPES)[:2])
def test_a_packed_text_that_is_wiped_leaves_nothing(shape: Callable[[int], str]) -> None:
    every = [shape(n) for n in range(2 * BLOCK + 5)]
    packed = PackedTexts()
    packed.extend(pa.array(every))
    assert packed[3] == every[3]
    gone = [2, 3, BLOCK, BLOCK + 7, 2 * BLOCK + 1, len(every) - 1]
    packed.wipe(gone)
    wiped = [" " * len(text.encode()) if n in gone else text for n, text in enumerate(every)]
    assert packed.take(np.arange(len(every))).to_pylist() == wiped
    used = np.zeros(len(packed.data), bool)
    for start, size in zip(packed.start.array.tolist(), packed.size.array.tolist(), strict=True):
        used[start : start + size] = True
    assert not packed.data.array[~used].any()


def test_texts_beyond_what_their_starts_count_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_columns, "WRAP", 64)
    texts, every = Texts(), list[str]()
    for size in (1, 0, 3, 40, 7):
        some = [str(RANDOM.integers(10**9)) * int(RANDOM.integers(0, 12)) for _ in range(size)]
        texts.extend(pa.array(some, pa.string()))
        every += some
        assert [texts[n] for n in range(len(texts))] == every
    texts.extend(pa.array(["", "x" * (64 * 3 - len(texts.data) % 64), ""]))  # one ends where the count begins anew
    every += ["", "x" * len(texts[len(every) + 1]), ""]
    numbers = RANDOM.integers(-1, len(every), 200)
    assert texts.take(numbers).to_pylist() == [every[n] if n >= 0 else None for n in numbers]
    texts.wipe([5])
    assert texts[5] == " " * len(every[5])
    assert texts[6] == every[6]
