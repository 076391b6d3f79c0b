"""The parts of all files as one input: ids of rows that have none, counts of identifiers, what erasures and conflicts leave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from idweave_server.batch.files import inspect_file
from idweave_server.batch.mapping import choose_mapping, load_mapping
from idweave_server.batch.read_unit import read_unit
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.assemble import Assembled, assemble
from idweave_server.intake.content import ContentHash
from idweave_server.intake.encoded import hexadecimal
from idweave_server.intake.gathered import observation_ids
from idweave_server.intake.intake import Intake, Noted, Sightings
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.statements import erasures_of
from idweave_server.intake.times import read_times
from idweave_server.model import MIN_TIME, Outcome, Refusal
from idweave_server.resolution.policy import default_policy

MAPPING = """
observation = { id = "id", time = "ts", source = "source" }
identifiers = { email = "email", customer_id = "cust" }
traits = { first_name = "first", last_name = "last", birth_date = "dob" }
erasures = { when = { first = "ERASE" }, identifiers = { field = "email", namespace = "email" } }
"""
HEADER = "id,ts,source,email,cust,first,last,dob\n"


def assembled(folder: Path, *files: str) -> Assembled:
    issues = IssueLog()
    intake = Intake(default_policy(), default_lists(), issues)
    units = []
    for number, rows in enumerate(files):
        path = folder / f"{number}.csv"
        path.write_text(HEADER + rows)
        units.append(read_unit(number, inspect_file(path), choose_mapping(load_mapping(MAPPING, "m"), path), issues, lambda _: None))
    times = [read_times(unit.observations.time, unit.observations.source, unit.name) for unit in units]
    seen = [intake.see(unit, read) for unit, read in zip(units, times, strict=True)]
    stated = [one for unit in units for one in intake.statements.read(unit)]
    until = erasures_of(stated, len(intake.interner))
    parts = [intake.describe(unit, one, one.covered(until), 20240501) for unit, one in zip(units, seen, strict=True)]
    return assemble(intake, parts, stated, until, [unit.name for unit in units])


def carried(found: Assembled) -> list[set[str]]:
    """The identifiers of every observation."""
    text = found.identifiers.value.to_pylist()
    start, code = found.observations.start, found.observations.identifier
    return [{text[c] for c in code[start[at] : start[at + 1]]} for at in range(len(found.observations))]


def test_rows_of_several_files_are_one_input(tmp_path: Path) -> None:
    found = assembled(
        tmp_path,
        "1,2024-01-01,web,jo@acme.org,12,Jo,Smith,1985-03-04\n2,2024-01-02,shop,JO@acme.org,12,,,\n",
        "3,2024-01-03,web,,12,Kim,,\n1,2024-01-01,web,jo@acme.org,12,Jo,Smith,1985-03-04\n4,,web,x@acme.org,,,,\n",
    )
    assert [Outcome(one).name for one in found.rows.outcome] == ["ACCEPTED", "ACCEPTED", "ACCEPTED", "DUPLICATE", "REJECTED"]
    assert found.rows.observation.tolist() == [0, 1, 2, -1, -1]
    assert found.kept.tolist() == [0, 1, 2]
    assert carried(found)[0] == {"jo@acme.org", "12"} | {one for one in found.identifiers.value.to_pylist() if "1985" in one}
    assert carried(found)[1:] == [{"jo@acme.org", "12"}, {"12"}]
    assert found.observations.identifier[0] == found.observations.identifier[found.observations.start[1]]
    assert found.rows.observation_id.to_pylist() == ["1", "2", "3", "1", "4"]
    assert found.newest == 1_704_240_000  # the rejected row has none
    assert found.duplicates.within == {"web": 1}


def test_what_is_derived_is_not_counted_among_the_sixteen(tmp_path: Path) -> None:
    """Two addresses and a full name were three identifiers: a row of sixteen with a name and a birth date was refused."""
    found = assembled(tmp_path, "1,2024-01-01,web,jo@acme.org,12,Jo,Smith,1985-03-04\n")
    assert len(carried(found)[0]) >= 3
    assert found.given.tolist() == [2]
    assert found.crowded.tolist() == [Refusal.NONE]


def test_an_erasure_leaves_neither_row_nor_name_behind(tmp_path: Path) -> None:
    found = assembled(
        tmp_path,
        "1,2024-01-01,web,jo@acme.org,12,Jo,Smith,1985-03-04\n2,2024-01-03,web,jo@acme.org,12,,,\n",
        "e,2024-01-02,privacy,jo@acme.org,,ERASE,,\n3,2024-01-01,web,jo@acme.org,,Jo,,not a date\n4,soon,web,jo@acme.org,,Jo,,\n",
    )
    assert [Outcome(one).name for one in found.rows.outcome] == ["ERASED", "ACCEPTED", "ERASED", "REJECTED"]
    assert found.covered.tolist() == [True, False, True, True]
    until = dict(zip(found.identifiers.value.to_pylist(), found.erased_until.tolist(), strict=True))
    assert until == {"jo@acme.org": 1_704_153_600, "12": MIN_TIME - 1}
    assert all((entries.code < 0).all() for entries in found.traits.values())


def sightings(ids: list[list[str | None]]) -> Sightings:
    n = sum(map(len, ids))
    none = np.zeros(n, np.int64)
    noted = Noted(IssueLog(), (0, "a"), none, none, ContentHash(n))
    return Sightings(0, none, pa.chunked_array([pa.array(one, pa.string()) for one in ids]), "id", none, none, none, none, (), noted)


def test_rows_without_an_id_are_known_by_their_content() -> None:
    content = np.arange(12, dtype=np.uint64).reshape(6, 2)
    digits = hexadecimal(content).to_pylist()
    found = observation_ids([sightings([["a", None], []]), sightings([[None], ["b", "c", None]])], content)
    assert found.to_pylist() == ["a", digits[1], digits[2], "b", "c", digits[5]]
    assert observation_ids([], content[:0]).to_pylist() == []


def test_no_row_at_all(tmp_path: Path) -> None:
    found = assembled(tmp_path, "", "")
    assert len(found.observations) == 0
    assert found.newest == MIN_TIME
    assert assembled(tmp_path).rows.outcome.size == 0
