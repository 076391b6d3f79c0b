"""Compiled kernels are kept where the program keeps them, and gRPC leaves the processes that a server starts alone, as in the program."""

import os

from idweave_server.kernel_cache import use_kernel_cache

use_kernel_cache()
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
