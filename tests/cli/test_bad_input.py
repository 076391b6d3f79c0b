"""Input that cannot be used, through the command: a bad file ends the run before anything is written, a bad row or value never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import MAPPING, SPECIAL, Results, attempt, idweave, in_csv, resolve, row, text_of

GOOD = row(2, email="jo.smith@acme.org")


def message(results_folder: Path, reason: str) -> str:
    return next(one["message"] for one in Results(results_folder).rows("issues") if one["reason"] == reason)


def test_a_missing_file_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING)
    ran = idweave("resolve", tmp_path / "nope.csv", "-m", tmp_path / "m.toml", "-o", tmp_path / "out")
    assert ran.code == 2
    assert "nope.csv does not exist" in ran.err
    assert not (tmp_path / "out").exists()


def test_no_file_at_all_is_a_usage_error() -> None:
    ran = idweave("resolve", "-m", "m.toml", "-o", "out")
    assert ran.code == 2
    assert "FILE..." in ran.err


def test_a_missing_mapping_and_a_missing_policy_are_named(tmp_path: Path) -> None:
    ran = attempt(tmp_path, {"a.jsonl": [GOOD]}, "--policy", "nopolicy.toml")
    assert ran.code == 2
    assert "nopolicy.toml does not exist" in ran.err
    ran = idweave("resolve", tmp_path / "a.jsonl", "-m", tmp_path / "nomap.toml", "-o", tmp_path / "out")
    assert ran.code == 2
    assert "nomap.toml does not exist" in ran.err


def test_a_wrong_mapping_field_lists_the_columns_nearest_first(tmp_path: Path) -> None:
    ran = attempt(tmp_path, {"a.csv": in_csv([GOOD]).replace("email", "e_mail", 1)})
    assert ran.code == 2
    assert "a.csv has no column 'email'" in ran.err
    assert "identifiers.email" in ran.err
    assert "did you mean 'e_mail'?" in ran.err
    listed = ran.err.split("It has: ")[1].split(". Correct")[0].split(", ")
    assert listed[0] == "e_mail"
    assert set(listed) == {"id", "ts", "source", "kind", "e_mail", "phone", "cust", "cookie", "first", "last", "dob", "city", "event"}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("email =", "emial =", "identifiers.emial: no namespace 'emial' in the policy; did you mean 'email'?"),
        ('email = "email"', '"name+birth_date" = "email"', "identifiers.name+birth_date: name+birth_date is formed from traits"),
        ('"US"', '"us"', "identifiers.phone.region: region 'us' is no country code"),
        ('"SIGN_UP"', '"SIGNUP"', "observation.evidence: 'SIGNUP' is no evidence kind of the policy; did you mean SIGN_UP?"),
        ('default = "LOGIN"', 'default = "LOGGIN"', "observation.evidence: 'LOGGIN' is no evidence kind"),
        ('format = "iso" }\nsource', 'format = "%d %H" }\nsource', "observation.time: date format '%d %H'"),
        ('format = "iso" }\ncity', 'format = "%d" }\ncity', "traits.birth_date: date format '%d'"),
    ],
)
def test_what_a_mapping_asks_in_vain_ends_the_run_before_a_row_is_read(tmp_path: Path, written: str, instead: str, said: str) -> None:
    assert MAPPING.count(written) == 1
    ran = attempt(tmp_path, {"a.jsonl": "this line is not even JSON\n"}, mapping=MAPPING.replace(written, instead))
    assert ran.code == 2
    assert f"mapping.toml: {said}" in ran.err


def test_a_policy_that_names_no_country_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[sources.web]\nregion = "UK"\n')
    ran = attempt(tmp_path, {"a.jsonl": [GOOD]}, "--policy", "p.toml")
    assert ran.code == 2
    assert "sources.web.region" in ran.err
    assert "did you mean 'GB'?" in ran.err


def test_a_malformed_json_line_costs_that_line(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": '{"id": "1", "ts": \n' + text_of([GOOD]) + "[1]\n"})
    assert results.issues == [("a.jsonl", 1, "", "row_malformed"), ("a.jsonl", 3, "", "row_malformed")]
    assert results.outcomes == [("2", "ACCEPTED")]
    assert results.rows("issues")[0]["value"] == '{"id": "1", "ts":'
    assert "not JSON" in results.rows("issues")[0]["message"]


def test_a_ragged_csv_row_costs_that_row(tmp_path: Path) -> None:
    results = resolve(
        tmp_path, {"a.csv": in_csv([GOOD]) + "3,2024-01-01\n" + in_csv([row(4, email="kim.lee@acme.org")]).split("\n")[1] + ",x\n"}
    )
    assert results.issues == [("a.csv", 2, "", "row_ragged"), ("a.csv", 3, "", "row_ragged")]
    assert results.rows("issues")[0]["value"] == "3,2024-01-01"
    assert "2 fields where the header has 13" in results.rows("issues")[0]["message"]
    assert results.outcomes == [("2", "ACCEPTED")]


def test_a_wrong_type_costs_the_value_and_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[traits]\ncity = { type = "integer" }\n')
    bad = row(1, email={"is": "no text"}, phone="call me", cust="1234", city="Bonn", dob=12, first=["Jo"])
    results = resolve(tmp_path, {"a.jsonl": [bad, GOOD]}, "--policy", "p.toml")
    assert {(field, reason) for _, number, field, reason in results.issues if number == 1} == {
        ("email", "email_syntax"),
        ("phone", "phone_syntax"),
        ("city", "trait_type"),
        ("dob", "date_syntax"),
        ("first", "name_syntax"),
    }
    assert results.outcomes == [("1", "ACCEPTED"), ("2", "ACCEPTED")]
    assert [one["value"] for one in results.rows("identifiers") if one["profile_id"] == results.profile_of["1"]] == ["1234"]


@pytest.mark.parametrize("time", ["1899-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
def test_a_time_out_of_range_costs_the_row_and_names_the_limits(tmp_path: Path, time: str) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row(1, ts=time, email="kim.lee@acme.org"), GOOD]})
    assert results.issues == [("a.jsonl", 1, "ts", "time_range")]
    assert "1900 and 2100" in message(tmp_path / "out", "time_range")
    assert results.outcomes == [("1", "REJECTED"), ("2", "ACCEPTED")]
    assert all("kim.lee" not in one["value"] for one in results.rows("identifiers"))


def test_the_first_and_the_last_second_are_in_range(tmp_path: Path) -> None:
    rows = [row(1, ts="1900-01-01T00:00:00Z", email="kim.lee@acme.org"), row(2, ts="2099-12-31T23:59:59Z", email="kim.lee@acme.org")]
    assert resolve(tmp_path, {"a.jsonl": rows}).issues == []


@pytest.mark.parametrize(("time", "reason"), [(None, "time_missing"), ("yesterday", "time_syntax"), ("2024-02-30", "time_range")])
def test_a_time_that_is_none_costs_the_row(tmp_path: Path, time: str | None, reason: str) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row(1, ts=time, email="kim.lee@acme.org"), GOOD]})
    assert results.issues == [("a.jsonl", 1, "ts", reason)]
    assert results.outcomes[0] == ("1", "REJECTED")


def test_seventeen_identifiers_are_one_too_many(tmp_path: Path) -> None:
    many = [f"jo.smith{n}@acme.org" for n in range(17)]
    rows = [
        row(1, email=many),
        row(2, email=many[:16], first="Jo", last="Smith", dob="1985-03-04"),
        row(3, email=[*many[:16], many[0], "no"]),
    ]
    results = resolve(tmp_path, {"a.jsonl": rows})
    assert results.issues == [("a.jsonl", 1, "", "too_many_identifiers"), ("a.jsonl", 3, "email", "email_syntax")]
    assert message(tmp_path / "out", "too_many_identifiers") == "17 identifiers; an observation takes at most 16: split the row"
    assert [outcome for _, outcome in results.outcomes] == ["REJECTED", "ACCEPTED", "ACCEPTED"]


def test_an_unknown_evidence_kind_costs_the_row_unless_there_is_a_default(tmp_path: Path) -> None:
    rows = [
        row(1, kind="ordr", email="kim.lee@acme.org"),
        row(2, kind=" login ", email="a.b@acme.org"),
        row(3, kind="signup", email="b.c@acme.org"),
    ]
    mapping = MAPPING.replace(', default = "LOGIN"', "")
    results = resolve(tmp_path, {"a.jsonl": [*rows, row(4, email="c.d@acme.org")]}, mapping=mapping)
    assert results.issues == [("a.jsonl", 1, "kind", "evidence_unknown"), ("a.jsonl", 4, "kind", "evidence_unknown")]
    assert message(tmp_path / "out", "evidence_unknown") == "no evidence kind; did you mean ORDER?"
    assert resolve(tmp_path, {"a.jsonl": rows}).issues == []


def test_control_characters_cost_the_value_and_are_shown_as_escapes(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row(1, email="jo\0@acme.org", first="J\x07o", phone="650-253-0000")]})
    shown = [(one["field"], one["reason"], one["value"]) for one in results.rows("issues")]
    assert shown == [("email", "control_character", r"jo\x00@acme.org"), ("first", "control_character", r"J\x07o")]
    assert results.outcomes == [("1", "ACCEPTED")]


def test_control_characters_in_an_id_or_a_source_cost_the_row_and_stay_out_of_the_results(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row("a\0b", email="jo.smith@acme.org"), row(2, source="we\x1bb", email="jo.smith@acme.org")]})
    assert [one[1:] for one in results.issues] == [(1, "id", "observation_id_syntax"), (2, "source", "control_character")]
    assert all(not (set(content) & {0, 0x1B}) for content in results.bytes().values())


def test_nul_in_a_csv_costs_the_value(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.csv": in_csv([row(1, email="jo.smith@acme.org", phone="650\0253")])})
    assert {reason for _, _, _, reason in results.issues} <= {"control_character", "row_malformed"}
    assert len(results.issues) == 1


def test_a_field_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    for name, content in (
        ("a.jsonl", [row(1, email="x" * 10_000_000), GOOD]),
        ("a.csv", in_csv([row(1, email="x" * 10_000_000), GOOD])),
    ):
        results = resolve(tmp_path, {name: content})
        assert [(one[1], one[3]) for one in results.issues] == [(1, "too_long")]
        assert "65,536" in message(tmp_path / "out", "too_long")
        assert len(results.rows("issues")[0]["value"]) == 80
        assert results.outcomes == [("2", "ACCEPTED")]


def test_a_value_longer_than_an_identifier_leaves_the_rest(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row(1, cust="x" * 1_025, email="jo.smith@acme.org")]})
    assert results.issues == [("a.jsonl", 1, "cust", "too_long")]
    assert results.outcomes == [("1", "ACCEPTED")]


@pytest.mark.parametrize("content", ["", "\n\n", in_csv([])], ids=["no byte", "blank lines", "a header alone"])
def test_an_empty_file_is_an_issue_and_leaves_whole_results(tmp_path: Path, content: str) -> None:
    results = resolve(tmp_path, {"a.csv": content})
    assert results.issues == [("a.csv", 0, "", "file_empty")]
    assert results.outcomes == []
    assert results.report["profiles"] == 0
    assert resolve(tmp_path, {"a.csv": content, "b.jsonl": [GOOD]}).outcomes == [("2", "ACCEPTED")]


def test_a_file_of_bad_rows_alone_leaves_whole_results(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": "x\n" * 3 + text_of([row(4, ts="never")])})
    assert [one[3] for one in results.issues] == ["row_malformed"] * 3 + ["time_syntax"]
    assert results.report["rows_read"] == 4
    assert results.report["observations"] == 1
    assert sorted(results.bytes()) == ["identifiers.csv", "issues.csv", "links.csv", "observations.csv", "profiles.csv", "report.json"]


def test_one_id_with_two_contents_keeps_the_same_one_whatever_the_order(tmp_path: Path) -> None:
    first, second, third = (row(1, email=f"{name}.smith@acme.org") for name in ("jo", "kim", "ann"))
    kept = set()
    orders = [
        {"a.jsonl": [first, second, third]},
        {"a.jsonl": [third, first, second]},
        {"a.jsonl": [second], "b.jsonl": [third, first]},
        {"b.jsonl": [third], "a.jsonl": [first], "c.jsonl": [second]},
    ]
    for files in orders:
        results = resolve(tmp_path, files)
        assert sorted(outcome for _, outcome in results.outcomes) == ["ACCEPTED", "CONFLICT", "CONFLICT"]
        assert [reason for *_, reason in results.issues] == ["content_conflict"] * 2
        kept.add(next(one["value"] for one in results.rows("identifiers")))
        assert len(results.rows("identifiers")) == 1
    assert len(kept) == 1


def test_a_conflict_says_which_row_counts(tmp_path: Path) -> None:
    results = resolve(tmp_path, {"a.jsonl": [row(1, email="jo.smith@acme.org")], "b.jsonl": [row(1, email="kim.smith@acme.org")]})
    counting = "a.jsonl" if results.outcomes[0][1] == "ACCEPTED" else "b.jsonl"
    assert message(tmp_path / "out", "content_conflict") == f"the same id with other content, which counts, is in row 1 of {counting}"


def test_another_source_may_use_the_same_id(tmp_path: Path) -> None:
    rows = [row(1, email="jo.smith@acme.org"), row(1, email="kim.smith@acme.org", source="shop")]
    assert [outcome for _, outcome in resolve(tmp_path, {"a.jsonl": rows}).outcomes] == ["ACCEPTED", "ACCEPTED"]


def test_a_row_s_own_region_that_is_none_costs_the_national_numbers(tmp_path: Path) -> None:
    mapping = MAPPING.replace('region = "US"', 'region = { field = "city" }')
    rows = [
        row(n, phone=phone, city=city)
        for n, (phone, city) in enumerate([("6502530000", " us"), ("6502530000", "Bonn"), ("+16502530000", "?")])
    ]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    assert results.issues == [("a.jsonl", 2, "phone", "phone_region_unknown")]
    assert results.profile_of["0"] == results.profile_of["2"]


def test_bad_rows_are_told_of_at_the_end_and_strict_makes_them_a_failure(tmp_path: Path) -> None:
    files = {"a.jsonl": [row(1, email="no address"), GOOD]}
    ran = attempt(tmp_path, files)
    assert (ran.code, ran.err) == (0, "idweave: 1 refused value or row, each listed in out/issues.csv\n")
    ran = attempt(tmp_path, files, "--strict", "--format", "parquet")
    assert (ran.code, ran.err) == (1, "idweave: 1 refused value or row, each listed in out/issues.parquet\n")
    assert (tmp_path / "out" / "report.json").exists()
    assert attempt(tmp_path, {"a.jsonl": [GOOD]}, "--strict").code == 0


def test_statements_that_cannot_be_read_are_told_of(tmp_path: Path) -> None:
    rows = [
        GOOD,
        row(3, event="same", a="email:jo.smith@acme.org", b=None),
        row(4, event="same", a=["email", "jo.smith@acme.org"], b="kim"),
        row(5, event="shared", a=[["email", "jo.smith@acme.org"], ["phone", "+16502530000"]]),
        row(6, event="erase", ids=None),
        row(7, event="erase", ids=[["emial", "x.y@acme.org"]]),
        row(8, event="erase", ids=[["email", "not an address"]]),
        row(9, event="erase", ids=[["email", "x.y@acme.org"], ["emial", "z@acme.org"]]),
        row(10, event="erase", ids=[["email", "x.y@acme.org"]], ts="soon"),
    ]
    results = resolve(tmp_path, {"a.jsonl": rows}, mapping=MAPPING + SPECIAL)
    told = [(int(one["row"]), one["field"], one["reason"], one["message"]) for one in results.rows("issues")]
    assert told[:3] == [
        (2, "b", "assertion_syntax", "the verdict does not count: one identifier is needed here"),
        (3, "b", "assertion_syntax", "the verdict does not count: write email:jo@example.org, or customer_id@shop:1234 with an issuer"),
        (4, "a", "assertion_syntax", "the verdict does not count: one identifier is needed here"),
    ]
    assert told[3:5] == [
        (5, "ids", "erasure_syntax", "the erasure was NOT obeyed: no identifier is named"),
        (6, "ids", "erasure_syntax", "the erasure was NOT obeyed: no namespace of the policy is named"),
    ]
    assert {one[2] for one in told if one[0] == 7} == {"email_syntax", "erasure_syntax"}
    assert [one for one in told if one[0] == 8] == [(8, "ids", "erasure_syntax", "item 2: no namespace of the policy is named")]
    assert [one[1:3] for one in told if one[0] == 9] == [("ts", "time_syntax")]
    assert results.report["erasures"] == 1
    assert all(one["value"] == "" for one in results.rows("issues") if one["field"] == "ids")
