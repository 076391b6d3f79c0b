"""Compiled kernels are kept where the program keeps them, and gRPC leaves the processes that a server starts alone, as in the program.

The fixtures of the real Neo4j are for all tests.
"""

import os
from pathlib import Path

import pytest
from idweave_server.kernel_cache import use_kernel_cache

from .neo4j_database import graph_database, neo4j_database, own_database

__all__ = ["graph_database", "neo4j_database", "own_database"]

use_kernel_cache()
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

ROOT = Path(__file__).parent
# Files that mostly wait, for servers and databases to start and to be killed: begun first, they wait beside what computes.
WAITING = ("server", "projection", "log", "test_neo4j_browser.py", "telemetry", "scenarios")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files before the others, each in its order; the workers take files from the front (--no-loadscope-reorder)."""

    def place(item: pytest.Item) -> int:
        first = item.path.relative_to(ROOT).parts[0]
        return WAITING.index(first) if first in WAITING else len(WAITING)

    items.sort(key=place)
