"""Either client before a server that answers as it is told; a test that takes `client` runs with both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from idweave import AsyncClient, Client

from tests.client.fake_server import FakeServer, serving


class Awaited:
    """An AsyncClient that is spoken to as a Client: each call runs until it is answered."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client, self._runner = client, runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            answer = getattr(self._client, name)(*arguments, **named)
            return self._runner.run(awaited(answer)) if inspect.isawaitable(answer) else self._iterated(answer)

        return call

    def _iterated(self, answers: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._runner.run(awaited(anext(answers)))
                except StopAsyncIteration:
                    return
        finally:
            self._runner.run(answers.aclose())


async def awaited(answer: Any) -> Any:
    return await answer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    yield from serving()


@pytest.fixture(params=["Client", "AsyncClient"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of one kind, and closes them."""
    runner = asyncio.Runner()
    made: list[Any] = []

    def make(address: str, **options: Any) -> Any:
        made.append(Client(address, **options) if request.param == "Client" else Awaited(AsyncClient(address, **options), runner))
        return made[-1]

    yield make
    for client in made:
        client.close()
    runner.close()


@pytest.fixture
def client(connect: Callable[..., Any], server: FakeServer) -> Any:
    return connect(server.address)
