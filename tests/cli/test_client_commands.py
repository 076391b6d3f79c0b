"""The commands that ask a running server, through their own door: what they say, as words and as JSON, and how they end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf.json_format import Parse
from idweave.v1.admin_service_pb2 import GetStatusResponse, VerifyResponse
from idweave.v1.identity_service_pb2 import (
    AssertResponse,
    BatchLookupResponse,
    ExplainResponse,
    GetProfileResponse,
    GetTimelineResponse,
    LookupResponse,
    RetractResponse,
)
from idweave.v1.privacy_service_pb2 import EraseResponse
from idweave.v1.quality_service_pb2 import ListIssuesResponse, ValidateResponse

from tests.cli.running import MAPPING, Ran, idweave, in_csv, row
from tests.cli.serving import good, sample_arguments, sample_server, told
from tests.client.fake_server import failure, serving
from tests.server.running import aside

MAYA, BROWSER, DEVICE = "email:maya.okafor@fernmail.zz", "cookie:c.5c23dbdb674b2dff", "device:4d06f18e-ceab-4a01-98d8-48af62c20fe0"
FATHER, SON, TABLET = "email:james.whitaker@postbus.zz", "email:jwhitaker86@quillbox.zz", "device:edd0ee01-deac-4552-b56e-7f9e7618dab0"
HANDED_ON, TILL = "phone:+15039590210", "email:test@test.com"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has the sample; nothing here changes it."""
    with sample_server(tmp_path_factory.mktemp("sample")) as server, sample_arguments() as arguments:
        good("import", *arguments, "--server", server.address, "--quiet")
        yield server.address


