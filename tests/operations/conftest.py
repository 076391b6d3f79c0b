"""Fixtures of the operations' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.operations.living import Living


@pytest.fixture
def living() -> Iterator[Living]:
    made = Living()
    yield made
    made.close()
