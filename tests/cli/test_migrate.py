"""`idweave migrate` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import MAPPING, ROWS, idweave, text_of
from tests.neo4j_database import Database


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "a.jsonl").write_text(text_of(ROWS))
    (tmp_path / "m.toml").write_text(MAPPING)
    url = f"sqlite:///{tmp_path}/store.db"
    ran = idweave("import", tmp_path / "a.jsonl", "--mapping", tmp_path / "m.toml", "--store", url)
    assert ran.code == 0, ran.err
    return url


def test_into_neo4j(source: str, tmp_path: Path, graph_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if graph_database.password:
        monkeypatch.setenv("IDWEAVE_NEO4J_PASSWORD", graph_database.password)
    ran = idweave("migrate", "--from", source, "--to", graph_database.uri)
    assert ran.code == 0, ran.err
    assert "every one compared with the source: EQUAL" in ran.out
    (key,) = (tmp_path / "data" / "idweave").iterdir()
    assert str(key) in ran.out
    for store, out in ((source, "before"), (graph_database.uri, "after")):
        ran = idweave("export", "--store", store, "--out", tmp_path / out, "--quiet")
        assert ran.code == 0, ran.err
    assert (tmp_path / "after" / "profiles.csv").read_bytes() == (tmp_path / "before" / "profiles.csv").read_bytes()
    again = idweave("migrate", "--from", source, "--to", graph_database.uri)
    assert (again.code, "holds a store already" in again.err) == (1, True)


def test_as_json(source: str, tmp_path: Path) -> None:
    ran = idweave("migrate", "--from", source, "--to", f"sqlite:///{tmp_path}/copy.db", "--while-serving", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["compared"] is True
    assert told["entries"] >= 2
    assert told["key"] == str(tmp_path / "copy.db.key")


def test_a_password_in_a_url_is_refused(source: str) -> None:
    ran = idweave("migrate", "--from", source, "--to", "neo4j://neo4j:hunter2@127.0.0.1:1")
    assert ran.code == 2
    assert "IDWEAVE_NEO4J_PASSWORD" in ran.err
    assert "hunter2" not in ran.err + ran.out
