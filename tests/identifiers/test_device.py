"""Device ids: one spelling a UUID, nothing that many devices report."""

from __future__ import annotations

import pytest
from idweave_server.identifiers.device import read
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Refusal

OPTIONS = Options(default_lists())
UUID = "6d92078a-8246-4ba4-ae5b-76104861e7dc"


@pytest.mark.parametrize(
    "text", [UUID, UUID.upper(), UUID.replace("-", ""), UUID.replace("-", "").upper(), "{" + UUID + "}", f"urn:uuid:{UUID}", f" {UUID} "]
)
def test_every_spelling_of_a_uuid(text: str) -> None:
    assert read(text, OPTIONS) == Reading(UUID)


@pytest.mark.parametrize(("text", "value"), [("A1B2-c3", "a1b2-c3"), ("9774d56d682e549d", "9774d56d682e549d"), ("x" * 128, "x" * 128)])
def test_opaque(text: str, value: str) -> None:
    assert read(text, OPTIONS) == Reading(value)


@pytest.mark.parametrize("text", ["abc", "a b c d", "gerät-1", "-abcd", "x" * 129, "{abcd}", UUID + "}{"])
def test_syntax(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.DEVICE_SYNTAX)


@pytest.mark.parametrize(
    "text",
    [
        "00000000-0000-0000-0000-000000000000",  # a person who limits ad tracking
        "0" * 32,
        "0000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "9774D56D682E549C",  # Android 2.2's bug
        "02:00:00:00:00:00",
        "0f607264fc6318a92b9e13c65db7cd3c",
        "unknown",
    ],
)
def test_placeholders(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)
