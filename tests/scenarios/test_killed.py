"""Scenarios on a server that is killed before every stage: what it missed is told with its true time, and what was told stays told."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave import Client

from tests.scenarios.load import Scenario, load_all
from tests.scenarios.mortal import mortal
from tests.scenarios.played import Play

BEFORE = 3_600  # seconds before the first stage at which segments are put


@pytest.mark.parametrize("scenario", load_all(), ids=lambda one: one.name)
def test_a_scenario_on_a_server_that_is_killed_before_every_stage(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(scenario.policy, "utf-8")
    with mortal(tmp_path, scenario.stages[0].at - BEFORE) as server, Client(server.address) as client:
        play = Play(client, server.move, scenario)
        play.open()
        server.kill()
    for stage in scenario.stages:
        with mortal(tmp_path, stage.at) as server, Client(server.address) as client:
            play.client, play.move = client, server.move
            play.stage(stage)
            assert play.told_again() == play.told
            server.kill()
    assert len({one.id for one in play.told}) == len(play.told)
