"""Columns as codes, against the same columns as plain lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.encoded import Encoded, TextTable, expanded, hexadecimal

texts = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "", " a", "a ", "ß", "小明", "x" * 40])), max_size=30)
settings.register_profile("batch", derandomize=True, deadline=None, max_examples=60)
FAST = settings(settings.get_profile("batch"))


def plain(column: Encoded) -> list[str | None]:
    return [None if code < 0 else column.values[int(code)].as_py() for code in column.code]


def encoded(values: list[str | None]) -> Encoded:
    return Encoded.of([pa.array(values, pa.string())])


@FAST
@given(st.lists(texts, max_size=4))
def test_chunks_of_any_kind_become_one_column(chunks: list[list[str | None]]) -> None:
    kinds = [pa.array, lambda v, t: pa.array(v, t).dictionary_encode(), lambda v, t: pa.array(["skipped", *v], t).slice(1)]
    column = Encoded.of([kinds[at % 3](values, pa.string()) for at, values in enumerate(chunks)])
    assert plain(column) == [value for values in chunks for value in values]
    assert column.code.dtype == np.int32
    assert len(set(column.values.to_pylist())) == len(column.values)


@FAST
@given(texts, st.data())
def test_what_is_done_to_a_column_is_done_to_its_values(values: list[str | None], data: st.DataObject) -> None:
    column = encoded(values)
    rows = np.array(data.draw(st.lists(st.integers(0, max(len(values) - 1, 0)), max_size=10 if values else 0)), np.int64)
    taken = [values[row] for row in rows]
    assert plain(column.take(rows)) == taken
    assert plain(column.take(rows).compacted()) == taken
    assert set(column.take(rows).compacted().values.to_pylist()) == {value for value in taken if value is not None}
    assert plain(column.trimmed()) == [value and value.strip() for value in values]
    assert plain(column.filled("a")) == ["a" if value is None else value for value in values]
    assert plain(column.mapped(pa.array([v if v != "b" else None for v in column.values.to_pylist()], pa.string()))) == [
        None if value == "b" else value for value in values
    ]
    assert column.spread(np.arange(len(column.values)), -1).tolist() == column.code.tolist()
    trimmed = column.trimmed().values.to_pylist()
    assert len(set(trimmed)) == len(trimmed)


def test_a_few_rows_of_a_large_column_are_compacted_alike() -> None:
    column = encoded([f"v{n}" for n in range(1_000)] + [None])
    few = column.take(np.array([7, 1_000, 3, 7])).compacted()
    assert plain(few) == ["v7", None, "v3", "v7"]
    assert few.values.to_pylist() == ["v3", "v7"]


def test_constants_and_nothing() -> None:
    assert plain(Encoded.constant("x", 2)) == ["x", "x"]
    assert plain(Encoded.none(2)) == [None, None]
    assert plain(Encoded.of([])) == []
    assert plain(Encoded.none(2).filled("x")) == ["x", "x"]
    assert Encoded.none(2).spread(np.zeros((0, 2), np.uint64), 0).tolist() == [[0, 0], [0, 0]]


@FAST
@given(st.lists(st.integers(-1, 3), max_size=12), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_expanded_gives_every_item_of_every_row(code: list[int], size: list[int]) -> None:
    numbers = [list(range(sum(size[:value]), sum(size[: value + 1]))) for value in range(4)]
    row, item = expanded(np.array(code, np.int32), np.array(size))
    assert list(zip(row.tolist(), item.tolist(), strict=True)) == [
        (at, x) for at, value in enumerate(code) if value >= 0 for x in numbers[value]
    ]


def test_content_is_of_the_text_alone() -> None:
    values = pa.array(["skipped", "a", None, "a", ""])
    whole = content_of(values.slice(1))
    assert (whole[0] == whole[2]).all()
    assert (whole[1] == whole[3]).all()
    assert (whole[0] == content_of(pa.array(["a"]).cast(pa.large_string()))[0]).all()
    assert (content_of(pa.array(["a"]), seed=1) != whole[0]).any()
    assert content_of(pa.array([], pa.string())).shape == (0, 2)


def test_hexadecimal_is_that_of_the_words() -> None:
    hashes = np.array([[0x0123456789ABCDEF, 0xFEDCBA9876543210], [0, 1]], np.uint64)
    assert hexadecimal(hashes).to_pylist() == ["0123456789abcdeffedcba9876543210", f"{1:032x}"]
    assert hexadecimal(hashes[:0]).to_pylist() == []


@FAST
@given(st.lists(texts, min_size=1, max_size=4))
def test_a_text_table_keeps_the_codes_it_gave(columns: list[list[str | None]]) -> None:
    table = TextTable()
    given_codes = [table.encode(encoded(values)) for values in columns]
    known = table.values().to_pylist()
    assert len(known) == len(table) == len(set(known))
    for values, codes in zip(columns, given_codes, strict=True):
        assert [None if code < 0 else known[code] for code in codes] == values
    assert (table.content == content_of(table.values())).all()


@pytest.mark.parametrize("rows", [0, 5])
def test_an_empty_table_has_no_values(rows: int) -> None:
    table = TextTable()
    assert table.encode(Encoded.none(rows)).tolist() == [-1] * rows
    assert table.values().to_pylist() == []
