"""Compiled kernels are kept where the program keeps them."""

from idweave_server.kernel_cache import use_kernel_cache

use_kernel_cache()
