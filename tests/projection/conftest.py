"""An empty database that keeps its constraints: when they go, the database plans every statement anew, which takes longest of all."""

from __future__ import annotations

import pytest

from tests.neo4j_database import Database


@pytest.fixture
def graph_database(neo4j_database: Database) -> Database:
    with neo4j_database.driver() as driver:
        driver.execute_query("MATCH (x) DETACH DELETE x")
    return neo4j_database
