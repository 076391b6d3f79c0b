"""Whatever the bytes, a reader gives rows, issues or an error that a user is meant to read."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.errors import IdweaveError

from tests.batch.reading import Read, read


def survive(path: Path, content: bytes) -> Read:
    path.write_bytes(content)
    try:
        return read(path, ["id", "email"])
    except IdweaveError:
        return Read()


@cache
def good(suffix: str) -> bytes:
    ids, emails = list(range(50)), [f"jo{n}@example.org" for n in range(50)]
    buffer = io.BytesIO()
    if suffix == "parquet":
        pq.write_table(pa.table({"id": ids, "email": emails}), buffer)
    elif suffix == "xlsx":
        book = openpyxl.Workbook()
        for row in [("id", "email"), *zip(ids, emails, strict=True)]:
            book.active.append(row)
        book.save(buffer)
        book.close()
    elif suffix == "jsonl":
        buffer.write("".join(json.dumps({"id": n, "email": e}) + "\n" for n, e in zip(ids, emails, strict=True)).encode())
    else:
        buffer.write(("id,email\n" + "".join(f'{n},"{e}"\n' for n, e in zip(ids, emails, strict=True))).encode())
    return buffer.getvalue()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.sampled_from(["csv", "tsv", "jsonl", "parquet", "xlsx", "csv.gz", "jsonl.zst"]), st.binary(max_size=400))
def test_any_bytes_at_all(tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes) -> None:
    survive(tmp_path_factory.mktemp("any") / f"a.{suffix}", content)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.sampled_from(["csv", "jsonl", "parquet", "xlsx"]), st.floats(0, 1, exclude_max=True), st.binary(max_size=12), st.integers(0, 40))
def test_a_good_file_with_a_piece_replaced(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, where: float, piece: bytes, removed: int
) -> None:
    content = good(suffix)
    at = int(where * len(content))
    found = survive(tmp_path_factory.mktemp("bad") / f"a.{suffix}", content[:at] + piece + content[at + removed :])
    if suffix in ("csv", "jsonl"):
        numbers = [row for row, _ in found.rows] + [issue.row for issue in found.issues]
        assert len(set(numbers)) == len(numbers), "no row is both read and refused"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            [
                b'{"id":1,"email":"x"}',
                b'"id"',
                b"{",
                b"}",
                b"[",
                b"]",
                b":",
                b",",
                b"\n",
                b"\r\n",
                b"NaN",
                b"1e9",
                b"\\u",
                b"\xff",
                b'"',
                b" ",
            ]
        ),
        max_size=40,
    )
)
def test_any_sequence_of_json_tokens(tmp_path_factory: pytest.TempPathFactory, tokens: list[bytes]) -> None:
    survive(tmp_path_factory.mktemp("json") / "a.jsonl", b"".join(tokens))


@pytest.mark.parametrize("opening", [b'{"x":', b"["])
def test_nesting_without_end_is_a_bad_line(tmp_path: Path, opening: bytes) -> None:
    found = survive(tmp_path / "a.jsonl", b'{"id":1,"email":"x"}\n{"id":2,"email":' + opening * 200_000 + b"\n" + b'{"id":3,"email":"y"}\n')
    assert found.values == [("1", "x"), ("3", "y")]
    assert found.refused == [(2, "row_malformed")]
