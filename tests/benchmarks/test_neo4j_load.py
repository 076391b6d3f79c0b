"""The neo4j benchmark at its smallest: it finds a figure for each target, and the rows that it compares are the same rows."""

from __future__ import annotations

import shutil

import pytest

from benchmarks import bench_neo4j, results
from benchmarks.project import KINDS, Projected, kinds_of
from tests.neo4j_database import cannot


def test_each_kind_has_the_share_of_the_time_that_its_statements_have() -> None:
    found = Projected(seconds=10.0)
    found.note("CREATE (a)-[:OBSERVED_WITH {}]->(b)", 100, 2.0)
    found.note("CREATE (a)-[:OBSERVED_WITH {}]->(b)", 200, 1.0)
    found.note("CREATE (:`Identifier`:`Email` {})-[:BELONGS_TO {}]->(b)", 100, 2.0)
    assert found.rate("links") == pytest.approx(300 / 6)
    assert found.rate("identifiers") == found.rate("memberships") == pytest.approx(100 / 2)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("CREATE (x:`Identifier`:`Email` {key: $start[i]})", ("identifiers",)),
        ("CREATE (x:`Profile` {profile_id: $start[i]})", ("profiles",)),
        ("CREATE (x:`Profile`:`Retired` {profile_id: $start[i]})", ("retired ids",)),
        (
            "MATCH (a:Identifier {key: $start[i]}) MATCH (b:Profile {profile_id: $end[i]}) CREATE (a)-[:BELONGS_TO {}]->(b)",
            ("memberships",),
        ),
        ("MATCH (a:Identifier {key: $start[i]}) CREATE (a)-[:SEEN_AT {}]->(b)", ("other",)),
        ("MATCH (b:Profile {}) CREATE (:`Identifier`:`Email` {})-[:BELONGS_TO {}]->(b)", ("identifiers", "memberships")),
        ("MATCH (b:Profile {}) CREATE (:`Profile`:`Retired` {})-[:REDIRECTS_TO {}]->(b)", ("retired ids", "retired ids")),
    ],
)
def test_a_statement_tells_what_it_writes(text: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(text) == kinds


@pytest.mark.slow
def test_a_small_run_has_all_figures() -> None:
    if shutil.which("h2load") is None:
        pytest.skip("NOT TESTED: the neo4j benchmark; it needs h2load, of Debian's nghttp2-client")
    try:
        rows = bench_neo4j.run(4_000, 1)
    except SystemExit as error:
        if str(error).startswith("no Neo4j"):
            cannot(str(error))
        raise
    assert results.faults(results.result("neo4j", 4_000, rows)) == []
    assert len({line["name"] for line in rows}) == len(rows)
    assert len(bench_neo4j.targets(rows)) == 1 + len(KINDS) + 6 + 1
