"""The databases of the tests: empty when taken, killed and started with the same data, gone with the process that had them."""

from __future__ import annotations

import pytest

from tests.neo4j_database import Database, borrowed


def test_it_is_empty_when_taken(graph_database: Database) -> None:
    with graph_database.driver() as driver:
        driver.execute_query("CREATE CONSTRAINT once FOR (x:Thing) REQUIRE x.key IS UNIQUE")
        driver.execute_query("CREATE INDEX quick FOR (x:Thing) ON (x.name)")
        driver.execute_query("UNWIND range(1, 1000) AS n CREATE (:Thing {key: n})-[:NEXT]->(:Other)")
        graph_database.wipe()
        assert driver.execute_query("MATCH (x) RETURN count(x)").records[0][0] == 0
        assert driver.execute_query("SHOW CONSTRAINTS").records == []
        assert driver.execute_query("SHOW INDEXES WHERE type <> 'LOOKUP'").records == []


def test_somebody_s_database_is_borrowed_empty_and_given_back_so(graph_database: Database) -> None:
    with borrowed(graph_database) as database, database.driver() as driver:
        driver.execute_query("CREATE (:Left)")
    with graph_database.driver() as driver:
        assert driver.execute_query("MATCH (x) RETURN count(x)").records[0][0] == 0
        driver.execute_query("CREATE (:Precious)")
        with pytest.raises(pytest.fail.Exception, match="a database with 1 nodes"), borrowed(graph_database):
            pass
        assert driver.execute_query("MATCH (x:Precious) RETURN count(x)").records[0][0] == 1


@pytest.mark.slow
def test_a_killed_one_starts_again_with_what_it_acknowledged(own_database: Database) -> None:
    with own_database.driver() as driver:
        driver.execute_query("CREATE (:Kept {n: 1})")
        own_database.kill()
        own_database.start()
        assert driver.execute_query("MATCH (x:Kept) RETURN x.n").records[0][0] == 1
