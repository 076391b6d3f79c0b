"""Cookies and opaque ids are kept as they are; what is none is refused."""

from __future__ import annotations

import pytest
from idweave_server.identifiers import cookie, opaque
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Refusal

OPTIONS = Options(default_lists())


@pytest.mark.parametrize("text", ["ck.264c8a1338713bb92f96", "GA1.2.1234.5678", "AbC=", "1", "é"])
def test_case_is_kept(text: str) -> None:
    assert cookie.read(f" {text} ", OPTIONS) == opaque.read(f" {text} ", OPTIONS) == Reading(text)


def test_spaces_are_part_of_an_opaque_id_and_break_a_cookie() -> None:
    assert opaque.read("C 12", OPTIONS) == Reading("C 12")
    assert cookie.read("C 12", OPTIONS) == Reading(None, Refusal.COOKIE_SYNTAX)
    assert cookie.read("C\u00a012", OPTIONS) == Reading(None, Refusal.COOKIE_SYNTAX)


@pytest.mark.parametrize("text", ["undefined", "null", "0000", "00-00", "..."])
def test_placeholders(text: str) -> None:
    assert cookie.read(text, OPTIONS) == opaque.read(text, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)
