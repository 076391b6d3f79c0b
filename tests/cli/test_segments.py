"""`idweave segment …` against a server that answers what a test tells it to: what is sent, what is shown, how it ends."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import Parse, ParseDict
from idweave.v1 import admin_service_pb2 as admin
from idweave.v1 import change_pb2 as change
from idweave.v1 import observation_pb2 as observation
from idweave.v1 import segment_pb2 as segment
from idweave.v1 import segment_service_pb2 as pb

from tests.cli.running import idweave
from tests.cli.serving import good
from tests.cli.told_lines import JO, KIM, NOW, at, lines
from tests.client.fake_server import FakeServer, failure

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
    ("a.json", "[" * 50_000, "is nested too deep to be read"),
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


def test_cuts_tells_where_fifths_end(server: FakeServer) -> None:
    value, point = segment.Value, pb.CutPoint
    spent = [observation.Money(currency="EUR", units=n * 1_000, nanos=5 * 10**8) for n in range(1, 5)]
    reply = pb.GetCutPointsResponse(
        computed_at=NOW,
        next_at=at(1),
        recency=[point(score=n, value=value(time=at(n - 9))) for n in range(1, 5)],
        frequency=[point(score=n, value=value(integer=n)) for n in range(3, 5)],
        monetary=[point(score=n, value=value(money=money)) for n, money in enumerate(spent, 1)],
    )
    server.plan("GetCutPoints", reply, pb.GetCutPointsResponse(), pb.GetCutPointsResponse(computed_at=NOW), reply)
    told = lines(good("segment", "cuts"))
    assert told[0] == "computed at 2026-03-01 12:00:00 UTC  next at 2026-03-02 12:00:00 UTC"
    assert [line.split() for line in told[1:]] == [
        ["up", "to,", "with", "a", "score", "of", "1", "2", "3", "4"],
        ["rfm_recency", "last_purchase_time", *(word for n in (21, 22, 23, 24) for word in (f"2026-02-{n}", "12:00:00"))],
        ["rfm_frequency", "purchase_count", "–", "–", "3", "4"],
        ["rfm_monetary", "spend_total", *(word for n in range(1, 5) for word in (f"{n},000.50", "EUR"))],
    ]
    assert lines(good("segment", "cuts"))[0].startswith("no cut points yet")
    nobody = lines(good("segment", "cuts"))
    assert (nobody[0].endswith("not again while no segment reads a score"), nobody[1]) == (True, "nobody has bought anything")
    assert Parse(good("segment", "cuts", "--json").out, pb.GetCutPointsResponse()) == reply


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
