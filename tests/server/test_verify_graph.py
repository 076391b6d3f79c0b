"""A server compares the graph that it keeps with the state that this shows, for a client and for the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from idweave import Client

from tests.neo4j_database import Database
from tests.server.running import ENTRY, ServerProcess, until
from tests.server.sharing import Shared, caught_up
from tests.server.talk import seen


def idweave(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ENTRY, *arguments, "--server", server.address]
    return subprocess.run(command, env={**os.environ}, capture_output=True, text=True, timeout=300, check=False)


def test_a_server_compares_its_graph_where_it_is_asked(graph_database: Database, tmp_path: Path) -> None:
    with Shared(graph_database, tmp_path).server("--graph", "") as server, Client(server.address) as client:
        client.ingest_batch([seen("o1", "email:jo@kranich-werft.de", "cookie:c-1"), seen("o2", "cookie:c-1", "phone:+4930901820")])

        until(lambda: caught_up(server), "the graph to show both")
        assert not client.verify().HasField("graph")
        found = client.verify(graph=True)
        assert found.equal
        assert found.graph.equal
        assert not found.graph.differences
        assert (found.graph.nodes, found.graph.entry) == (6, found.entries)  # three identifiers, a profile, and two ids that lead to it
        assert found.graph.relationships > 4
        told = idweave(server, "verify", "--with-graph")
        assert told.returncode == 0, told.stderr
        assert [line.split()[0] for line in told.stdout.splitlines()] == ["EQUAL", "EQUAL"]

        with graph_database.driver() as driver:
            driver.execute_query("MATCH (x:Email) SET x.value = 'somebody@else.org'")
        found = client.verify(graph=True)
        assert found.equal
        assert not found.graph.equal
        assert found.graph.difference_count == 1
        assert list(found.graph.differences) == ["(:Identifier email:jo@kranich-werft.de) differs: value"]
        told = idweave(server, "verify", "--with-graph")
        assert told.returncode == 1
        assert "(:Identifier email:jo@kranich-werft.de) differs: value" in told.stdout
