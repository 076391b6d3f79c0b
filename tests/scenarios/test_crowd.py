"""Two thousand people of whom all leave in one second, on a real server whose clock is driven: each is told, and lookups go on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from idweave import Client, LookupOutcome, Outcome, event, money, observation, segments, word
from idweave_server.cli.driven_clock import DrivenClock

from tests.scenarios.load import seconds
from tests.scenarios.played import drained, said
from tests.scenarios.test_played import served

PEOPLE = 2_000
BEGIN = seconds("2026-01-01T12:00:00Z", "")
DAY = 86_400


def buy(client: Client, people: range, order: str, amount: str, at: int) -> None:
    bought = [
        observation(
            source="shop",
            kind="ORDER",
            identifiers=[f"email:p{one}@kranich-werft.de"],
            events=[event("order_placed", amount=money(amount, "USD"), properties={"order_id": f"{order}-{one}"})],
            time=said(at),
            observation_id=f"{order}-{one}",
        )
        for one in people
    ]
    assert {word(Outcome, one.outcome) for one in client.ingest_batch(bought).results} == {"ACCEPTED"}


def size(client: Client) -> int:
    return next(client.list_members("recent", consistency="full")).total


def test_a_crowd_leaves_in_one_second(tmp_path: Path) -> None:
    clock = DrivenClock(BEGIN)
    with served(tmp_path, clock) as (_, client, move):
        client.put_segment("recent", segments.template("recent_purchasers", currency="USD"))
        token = client.get_status(consistency="full").revision
        buy(client, range(PEOPLE), "first", "120", BEGIN)
        move(BEGIN + DAY)
        buy(client, range(10), "second", "120", BEGIN + DAY)  # whose time is another
        assert size(client) == PEOPLE
        forecast = client.forecast_segment("recent", times=[said(BEGIN + 90 * DAY - 1), said(BEGIN + 90 * DAY)], horizon=timedelta(days=92))
        assert [one.size for one in forecast.sizes] == [PEOPLE, 10]
        entered = drained(client, token)
        assert [one.kind for one in entered] == ["ENTERED"] * PEOPLE

        move(BEGIN + 90 * DAY - 1)
        assert size(client) == PEOPLE
        token = client.get_status(consistency="full").revision
        clock.move(BEGIN + 90 * DAY)
        watch = client.watch_membership("recent", resume_token=token, timeout=60.0)
        left: list[str] = []
        while len(left) < PEOPLE - 10:
            told = next(watch)
            left += [one.profile_id for one in told.changes]
            assert {one.effective_at.seconds for one in told.changes} <= {BEGIN + 90 * DAY}
            found = client.lookup("email:p7@kranich-werft.de").result.outcome
            assert word(LookupOutcome, found) == "FOUND"
        watch.close()
        assert len(set(left)) == len(left) == PEOPLE - 10
        assert size(client) == 10
        assert [one.kind for one in drained(client, token)] == ["LEFT"] * (PEOPLE - 10)

        move(BEGIN + 91 * DAY)
        assert size(client) == 0
        verified = client.verify()
        assert (verified.equal, list(verified.differences)) == (True, [])
