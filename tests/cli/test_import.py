"""`idweave import`: what files make of a store or of a server is what `idweave resolve` makes of them, and nothing counts twice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from idweave_server.batch import into_store
from idweave_server.cli.story import sample_folder
from idweave_server.model import Outcome
from idweave_server.operations import ingest

from tests.cli.running import MAPPING, SPECIAL, Results, Row, idweave, resolve, row, text_of
from tests.cli.serving import good, sample_arguments, sample_server, told
from tests.server.running import aside

LEFT_OUT = ("DUPLICATE", "CONFLICT", "REJECTED", "ERASED")  # they never reach a log
EMAIL, OTHER, PHONE = "jo.smith@acme.org", "kim.lee@acme.org", "650-253-0000"


def files(folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], mapping: str = MAPPING) -> list[str]:
    """Arguments that name these files, made in the folder."""
    for name, content in rows.items():
        (folder / name).write_text(text_of(content), "utf-8")
    (folder / "m.toml").write_text(mapping, "utf-8")
    return [*(str(folder / name) for name in rows), "-m", str(folder / "m.toml")]


def exported(folder: Path, url: str) -> Results:
    good("export", "--store", url, "--out", folder / "exported", "--quiet")
    return Results(folder / "exported")


def counted(results: Results) -> dict[tuple[str, str], str]:
    """What became of the observations that count."""
    rows = [one for one in results.rows("observations") if one["outcome"] not in LEFT_OUT]
    return {(one["source"], one["observation_id"]): one["outcome"] for one in rows}


def groups(results: Results, table: str, *columns: str) -> set[frozenset[tuple[str, ...]]]:
    """The rows of a table by profile, without the profiles' ids."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for one in results.rows(table):
        if one["profile_id"] and one.get("outcome") not in LEFT_OUT:
            found.setdefault(one["profile_id"], set()).add(tuple(one[column] for column in columns))
    return {frozenset(group) for group in found.values()}


def assert_same(imported: Results, resolved: Results) -> None:
    """The same partition of observations and identifiers, the same links and reasons for being shared; ids apart."""
    assert counted(imported) == counted(resolved)
    assert groups(imported, "observations", "source", "observation_id") == groups(resolved, "observations", "source", "observation_id")
    node = ("namespace", "issuer", "value", "from", "until")
    assert groups(imported, "identifiers", *node) == groups(resolved, "identifiers", *node)
    for table in ("identifiers", "links"):
        shown = [{k: v for k, v in one.items() if k != "profile_id"} for one in imported.rows(table)]
        assert shown == [{k: v for k, v in one.items() if k != "profile_id"} for one in resolved.rows(table)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], Path, Results]]:
    """(arguments, the policy, what `resolve` makes of it)"""
    out = tmp_path_factory.mktemp("resolved") / "out"
    with sample_arguments() as arguments, sample_folder() as folder:
        good("resolve", *arguments, "--policy", folder / "policy.toml", "--out", out, "--quiet")
        yield arguments, folder / "policy.toml", Results(out)


def test_a_store_has_what_resolve_finds(sample: tuple[list[str], Path, Results], tmp_path: Path) -> None:
    arguments, policy, resolved = sample
    url, listed = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "issues.csv"
    first = told("import", *arguments, "--policy", policy, "--store", url, "--issues", listed)
    outcomes = {outcome.upper(): count for outcome, count in resolved.report["outcomes"].items()}
    assert first["outcomes"] == outcomes
    assert (first["verdicts"], first["erasures"]) == ({"holds": 3}, 1)
    assert_same(exported(tmp_path, url), resolved)
    # The second of two contradicting rows has no number here: what counts may be in the log already.
    assert without_conflicts(listed.read_text("utf-8")) == without_conflicts((resolved.folder / "issues.csv").read_text("utf-8"))

    again = told("import", *arguments, "--store", url)
    counts = outcomes["ACCEPTED"] + outcomes["UNLINKED"] + outcomes["DUPLICATE"]
    assert again["outcomes"] == {**dict.fromkeys(outcomes, 0), "DUPLICATE": counts, "CONFLICT": 1, "ERASED": outcomes["ERASED"]}


