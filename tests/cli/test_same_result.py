"""What must not matter: the order of rows and files, how rows are spread over files, the files' format, rows sent twice."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.running import FIELDS, MAPPING, SPECIAL, Results, Row, in_csv, resolve, row, text_of

EMAILS = [
    "jo.smith@acme.org",
    "Jo.Smith+x@gmail.com",
    "josmith@gmail.com",
    "kim.lee@acme.org",
    "info@acme.org",
    "test@test.com",
    "not one",
    " ",
]
PHONES = ["650-253-0000", "(650) 253 0001", "+49 30 901820", "1-800-555-0199", "123"]
IDENTIFIERS = [f"email:{email}" for email in EMAILS[:4]] + ["phone:650-253-0000", "customer_id@web:c1", "cookie:c-0001-family", "nothing"]
TIMES = [f"2024-0{month}-1{day}T0{day}:00:00Z" for month in range(1, 7) for day in range(3)]
SLOW = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
ORDERED = ("identifiers", "links", "profiles")  # the tables that do not follow the input

observations = st.fixed_dictionaries(
    {
        "id": st.one_of(st.none(), st.integers(1, 12).map(str)),
        "ts": st.sampled_from([*TIMES, *TIMES, "never"]),
        "source": st.sampled_from(["web", "shop", None]),
        "kind": st.sampled_from(["LOGIN", "ORDER", "signup", "?"]),
        "email": st.sampled_from([None, *EMAILS]),
        "phone": st.sampled_from([None, None, *PHONES]),
        "cust": st.sampled_from([None, None, "c1", "c2"]),
        "cookie": st.sampled_from([None, None, "c-0001-family", "c-0002-family"]),
        "first": st.sampled_from([None, "Jo", "Joe", "Kim", "12345"]),
        "last": st.sampled_from([None, "Smith", "Lee"]),
        "dob": st.sampled_from([None, None, "1985-03-04", "1990-01-01", "04.03.1985"]),
        "city": st.sampled_from([None, "Bonn", "Köln, Dom"]),
        "event": st.sampled_from([None, "click"]),
    }
)
verdicts = st.fixed_dictionaries(
    {
        "ts": st.sampled_from(TIMES),
        "event": st.sampled_from(["same", "different", "shared", "personal"]),
        "a": st.sampled_from(IDENTIFIERS),
        "b": st.sampled_from(IDENTIFIERS),
    }
)
erasures = st.fixed_dictionaries(
    {"ts": st.sampled_from(TIMES[:4]), "event": st.just("erase"), "ids": st.lists(st.sampled_from(IDENTIFIERS), min_size=1, max_size=2)}
)
worlds = st.builds(
    lambda seen, said, gone: [dict.fromkeys([*FIELDS, "a", "b", "ids"]) | dict(one) for one in (*seen, *said, *gone)],
    st.lists(observations, min_size=1, max_size=25),
    st.lists(verdicts, max_size=4),
    st.lists(erasures, max_size=1),
)


def run(folder: Path, files: dict[str, list[Row]], *options: object) -> Results:
    return resolve(folder, dict(files), *options, mapping=MAPPING + SPECIAL)


def tables(results: Results) -> dict[str, bytes]:
    return {name: content for name, content in results.bytes().items() if name.split(".")[0] in ORDERED}


def outcomes(results: Results) -> list[tuple[str, str, str, str]]:
    """Of every observation, in no order. Which of several equal rows is the duplicate is a matter of order."""
    return sorted((one["observation_id"], one["source"], one["profile_id"], one["outcome"]) for one in results.rows("observations"))


@SLOW
@given(world=worlds, seed=st.integers(0, 2**32))
def test_the_order_of_rows_and_their_spread_over_files_change_nothing(tmp_path: Path, world: list[Row], seed: int) -> None:
    expected = run(tmp_path, {"all.jsonl": world})
    found, told = tables(expected), outcomes(expected)
    counts = expected.report["outcomes"], expected.report["verdicts"], expected.report["erasures"], expected.report["profiles"]
    chance = random.Random(seed)
    shuffled = list(world)
    chance.shuffle(shuffled)
    cuts = sorted(chance.randrange(len(world) + 1) for _ in range(2))
    parts = {"c.jsonl": shuffled[: cuts[0]], "a.jsonl": shuffled[cuts[0] : cuts[1]], "b.jsonl": shuffled[cuts[1] :]}
    for files in ({"all.jsonl": shuffled}, parts):
        again = run(tmp_path, files)
        assert tables(again) == found
        assert outcomes(again) == told
        report = again.report
        assert (report["outcomes"], report["verdicts"], report["erasures"], report["profiles"]) == counts


@SLOW
@given(world=worlds)
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, world: list[Row]) -> None:
    first = run(tmp_path, {"all.jsonl": world}, "--format", "both").bytes()
    assert run(tmp_path, {"all.jsonl": world}, "--format", "both").bytes() == first
    assert len(first) == 11


@SLOW
@given(world=worlds, seed=st.integers(0, 2**32))
def test_a_row_sent_again_changes_nothing_but_the_count(tmp_path: Path, world: list[Row], seed: int) -> None:
    first = run(tmp_path, {"all.jsonl": world})
    found, counts = tables(first), first.report["outcomes"]
    chance = random.Random(seed)
    again = chance.choice([one for one in world if one["event"] not in ("same", "different", "shared", "personal", "erase")])
    longer = run(tmp_path, {"all.jsonl": [*world, again]})
    assert tables(longer) == found
    grown = {outcome: count - counts[outcome] for outcome, count in longer.report["outcomes"].items() if count != counts[outcome]}
    assert list(grown.values()) == [1]
    assert set(grown) <= {"duplicate", "conflict", "rejected", "erased"}


def as_csv(rows: list[Row]) -> bytes:
    return in_csv(rows).encode()


def as_semicolons(rows: list[Row]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, FIELDS, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(dict(one) for one in rows)
    return file.getvalue().encode("utf-16")


def as_parquet(rows: list[Row]) -> bytes:
    sink = io.BytesIO()
    columns: dict[str, Any] = {field: pa.array([one[field] for one in rows], pa.string()) for field in FIELDS}
    columns["cookie"] = columns["cookie"].dictionary_encode()
    columns["email"] = columns["email"].cast(pa.large_string())
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", as_csv),
        ("a.csv", as_semicolons),
        ("a.parquet", as_parquet),
        ("a.jsonl.gz", lambda rows: gzip.compress(text_of(rows).encode())),
    ],
    ids=["csv", "semicolons in utf-16", "parquet", "jsonl.gz"],
)
def test_the_format_changes_nothing(tmp_path: Path, name: str, write: Callable[[list[Row]], bytes]) -> None:
    chance = random.Random(name)
    rows = [
        row(
            n,
            ts=chance.choice(TIMES),
            source=chance.choice(["web", "shop"]),
            kind=chance.choice(["LOGIN", "signup", "?"]),
            email=chance.choice([None, *EMAILS]),
            phone=chance.choice([None, *PHONES]),
            cust=chance.choice([None, "c1", "c2", "00012"]),
            cookie=chance.choice([None, "c-0001-family"]),
            first=chance.choice([None, "Jo", "Kim", 'Zoë "Z"', "小明"]),
            last=chance.choice([None, "Smith\nJones", "Lee"]),
            dob=chance.choice([None, "1985-03-04"]),
            city=chance.choice([None, "Bonn", "Köln, Dom"]),
        )
        for n in range(200)
    ]
    expected = resolve(tmp_path, {"a.jsonl": rows})
    found, told, issues = tables(expected), outcomes(expected), [one[1:] for one in expected.issues]
    again = resolve(tmp_path, {name: write(rows)})
    assert tables(again) == found
    assert outcomes(again) == told
    assert [one[1:] for one in again.issues] == issues


def test_native_numbers_and_times_are_those_of_their_text(tmp_path: Path) -> None:
    """Parquet and JSON have numbers; a mapping that works for text works for them."""
    unix, iso = MAPPING.replace('"ts", format = "iso"', '"ts", format = "unix"'), MAPPING
    seconds = [1704067200 + 86_400 * n for n in range(5)]
    rows = [row(n, ts=second, cust=1000 + n, email="jo.smith@acme.org") for n, second in enumerate(seconds)]
    expected = tables(resolve(tmp_path, {"a.jsonl": rows}, mapping=unix))
    texts = [{**one, "ts": str(one["ts"]), "cust": str(one["cust"])} for one in rows]
    assert tables(resolve(tmp_path, {"a.csv": in_csv(texts)}, mapping=unix)) == expected
    for unit, zone in (("s", None), ("ms", "UTC"), ("ns", "Europe/Berlin")):
        columns: dict[str, Any] = {field: pa.array([one[field] for one in rows]) for field in FIELDS}
        columns["ts"] = pa.array(seconds).cast(pa.timestamp("s", "UTC")).cast(pa.timestamp(unit, zone and "UTC"))
        columns["ts"] = columns["ts"].cast(pa.timestamp(unit, zone)) if zone else columns["ts"]
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink, store_schema=True)
        assert tables(resolve(tmp_path, {"a.parquet": sink.getvalue()}, mapping=iso)) == expected
    mixed = [*rows[:2], {**rows[2], "ts": "1704240000.5"}, *rows[3:]]
    assert tables(resolve(tmp_path, {"a.jsonl": mixed}, mapping=unix)) == expected


def test_a_file_given_twice_counts_once(tmp_path: Path) -> None:
    rows = [row(1, email="jo.smith@acme.org", cookie="c-0001-family"), row(None, email="kim.lee@acme.org")]
    rows[1] = {**rows[1], "id": None}
    expected = tables(resolve(tmp_path, {"a.jsonl": rows}))
    again = resolve(tmp_path, {"a.jsonl": rows, "./a.jsonl": rows})
    assert tables(again) == expected
    assert [outcome for _, outcome in again.outcomes] == ["ACCEPTED", "ACCEPTED", "DUPLICATE", "DUPLICATE"]
    assert again.report["duplicates_within"] == {"web": 2}


def test_what_two_sources_report_alike_counts_for_both(tmp_path: Path) -> None:
    rows = [row(1, email="jo.smith@acme.org", cookie="c-0001-family", source=source) for source in ("web", "shop", "app")]
    results = resolve(tmp_path, {"a.jsonl": rows})
    assert results.report["duplicates_between"] == [
        {"sources": pair, "observations": 1} for pair in (["app", "shop"], ["app", "web"], ["shop", "web"])
    ]
    assert results.rows("links")[0]["evidence"] == "3"


def test_profiles_keep_their_ids_when_others_join_the_input(tmp_path: Path) -> None:
    rows = [row(1, email="jo.smith@acme.org", cookie="c-0001-family"), row(2, email="kim.lee@acme.org", phone="650-253-0000")]
    before = resolve(tmp_path, {"a.jsonl": rows}).profile_of
    more = [row(n, email=f"other.{n}@acme.org", ts="2024-05-01T00:00:00Z") for n in range(3, 60)]
    after = resolve(tmp_path, {"b.jsonl": more, "a.jsonl": rows}).profile_of
    assert {number: after[number] for number in before} == before
