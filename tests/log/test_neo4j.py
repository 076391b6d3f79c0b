"""The log in Neo4j: the contract, and what only a database shows: the lease, foreign content, versions, damage."""

from __future__ import annotations

import pytest
from idweave_server.log.base import Log

from tests.log.contract import Door, LogContract
from tests.log.graph_logs import Opening


@pytest.fixture
def door(opening: Opening) -> Door:
    opening().close()

    def again(*, read_only: bool = False) -> Log:
        return opening(create=False, read_only=read_only)

    return again


class TestNeo4jLog(LogContract):
    pass
