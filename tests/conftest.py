"""Compiled kernels are kept where the program keeps them, and gRPC leaves the processes that a server starts alone, as in the program.

The fixtures of the real Neo4j are for all tests.
"""

import os

from idweave_server.kernel_cache import use_kernel_cache

from .neo4j_database import graph_database, neo4j_database, own_database

__all__ = ["graph_database", "neo4j_database", "own_database"]

use_kernel_cache()
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
