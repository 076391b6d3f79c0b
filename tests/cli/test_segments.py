"""`idweave segment …` against a server that answers what a test tells it to: what is sent, what is shown, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import Parse, ParseDict
from idweave import Identifier
from idweave.v1 import admin_service_pb2 as admin
from idweave.v1 import change_pb2 as change
from idweave.v1 import segment_service_pb2 as pb

from tests.cli.running import Ran, idweave
from tests.cli.serving import good
from tests.client.fake_server import FakeServer, failure, serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JO = "0193f0e0-0000-7000-8000-00000000000a"
KIM = "0193f0e0-0000-7000-8000-00000000000b"
DEFINITION = """
name = "good-customers"
description = "Who bought well lately"
owner = "crm"
[when]
all = [
    { events = { types = ["purchase"], last = "90 days", where = [
        { name = "amount", operator = ">=", value = { amount = 100, currency = "EUR" } },
    ] } },
    { field = { name = "first_order_time", operator = "<", value = 2026-01-01T00:00:00Z } },
    { not = { tag = "staff" } },
]
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    for fake in serving():
        monkeypatch.setenv("IDWEAVE_SERVER", fake.address)
        yield fake


def lines(ran: Ran) -> list[str]:
    assert all(line == line.rstrip() for line in ran.out.splitlines())
    assert "\x1b" not in ran.out
    return ran.out.splitlines()


def at(days: float = 0, seconds: int = 0) -> Any:
    return NOW + timedelta(days=days, seconds=seconds)


