"""`idweave resolve` as a whole: its options, its formats, and that the rules are obeyed from file to file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from idweave_server import __version__

from tests.cli.running import MAPPING, ROWS, SPECIAL, Results, attempt, idweave, prepared, resolve, row

COMMAND = [sys.executable, "-c", "from idweave_server.cli.main import main; main()"]
TABLES = ("identifiers", "issues", "links", "observations", "profiles")


def test_a_run_writes_six_files_and_a_summary(tmp_path: Path) -> None:
    ran = idweave(*prepared(tmp_path))
    assert ran.code == 0
    assert "4 observations from 1 file make 2 profiles" in ran.out
    assert "1 refused value or row, each listed in" in ran.out
    results = Results(tmp_path / "out")
    assert sorted(results.bytes()) == sorted([*(f"{table}.csv" for table in TABLES), "report.json"])
    assert results.people == {frozenset("124"), frozenset("3")}
    assert list(results.rows("observations")[0]) == ["observation_id", "source", "profile_id", "outcome"]
    assert list(results.rows("identifiers")[0]) == ["namespace", "issuer", "value", "profile_id", "from", "until", "shared"]
    assert list(results.rows("issues")[0]) == ["file", "row", "field", "reason", "value", "message"]
    jo = next(one for one in results.rows("profiles") if one["profile_id"] == results.profile_of["1"])
    assert (jo["first_name"], jo["city"], jo["birth_date"], jo["size"]) == ("Jo", "Köln", "1985-03-04", "4")


def test_quiet_prints_nothing_when_all_is_well(tmp_path: Path) -> None:
    ran = attempt(tmp_path, {"a.jsonl": ROWS[:2]})
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_version_and_help() -> None:
    assert idweave("--version").out == f"idweave {__version__}\n"
    said = " ".join(idweave("resolve", "--help").out.split())
    for words in ("--id-key", "IDWEAVE_ID_KEY", "derived from what identifies each profile", "--as-of", "--strict"):
        assert words in said


@pytest.mark.parametrize("formats", ["csv", "parquet", "both"])
def test_formats_replace_each_other_s_files_and_leave_strangers_alone(tmp_path: Path, formats: str) -> None:
    arguments = prepared(tmp_path)
    idweave(*arguments, "-q", "--format", "both")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert idweave(*arguments, "-q", "--format", formats).code == 0
    suffixes = {"csv": ["csv"], "parquet": ["parquet"], "both": ["csv", "parquet"]}[formats]
    expected = {f"{table}.{suffix}" for table in TABLES for suffix in suffixes} | {"report.json", "notes.txt"}
    assert set(Results(tmp_path / "out").bytes()) == expected


def test_parquet_twins_hold_the_same_rows(tmp_path: Path) -> None:
    idweave(*prepared(tmp_path), "-q", "--format", "both")
    results = Results(tmp_path / "out")
    for table in TABLES:
        twin = pq.read_table(tmp_path / "out" / f"{table}.parquet")
        rows = results.rows(table)
        assert twin.num_rows == len(rows)
        if rows:
            assert twin.column_names == list(rows[0])
    assert pq.read_table(tmp_path / "out" / "observations.parquet")["profile_id"].to_pylist() == [
        one["profile_id"] or None for one in results.rows("observations")
    ]


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)
    idweave(*arguments, "-q", "--format", "both")
    first = Results(tmp_path / "out").bytes()
    subprocess.run([*COMMAND, *arguments, "-q", "--format", "both"], check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert Results(tmp_path / "out").bytes() == first


def test_the_id_key_changes_ids_and_nothing_else(tmp_path: Path) -> None:
    plain = resolve(tmp_path, {"a.jsonl": ROWS})
    people, ids = plain.people, set(plain.profile_of.values())
    keyed = resolve(tmp_path, {"a.jsonl": ROWS}, "--id-key", "s" * 100)
    assert keyed.people == people
    assert not set(keyed.profile_of.values()) & ids
    again = keyed.profile_of
    assert resolve(tmp_path, {"a.jsonl": ROWS}, "--id-key", "s" * 100).profile_of == again
    assert resolve(tmp_path, {"a.jsonl": ROWS}, "--id-key", "s" * 99).profile_of != again


def test_timings_are_added_when_asked_for(tmp_path: Path) -> None:
    assert "stages" not in resolve(tmp_path, {"a.jsonl": ROWS}).report
    stages = resolve(tmp_path, {"a.jsonl": ROWS}, "--timings").report["stages"]
    assert list(stages) == ["read", "normalise", "rules", "report", "write"]


def test_as_of_is_the_newest_time_in_the_input_or_what_is_said(tmp_path: Path) -> None:
    assert resolve(tmp_path, {"a.jsonl": ROWS}).report["as_of"] == "2024-03-01T10:00:00Z"
    assert resolve(tmp_path, {"a.jsonl": ROWS}, "--as-of", "2023-01-01").report["as_of"] == "2023-01-01T00:00:00Z"
    ran = attempt(tmp_path, {"a.jsonl": ROWS}, "--as-of", "tomorrow")
    assert ran.code == 2
    assert "--as-of 'tomorrow' is no time between 1900 and 2100; write it as in 2026-03-31" in ran.err


def test_evidence_expires_by_the_policy_and_as_of(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[namespaces.cookie]\nttl_days = 30\n[sources.shop]\nttl_days = 400\n")
    rows = [
        row(1, cookie="c-0001-jo-smith", ts="2024-01-01T00:00:00Z"),
        row(2, cookie="c-0001-jo-smith", email="jo.smith@acme.org", ts="2024-02-20T00:00:00Z"),
        row(3, email="kim.lee@acme.org", source="shop", ts="2024-01-01T00:00:00Z"),
    ]
    for as_of, outcomes in (
        ("2024-01-15", ["ACCEPTED", "ACCEPTED", "ACCEPTED"]),
        ("2024-03-01", ["EXPIRED", "ACCEPTED", "ACCEPTED"]),
        ("2025-06-01", ["EXPIRED", "ACCEPTED", "EXPIRED"]),
    ):
        results = resolve(tmp_path, {"a.jsonl": rows}, "--policy", "p.toml", "--as-of", as_of)
        assert [outcome for _, outcome in results.outcomes] == outcomes
    assert {one["value"] for one in results.rows("identifiers") if one["profile_id"]} == {"jo.smith@acme.org"}


def test_two_shops_customer_1234_are_two_people(tmp_path: Path) -> None:
    rows = [row(1, cust="1234", source="shop_a"), row(2, cust="1234", source="shop_b"), row(3, cust=" 1234 ", source="shop_a ")]
    results = resolve(tmp_path, {"a.jsonl": rows})
    assert results.people == {frozenset("13"), frozenset("2")}
    assert {(one["issuer"], one["value"]) for one in results.rows("identifiers")} == {("shop_a", "1234"), ("shop_b", "1234")}
    mapping = MAPPING.replace('customer_id = "cust"', 'customer_id = { field = "cust", issuer = { field = "city" } }')
    rows = [row(1, cust="1234", city="X"), row(2, cust="1234", city="Y"), row(3, cust="1234")]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    assert results.people == {frozenset("1"), frozenset("2")}
    assert results.issues == [("a.jsonl", 3, "cust", "issuer_missing")]


def test_a_json_list_is_several_identifiers(tmp_path: Path) -> None:
    rows = [row(1, email=["jo.smith@acme.org", None, " ", "js@smith.net", 7]), row(2, email="js@smith.net")]
    results = resolve(tmp_path, {"a.jsonl": rows})
    assert results.people == {frozenset("12")}
    assert results.rows("issues")[0]["value"] == "7"
    assert len(results.issues) == 1


def test_a_full_name_tells_people_apart_like_its_parts(tmp_path: Path) -> None:
    mapping = MAPPING.replace('first_name = "first"\nlast_name = "last"', 'full_name = "first"')
    rows = [
        row(1, email="jo@smith.net", first="Jo Smith", dob="1985-03-04"),
        row(2, phone="650-253-0000", first="SMITH, Jo", dob="1985-03-04"),
        row(3, phone="650-253-0001", first="Karen Smith", dob="1985-03-05"),
        row(4, email="jo@smith.net", phone="650-253-0001"),
    ]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    assert results.profile_of["1"] == results.profile_of["2"] != results.profile_of["3"]
    assert {one["outcome"] for one in results.rows("links")} == {"united", "names"}
    assert {one["full_name"] for one in results.rows("profiles")} == {"Jo Smith", "Karen Smith"}


def test_the_region_comes_from_the_source_in_the_policy(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[sources.berlin]\nregion = "DE"\n[sources.web]\nregion = "US"\n')
    mapping = MAPPING.replace('phone = { field = "phone", region = "US" }', 'phone = "phone"')
    rows = [row(1, phone="030 901820", source="berlin"), row(2, phone="(650) 253-0000"), row(3, phone="030 901820", source="paris")]
    results = resolve(tmp_path, {"a.jsonl": rows}, "--policy", "p.toml", mapping=mapping)
    assert {one["value"] for one in results.rows("identifiers")} == {"+4930901820", "+16502530000"}
    assert results.issues == [("a.jsonl", 3, "phone", "phone_region_unknown")]


def test_verdicts_are_obeyed(tmp_path: Path) -> None:
    rows = [
        row(1, email="jo.smith@acme.org", phone="650-253-0000"),
        row(2, email="kim.lee@acme.org"),
        row(3, email="ann.fox@acme.org", cookie="c-0001-family"),
        row(4, email="ben.fox@acme.org", cookie="c-0001-family"),
        row(5, email="info@acme.org", phone="650-253-0002"),
        row(6, event="same", a="email:kim.lee@acme.org", b=["email", "jo.smith@acme.org"]),
        row(7, event="different", a="email:jo.smith@acme.org", b="phone:+16502530000"),
        row(8, event="shared", a="cookie:c-0001-family"),
        row(9, event="personal", a="email:info@acme.org"),
    ]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=MAPPING + SPECIAL)
    owner = {one["value"]: one["profile_id"] for one in results.rows("identifiers")}
    assert owner["jo.smith@acme.org"] == owner["kim.lee@acme.org"] != owner["+16502530000"]
    assert owner["ann.fox@acme.org"] != owner["ben.fox@acme.org"]
    assert owner["info@acme.org"] == owner["+16502530002"] != ""
    assert {one["value"]: one["shared"] for one in results.rows("identifiers")}["c-0001-family"] == "asserted"
    assert {one["outcome"] for one in results.rows("links")} == {"united", "different"}
    assert results.report["verdicts"]["holds"] == 4
    assert len(results.outcomes) == 5


def test_a_mapping_for_each_file_and_one_with_patterns(tmp_path: Path) -> None:
    (tmp_path / "crm_1.csv").write_text("mail;when\njo.smith@acme.org;2024-01-01\n")
    (tmp_path / "web.jsonl").write_text('{"visitor": "c-0001-jo-smith", "mail": "jo.smith@acme.org", "at": 1704067200}\n')
    crm = 'observation.time = "when"\nobservation.source.value = "crm"\nidentifiers.email = "mail"\n'
    web = 'observation.time = "at"\nobservation.source.value = "web"\nidentifiers.email = "mail"\nidentifiers.cookie = "visitor"\n'
    (tmp_path / "crm.toml").write_text(crm)
    (tmp_path / "web.toml").write_text(web)
    whole = "".join(
        f'[[files]]\npattern = "{pattern}"\n' + "".join(f"{line}\n" for line in text.splitlines())
        for pattern, text in (("crm*.csv", crm), ("*.jsonl", web))
    )
    (tmp_path / "all.toml").write_text(whole)
    files = [tmp_path / "crm_1.csv", tmp_path / "web.jsonl"]
    one = idweave("resolve", *files, "-m", tmp_path / "all.toml", "-o", tmp_path / "one", "-q")
    each = idweave("resolve", *files, "-m", tmp_path / "crm.toml", "-m", tmp_path / "web.toml", "-o", tmp_path / "each", "-q")
    assert (one.code, each.code) == (0, 0)
    assert Results(tmp_path / "one").bytes() == Results(tmp_path / "each").bytes()
    assert len(Results(tmp_path / "one").people) == 1
    wrong = idweave("resolve", *files, files[0], "-m", tmp_path / "crm.toml", "-m", tmp_path / "web.toml", "-o", tmp_path / "o")
    assert wrong.code == 2
    assert "3 files and 2 mappings" in wrong.err


def test_formats_of_many_sources_are_inferred_at_once(tmp_path: Path) -> None:
    """A format is a source's own, but to look at each of thousands by itself took 3 ms a source; where no order of day and month is in
    question one look serves all."""
    mapping = MAPPING.replace('{ field = "ts", format = "iso" }', '"ts"').replace('{ field = "dob", format = "iso" }', '"dob"')
    rows = [row(n, source=f"s{n}", email=f"p{n}@acme.org", ts="2024-01-01", dob="1985-03-04") for n in range(3_000)]
    begun = time.monotonic()
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    assert time.monotonic() - begun < 5
    assert len(results.people) == 3_000
    assert [(one["field"], one["source"], one["format"]) for one in results.report["formats"]] == [
        ("ts", "", "iso"),
        ("dob", "", "%Y-%m-%d"),
    ]


def test_the_order_of_day_and_month_is_inferred_source_by_source(tmp_path: Path) -> None:
    mapping = MAPPING.replace('{ field = "dob", format = "iso" }', '"dob"')
    dates = [("us", "3/4/1985"), ("us", "12/25/1985"), ("eu", "3/4/1985"), ("eu", "25/12/1985"), ("who", "3/4/1985"), ("who", "5/5/1985")]
    rows = [row(n, source=source, cust=f"c{n}", dob=dob) for n, (source, dob) in enumerate(dates)]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    born = {one["profile_id"]: one["birth_date"] for one in results.rows("profiles")}
    assert [born[results.profile_of[str(n)]] for n in range(6)] == [
        "1985-03-04",
        "1985-12-25",
        "1985-04-03",
        "1985-12-25",
        "",
        "1985-05-05",
    ]
    assert [(one["row"], one["reason"], one["message"]) for one in results.rows("issues")] == [
        ("5", "date_ambiguous", "3/4/1985: month first or day first? 1 value fits both")
    ]
    assert [(one["source"], one["decided_by"]) for one in results.report["formats"]] == [
        ("us", "12/25/1985"),
        ("eu", "25/12/1985"),
        ("who", ""),
    ]
