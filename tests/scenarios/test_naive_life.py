"""Each scenario says what plain Python finds too, so that a server that fails one is wrong and not the scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.load import FOLDER, Scenario, load, load_all
from tests.scenarios.naive_life import Life

WORDS = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}


@pytest.mark.parametrize("scenario", load_all(), ids=lambda one: one.name)
def test_a_scenario_is_what_plain_python_finds(scenario: Scenario) -> None:
    life = Life(scenario)
    for stage in scenario.stages:
        came = life.play(stage)
        expected = [one for one in stage.changes if one.segment in life.expressions]
        told = sorted((one.effective_at, one.segment, one.kind, one.cause) for one in came)
        assert told == sorted((one.effective_at, one.segment, one.kind, one.cause) for one in expected), f"stage {stage.at}"
        for one in expected:
            whose = [
                found.profile
                for found in came
                if (found.effective_at, found.segment, found.kind) == (one.effective_at, one.segment, one.kind)
            ]
            assert any(one.identifier in profile for profile in whose), f"{one.identifier} at {one.effective_at}"
        for check in stage.expect:
            if check.segment not in life.expressions:
                continue
            assert WORDS[life.truth(check.segment, check.identifier)] == check.truth, f"{check.identifier} in {check.segment} at {stage.at}"
            if check.valid_until is not None:
                assert life.valid_until(check.segment, check.identifier) == check.valid_until, f"{check.identifier} in {check.segment}"


def test_there_are_scenarios_of_every_cause_that_they_can_show() -> None:
    scenarios = load_all()
    causes = {change.cause for scenario in scenarios for stage in scenario.stages for change in stage.changes}
    assert causes == {"EVENT", "CLOCK", "MERGE"}
    assert all(any(stage.expect or stage.changes for stage in scenario.stages) for scenario in scenarios)


@pytest.mark.parametrize(
    ("instead", "of", "complaint"),
    [
        ('truth = "MAYBE"', 'truth = "TRUE"', r"stage\[1\]\.expect\[0\]\.truth: 'MAYBE' is none of TRUE"),
        ('sorce = "till"', 'source = "till"', r"stage\[1\]\.observe\[0\]\.source: a str is needed"),
        ('at = "2026-01-01T12:00:00"', 'at = "2026-01-01T12:00:00Z"', "is no time in whole seconds with its zone"),
        ('at = "2027-01-01T12:00:00Z"', 'at = "2026-01-01T12:00:00Z"', "the stages are not in the order of time"),
        ('segment = "recnt"', 'segment = "recent"', "a segment is declared twice, or named and not declared"),
        ('title = "x"\nextra = 1', 'title = "A till', "there is no key extra"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(instead: str, of: str, complaint: str, tmp_path: Path) -> None:
    text = (FOLDER / "till_purchase.toml").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith(of))
    path = tmp_path / "planted.toml"
    path.write_text(text.replace(line, instead, 1), "utf-8")
    with pytest.raises(ValueError, match=complaint):
        load(path)