def written(folder: Path, text: str = DEFINITION, name: str = "good.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


SEGMENT = pb.Segment(
    name="good-customers", version=3, members=1_234, description="Who bought well lately", text='{"tag": "vip"}', put_at=NOW
)


def test_put_sends_what_the_file_says(server: FakeServer, tmp_path: Path) -> None:
    server.plan("PutSegment", pb.PutSegmentResponse(segment=SEGMENT, changed=True))
    assert lines(good("segment", "put", written(tmp_path))) == ["good-customers  version 3  1,234 members"]
    [sent] = server.requests("PutSegment")
    assert (sent.name, sent.description, sent.owner) == ("good-customers", "Who bought well lately", "crm")
    assert not sent.HasField("expected_version")
    assert json.loads(sent.text)["all"] == [
        {
            "events": {
                "types": ["purchase"],
                "where": [{"name": "amount", "operator": ">=", "value": {"amount": 100, "currency": "EUR"}}],
                "last": "90 days",
            }
        },
        {"field": {"name": "first_order_time", "operator": "<", "value": {"time": "2026-01-01T00:00:00+00:00"}}},
        {"not": {"tag": "staff"}},
    ]


def test_put_of_a_template(server: FakeServer, tmp_path: Path) -> None:
    server.plan("PutSegment", *[pb.PutSegmentResponse(segment=SEGMENT)] * 2)
    shown = good(
        "segment", "put", "recent", "--template", "recent_purchasers", "-s", "currency=EUR", "-s", "days = 30", "--expect-version", 0
    )
    assert lines(shown) == ["good-customers  version 3  1,234 members  the same as before"]
    text = 'template = "recent_purchasers"\n[parameters]\ncurrency = "EUR"\ndays = 30\nonline = true'
    good("segment", "put", written(tmp_path, text), "--name", "recent", "--owner", "me")
    command, file = server.requests("PutSegment")
    assert (command.name, command.template.template, command.expected_version) == ("recent", "recent_purchasers", 0)
    assert dict(command.template.parameters) == {"currency": "EUR", "days": "30"}
    assert (file.name, file.owner, dict(file.template.parameters)) == ("recent", "me", {"currency": "EUR", "days": "30", "online": "true"})


def test_a_dry_run_lists_problems_and_fails(server: FakeServer, tmp_path: Path) -> None:
    problem = {"position": "all[0].field.name", "message": "there is no field 'citty'", "suggestion": "city"}
    server.plan("PutSegment", ParseDict({"problems": [problem]}, pb.PutSegmentResponse()))
    ran = idweave("segment", "put", written(tmp_path), "--dry-run")
    assert ran.code == 1
    assert lines(ran) == ["it cannot be put:", "  all[0].field.name: there is no field 'citty'; did you mean city?"]
    assert server.requests("PutSegment")[0].validate_only
    warned = {"segment": {"name": "a", "version": 1}, "warnings": [{"position": "tag", "message": "never seen"}]}
    server.plan("PutSegment", ParseDict(warned, pb.PutSegmentResponse()))
    assert lines(good("segment", "put", written(tmp_path), "--dry-run")) == [
        "a  would have version 1  nothing was changed: a dry run",
        "  look at it: tag: never seen",
    ]


def test_a_refused_definition_names_each_place(server: FakeServer, tmp_path: Path) -> None:
    fields = {"all[0].field.name": "there is no field", "all[2]": "too deep"}
    server.plan("PutSegment", failure(grpc.StatusCode.INVALID_ARGUMENT, "ERROR_REASON_DEFINITION_REFUSED", fields=fields))
    ran = idweave("segment", "put", written(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert "all[0].field.name: there is no field; all[2]: too deep" in ran.err


WRONG: list[tuple[str, str, str]] = [
    ("a.toml", 'name = "a"', "either a condition, [when], or a template"),
    ("a.toml", 'when = { tag = "a" }\ntemplate = "b"', "either a condition"),
    ("a.toml", 'wen = { tag = "a" }', "'wen' means nothing here"),
    ("a.toml", "name = 3", "name has to be text"),
    ("a.toml", 'when = "vip"', "when has to be a condition"),
    ("a.toml", 'when = { tag = "a" }\n[parameters]\na = 1', "a condition has none"),
    ("a.toml", 'template = "a"\n[parameters]\nb = [1]', "parameters.b has to be text"),
    ("a.toml", "template = 3", "template is a name"),
    ("a.toml", "when = {", "is no TOML"),
    ("a.json", "[1]", "a definition is an object"),
    ("a.json", "[" * 50_000, "is no JSON"),
    ("a.toml", 'when = { tag = "a" }', "the segment needs a name"),
]


@pytest.mark.parametrize(("name", "text", "said"), WRONG)
def test_a_file_that_is_no_definition(server: FakeServer, tmp_path: Path, name: str, text: str, said: str) -> None:
    ran = idweave("segment", "put", written(tmp_path, text, name))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert server.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("put", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("put", "vips"), "name a file with the definition"),
        (("put", "a", "--template", "b", "--set", "days"), "write name=value"),
        (("preview",), "name a file with the definition"),
        (("preview", "a.toml", "--template", "b"), "one of them says what to look at"),
        (("preview", "vips", "--set", "a=b"), "--set fills in"),
        (("forecast", "vips", "--at", "soon"), "--at 'soon' is no time"),
        (("forecast", "vips", "--at", "2026-01-01", "--days", "3"), "both say when"),
        (("templates", "none"), "there is no template 'none'"),
    ],
)
def test_what_cannot_be_asked_is_one_line(server: FakeServer, arguments: tuple[str, ...], said: str) -> None:
    ran = idweave("segment", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_get_and_list(server: FakeServer, tmp_path: Path) -> None:
    used = pb.GetSegmentResponse(segment=SEGMENT, used_by=["others", "more"])
    server.plan("GetSegment", used, used, used)
    assert lines(good("segment", "get", "good-customers", "--version", 3)) == [
        "good-customers  version 3 of 2026-03-01 12:00:00 UTC  1,234 members",
        "  Who bought well lately",
        "  used by others and more",
        "  {",
        '    "tag": "vip"',
        "  }",
    ]
    assert server.requests("GetSegment")[0].version == 3
    as_file = good("segment", "get", "good-customers", "--file").out
    assert json.loads(as_file) == {"name": "good-customers", "description": "Who bought well lately", "when": {"tag": "vip"}}
    good("segment", "put", written(tmp_path, as_file, "again.json"))
    assert server.requests("PutSegment")[0].text == '{"tag": "vip"}'
    assert Parse(good("segment", "get", "good-customers", "--json").out, pb.GetSegmentResponse()) == used
    pages = [
        pb.ListSegmentsResponse(segments=[SEGMENT], next_page_token="t"),
        pb.ListSegmentsResponse(segments=[pb.Segment(name="b", version=1)]),
    ]
    server.plan("ListSegments", *pages, pb.ListSegmentsResponse())
    assert lines(good("segment", "list")) == ["good-customers  1,234  v3  Who bought well lately", "b                   0  v1"]
    assert lines(good("segment", "list")) == ["there is no segment yet; `idweave segment put` makes one"]


def test_delete(server: FakeServer) -> None:
    server.plan("DeleteSegment", *[pb.DeleteSegmentResponse(members=1)] * 2)
    assert lines(good("segment", "delete", "vips", "--dry-run")) == ["vips would be deleted; 1 member would leave"]
    assert lines(good("segment", "delete", "vips", "--expect-version", 2)) == ["vips is deleted; 1 member left"]
    dry, real = server.requests("DeleteSegment")
    assert (dry.validate_only, real.validate_only, real.expected_version) == (True, False, 2)
    server.plan("DeleteSegment", failure(grpc.StatusCode.FAILED_PRECONDITION, "ERROR_REASON_SEGMENT_IN_USE"))
    assert idweave("segment", "delete", "vips").code == 1


PREVIEW: dict[str, Any] = {
    "size": 800,
    "population": 4_000,
    "unknown": 3,
    "too_narrow": True,
    "time": "2026-03-01T12:00:00Z",
    "coverage": [{"namespace": "email", "profiles": 640, "identifiers": 700}, {"namespace": "phone", "profiles": 80, "identifiers": 80}],
    "overlaps": [{"segment": "others", "size": 900, "both": 200}],
    "sample": [JO],
    "forecast": [
        {"time": "2026-03-02T12:00:00Z", "size": 400},
        {"time": "2026-03-08T12:00:00Z", "size": 10},
        {"time": "2026-03-31T12:00:00Z"},
    ],
}


def test_preview_draws_what_is_to_come(server: FakeServer, tmp_path: Path) -> None:
    server.plan("PreviewSegment", *[ParseDict(PREVIEW, pb.PreviewSegmentResponse())] * 3)
    assert lines(good("segment", "preview", "vips", "--narrow-below", 1_000)) == [
        "800 profiles  20.0 % of 4,000; 3 unknown",
        "  too narrow: so few may be told apart, and teach little",
        "Can be addressed by",
        "  email  640  80 %  700 identifiers",
        "  phone   80  10 %",
        "In common with",
        "  others  200  25 %",
        "If nothing happens",
        "  now         800  " + "█" * 40,
        "  in 1 day    400  " + "█" * 20,
        "  in 7 days    10  ▌",
        "  in 30 days    0",
        "Some of them",
        f"  {JO}",
    ]
    good("segment", "preview", written(tmp_path), "--sample", 0)
    assert Parse(good("segment", "preview", "--template", "vip", "--json").out, pb.PreviewSegmentResponse()).size == 800
    named, file, template = server.requests("PreviewSegment")
    assert (named.segment, named.narrow_below, named.sample_size) == ("vips", 1_000, 5)
    assert (file.sample_size, json.loads(file.text)["all"][2]) == (-1, {"not": {"tag": "staff"}})
    assert template.template.template == "vip"


def test_forecast_tells_who_and_when(server: FakeServer) -> None:
    kinds = change.MembershipChangeKind
    reply = pb.ForecastSegmentResponse(
        size=2,
        sizes=[pb.SizeForecast(time=at(1), size=1), pb.SizeForecast(time=at(2, 1), size=2)],
        changes=[
            pb.ForecastChange(time=at(0.5), profile_id=JO, kind=kinds.MEMBERSHIP_CHANGE_KIND_LEFT),
            pb.ForecastChange(time=at(2), profile_id=KIM, kind=kinds.MEMBERSHIP_CHANGE_KIND_ENTERED),
        ],
        total_changes=1_002,
        truncated=True,
        time=NOW,
    )
    server.plan("ForecastSegment", reply, reply, reply)
    assert lines(good("segment", "forecast", "vips", "--at", "2026-03-02T12:00:00Z", "--limit", 2)) == [
        "2 profiles  at 2026-03-01 12:00:00 UTC; if nothing happens",
        "  now                  2  " + "█" * 40,
        "  in 1 day             1  " + "█" * 20,
        "  2026-03-03 12:00:01  2  " + "█" * 40,
        f"  2026-03-02 00:00:00  leaves  {JO}",
        f"  2026-03-03 12:00:00  enters  {KIM}",
        "  and 1,000 more changes: --limit shows more",
    ]
    server.plan("GetStatus", admin.GetStatusResponse(state_time=NOW))
    good("segment", "forecast", "vips", "--days", 60, "--limit", 0)
    assert Parse(good("segment", "forecast", "vips", "--json").out, pb.ForecastSegmentResponse()) == reply
    first, stretch, usual = server.requests("ForecastSegment")
    assert ([time.ToDatetime(UTC) for time in first.times], first.limit, first.HasField("horizon")) == ([at(1)], 2, False)
    assert [time.ToDatetime(UTC) for time in stretch.times] == [at(2 * n) for n in range(1, 31)]
    assert (stretch.horizon.seconds, stretch.HasField("horizon")) == (0, True)
    assert len(usual.times) == 0


def test_check(server: FakeServer) -> None:
    memberships = [
        {"segment": "vips", "truth": "TRUTH_TRUE", "valid_until": "2026-03-05T00:00:00Z", "since": "2026-02-01T00:00:00Z"},
        {"segment": "lapsed", "truth": "TRUTH_FALSE", "valid_until": "2026-09-01T00:00:00Z"},
        {"segment": "grown-ups", "truth": "TRUTH_UNKNOWN"},
    ]
    reply = {"profile_id": JO, "time": "2026-03-01T12:00:00Z", "memberships": memberships}
    server.plan("CheckMembership", ParseDict(reply, pb.CheckMembershipResponse()))
    assert lines(good("segment", "check", "email:jo@acme.org", "vips", "lapsed", "grown-ups", "--fresh")) == [
        f"{JO}  at 2026-03-01 12:00:00 UTC",
        "TRUE     vips       leaves 2026-03-05 00:00:00   since 2026-02-01 00:00:00",
        "FALSE    lapsed     changes 2026-09-01 00:00:00",
        "UNKNOWN  grown-ups  does not change by itself",
    ]
    [sent] = server.requests("CheckMembership")
    assert (sent.identifier.value, list(sent.segments), sent.consistency.fully_consistent) == (
        "jo@acme.org",
        ["vips", "lapsed", "grown-ups"],
        True,
    )


def test_members(server: FakeServer) -> None:
    rows = [
        pb.Member(profile_id=JO, identifier=Identifier(namespace="email", value="jo@acme.org"), since=at(-1), valid_until=at(3)),
        pb.Member(profile_id=KIM, identifier=Identifier(namespace="email", value="kim@acme.org"), left=True),
    ]
    first = pb.ListMembersResponse(members=rows, total=5, next_page_token="t", definition_version=2, time=NOW)
    server.plan("ListMembers", first, first)
    assert lines(good("segment", "members", "vips", "--namespace", "email", "--limit", 2)) == [
        "5 rows at 2026-03-01 12:00:00 UTC, definition version 2",
        f"email:jo@acme.org   since 2026-02-28 12:00:00  leaves 2026-03-04 12:00:00  {JO}",
        f"email:kim@acme.org                             has left                    {KIM}",
        "and 3 more: --limit 0 shows all",
    ]
    server.plan("ListMembers", pb.ListMembersResponse(members=[pb.Member(profile_id=JO)]))
    everything = Parse(good("segment", "members", "vips", "--limit", 0, "--json").out, pb.ListMembersResponse())
    assert (len(everything.members), everything.next_page_token) == (3, "")
    assert [(sent.namespace, sent.page_size) for sent in server.requests("ListMembers")] == [("email", 2), ("", 1_000), ("", 1_000)]


def test_explain(server: FakeServer) -> None:
    parts: list[dict[str, Any]] = [
        {"position": "all[0]", "words": "a purchase of 100.00 EUR or more", "truth": "TRUTH_FALSE", "decides": True},
        {"words": "not staff", "truth": "TRUTH_TRUE", "parts": [{"words": "has the tag staff", "truth": "TRUTH_FALSE", "found": "none"}]},
    ]
    parts[0] |= {"found": "1 event", "missed_by": "60.00 EUR", "valid_until": "2026-03-05T00:00:00Z"}
    reply = {
        "profile_id": JO,
        "membership": {"segment": "vips", "truth": "TRUTH_FALSE"},
        "condition": {"words": "all of", "truth": "TRUTH_FALSE", "parts": parts},
    }
    server.plan("ExplainMembership", ParseDict(reply, pb.ExplainMembershipResponse()))
    assert lines(good("segment", "explain", JO, "vips")) == [
        f"FALSE  {JO} in vips  does not change by itself",
        "  FALSE  all of",
        "  ├─ FALSE  a purchase of 100.00 EUR or more  1 event; missed by 60.00 EUR; until 2026-03-05 00:00:00  decides",
        "  └─ TRUE  not staff",
        "     └─ FALSE  has the tag staff  none",
    ]


def test_templates(server: FakeServer) -> None:
    parameters = [
        {"name": "currency", "type": "currency", "meaning": "Whose money.", "required": True, "example": "EUR"},
        {"name": "days", "type": "whole number", "meaning": "How long.", "default": "90", "choices": ["30", "90"]},
    ]
    one = {"name": "recent_purchasers", "title": "Recent purchasers", "summary": "Bought lately.", "parameters": parameters}
    reply = ParseDict({"templates": [one, {"name": "vip", "title": "VIP"}]}, pb.ListTemplatesResponse())
    server.plan("ListTemplates", reply, reply)
    assert lines(good("segment", "templates")) == ["recent_purchasers  Recent purchasers", "vip                VIP"]
    assert lines(good("segment", "templates", "recent_purchasers")) == [
        "recent_purchasers  Recent purchasers",
        "  Bought lately.",
        "  currency  currency      needed   Whose money.",
        "  days      whole number  else 90  How long. One of 30, 90.",
    ]


def test_watch_tells_line_by_line_and_where_to_go_on(server: FakeServer) -> None:
    entered = {
        "kind": "MEMBERSHIP_CHANGE_KIND_ENTERED",
        "segment": "vips",
        "profile_id": JO,
        "effective_at": "2026-03-01T12:00:00Z",
        "cause": "CHANGE_CAUSE_EVENT",
        "valid_until": "2026-05-30T12:00:00Z",
    }
    left = {**entered, "kind": "MEMBERSHIP_CHANGE_KIND_LEFT", "cause": "CHANGE_CAUSE_CLOCK", "backfilled": True}
    told = [
        ParseDict({"changes": changes, "resume_token": token}, change.WatchMembershipResponse())
        for changes, token in (([], "t-0"), ([entered], "t-1"), ([left, entered], "t-2"))
    ]
    server.plan("WatchMembership", told, told)
    ran = good("segment", "watch", "vips", "--from", "t", "--profile", "email:jo@acme.org", "--limit", 2)
    assert lines(ran) == [
        f"2026-03-01 12:00:00  entered  vips  {JO}  event  leaves 2026-05-30 12:00:00",
        f"2026-03-01 12:00:00  left  vips  {JO}  clock  backfilled",
    ]
    assert ran.err == "goes on with --from t-2\n"
    [sent] = server.requests("WatchMembership")
    assert (list(sent.segments), sent.resume_token, sent.identifiers[0].value) == (["vips"], "t", "jo@acme.org")
    shown = good("segment", "watch", "--limit", 1, "--json").out.splitlines()
    assert [json.loads(one)["cause"] for one in shown] == ["CHANGE_CAUSE_EVENT"]


def test_a_profile_shows_what_is_computed_of_it(server: FakeServer) -> None:
    from idweave.v1 import identity_service_pb2 as identity

    profile = {
        "profile_id": JO,
        "attributes": [
            {"name": "average_order", "value": {"money": {"currency": "EUR", "units": 12, "nanos": 500_000_000}}},
            {"name": "categories", "value": {"text": "shoes"}},
            {"name": "categories", "value": {"text": "hats"}},
            {"name": "last_order_time", "value": {"time": "2026-03-01T12:00:00Z"}},
        ],
        "tags": ["new", "vip"],
        "segments": [{"name": "vips", "since": "2026-02-01T00:00:00Z", "valid_until": "2026-03-05T00:00:00Z"}, {"name": "women"}],
    }
    server.plan("GetProfile", ParseDict({"outcome": "PROFILE_OUTCOME_FOUND", "profile": profile}, identity.GetProfileResponse()))
    shown = good("profile", JO).out
    for part in (
        "  average_order    12.50 EUR\n  categories       shoes, hats\n  last_order_time  2026-03-01 12:00:00\n",
        "Tags  new, vip\n",
        "  vips   since 2026-02-01 00:00:00  leaves 2026-03-05 00:00:00\n  women\n",
    ):
        assert part in shown
