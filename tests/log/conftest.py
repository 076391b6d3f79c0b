"""Fixtures of the logs' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.log.graph_logs import Opening
from tests.neo4j_database import Database


@pytest.fixture
def opening(graph_database: Database) -> Iterator[Opening]:
    """Logs in the emptied database, closed at the end."""
    with Opening(graph_database) as opening:
        yield opening