@pytest.fixture
def server(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Named by the environment, as on a machine where it always is."""
    monkeypatch.setenv("IDWEAVE_SERVER", address)
    return address


def lines(ran: Ran) -> list[str]:
    assert all(line == line.rstrip() for line in ran.out.splitlines())
    assert "\x1b" not in ran.out
    return ran.out.splitlines()


def test_lookup(server: str) -> None:
    found = lines(good("lookup", MAYA))
    assert found[0].startswith(f"FOUND  {MAYA}  ")
    assert found[0].endswith("  Maya Okafor")
    together = lines(good("lookup", MAYA, BROWSER, TILL, "email:nobody@acme.org", "email:none"))[:6]
    assert [line.split()[0] for line in together] == ["FOUND", "FOUND", "FOUND", "SHARED", "UNKNOWN", "INVALID"]
    assert lines(good("lookup", MAYA, FATHER))[0].startswith("AMBIGUOUS")
    assert lines(good("lookup", TABLET))[1:] == ["  shared: names; at least 3 people"]


def test_lookup_of_each_by_itself(server: str) -> None:
    each = lines(good("lookup", "--each", MAYA, FATHER, "ip:203.0.113.216"))
    assert [line.split()[0] for line in each if not line.startswith(" ")] == ["FOUND", "FOUND", "CONTEXT"]
    reply = Parse(good("lookup", "--each", MAYA, FATHER, "--json").out, BatchLookupResponse())
    assert len(reply.results) == 2


def test_lookup_of_another_time(server: str) -> None:
    before, after = (good("lookup", HANDED_ON, "--as-of", day).out for day in ("2022-06-01", "2023-12-01"))
    assert (before.split()[-2:], after.split()[-2:]) == (["Harold", "Finch"], ["Denise", "Abara"])


def test_json_is_the_reply(server: str) -> None:
    shown = good("lookup", MAYA, "--json").out
    reply = Parse(shown, LookupResponse())
    assert reply.result.profile_id == reply.profile.profile_id
    assert json.loads(shown)["result"]["profileId"] == reply.result.profile_id
    assert Parse(good("profile", MAYA, "--json").out, GetProfileResponse()).profile == reply.profile
    assert Parse(good("explain", MAYA, BROWSER, "--json").out, ExplainResponse()).together.path
    assert Parse(good("status", "--json").out, GetStatusResponse()).counts.profiles == 87


def test_profile(server: str) -> None:
    profile_id = told("lookup", MAYA)["result"]["profileId"]
    by_id, by_name = good("profile", profile_id).out, good("profile", BROWSER).out
    assert by_id == by_name
    assert by_id.splitlines()[0] == f"FOUND  {profile_id}  Maya Okafor"
    for part in ("Identifiers", DEVICE, "Traits", "first_name", "Absorbed"):
        assert part in by_id
    unknown = idweave("profile", "0193f0e0-0000-7000-8000-000000000000")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("idweave: ")


def test_timeline(server: str) -> None:
    shown = lines(good("timeline", MAYA, "-n", "3"))
    assert shown[0].endswith("14 observations")
    assert len(shown) == 1 + 3 + 1
    times = [line[:19] for line in shown[1:4]]
    assert times == sorted(times, reverse=True)
    everything = Parse(good("timeline", MAYA, "-n", "0", "--json").out, GetTimelineResponse())
    assert len(everything.observations) == everything.total == 14
    assert {
        one.evidence_kind for one in Parse(good("timeline", MAYA, "-t", "LOGIN", "--json").out, GetTimelineResponse()).observations
    } == {"LOGIN"}


def test_explain(server: str) -> None:
    together = lines(good("explain", MAYA, BROWSER))
    assert together[0].startswith("TOGETHER  one person: ")
    assert together[2] == f"  └─ {BROWSER}   90 %  web: sign up 2022-03-14"
    apart = lines(good("explain", FATHER, SON))
    assert apart[0].startswith("APART  two people: ")
    assert apart[1] == "  birth dates: 1958-02-11 is not 1986-07-30"
    assert apart[2].startswith("  refused: phone:+15039590228 — ")
    nobody = lines(good("explain", MAYA, TABLET))
    assert nobody[0].startswith("NOBODY'S")
    assert nobody[1:] == [f"  {TABLET} is shared (names)"]
    assert lines(good("explain", MAYA, MAYA))[1] == "  both are one identifier"


def test_status_and_verify(server: str) -> None:
    shown = good("status").out
    for part in ("SERVING", "sqlite:///", "87  profiles", "accepted", "Memory of the state", "of 75"):
        assert part in shown
    assert lines(good("verify"))[0].startswith("EQUAL  ")
    assert Parse(good("verify", "--json").out, VerifyResponse()).equal
    ran = idweave("verify", "--with-graph")
    assert (ran.code, "keeps no graph" in ran.err) == (2, True), ran.err
    assert idweave("verify", "--with-graph", "--graph", "store").code == 2


def test_issues(server: str) -> None:
    shown = good("issues", "--limit", "0").out
    for part in ("quarantined", "trait_not_allowed 99999", "3/4/21", "shared", "fragile"):
        assert part in shown
    assert "and 16 more: --kind quarantined --limit 0" in good("issues", "--limit", "1").out
    only = Parse(good("issues", "--kind", "shared", "--limit", "0", "--json").out, ListIssuesResponse())
    assert {one.identifier.value for one in only.issues} >= {"test@test.com", "info@harbourknits.zz"}
    ran = idweave("issues", "--kind", "sharp")
    assert (ran.code, "none of quarantined" in ran.err) == (2, True)


def test_validate(server: str, tmp_path: Path) -> None:
    rows = [
        row(1, email="Jo.Smith@acme.org", first="Jo"),
        row(2, email="no address", cookie="c-0001-jo-smith"),
        row(3, email="kim@acme.org", ts="never"),
    ]
    (tmp_path / "a.csv").write_text(in_csv(rows), "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    arguments = ("validate", tmp_path / "a.csv", "-m", tmp_path / "m.toml")
    before = told("status")["counts"]["observations"]
    ran = idweave(*arguments)
    assert ran.code == 1
    assert "row 1     ACCEPTED  web: login  email:jo.smith@acme.org  first_name=Jo" in ran.out
    assert "email_syntax no address" in ran.out
    assert "row 3     REJECTED  time_syntax never  ts: " in ran.out
    assert len(Parse(idweave(*arguments, "--json").out, ValidateResponse()).results) == 2
    assert told("status")["counts"]["observations"] == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("lookup", "nothing"), 2, "'nothing' is not an identifier; write email:jo@example.org"),
        (("lookup",), 2, "Missing argument"),
        (("lookup", "email:jo@acme.org", "--as-of", "soon"), 2, "--as-of 'soon' is no time"),
        (("explain", "email:jo@acme.org", "shoe:9"), 2, "right.namespace"),
        (("profile", " "), 2, "name a profile"),
        (("retract",), 2, "--observation SOURCE ID"),
        (("retract", "--observation", "web", "x", "--from", "2024-01-01"), 2, "--from and --until"),
        (("retract", "--observation", "web", "nowhere"), 1, "no observation of this id"),
        (("erase",), 2, "name identifiers to forget"),
        (("assert", "withdraw", "nothing"), 1, "no verdict of this id"),
        (("assert", "same", MAYA, MAYA), 2, "needs two"),
        (("lookup", MAYA, "--server", "example.org:1"), 2, "another machine"),
        (("lookup", MAYA, "--tls-ca", "nowhere.pem"), 2, "nowhere.pem cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line(server: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = idweave(*arguments)
    assert ran.code == code, ran
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_no_server_is_told_with_its_remedy() -> None:
    ran = idweave("lookup", MAYA, "--server", "127.0.0.1:1")
    assert ran.code == 1
    assert ran.err == "idweave: no server answers at 127.0.0.1:1: start one with `idweave serve`, or name another with --server\n"


def test_a_server_without_its_database_is_not_taken_for_none() -> None:
    with contextmanager(serving)() as server:
        server.plan("Retract", failure(grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_STORE_AWAY", retry=1.0))
        ran = idweave("retract", "--observation", "web", "o-1", "--server", server.address)
    assert (ran.code, ran.err) == (1, "idweave: it failed\n")  # what the server said


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server for one test, which may change it: Jo with two addresses, and Kim."""
    rows = [
        row(1, email="jo@acme.org", cookie="c-0001-jo-smith", first="Jo"),
        row(2, email="jo@acme.org", phone="650-253-0000", ts="2024-02-01T00:00:00Z"),
        row(3, email="kim@acme.org", first="Kim", ts="2024-03-01T00:00:00Z"),
    ]
    (tmp_path / "a.csv").write_text(in_csv(rows), "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    with aside(tmp_path) as server:
        monkeypatch.setenv("IDWEAVE_SERVER", server.address)
        good("import", tmp_path / "a.csv", "-m", tmp_path / "m.toml", "--server", server.address)
        yield tmp_path


def owner(name: str) -> str:
    return str(told("lookup", name, "--fresh")["result"]["profileId"])


def test_a_verdict_and_its_withdrawal(own: Path) -> None:
    before = owner("email:jo@acme.org"), owner("email:kim@acme.org")
    dry = good("assert", "same", "email:jo@acme.org", "email:kim@acme.org", "--dry-run")
    assert "nothing was changed" in dry.out
    assert (owner("email:jo@acme.org"), owner("email:kim@acme.org")) == before
    said = good("assert", "same", "email:jo@acme.org", "email:kim@acme.org", "--id", "v-1", "--source", "desk")
    assert lines(said)[0] == "HOLDS  id v-1"
    merged = owner("email:jo@acme.org")
    assert merged == owner("email:kim@acme.org") in before
    retired = next(one for one in before if one != merged)
    assert lines(good("profile", retired))[0].startswith(f"REDIRECTED  {merged}")
    assert "said  SAME, said by desk" in good("explain", "email:jo@acme.org", "email:kim@acme.org").out
    assert lines(good("assert", "withdraw", "v-1"))[0] == "WITHDRAWN  id v-1"
    assert (owner("email:jo@acme.org"), owner("email:kim@acme.org")) == before


def test_the_other_verdicts(own: Path) -> None:
    assert lines(good("assert", "shared", "phone:+16502530000", "--time", "2024-05-01"))[0].startswith("HOLDS")
    assert lines(good("lookup", "phone:+16502530000"))[0].startswith("SHARED")
    assert lines(good("assert", "personal", "phone:+16502530000"))[0].startswith("HOLDS")
    assert lines(good("lookup", "phone:+16502530000"))[0].startswith("FOUND")
    reply = Parse(good("assert", "different", "email:jo@acme.org", "cookie:c-0001-jo-smith", "--json").out, AssertResponse())
    assert len(reply.profile_ids) == 2
    assert "different people" in good("explain", "email:jo@acme.org", "cookie:c-0001-jo-smith").out
    unseen = good("assert", "same", "email:jo@acme.org", "email:later@acme.org", "--time", "2024-05-01")
    assert lines(unseen)[0].startswith("UNSEEN")
    assert len(lines(unseen)) > 1


def test_retract(own: Path) -> None:
    assert lines(good("retract", "--observation", "web", "2", "--dry-run")) == ["would take back 1 observation of 2 identifiers"]
    assert lines(good("retract", "--observation", "web", "2")) == ["took back 1 observation of 2 identifiers; 1 profile changed"]
    assert lines(good("lookup", "phone:+16502530000"))[0].startswith("STALE")
    of_march = ("retract", "--source", "web", "--from", "2024-03-01", "--until", "2024-03-02")
    assert Parse(good(*of_march, "--json").out, RetractResponse()).observations == 1
    assert Parse(good("retract", "--source", "web", "--dry-run", "--json").out, RetractResponse()).observations == 1


def test_erase_asks_first(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jo = owner("email:jo@acme.org")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ran = idweave("erase", "email:jo@acme.org")
    assert ran.code == 1
    assert "would forget 2 observations" in ran.err
    assert owner("email:jo@acme.org") == jo
    assert lines(good("erase", "--profile", jo, "--dry-run"))[0].startswith("would forget 2 observations and 0 verdicts; 3 identifiers")
    assert lines(good("erase", "--profile", jo, "--yes"))[0].startswith("forgot 2 observations and 0 verdicts; 3 identifiers")
    assert lines(good("profile", jo)) == ["GONE  it was erased"]
    assert lines(good("lookup", "email:jo@acme.org"))[0].startswith("UNKNOWN")
    assert Parse(good("erase", "email:kim@acme.org", "--yes", "--json").out, EraseResponse()).observations == 1


def test_a_snapshot_of_a_store(own: Path) -> None:
    url = f"sqlite:///{own / 'idweave.db'}"
    ran = idweave("snapshot", "--store", url)
    assert ran.code == 1
    assert "being served" in ran.err


def test_a_snapshot_is_made_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    assert idweave("snapshot", "--store", url).code == 1
    assert not (tmp_path / "a.db").exists()
    (tmp_path / "a.csv").write_text(in_csv([row(1, email="jo@acme.org")]), "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    good("import", tmp_path / "a.csv", "-m", tmp_path / "m.toml", "--store", url)
    made = told("snapshot", "--store", url)
    assert (made["made"], made["entries"]) == (True, 2)
    assert Path(made["path"]).is_dir()
    assert good("snapshot", "--store", url).out.startswith("is there already: ")
    assert Parse(good("verify", "--store", url, "--json").out, VerifyResponse()).equal
