"""One run as a function: its stages, its progress, and the mappings and policies that it refuses to begin with."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from idweave_server.batch.files import inspect_file
from idweave_server.batch.mapping import choose_mapping, load_mapping
from idweave_server.batch.result import BatchResult
from idweave_server.batch.run import Stages, run
from idweave_server.errors import InputError, MappingError
from idweave_server.identifiers.lists import default_lists
from idweave_server.model import MIN_TIME
from idweave_server.resolution.policy import load_policy

MAPPING = """
observation = { id = "id", time = "ts", source.value = "web" }
identifiers = { email = "email" }
"""


def run_on(
    folder: Path, text: str, *, mapping: str = MAPPING, policy: str = "", as_of: int | None = None, stages: Stages | None = None
) -> BatchResult:
    path = folder / "a.csv"
    path.write_text(text)
    files = [(inspect_file(path), choose_mapping(load_mapping(mapping, "m.toml"), path))]
    return run(files, load_policy(policy), default_lists(), as_of=as_of, id_key=b"", stages=stages or Stages())


def test_stages_are_timed_by_the_caller_s_clock_and_told(tmp_path: Path) -> None:
    ticks, told = count(), []
    stages = Stages(lambda: float(next(ticks)), lambda *said: told.append(said))
    text = "id,ts,email\n1,2024-01-01,jo@acme.org\n"
    run_on(tmp_path, text, stages=stages)
    assert stages.seconds == {"read": 1.0, "normalise": 1.0, "rules": 1.0, "report": 1.0}
    assert told[0] == ("read", 0, 1)
    assert ("read", len(text), len(text)) in told
    assert told[-1] == ("report", 1, 1)


def test_the_moment_is_the_newest_usable_time(tmp_path: Path) -> None:
    text = "id,ts,email\n1,2024-01-01,jo@acme.org\n2,2024-01-03,\n3,2150-01-01,jo@acme.org\n"
    assert run_on(tmp_path, text).as_of == 1_704_240_000
    assert run_on(tmp_path, text, as_of=5).as_of == 5
    assert run_on(tmp_path, "id,ts,email\n").as_of == MIN_TIME


def test_rows_read_counts_every_row_once(tmp_path: Path) -> None:
    """A row with two fields that are too long was counted twice."""
    long = "x" * 70_000
    result = run_on(tmp_path, f"id,ts,email\n1,2024-01-01,jo@acme.org\n2,{long},{long}\n3\n")
    assert result.lines == 3
    assert result.issues.num_rows == 3


@pytest.mark.parametrize(
    ("mapping", "policy", "error", "said"),
    [
        (MAPPING.replace("email =", "mail ="), "", MappingError, "m.toml: identifiers.mail: no namespace 'mail'"),
        (MAPPING.replace('"ts"', '{ field = "ts", format = "%j" }'), "", MappingError, "m.toml: observation.time: date format '%j'"),
        (MAPPING + "events.x = 'id'\n", '[source_defaults]\nregion = "uk"\n', InputError, "source_defaults.region"),
    ],
)
def test_what_cannot_work_is_refused_before_a_row_is_read(
    tmp_path: Path, mapping: str, policy: str, error: type[Exception], said: str
) -> None:
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(error) as raised:
        run_on(tmp_path, "not the columns\n", mapping=mapping, policy=policy)
    assert said in str(raised.value)
