"""Parquet: every type as the text that a person would write."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from idweave_server.batch import read_parquet
from idweave_server.batch.rows import Column
from idweave_server.errors import InputError, MappingError

from tests.batch.reading import read

NOON = dt.datetime(2024, 1, 2, 3, 4, 5, 120_000)


def parquet_file(folder: Path, columns: dict[str, pa.Array], **options: Any) -> Path:
    path = folder / "people.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (pa.string(), " Jo ", " Jo "),
        (pa.large_string(), "小明", "小明"),
        (pa.string(), "  ", None),
        (pa.int8(), -5, "-5"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.float64(), 8033423493.0, "8033423493"),
        (pa.float64(), 0.1, "0.1"),
        (pa.float32(), 0.1, "0.1"),
        (pa.float64(), float("nan"), None),
        (pa.bool_(), True, "true"),
        (pa.date32(), dt.date(1985, 3, 4), "1985-03-04"),
        (pa.timestamp("s"), NOON.replace(microsecond=0), "2024-01-02T03:04:05"),
        (pa.timestamp("us"), NOON, "2024-01-02T03:04:05.12"),
        (pa.timestamp("ns", "UTC"), NOON, "2024-01-02T03:04:05.12Z"),
        (pa.timestamp("ms", "Europe/Paris"), NOON.replace(tzinfo=dt.UTC, microsecond=0), "2024-01-02T03:04:05Z"),
        (pa.decimal128(12, 2), decimal.Decimal("12345.60"), "12345.60"),
        (pa.dictionary(pa.int32(), pa.string()), "web", "web"),
        (pa.binary(), "é".encode(), "é"),
        (pa.list_(pa.string()), ["email", "é@x"], '["email","é@x"]'),
        (pa.struct([("a", pa.int64())]), {"a": 1}, '{"a":1}'),
        (pa.uuid(), uuid.UUID(int=5), str(uuid.UUID(int=5))),
    ],
)
def test_every_type_becomes_text(tmp_path: Path, kind: pa.DataType, value: object, text: str | None) -> None:
    storage = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    stored = value.bytes if isinstance(value, uuid.UUID) else value
    array = pa.array([stored, None], storage)
    path = parquet_file(tmp_path, {"v": kind.wrap_array(array) if storage is not kind else array})
    assert read(path, ["v"]).rows == [(1, (text,)), (2, (None,))]


def test_dotted_names_lead_into_structs(tmp_path: Path) -> None:
    user = pa.array([{"email": "x", "of": {"id": 1}}, None], pa.struct([("email", pa.string()), ("of", pa.struct([("id", pa.int64())]))]))
    path = parquet_file(tmp_path, {"user": user, "n": pa.array([1, 2])})
    assert read(path, ["user.of.id", "n", "user.email"]).values == [("1", "1", "x"), (None, "2", None)]
    with pytest.raises(MappingError, match=r"no column 'user.mail'.*did you mean 'user.email'"):
        read(path, ["user.mail"])


def test_native_columns_stay_integers_and_timestamps(tmp_path: Path) -> None:
    columns = {"i": pa.array([5, None], pa.int32()), "t": pa.array([NOON, None], pa.timestamp("ns", "UTC")), "s": pa.array(["5", None])}
    found = read(parquet_file(tmp_path, columns), ["i", "t", "s"], native=frozenset(["i", "t", "s"]))
    assert found.values == [(5, NOON.replace(tzinfo=dt.UTC), "5"), (None, None, None)]
    huge = parquet_file(tmp_path, {"i": pa.array([2**64 - 1], pa.uint64())})
    assert read(huge, ["i"], native=frozenset(["i"])).values == [("18446744073709551615",)]


def test_row_numbers_run_through_batches_and_progress_ends_at_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_parquet, "BATCH_ROWS", 7)
    path = parquet_file(tmp_path, {"n": pa.array(range(1, 101))}, row_group_size=30)
    found = read(path, ["n"])
    assert found.rows == [(n, (str(n),)) for n in range(1, 101)]
    assert found.bytes == path.stat().st_size


def test_text_that_is_not_utf_8_and_text_that_is_too_long_refuse_their_rows(tmp_path: Path) -> None:
    broken = pa.array([b"ok", b"\xff", b"y" * 70_000, b"end"], pa.binary())
    for values in (broken, broken.view(pa.string())):
        found = read(parquet_file(tmp_path, {"v": values, "n": pa.array([1, 2, 3, 4])}), ["n", "v"])
        assert found.rows == [(1, ("1", "ok")), (4, ("4", "end"))]
        assert found.refused == [(2, "bad_encoding"), (3, "too_long")]


def test_a_file_without_rows_has_none_and_a_file_without_bytes_is_an_issue(tmp_path: Path) -> None:
    none = read(parquet_file(tmp_path, {"v": pa.array([], pa.int64())}), ["v"])
    assert (none.rows, none.issues) == ([], [])
    empty = tmp_path / "empty.parquet"
    empty.write_bytes(b"")
    assert read(empty, ["v"]).refused == [(0, "file_empty")]


def test_what_is_not_parquet_or_lacks_a_column_says_so(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    path.write_bytes(b"id,email\n1,x\n")
    with pytest.raises(InputError, match="is not a readable Parquet file"):
        read(path, ["id"])
    path = parquet_file(tmp_path, {"e_mail": pa.array(["x"]), "zip": pa.array(["1"])})
    with pytest.raises(
        MappingError,
        match=r"no column 'email', which the mapping's identifiers.email asks for; did you mean 'e_mail'\? It has: e_mail, zip",
    ):
        read(path, ["email"])
    assert read(path, [Column("email", "identifiers.email", optional=True), "zip"]).values == [(None, "1")]


def test_a_damaged_page_is_an_error_with_the_file_s_name(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"v": pa.array([f"value {n * n}" for n in range(10_000)])}, compression="zstd", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[2_000:6_000] = bytes(4_000)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"people\.parquet is not a readable Parquet file"):
        read(path, ["v"])