def without_conflicts(text: str) -> list[str]:
    return [line for line in text.splitlines() if "content_conflict" not in line]


def entries(folder: Path, url: str) -> int:
    """How long a store's log is."""
    return int(told("verify", "--store", url)["entries"])


def test_done_again_it_writes_nothing(tmp_path: Path) -> None:
    """Nor an erasure that is in force, nor a verdict that is there."""
    said = [
        row(1, email=EMAIL, phone=PHONE),
        row(2, email=OTHER),
        row("v", event="same", a=f"email:{EMAIL}", b=f"email:{OTHER}"),
        row("e", event="erase", ids=json.dumps([["phone", "+16502530001"]])),
    ]
    arguments, url = files(tmp_path, {"a.jsonl": said}, MAPPING + SPECIAL), f"sqlite:///{tmp_path / 'a.db'}"
    good("import", *arguments, "--store", url)
    before = entries(tmp_path, url)
    again = told("import", *arguments, "--store", url)
    assert (again["outcomes"]["DUPLICATE"], again["verdicts"], again["erasures"]) == (2, {"holds": 1}, 1)
    assert entries(tmp_path, url) == before


def test_a_server_has_what_resolve_finds(sample: tuple[list[str], Path, Results], tmp_path: Path) -> None:
    arguments, _, resolved = sample
    with sample_server(tmp_path) as server:
        first = told("import", *arguments, "--server", server.address)
        assert first["outcomes"] == {outcome.upper(): count for outcome, count in resolved.report["outcomes"].items()}
        assert first["issues"] == resolved.report["issues"]
        good("export", "--server", server.address, "--out", tmp_path / "sent", "--quiet")
        again = told("import", *arguments, "--server", server.address)
        assert again["outcomes"]["DUPLICATE"] == sum(first["outcomes"][o] for o in ("ACCEPTED", "UNLINKED", "DUPLICATE"))
        refused = idweave("import", *arguments, "--store", server.store)
    assert_same(Results(tmp_path / "sent"), resolved)
    assert refused.code == 1
    assert f"--server {server.address}" in refused.err
    # What came through the server is what comes from the file: the same content, so nothing contradicts it.
    stored = told("import", *arguments, "--store", server.store)
    assert stored["outcomes"] == again["outcomes"]
    assert exported(tmp_path, server.store).rows("identifiers") == Results(tmp_path / "sent").rows("identifiers")


WAYS = """\
[observation]
id = "id"
time = { field = "ts", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }
source = { value = "shop" }
evidence = { value = "ORDER" }
[identifiers]
email = "email"
phone = { field = "phone", region = "US" }
social = { field = "handle", network = "x" }
customer_id = { field = "cust", issuer = { field = "branch" } }
[traits]
birth_date = { field = "dob", format = "infer" }
full_name = "name"
[events]
type = "what"
item = "item"
"""
ORDERS: list[Row] = [
    {"id": "1", "ts": "31.12.2023 23:30", "email": '["Jo.Smith@acme.org", "jo@acme.org"]', "phone": "650-253-0000", "handle": "@JoSmith",
     "cust": "7", "branch": "north", "dob": "31.12.1985", "name": "Jo Smith", "what": "order", "item": "wool"},
    {"id": "2", "ts": "01.02.2024 10:00", "email": "no address", "phone": "+1 650 253 0001", "handle": None, "cust": "7", "branch": "south",
     "dob": "03.04.1985", "name": "Jo Smith", "what": "order", "item": None},
    {"id": None, "ts": "02.02.2024 10:00", "email": "kim@acme.org", "phone": None, "handle": "x:kim_lee", "cust": None, "branch": None,
     "dob": None, "name": None, "what": None, "item": None},
    {"id": "4", "ts": "yesterday", "email": "ann@acme.org", "phone": None, "handle": None, "cust": None, "branch": None, "dob": None,
     "name": None, "what": None, "item": None},
]  # fmt: skip


