"""Compiled kernels are kept where the program keeps them, and gRPC leaves the processes that a server starts alone, as in the program.

The fixtures of the real Neo4j are for all tests.
"""

import os

import pytest
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import are_compiled, compile_kernels

from .neo4j_database import graph_database, neo4j_database, own_database

__all__ = ["graph_database", "neo4j_database", "own_database"]

KERNELS = use_kernel_cache()
os.environ["NUMBA_CACHE_DIR"] = str(KERNELS)  # of processes too, in whatever home a test has them live
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


def pytest_configure(config: pytest.Config) -> None:
    """Where tests are distributed, no two processes compile the same kernels: all are compiled before."""
    if config.getoption("numprocesses", None) and not are_compiled(KERNELS):
        print("Compiling the kernels: about a minute, this once.", flush=True)
        compile_kernels(KERNELS)
