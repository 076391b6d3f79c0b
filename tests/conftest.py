"""Compiled kernels are kept where the program keeps them, and gRPC leaves the processes that a server starts alone, as in the program.

The fixtures of the real Neo4j are for all tests.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import are_compiled, compile_kernels

from .neo4j_database import graph_database, neo4j_database, own_database
from .scheduling import OneDatabase, put_in_order

__all__ = ["graph_database", "neo4j_database", "own_database"]

KERNELS = use_kernel_cache()
os.environ["NUMBA_CACHE_DIR"] = str(KERNELS)  # of processes too, in whatever home a test has them live
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


def pytest_configure(config: pytest.Config) -> None:
    """Where tests are distributed, no two processes compile the same kernels: all are compiled before."""
    if config.getoption("numprocesses", None) and not are_compiled(KERNELS):
        print("Compiling the kernels: about a minute, this once.", flush=True)
        compile_kernels(KERNELS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneDatabase | None:
    return OneDatabase(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # of a distributed run
        put_in_order(items)
