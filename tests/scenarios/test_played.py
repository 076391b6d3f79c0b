"""Each scenario on a real server whose clock is driven: checks, changes and members are as it says, before a restart and after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from idweave import Client
from idweave_server.cli.driven_clock import DrivenClock

from tests.scenarios.load import Scenario, load_all
from tests.scenarios.played import Play, next_due
from tests.server.running import ServerAside, aside, until

BEFORE = 3_600  # seconds before the first stage at which segments are put
ALL = 36_500.0  # days: the feed forgets nothing


@contextmanager
def served(folder: Path, clock: DrivenClock, policy: str = "") -> Iterator[tuple[ServerAside, Client, Callable[[int], None]]]:
    """A server whose clock is driven, a client, and what moves the clock and returns when all that is due has come about."""
    path = folder / "policy.toml"
    path.write_text(policy, "utf-8")
    with aside(folder, clock, policy=path, feed_days=ALL) as server, Client(server.address) as client:

        def move(at: int) -> None:
            clock.move(at)
            until(lambda: overdue(server) > at, "what is due to come about")

        yield server, client, move


def overdue(server: ServerAside) -> int:
    """The second at which something is due next."""

    async def asked() -> int:
        return next_due(server.running.writer)

    return asyncio.run_coroutine_threadsafe(asked(), server.loop).result(60.0)


@pytest.mark.parametrize("hurried", [False, True], ids=["", "hurried"])
@pytest.mark.parametrize("scenario", load_all(), ids=lambda one: one.name)
def test_a_scenario_on_a_server(scenario: Scenario, hurried: bool, tmp_path: Path) -> None:
    """hurried: observations come in the very moment in which the clock has moved, before anybody has noticed that something is due."""
    clock = DrivenClock(scenario.stages[0].at - BEFORE)
    with served(tmp_path, clock, scenario.policy) as (_, client, move):
        play = Play(client, move, scenario)
        play.open()
        for stage in scenario.stages:
            play.move = clock.move if hurried and stage.observe else move
            play.stage(stage)
        members, told = play.members(), play.told
        assert play.told_again() == told
    assert len({one.id for one in told}) == len(told)
    with served(tmp_path, clock, scenario.policy) as (_, client, _):  # replayed from the log
        play.client = client
        assert play.members() == members
        assert play.told_again() == told
