"""JSON Lines: both routes give the values that a naive reading gives, and a bad line costs itself alone."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.batch import read_jsonl
from idweave_server.batch.files import inspect_file
from idweave_server.batch.rows import Column, read_rows
from idweave_server.errors import InputError, MappingError

from tests.batch.reading import Read, read


def jsonl_file(folder: Path, content: bytes | str) -> Path:
    path = folder / "events.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sparse(*fields: str) -> list[Column]:
    return [Column(field, f"identifiers.{field}", sparse=True) for field in fields]


def test_numbers_keep_their_digits_and_strings_stay_unchanged(tmp_path: Path) -> None:
    path = jsonl_file(
        tmp_path,
        '{"id": 1985, "at": "2024-01-02T03:04:05Z", "n": 1.0}\n'
        '{"id": 123456789012345678901234567890, "at": " x ", "n": 1e3}\n'
        '{"id": true, "at": "\\u5c0f\\u660e", "n": 8033423493}\n'
        '{"id": null, "at": "", "n": 1e999}\n',
    )
    assert read(path, ["id", "at", "n"]).rows == [
        (1, ("1985", "2024-01-02T03:04:05Z", "1.0")),
        (2, ("123456789012345678901234567890", " x ", "1e3")),
        (3, ("true", "小明", "8033423493")),
        (4, (None, None, "1e999")),
    ]


def test_lists_and_objects_are_compact_json(tmp_path: Path) -> None:
    path = jsonl_file(
        tmp_path, '{"a": ["email", "x@y.org"], "ids": [["email", "é"], ["phone", 1]]}\n{"a": {"k": [1.5, 12345678901234567890123]}}\n'
    )
    assert read(path, ["a", "ids"]).values == [
        ('["email","x@y.org"]', '[["email","é"],["phone",1]]'),
        ('{"k":[1.5,12345678901234567890123]}', None),
    ]


def test_dotted_names_lead_into_objects_and_a_member_of_that_very_name_goes_first(tmp_path: Path) -> None:
    lines = '{"user": {"email": "in@x.org"}}\n{"user": {"email": "in"}, "user.email": "over@x.org"}\n{"user": null}\n{"user": "text"}\n'
    assert read(jsonl_file(tmp_path, lines), ["user.email"]).values == [("in@x.org",), ("over@x.org",), (None,), (None,)]
    assert read(jsonl_file(tmp_path, '{"user": {"email": "in@x.org"}}\n' * 3), ["user.email"]).values == [("in@x.org",)] * 3


def test_the_column_wise_route_prefers_that_very_name_too(tmp_path: Path) -> None:
    both = '{"user": {"email": "in"}, "user.email": "over"}\n'
    assert read(jsonl_file(tmp_path, both + '{"user": {"email": "in"}}\n'), ["user.email"]).values == [("over",), ("in",)]


def test_as_many_objects_as_lines_but_not_one_on_each(tmp_path: Path) -> None:
    found = read(jsonl_file(tmp_path, '{"id": 1}{"id": 2}\n\n{"id": 3}\n'), ["id"])
    assert (found.rows, found.refused) == ([(3, ("3",))], [(1, "row_malformed")])


def test_what_is_no_json_number_refuses_its_line_in_a_field_that_nobody_asks_for(tmp_path: Path) -> None:
    found = read(jsonl_file(tmp_path, '{"id": 1, "x": "Info"}\n{"id": 2, "x": NaN}\n{"id": 3, "x": [-Infinity]}\n{"id": 4}\n'), ["id"])
    assert (found.values, found.refused) == ([("1",), ("4",)], [(2, "row_malformed"), (3, "row_malformed")])


def test_a_bad_line_is_refused_under_its_line_number(tmp_path: Path) -> None:
    lines = [
        b'{"id": 1}',
        b'{"id": 2',
        b"",
        b"[3]",
        b'{"id": "4\xff"}',
        b'{"id": "\\ud800"}',
        b'{"id": 6}{"id": 7}',
        b'{"id": "\0"}',
        b'{"id": NaN}',
    ]
    found = read(jsonl_file(tmp_path, b"\n".join([*lines, b'  {"id": 10} \r\n{"id": 11}'])), ["id"])
    assert found.rows == [(1, ("1",)), (10, ("10",)), (11, ("11",))]
    assert found.refused == [
        (2, "row_malformed"),
        (4, "row_malformed"),
        (5, "bad_encoding"),
        (6, "bad_encoding"),
        (7, "row_malformed"),
        (8, "control_character"),
        (9, "row_malformed"),
    ]
    assert found.issues[0].value == '{"id": 2'
    assert "not JSON" in found.issues[0].message


def test_a_field_of_10_mb_is_refused_and_one_that_nobody_asks_for_does_not_matter(tmp_path: Path) -> None:
    long = "y" * 10_000_000
    found = read(jsonl_file(tmp_path, f'{{"id": 1}}\n{{"id": "{long}"}}\n{{"id": 3, "other": "{long}"}}\n'), ["id"])
    assert (found.rows, found.refused) == ([(1, ("1",)), (3, ("3",))], [(2, "too_long")])


def test_a_line_longer_than_any_may_be_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_jsonl, "LINE_LIMIT", 1_000)
    monkeypatch.setattr(read_jsonl, "CHUNK", 100)
    found = read(jsonl_file(tmp_path, '{"id": 1}\n{"id": "' + "y" * 5_000 + '"}\n{"id": 3}'), ["id"])
    assert (found.rows, found.refused) == ([(1, ("1",)), (3, ("3",))], [(2, "too_long")])


def test_a_field_that_stands_in_no_row_is_an_error_that_lists_those_that_do(tmp_path: Path) -> None:
    path = jsonl_file(tmp_path, '{"e_mail": "x", "user": {"mail": 1}}\n')
    with pytest.raises(
        MappingError, match=r"no field 'email', which the mapping's identifiers.email asks for; did you mean 'e_mail'\?.*user\.mail"
    ):
        read(path, ["email"])
    assert read(path, sparse("email")).values == [(None,)]


def test_a_field_that_stands_in_no_row_and_resembles_none_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """An export leaves out what it never had: a world without customer numbers has no such field."""
    path = jsonl_file(tmp_path, '{"mail": "x", "zip": "97201"}\n')
    found = read(path, ["mail", "customer_id"])
    assert (found.values, found.refused) == ([("x", None)], [(0, "field_absent")])
    assert found.issues[0].field == "customer_id"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([Column("mial", "identifiers.email")], "the file has no identifier at all then"),
        ([Column("mail", "identifiers.email"), Column("when", "observation.time")], "every observation needs a time"),
        ([Column("mail", "identifiers.email"), Column("plz", "traits.zip")], "the trait's own name stands unused in the file"),
    ],
)
def test_a_field_that_stands_in_no_row_is_an_error_where_it_looks_like_a_slip(tmp_path: Path, fields: list[Column], why: str) -> None:
    with pytest.raises(MappingError, match="has no field"):
        read(jsonl_file(tmp_path, '{"mail": "x", "zip": "97201"}\n'), fields)


def test_a_field_that_is_missing_or_null_in_some_rows_is_no_error(tmp_path: Path) -> None:
    assert read(jsonl_file(tmp_path, '{"email": "x"}\n{"phone": null}\n'), ["email", "phone"]).values == [("x", None), (None, None)]


def test_an_empty_file_is_an_issue(tmp_path: Path) -> None:
    assert read(jsonl_file(tmp_path, ""), ["id"]).refused == [(0, "file_empty")]
    assert read(jsonl_file(tmp_path, " \n\n"), ["id"]).refused == [(0, "file_empty")]


def test_a_json_array_is_refused_with_the_way_to_convert_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one JSON array"):
        read(jsonl_file(tmp_path, '[\n{"id": 1},\n{"id": 2}\n]'), ["id"])


def test_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    assert read(jsonl_file(tmp_path, '{"name": "小明"}\n'.encode("utf-16")), ["name"]).values == [("小明",)]


def test_native_integers_stay_integers_where_all_of_a_batch_are(tmp_path: Path) -> None:
    path = jsonl_file(tmp_path, '{"ts": 5, "id": 1}\n{"ts": 6, "id": 2}\n')
    for given_up in (0, 3):
        assert read_by(given_up, path, ["ts", "id"], frozenset(["ts"])).values == [(5, "1"), (6, "2")]
        mixed = jsonl_file(tmp_path, '{"ts": 5}\n{"ts": "6"}\n{"ts": 7.5}\n')
        assert read_by(given_up, mixed, ["ts"], frozenset(["ts"])).values == [("5",), ("6",), ("7.5",)]
        path = jsonl_file(tmp_path, '{"ts": 5, "id": 1}\n{"ts": 6, "id": 2}\n')


def read_by(
    given_up: int, path: Path, columns: list[str] | list[Column], native: frozenset[str] = frozenset(), chunk: int = 1 << 24
) -> Read:
    """given_up: 0 reads line by line only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_jsonl, "GIVEN_UP", given_up)
        patch.setattr(read_jsonl, "CHUNK", chunk)
        return read(path, columns, native=native)