def test_what_only_the_mapping_says_reaches_the_server(tmp_path: Path) -> None:
    """Regions, networks, issuers, formats, lists: the server and a store by itself understand the same."""
    arguments = files(tmp_path, {"orders.jsonl": ORDERS}, WAYS)
    with aside(tmp_path) as server:
        sent = told("import", *arguments, "--server", server.address)
        assert (sent["outcomes"]["ACCEPTED"], sent["outcomes"]["REJECTED"]) == (3, 1)
        found = told("profile", "social:x:josmith", "--server", server.address)["profile"]
    names = {f"{one['identifier']['namespace']}:{one['identifier']['value']}" for one in found["identifiers"]}
    assert {"email:jo.smith@acme.org", "email:jo@acme.org", "phone:+16502530000", "customer_id:7"} <= names
    assert {"1985-12-31"} <= {one["trait"]["text"] for one in found["traits"]}
    assert told("import", *arguments, "--store", server.store)["outcomes"]["DUPLICATE"] == 3


def test_history_is_marked(tmp_path: Path) -> None:
    arguments, url = files(tmp_path, {"a.jsonl": [row(1, email=EMAIL)]}), f"sqlite:///{tmp_path / 'a.db'}"
    good("import", *arguments, "--store", url, "--backfill")
    from idweave_server.operations.store import Store

    with Store.read(url) as store:
        assert store.engine.observation(0).backfill


@pytest.mark.parametrize("last", [0, 1])
def test_of_contradicting_rows_the_one_counts_that_counts_in_a_batch(tmp_path: Path, last: int) -> None:
    rows = [row(1, email=EMAIL, city="Bonn"), row(1, email=EMAIL, city="Köln")]
    rows = [rows[1 - last], rows[last]]
    resolved = resolve(tmp_path, {"a.jsonl": rows})
    arguments, url = files(tmp_path, {"a.jsonl": rows}), f"sqlite:///{tmp_path / 'a.db'}"
    assert told("import", *arguments, "--store", url)["outcomes"]["CONFLICT"] == 1
    assert [one["city"] for one in exported(tmp_path, url).rows("profiles")] == [one["city"] for one in resolved.rows("profiles")]


def test_verdicts_and_erasures_go_by_their_times(tmp_path: Path) -> None:
    rows = [
        row("e", event="erase", ids=f"email:{OTHER}", ts="2024-02-01T00:00:00Z"),
        row(1, email=EMAIL, cookie="c-0001-jo-smith"),
        row(2, email=OTHER, ts="2024-01-01T00:00:00Z"),
        row(3, email=OTHER, ts="2024-03-01T00:00:00Z"),
        row("v1", event="same", a=f"email:{EMAIL}", b=f"email:{OTHER}", ts="2024-01-01T00:00:00Z"),
        row("v2", event="same", a=f"email:{EMAIL}", b=f"email:{OTHER}", ts="2024-04-01T00:00:00Z"),
        row("v3", event="different", a=f"email:{EMAIL}", b="cookie:c-0001-jo-smith", ts="2024-04-01T00:00:00Z"),
        row("v4", event="same", a=f"email:{EMAIL}", b=f"email:{EMAIL}", ts="2024-04-01T00:00:00Z"),
    ]
    mapping = MAPPING + SPECIAL
    resolved = resolve(tmp_path, {"a.jsonl": rows}, mapping=mapping)
    arguments, url = files(tmp_path, {"a.jsonl": rows}, mapping), f"sqlite:///{tmp_path / 'a.db'}"
    done = told("import", *arguments, "--store", url, "--issues", tmp_path / "issues.csv")
    assert done["outcomes"]["ERASED"] == 1
    assert done["verdicts"] == {"erased": 1, "holds": 2}
    assert "two" in (tmp_path / "issues.csv").read_text("utf-8")
    assert OTHER not in (tmp_path / "issues.csv").read_text("utf-8")
    assert_same(exported(tmp_path, url), resolved)


def many(count: int) -> list[Row]:
    return [row(n, email=f"person{n % 50}@acme.org", cookie=f"c-0001-cookie-{n:05}") for n in range(count)]


