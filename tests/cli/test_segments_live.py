"""`idweave segment …` against a real server with a few people in it: from a definition to who is in it, why, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from idweave import Client, NotFoundError, event, money
from idweave import segments as s

from tests.cli.running import idweave
from tests.cli.serving import good, told
from tests.cli.told_lines import lines
from tests.server.running import aside

JO, KIM, LEE = "email:jo@kranich-werft.de", "email:kim@kranich-werft.de", "email:lee@kranich-werft.de"
NOW = datetime.now(UTC).replace(microsecond=0)
BOUGHT = NOW - timedelta(days=10)
RECENT = """
name = "recent"
description = "Bought for 100 EUR or more in the last 90 days"
[when.events]
types = ["purchase"]
last = "90 days"
where = [{ name = "amount", operator = ">=", value = { amount = "100", currency = "EUR" } }]
"""


def order(client: Client, who: str, amount: str, time: datetime, *identifiers: str) -> None:
    bought = event("order_placed", amount=money(amount, "EUR"), properties={"order_id": f"{who}-{time}"})
    client.ingest(source="shop", kind="ORDER", identifiers=[who, *identifiers], events=[bought], time=time)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Jo bought for 120 EUR ten days ago, Kim for 99.99, Lee never."""
    with aside(tmp_path_factory.mktemp("live")) as server:
        with Client(server.address) as client:
            order(client, JO, "120", BOUGHT, "phone:+14158475309")
            order(client, KIM, "99.99", BOUGHT)
            client.ingest(source="web", kind="LOGIN", identifiers=[LEE], time=NOW - timedelta(days=1))
            client.set_tags(LEE, source="crm", add=["vip"])
        yield server.address


