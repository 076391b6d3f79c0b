"""Why somebody enters and leaves, where it is neither an observation nor the clock: on a real server, as a watch tells it."""

from __future__ import annotations

from pathlib import Path

from idweave import Client, event, money, segments
from idweave_server.cli.driven_clock import DrivenClock

from tests.scenarios.load import seconds
from tests.scenarios.played import drained, said
from tests.scenarios.test_played import served

BEGIN = seconds("2026-01-01T12:00:00Z", "")
JO, PHONE = "email:jo@kranich-werft.de", "phone:+14156222671"
BIG = segments.count("purchase", amount=">= 100 USD", days=90)


def order(client: Client, who: str, number: str, amount: str) -> str:
    bought = event("order_placed", amount=money(amount, "USD"), properties={"order_id": number})
    said_ = client.ingest(source="shop", kind="ORDER", identifiers=[who], events=[bought], time=said(BEGIN), observation_id=number)
    return said_.result.profile_id


def test_every_cause(tmp_path: Path) -> None:
    clock = DrivenClock(BEGIN)
    with served(tmp_path, clock) as (_, client, _):
        token = ""

        def told() -> list[tuple[str, str, str]]:
            nonlocal token
            begin, token = token, client.get_status(consistency="full").revision
            return [(one.kind, one.cause, one.profile) for one in drained(client, begin)]

        client.put_segment("big", BIG)
        client.put_segment("single", segments.count("purchase", compared="= 1"))
        token = client.get_status(consistency="full").revision
        jo, phone = order(client, JO, "W-1", "120"), order(client, PHONE, "W-2", "40")
        assert told() == [("ENTERED", "EVENT", jo), ("ENTERED", "EVENT", jo), ("ENTERED", "EVENT", phone)]

        client.assert_same(JO, PHONE, source="desk", assertion_id="one", time=said(BEGIN))
        kept = client.lookup(JO, consistency="full").result.profile_id
        assert sorted(told()) == sorted([("LEFT", "MERGE", jo), ("LEFT", "MERGE", phone)] + [("ENTERED", "MERGE", kept)] * (kept == phone))
        client.withdraw("one")
        split = told()
        assert {cause for _, cause, _ in split} == {"SPLIT"}
        assert {profile for _, _, profile in split} == {jo, phone}

        client.put_segment("big", segments.count("purchase", amount=">= 30 USD", days=90))
        assert told() == [("ENTERED", "DEFINITION", phone)]
        client.put_segment("big", BIG)
        assert told() == [("LEFT", "DEFINITION", phone)]
        client.retract("shop", "W-2")
        assert told() == [("LEFT", "CORRECTION", phone)]
        client.erase(JO)
        assert told() == [("LEFT", "ERASURE", jo), ("LEFT", "ERASURE", jo)]
        order(client, "email:kim@kranich-werft.de", "W-3", "120")
        assert [kind for kind, _, _ in told()] == ["ENTERED", "ENTERED"]
        client.delete_segment("big")
        assert [(kind, cause) for kind, cause, _ in told()] == [("LEFT", "DEFINITION")]
