"""Helper processes: what is asked of them is answered, and one that dies is told as such."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import pytest
import uvloop
from idweave_server.errors import StoreError
from idweave_server.operations.process import ask

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("size", [10, 10_000_000])
def test_a_helper_that_dies_at_once_is_told(
    loop: Callable[[], asyncio.AbstractEventLoop], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    async def several() -> None:
        for _ in range(5):
            with pytest.raises(StoreError, match="ended with 1"):
                await ask("any:task", {"text": "x" * size})

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(several())
