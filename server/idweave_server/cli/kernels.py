"""Compiled kernels as the user meets them: announced where they must be compiled first, loaded beside the reading where they are there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from rich.console import Console

from idweave_server.cli.wording import QUIET
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import are_compiled, compile_kernels
from idweave_server.kernels.warmup import warm_up


@contextmanager
def kernels_at_hand(terminal: Console) -> Iterator[None]:
    """For the length of a run. Loading takes about half a second, in which arrow can already read; compiling is waited for by the main
    thread, where Ctrl-C ends it."""
    folder = use_kernel_cache()
    if not are_compiled(folder):
        if terminal.is_terminal:  # nobody is looking otherwise
            terminal.print("Compiling for this machine: about a minute, this once.", style=QUIET)
        compile_kernels(folder)
    with ThreadPoolExecutor(1) as aside:
        aside.submit(warm_up)
        yield