def test_an_interrupted_import_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = many(400)
    arguments, url = files(tmp_path, {"a.jsonl": rows}), f"sqlite:///{tmp_path / 'a.db'}"
    monkeypatch.setattr(into_store, "ENTRY", 100)
    take_in, calls = ingest.take_in, []

    def interrupted(*given: Any, **options: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return take_in(*given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(into_store, "take_in", interrupted)
        ran = idweave("import", *arguments, "--store", url)
    assert ran.code == 130
    assert "goes on where this one stopped" in ran.err
    again = told("import", *arguments, "--store", url)
    assert (again["outcomes"]["DUPLICATE"], again["outcomes"]["ACCEPTED"]) == (200, 200)
    assert_same(exported(tmp_path, url), resolve(tmp_path, {"a.jsonl": rows}))


def test_long_rows_make_small_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(into_store, "ENTRY_BYTES", 100_000)
    rows = [row(n, email=f"person{n}@acme.org", city=f"{n}{'x' * 20_000}") for n in range(12)]
    arguments, url = files(tmp_path, {"a.jsonl": rows}), f"sqlite:///{tmp_path / 'a.db'}"
    good("import", *arguments, "--store", url)
    assert entries(tmp_path, url) == 1 + 3


def test_what_is_refused_is_told(tmp_path: Path) -> None:
    rows = [row(1, email="no address", cookie="c-0001-jo-smith"), row(2, ts="never", email=EMAIL), row(3, email=EMAIL)]
    arguments, url = files(tmp_path, {"a.jsonl": rows}), f"sqlite:///{tmp_path / 'a.db'}"
    ran = good("import", *arguments, "--store", url)
    assert " 3 observations from 1 file into " in ran.out
    assert "rejected" in ran.out
    assert "2 refused values or rows; --issues FILE.csv lists each" in ran.out
    strict = idweave("import", *arguments, "--store", url, "--strict", "--quiet", "--issues", tmp_path / "issues.csv")
    assert (strict.code, strict.out) == (1, "")
    assert [line.split(",")[1:5] for line in (tmp_path / "issues.csv").read_text("utf-8").splitlines()[1:]] == [
        ["1", "email", "email_syntax", "no address"],
        ["2", "ts", "time_syntax", "never"],
    ]


def test_bad_input_leaves_no_store_behind(tmp_path: Path) -> None:
    arguments, url = files(tmp_path, {"a.jsonl": [row(1, email=EMAIL)]}), f"sqlite:///{tmp_path / 'a.db'}"
    for broken in (
        ["import", str(tmp_path / "none.jsonl"), *arguments[1:], "--store", url],
        ["import", *arguments, "--store", "file.db"],
        ["import", *arguments, "--store", url, "--server", "127.0.0.1:1"],
        ["import", *arguments, "--server", "nowhere"],
    ):
        ran = idweave(*broken)
        assert ran.code == 2, ran.err
        assert ran.err.startswith("idweave: ")
    assert not (tmp_path / "a.db").exists()


def test_a_store_s_policy_stays(tmp_path: Path) -> None:
    arguments, url = files(tmp_path, {"a.jsonl": [row(1, email=EMAIL)]}), f"sqlite:///{tmp_path / 'a.db'}"
    (tmp_path / "p.toml").write_text("version = 1\n[shared]\npartners = 3\n", "utf-8")
    good("import", *arguments, "--store", url, "--policy", tmp_path / "p.toml")
    good("import", *arguments, "--store", url)
    (tmp_path / "p.toml").write_text("version = 1\n[shared]\npartners = 4\n", "utf-8")
    ran = idweave("import", *arguments, "--store", url, "--policy", tmp_path / "p.toml")
    assert ran.code == 2
    assert "another policy" in ran.err


def test_the_default_store_is_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDWEAVE_STORE", raising=False)
    arguments = files(tmp_path, {"a.jsonl": [row(1, email=EMAIL)]})
    with contextlib.chdir(tmp_path):
        good("import", *arguments)
        assert (tmp_path / "idweave.db").exists()
        monkeypatch.setenv("IDWEAVE_STORE", "sqlite:///other.db")
        good("import", *arguments)
        assert (tmp_path / "other.db").exists()


def test_outcomes_have_their_words() -> None:
    from idweave_server.cli.import_summary import MEANING

    assert set(MEANING) == set(Outcome)
