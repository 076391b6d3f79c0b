"""Erasure rows, through the command: what they cover leaves no trace but the id and the outcome, and what comes later starts anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import MAPPING, SPECIAL, Results, Row, resolve, row, text_of

BEFORE, AT, AFTER = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"
SECRETS = ("jo.smith@acme.org", "+16502530000", "6502530000", "c-0001-jo-smith", "1985-03-04", "Zanzibar", "Jozefina", "not a number")
ERASE = row("erase", ts=AT, event="erase", ids=[["email", "Jo.Smith@acme.org"]])
KIM = row("kim", email="kim.lee@acme.org", phone="650-253-0001", first="Kim", dob="1990-05-06")
JO = row(
    "jo",
    email="jo.smith@acme.org",
    phone="650-253-0000",
    first="Jozefina",
    last="Smith",
    dob="1985-03-04",
    city="Zanzibar",
    cookie="c-0001-jo-smith",
)


def run(folder: Path, rows: list[Row], *options: object, mapping: str = MAPPING + SPECIAL) -> Results:
    return resolve(folder, {"a.jsonl": rows}, "--format", "both", *options, mapping=mapping)


def leaked(results: Results, secrets: tuple[str, ...] = SECRETS) -> list[tuple[str, str]]:
    """Where an erased value stands in any file, compressed Parquet read back."""
    import pyarrow.parquet as pq

    texts = {name: content.decode() for name, content in results.bytes().items() if not name.endswith(".parquet")}
    for name in results.bytes():
        if name.endswith(".parquet"):
            texts[name] = str(pq.read_table(results.folder / name).to_pylist())
    return [(name, secret) for name, text in texts.items() for secret in secrets if secret.lower() in text.lower()]


def test_the_test_can_fail(tmp_path: Path) -> None:
    assert leaked(run(tmp_path, [JO, KIM]))


def test_erased_values_stand_in_no_file(tmp_path: Path) -> None:
    results = run(tmp_path, [JO, KIM, ERASE])
    assert leaked(results) == []
    assert results.outcomes == [("jo", "ERASED"), ("kim", "ACCEPTED")]
    assert results.report["erasures"] == 1
    assert results.report["outcomes"]["erased"] == 1


def test_an_erasure_covers_what_was_observed_up_to_its_second_wherever_it_stands(tmp_path: Path) -> None:
    rows = [ERASE, JO, row("at", email="jo.smith@acme.org", ts=AT), row("after", email="jo.smith@acme.org", ts="2024-02-01T00:00:01Z")]
    assert run(tmp_path, rows).outcomes == [("jo", "ERASED"), ("at", "ERASED"), ("after", "ACCEPTED")]


def test_a_run_with_an_erasure_is_one_without_what_it_covers(tmp_path: Path) -> None:
    """The names and dates of erased rows decide nothing: not who is who, not what a profile shows, not how other dates are read."""
    mapping = (MAPPING + SPECIAL).replace('{ field = "dob", format = "iso" }', '"dob"')
    decisive = row("x", email="jo.smith@acme.org", phone="650-253-0001", first="Karen", dob="12/25/1985", city="Zanzibar")
    others = [
        row("a", email="kim.lee@acme.org", phone="650-253-0001", first="Kim", dob="3/4/1985"),
        row("b", phone="650-253-0001", first="Kim", city="Bonn"),
    ]
    without = run(tmp_path, others, mapping=mapping)
    expected = (without.rows("profiles"), without.rows("identifiers"), without.rows("links"), without.rows("issues"))
    results = run(tmp_path, [decisive, *others, ERASE], mapping=mapping)
    found = [results.rows(table) for table in ("profiles", "identifiers", "links")]
    assert found == list(expected[:3])
    assert [one["reason"] for one in results.rows("issues")] == [one["reason"] for one in expected[3]] == ["date_ambiguous"]
    assert leaked(results, ("12/25/1985", "Karen", "Zanzibar")) == []


def test_what_is_seen_after_an_erasure_starts_anew_under_a_new_id(tmp_path: Path) -> None:
    later = row("later", email="jo.smith@acme.org", ts=AFTER)
    old = run(tmp_path, [JO, later]).profile_of["jo"]
    results = run(tmp_path, [JO, later, ERASE])
    assert results.outcomes == [("jo", "ERASED"), ("later", "ACCEPTED")]
    assert results.profile_of["later"] != old
    assert leaked(results, SECRETS[1:]) == []
    twice = row("erase2", ts=AT, event="erase", ids="email:jo.smith@acme.org", source="other")
    assert run(tmp_path, [twice, JO, later, ERASE]).profile_of == results.profile_of


def test_refused_values_of_an_erased_row_are_not_shown(tmp_path: Path) -> None:
    rows = [{**JO, "phone": "not a number"}, {**JO, "id": "jo2", "kind": "WHAT", "city": "Zanzibar", "phone": "not a number"}, ERASE]
    mapping = (MAPPING + SPECIAL).replace(', default = "LOGIN"', "")
    results = run(
        tmp_path, [{"kind": "LOGIN"} | dict(one) | ({"kind": "LOGIN"} if one["kind"] is None else {}) for one in rows], mapping=mapping
    )
    assert leaked(results) == []
    assert results.outcomes == [("jo", "ERASED"), ("jo2", "REJECTED")]
    assert {(one["reason"], one["value"], one["message"]) for one in results.rows("issues")} == {
        ("phone_syntax", "", "erased on request"),
        ("evidence_unknown", "", "erased on request"),
    }


@pytest.mark.parametrize("time", [None, "soon", "1066-10-14"])
def test_a_row_of_unknown_time_keeps_its_refused_values_to_itself(tmp_path: Path, time: str | None) -> None:
    results = run(tmp_path, [{**JO, "ts": time, "phone": "not a number"}, ERASE])
    assert results.outcomes == [("jo", "REJECTED")]
    assert leaked(results) == []


def test_rows_that_cannot_be_read_are_not_shown_where_something_was_erased(tmp_path: Path) -> None:
    broken = text_of([JO]).replace('"id"', "id")
    results = resolve(tmp_path, {"a.jsonl": broken + text_of([KIM, ERASE])}, "--format", "both", mapping=MAPPING + SPECIAL)
    assert leaked(results) == []
    assert results.issues == [("a.jsonl", 1, "", "row_malformed")]
    assert results.rows("issues")[0]["message"].startswith("not JSON")


def test_an_erased_identifier_in_the_wrong_column_is_not_shown(tmp_path: Path) -> None:
    results = run(tmp_path, [JO, row("other", phone=" Jo.Smith@acme.org", cust="c1"), ERASE])
    assert leaked(results) == []


def test_the_issuer_of_each_identifier_to_erase_is_its_own(tmp_path: Path) -> None:
    """Of a list in which some name their issuer and some do not, all lost theirs: the erasure hit the wrong shop's customer."""
    rows = [row(n, cust="1234", source=shop) for n, shop in enumerate(["shop_a", "shop_b", "privacy", "shop_c"])]
    rows += [row(9, cust="99", source="shop_c")]
    ids = [["customer_id", "shop_a", "1234"], ["customer_id", "1234"], "customer_id@shop_c:99"]
    results = run(tmp_path, [*rows, row("e", source="privacy", ts=AT, event="erase", ids=ids)])
    assert dict(results.outcomes) == {"0": "ERASED", "1": "ACCEPTED", "2": "ERASED", "3": "ACCEPTED", "9": "ERASED"}


