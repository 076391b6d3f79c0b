"""`idweave demo --store` touches no database that holds anything, and takes nothing but a Neo4j."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import idweave
from tests.neo4j_database import Database


def test_a_database_with_other_data_is_not_touched(graph_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDWEAVE_NEO4J_PASSWORD", graph_database.password)
    with graph_database.driver() as driver:
        driver.execute_query("CREATE (:Person {name: 'Ida'})")
        ran = idweave("demo", "--store", graph_database.uri)
        records = driver.execute_query("MATCH (x) RETURN labels(x) AS labels, properties(x) AS said").records
        constraints = driver.execute_query("SHOW CONSTRAINTS YIELD name RETURN name").records
    assert (ran.code, ran.out) == (1, "")
    assert "holds other data already (1 nodes)" in ran.err
    assert "name an empty database" in ran.err
    assert [record.data() for record in records] == [{"labels": ["Person"], "said": {"name": "Ida"}}]
    assert constraints == []


@pytest.mark.parametrize(
    ("store", "said"),
    [("sqlite:///demo.db", "in a Neo4j alone"), ("neo4j://neo4j:secret@127.0.0.1", "IDWEAVE_NEO4J_PASSWORD"), ("", "in a Neo4j alone")],
)
def test_what_is_no_neo4j_is_refused_with_the_form_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    ran = idweave("demo", "--store", store)
    assert ran.code == 2
    assert said in ran.err
    assert "secret" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDWEAVE_NEO4J_PASSWORD", raising=False)
    ran = idweave("demo", "--store", "bolt://127.0.0.1:1")
    assert ran.code == 1
    assert "bolt://127.0.0.1:1" in ran.err
