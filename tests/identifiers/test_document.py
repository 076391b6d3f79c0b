"""Numbers of documents: the same number however it is grouped, and nothing made of what is no number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.document import read
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

OPTIONS = Options(default_lists())


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["521-21-2123", "521 21 2123", "521212123", " 521.21.2123\n", "５２１-21-2123", "521–21–2123", "٥٢١212123"], "521212123"),
        (["x1234567 (a)", "X1234567A", "X 1234567-A"], "X1234567A"),  # Hong Kong prints its check letter in brackets
        (["00-123", "00123"], "00123"),  # leading zeros are part of a number
        (["Étr 12", "étr12", "E\u0301TR-12"], "ÉTR12"),
        (["京A·12345", "京a12345"], "京A12345"),
    ],
)
def test_spellings_of_one_number(texts: list[str], value: str) -> None:
    assert [read(text, OPTIONS) for text in texts] == [Reading(value)] * len(texts)


@pytest.mark.parametrize("text", ["000-00-0000", "0", "-", "n/a", "N.A.", "N. A.", "none", "---"])
def test_placeholders(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)


def test_a_value_that_grows_beyond_the_limit() -> None:
    """One character of three bytes that stands for eighteen: what is stored must fit, not only what was given."""
    assert read("\ufdfa" * (MAX_IDENTIFIER_BYTES // 3), OPTIONS) == Reading(None, Refusal.TOO_LONG)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True), st.sampled_from([" ", "-", ". ", "/", "\u00a0", "\u2013", "_"]))
def test_capitals_and_grouping_say_nothing(text: str, between: str) -> None:
    assert read(between.join(text.lower()), OPTIONS) in (read(text, OPTIONS), Reading(None, Refusal.PLACEHOLDER))
    assert read(f"({text})", OPTIONS) == read(text, OPTIONS)
