"""A store's files against those of one batch run over the same input."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest
from idweave_server.batch.export import export, task
from idweave_server.batch.files import inspect_file
from idweave_server.batch.mapping import choose_mapping, load_mapping
from idweave_server.batch.outputs import write_outputs
from idweave_server.batch.read_unit import read_unit
from idweave_server.batch.run import Stages, run
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.prepare import prepare_unit
from idweave_server.intake.times import read_times
from idweave_server.operations.ingest import take_in
from idweave_server.operations.retract import RetractRequest
from idweave_server.operations.steps import run as run_steps
from idweave_server.operations.store import Store
from idweave_server.resolution.policy import load_policy

from tests.operations.world import World

POLICY = '[traits.tag]\nmany = true\n[traits.age]\ntype = "integer"\n'
MAPPING = """
observation = { id = "id", time = "ts", source.field = "source", evidence.value = "ORDER" }
identifiers = { email = "email", phone = { field = "phone", region = "US" }, ip = "ip" }
traits = { first_name = "name", tag = "tag", age = "age" }
"""
ROWS = """id,ts,source,email,phone,ip,name,tag,age
1,2024-01-01,shop,kelly.neal@gmail.com,415 622 2671,8.8.8.8,Kelly,a,31
2,2024-02-01,shop,Kelly.Neal+x@gmail.com,,,Kelly,b,32
3,2024-02-03,crm,ann@acme.org,415 622 2671,,Ann,b,x
4,2024-02-04,crm,not an address,415 622 2672,,Bo,,
5,2024-02-05,crm,info@acme.org,,,,c,
6,2024-02-06,web,,,8.8.4.4,,,
7,2024-02-07,web,cleo@acme.org,415 622 2672,,Cleo,,40
8,2024-02-08,web,cleo@acme.org,,,Cleo,d,41
"""


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def filled(world: World, path: Path) -> Store:
    """A store with the rows of the file."""
    store = world.open()
    unit = read_unit(0, inspect_file(path), choose_mapping(load_mapping(MAPPING, "m.toml"), path), IssueLog(), lambda _: None)
    times = read_times(unit.observations.time, unit.observations.source, unit.name)
    prepared = prepare_unit(store.engine.policy, store.lists, unit, times, today=20240301)
    run_steps(take_in(world.committer(store), prepared))
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def test_a_store_s_files_are_those_of_a_batch_run_but_for_the_ids(tmp_path: Path, path: Path) -> None:
    files = [(inspect_file(path), choose_mapping(load_mapping(MAPPING, "m.toml"), path))]
    result = run(files, load_policy(POLICY), default_lists(), as_of=None, id_key=b"", stages=Stages())
    write_outputs(result, tmp_path / "run")
    with filled(World(tmp_path, POLICY), path) as store:
        export(store.engine, tmp_path / "store")
    same: dict[str, str] = {}
    for ours, theirs in zip(read(tmp_path / "store" / "identifiers.csv"), read(tmp_path / "run" / "identifiers.csv"), strict=True):
        assert bool(ours["profile_id"]) == bool(theirs["profile_id"])
        assert same.setdefault(ours.pop("profile_id"), theirs["profile_id"]) == theirs.pop("profile_id")
        assert ours == theirs
    assert len(set(same.values())) == len(same)
    assert read(tmp_path / "store" / "links.csv") == read(tmp_path / "run" / "links.csv")
    for name in ("observations", "profiles"):
        ours_, theirs_ = read(tmp_path / "store" / f"{name}.csv"), read(tmp_path / "run" / f"{name}.csv")
        for row in ours_:
            row["profile_id"] = same[row["profile_id"]]
        assert sorted(ours_, key=str) == sorted(theirs_, key=str)
    issues = [{k: row[k] for k in ("field", "reason", "value")} for row in read(tmp_path / "store" / "issues.csv")]
    assert issues == [{k: row[k] for k in ("field", "reason", "value")} for row in read(tmp_path / "run" / "issues.csv")]
    assert orjson.loads((tmp_path / "store" / "report.json").read_bytes())["profiles"] == result.resolution.profiles


def test_every_retired_id_is_listed_with_its_survivor_or_a_reason(tmp_path: Path, path: Path) -> None:
    world = World(tmp_path, POLICY)
    with filled(world, path) as store:
        cleo = store.engine.profile_id(int(store.engine.assigned(store.engine.rows_reported("web", None, None))[-1]))
        world.committer(store).perform(RetractRequest("web"))
        export(store.engine, tmp_path / "out", formats=frozenset({"csv", "parquet"}))
        ids = {row["profile_id"] for row in read(tmp_path / "out" / "profiles.csv")}
        redirects = {row["retired_id"]: row for row in read(tmp_path / "out" / "redirects.csv")}
    assert not ids & set(redirects)
    assert {row["profile_id"] for row in redirects.values()} <= ids | {""}
    assert {row["reason"] for row in redirects.values() if row["profile_id"]} == {"merged"}
    assert {row["reason"] for row in redirects.values() if not row["profile_id"]} == {"retracted", "shared"}
    assert cleo in ids | set(redirects)
    assert (tmp_path / "out" / "redirects.parquet").exists()


def test_a_helper_process_would_write_the_same(tmp_path: Path, path: Path) -> None:
    with filled(World(tmp_path, POLICY), path) as store:
        export(store.engine, tmp_path / "one")
        request = {"url": store.url, "key": str(store.key_file), "credentials": None, "snapshots": None, "until": None}
        request["out"] = str(tmp_path / "two")
        names = task(request)["files"]
    assert names == ["identifiers.csv", "issues.csv", "links.csv", "observations.csv", "profiles.csv", "redirects.csv", "report.json"]
    assert [(tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names] == [True] * 7


def test_an_empty_store_has_empty_files(tmp_path: Path) -> None:
    with World(tmp_path).open() as store:
        export(store.engine, tmp_path / "out")
    assert all(read(tmp_path / "out" / f"{name}.csv") == [] for name in ("observations", "identifiers", "links", "profiles", "redirects"))
