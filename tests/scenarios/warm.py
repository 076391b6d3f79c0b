"""Imported by the process that servers are forked from, and by nothing else: all that a server needs, compiled and loaded."""

from __future__ import annotations

from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import compile_kernels

compile_kernels(use_kernel_cache())

from idweave_server.kernels.warmup import warm_up  # noqa: E402 - kernels find their cache named

import tests.scenarios.mortal  # noqa: E402, F401

warm_up()