def test_an_erasure_with_one_unreadable_identifier_is_obeyed_for_the_others(tmp_path: Path) -> None:
    results = run(tmp_path, [JO, KIM, {**ERASE, "ids": [["emial", "x@y.org"], ["email", "jo.smith@acme.org"], ["email", "no address"]]}])
    assert results.outcomes == [("jo", "ERASED"), ("kim", "ACCEPTED")]
    assert [(one["reason"], one["value"]) for one in results.rows("issues")] == [("erasure_syntax", ""), ("email_syntax", "")]


def test_erasures_by_columns_of_their_own_and_until_another_time(tmp_path: Path) -> None:
    erasures = """\
[erasures]
when = { event = "erase" }
identifiers = [{ field = "email", namespace = "email" }, { field = "phone", namespace = "phone", region = "US" }]
until = { field = "dob", format = "iso" }
"""
    rows = [JO, KIM, row("late", phone="650-253-0001", ts=AFTER), row("e", ts=AT, event="erase", phone="(650) 253-0001", dob="2024-06-01")]
    results = run(tmp_path, rows, mapping=MAPPING + erasures)
    assert results.outcomes == [("jo", "ACCEPTED"), ("kim", "ERASED"), ("late", "ERASED")]


def test_a_verdict_on_an_erased_identifier_is_gone_too(tmp_path: Path) -> None:
    verdict = row("v", event="same", a="email:jo.smith@acme.org", b="email:kim.lee@acme.org", ts=BEFORE)
    results = run(tmp_path, [JO, KIM, verdict, ERASE])
    assert leaked(results) == []
    assert sum(results.report["verdicts"].values()) == 0
