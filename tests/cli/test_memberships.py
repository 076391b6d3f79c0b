"""`idweave segment check`, `members`, `explain`, `templates` and `watch` against a server that answers what a test tells it to."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.json_format import Parse, ParseDict
from idweave import Identifier
from idweave.v1 import change_pb2 as change
from idweave.v1 import identity_service_pb2 as identity
from idweave.v1 import segment_service_pb2 as pb

from tests.cli.serving import good
from tests.cli.told_lines import JO, KIM, NOW, at, lines
from tests.client.fake_server import FakeServer


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
        "  ├─ FALSE  a purchase of 100.00 EUR or more  found 1 event; missed by 60.00 EUR; until 2026-03-05 00:00:00  decides",
        "  └─ TRUE  not staff",
        "     └─ FALSE  has the tag staff  found none",
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
