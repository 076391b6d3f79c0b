"""A distributed run keeps the tests of a file together, and all that want a Neo4j, which begin first."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.scheduling import NEO4J, division_of, put_in_order

ROOT = Path(__file__).parents[1]
HERE, WITH_NEO4J, OTHER = "tests/test_scheduling.py", "tests/log/test_neo4j_lease.py", "tests/test_docs.py"


def test_one_worker_has_all_that_want_a_database() -> None:
    assert division_of(f"{WITH_NEO4J}::test_a") == division_of("tests/test_neo4j_browser.py::test_b[x::y]") == NEO4J
    assert division_of(f"{OTHER}::TestIt::test_c") == OTHER
    graphs = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "log").glob("test_neo4j*.py")]
    assert {division_of(path) for path in graphs} == {NEO4J}


def test_what_takes_long_begins_first_and_a_file_stays_as_it_is() -> None:
    items: list[Any] = [
        SimpleNamespace(nodeid=f"{file}::{name}") for file, name in ((OTHER, "b"), (OTHER, "a"), (HERE, "d"), (WITH_NEO4J, "c"))
    ]
    put_in_order(items)
    assert [item.nodeid[-1] for item in items] == list("cdba")