FIELDS = ["a", "b", "a.b", "a.b.c", "é"]
NUMBERS = st.integers(-(10**30), 10**30) | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(["2020-01-01", "NaN", "Infinity", " ", "1"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=5
)
OBJECTS = st.dictionaries(st.sampled_from([*FIELDS, "c"]), VALUES, max_size=4)
ALIKE = st.fixed_dictionaries(
    {}, optional={"a": st.dictionaries(st.just("b"), st.text(max_size=3)), "b": st.integers(0, 9), "é": st.lists(st.text(max_size=2))}
)


class RawNumber(str):
    """A number with the digits that stand in the file."""


def oracle(line: str, field: str) -> str | None:
    value = naive_find(json.loads(line, parse_int=RawNumber, parse_float=RawNumber), field)
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, list | dict):
        value = json.dumps(naive_find(json.loads(line), field), ensure_ascii=False, separators=(",", ":"))
    return None if value is None or not value.strip() else str(value)


def naive_find(record: Any, field: str) -> Any:
    if record.get(field) is not None:
        return record[field]
    for name in field.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(OBJECTS, min_size=1, max_size=8) | st.lists(ALIKE, min_size=1, max_size=8), st.integers(1, 200), st.booleans())
def test_every_value_is_what_a_naive_reading_gives(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], chunk: int, ascii_only: bool
) -> None:
    lines = [json.dumps(record, ensure_ascii=ascii_only) for record in records]
    path = jsonl_file(tmp_path_factory.mktemp("jsonl"), "\n".join(lines))
    expected = [(number, tuple(oracle(line, field) for field in FIELDS)) for number, line in enumerate(lines, 1)]
    for given_up in (0, 10**9):
        found = read_by(given_up, path, sparse(*FIELDS), chunk=chunk)
        assert (found.rows, found.issues) == (expected, [])


