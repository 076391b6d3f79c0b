"""Fixtures of the commands' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.fake_server import FakeServer, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """One that answers what a test tells it to; named by the environment, as on a machine where it always is."""
    for fake in serving():
        monkeypatch.setenv("IDWEAVE_SERVER", fake.address)
        yield fake