@pytest.fixture(autouse=True)
def named(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server by the environment; a folder with a definition."""
    monkeypatch.setenv("IDWEAVE_SERVER", site)
    (tmp_path / "recent.toml").write_text(RECENT, "utf-8")
    return tmp_path


def shown(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def owner(who: str) -> str:
    return str(told("lookup", who)["result"]["profileId"])


def test_from_a_definition_to_its_members(named: Path) -> None:
    assert lines(good("segment", "preview", named / "recent.toml"))[0] == "1 profile  33.3 % of 3"
    assert lines(good("segment", "put", named / "recent.toml")) == ["recent  version 1  1 member"]
    assert lines(good("segment", "put", named / "recent.toml")) == ["recent  version 1  1 member  the same as before"]
    leaves = BOUGHT + timedelta(days=90)
    checked = lines(good("segment", "check", JO, "recent", "--fresh"))[1]
    assert checked.startswith(f"TRUE  recent  leaves {shown(leaves)}")
    assert "FALSE  recent  does not change by itself" in good("segment", "check", KIM, "recent").out
    rows = lines(good("segment", "members", "recent", "--namespace", "email"))
    assert rows[1].split()[0] == JO
    assert f"leaves {shown(leaves)}" in rows[1]
    why = lines(good("segment", "explain", KIM, "recent"))
    assert why[0].startswith(f"FALSE  {owner(KIM)} in recent")
    assert len(why) > 1
    ahead = told("segment", "forecast", "recent", "--at", leaves.isoformat(), "--at", (leaves - timedelta(seconds=1)).isoformat())
    assert [one["size"] for one in ahead["sizes"]] == ["0", "1"]
    [change] = ahead["changes"]
    assert (change["profileId"], change["kind"]) == (owner(JO), "MEMBERSHIP_CHANGE_KIND_LEFT")
    assert change["time"] == leaves.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_preview_counts_whom_it_could_address(named: Path) -> None:
    found = told("segment", "preview", named / "recent.toml")
    assert {one["namespace"]: one["profiles"] for one in found["coverage"]} == {"email": "1", "phone": "1"}
    assert found["sample"] == [owner(JO)]
    assert [one["size"] for one in found["forecast"]] == ["1", "1", "1", "0"]


def test_a_template_is_put_and_shown_as_a_file(named: Path) -> None:
    assert "recent_purchasers" in good("segment", "templates").out
    assert "currency" in good("segment", "templates", "recent_purchasers").out
    good("segment", "put", "big", "--template", "recent_purchasers", "--set", "currency=EUR", "--set", "amount=100")
    text = good("segment", "get", "big", "--file").out
    assert json.loads(text)["template"] == "recent_purchasers"
    (named / "again.json").write_text(text, "utf-8")
    assert "the same as before" in good("segment", "put", named / "again.json").out
    wrong = idweave("segment", "put", "big", "--template", "recent_purchasers", "--set", "currency=EUR", "--set", "dais=3")
    assert (wrong.code, "did you mean 'days'" in wrong.err) == (2, True)


def test_tags_and_what_a_profile_shows(named: Path) -> None:
    (named / "vips.toml").write_text('name = "vips"\nwhen = { tag = "vip" }', "utf-8")
    good("segment", "put", named / "vips.toml")
    shows = good("profile", LEE).out
    assert "Tags  vip\n" in shows
    assert "Segments\n  vips" in shows
    counted = [line.split() for line in good("profile", JO).out.splitlines() if "purchase_count" in line]
    assert counted == [["purchase_count", "1"]]


def test_what_is_wrong_is_told_by_its_place(named: Path) -> None:
    text = 'name = "x"\n[when]\nall = [{ tag = "a" }, { not = { field = { name = "citty", value = "Bonn" } } }, { segment = "recnt" }]'
    (named / "x.toml").write_text(text, "utf-8")
    ran = idweave("segment", "put", named / "x.toml", "--dry-run")
    assert ran.code == 1
    assert [line.split(":")[0].strip() for line in lines(ran)[1:]] == ["all[1].not.field.name", "all[2].segment"]
    refused = idweave("segment", "put", named / "x.toml")
    assert (refused.code, refused.out) == (2, "")
    assert "all[1].not.field.name" in refused.err
    assert idweave("segment", "get", "x").code == 1


def test_a_segment_in_use_stays(site: str) -> None:
    with Client(site) as client:
        client.put_segment("base", s.tagged("vip"))
        client.put_segment("on-top", s.not_(s.in_segment("base")))
    ran = idweave("segment", "delete", "base")
    assert (ran.code, "on-top" in ran.err) == (1, True)
    good("segment", "delete", "on-top")
    assert lines(good("segment", "delete", "base")) == ["base is deleted; 1 member left"]
    assert "deleted" in good("segment", "get", "base", "--version", 1).out


def test_a_watch_tells_what_it_is_told_to(site: str) -> None:
    with Client(site) as client:
        client.put_segment("watched", s.tagged("watched"))
        begin = client.set_tags(LEE, source="crm", add=["other"]).revision
        client.set_tags(LEE, source="crm", add=["watched"])
    found: Any = good("segment", "watch", "watched", "--from", begin, "--limit", 1)
    [entered] = lines(found)
    assert entered.split()[2:4] == ["entered", "watched"]
    assert "goes on with --from" in found.err


def test_a_token_that_cannot_be_used_is_told(site: str) -> None:
    ran = idweave("segment", "watch", "--from", "nonsense")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("idweave: ")
    assert len(ran.err) > 40
    assert "goes on" not in ran.err


def test_an_error_names_what_to_do_next_in_its_caller_s_words(site: str) -> None:
    ran = idweave("segment", "get", "nobody")
    assert (ran.code, "`idweave segment list` has them all" in ran.err) == (1, True), ran.err
    ran = idweave("segment", "preview", "--template", "nobody")
    assert (ran.code, "`idweave segment templates` has them all" in ran.err) == (2, True), ran.err
    with Client(site) as client, pytest.raises(NotFoundError, match="ListSegments has them all"):
        client.get_segment("nobody")