def test_the_column_wise_route_is_taken_and_learns_rare_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shuffled = [f'{{"id": {n}, "name": "n{n}"' + (', "pair": ["email", "x"]' if n % 997 == 0 else "") + "}" for n in range(1, 20_001)]
    random.Random(5).shuffle(shuffled)
    path = jsonl_file(tmp_path, "\n".join(shuffled))
    parsed = []
    original = read_jsonl._Lines._parse

    def spy(self: read_jsonl._Lines, chunk: bytes) -> pa.Table | None:
        parsed.append(original(self, chunk))
        return parsed[-1]

    monkeypatch.setattr(read_jsonl._Lines, "_parse", spy)
    monkeypatch.setattr(read_jsonl, "SAMPLE", 1_000)
    found = read_by(3, path, ["id", "name", "pair"], chunk=1 << 16)
    assert sum(table is None for table in parsed) <= 1 < len(parsed)
    assert found.values == [
        (str(r["id"]), r["name"], json.dumps(r["pair"], separators=(",", ":")) if "pair" in r else None) for r in map(json.loads, shuffled)
    ]


def test_batches_are_bounded_by_the_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_jsonl, "CHUNK", 1_000)
    path = jsonl_file(tmp_path, '{"id": 1}\n' * 1_000)
    batches = list(read_rows(inspect_file(path), [Column("id", "identifiers.id")], progress=lambda _: None))
    assert max(batch.table.num_rows for batch in batches) <= 100
    assert sum(batch.table.num_rows for batch in batches) == 1_000
