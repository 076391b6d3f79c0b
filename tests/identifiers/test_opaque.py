"""Opaque ids: nothing is known of their form, so nothing but the guards changes or refuses them."""

from __future__ import annotations

import pytest
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.opaque import read
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Refusal

OPTIONS = Options(default_lists())


@pytest.mark.parametrize("text", ["1234", "00001234", "oVk-Qw_9", "Kd. Nr. 12", "客户 7", 'a"b\\c'])
def test_kept(text: str) -> None:
    assert read(f" {text}\n", OPTIONS) == Reading(text)


@pytest.mark.parametrize("text", ["0", "000000", "-", "n/a", "NULL"])
def test_placeholders(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)
