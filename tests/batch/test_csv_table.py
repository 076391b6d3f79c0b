"""A table written as CSV reads back, with Python's own reader, as what it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.batch import csv_table
from idweave_server.batch.columns import Column, Table
from idweave_server.batch.csv_table import csv_text, iso_times, quoted, write_csv
from idweave_server.batch.output_tables import TIME
from idweave_server.model import MAX_TIME, MIN_TIME

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8) | st.text('",\r\n; aé名', max_size=6)


def written(table: Table) -> str:
    file = io.BytesIO()
    write_csv(table, file)
    return file.getvalue().decode()


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(TEXT | st.none(), st.integers(-1, 2), st.integers(), st.lists(TEXT, max_size=3)), max_size=12),
    st.lists(TEXT, min_size=3, max_size=3, unique=True),
    st.integers(1, 5),
)
def test_what_is_written_reads_back(rows: list[tuple[str | None, int, int, list[str]]], distinct: list[str], block: int) -> None:
    plain, code, _, lists = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    table = Table(
        "t",
        (
            Column("plain", pa.array(plain, pa.string())),
            Column('co"de,d', pa.array(distinct), np.array(code, np.int32)),
            Column("number", pa.array(range(len(rows)), pa.int64())),
            Column("list", pa.array(lists, pa.list_(pa.string()))),
        ),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "BLOCK_ROWS", block)
        header, *found = read(written(table))
    assert header == ["plain", 'co"de,d', "number", "list"]
    assert found == [[p or "", distinct[c] if c >= 0 else "", str(i), "; ".join(m)] for i, (p, c, _, m) in enumerate(rows)]


def test_quotes_only_where_they_are_needed_and_line_feeds_at_the_end() -> None:
    table = Table("t", (Column("a", pa.array(["plain", 'a "b"', "x,y", "two\nlines", "o'clock; späť", None])),))
    assert written(table) == 'a\nplain\n"a ""b"""\n"x,y"\n"two\nlines"\no\'clock; späť\n\n'


def test_rows_of_a_chunked_and_of_a_sliced_column() -> None:
    chunked = pa.chunked_array([pa.array(["a", "b,"]), pa.array([], pa.string()), pa.array(["c"])])
    sliced = pa.array(["no", "x", 'y"', None, "no"]).slice(1, 3)
    assert read(written(Table("t", (Column("c", chunked), Column("s", sliced)))))[1:] == [["a", "x"], ["b,", 'y"'], ["c", ""]]


def test_a_value_outside_the_slice_does_not_decide_on_quotes() -> None:
    assert quoted(pa.array(["a,b", "c"]).slice(1)).to_pylist() == ["c"]
    assert quoted(pa.array(["a", "b,c"]).slice(1)).to_pylist() == ['"b,c"']


def test_long_values_make_short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 1_000)
    texts = [f'{n}"' + "x" * 300 for n in range(7)]
    steps: list[int] = []
    file = io.BytesIO()
    write_csv(Table("t", (Column("a", pa.array(texts)),)), file, steps.append)
    assert [row[0] for row in read(file.getvalue().decode())[1:]] == texts
    assert sum(steps) == 7
    assert max(steps) == 1


@settings(deadline=None)
@given(st.lists(st.integers(MIN_TIME, MAX_TIME) | st.none(), max_size=6))
def test_times_are_iso_8601(seconds: list[int | None]) -> None:
    expected = [None if s is None else datetime.fromtimestamp(s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for s in seconds]
    assert iso_times(pa.array(seconds, pa.int64()).cast(TIME)).to_pylist() == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**51), max_size=6))
def test_micro_nats_are_written_exactly(strengths: list[int]) -> None:
    found = csv_text(pa.array(np.array(strengths, np.int64) / 1_000_000)).to_pylist()
    assert [int(text.replace(".", "")) for text in found] == strengths
    assert all(len(text.partition(".")[2]) == 6 for text in found)
