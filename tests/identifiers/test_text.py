"""The guards that every identifier's text passes."""

from __future__ import annotations

import pytest
from idweave_server.identifiers.columns import ROUTES, read_value
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options
from idweave_server.identifiers.text import clean
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

OPTIONS = Options(default_lists(), region="US", network="x")
PLACEHOLDERS = default_lists().placeholders


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("a\x00b", Refusal.CONTROL_CHARACTER),
        ("a\tb", Refusal.CONTROL_CHARACTER),
        ("a\x85b", Refusal.CONTROL_CHARACTER),
        ("a\u2028b", Refusal.CONTROL_CHARACTER),
        ("a\ufffdb", Refusal.BAD_ENCODING),
        (chr(0xDC80) + "b", Refusal.BAD_ENCODING),  # half a surrogate pair, as a lenient decoder leaves it
        ("x" * (MAX_IDENTIFIER_BYTES + 1), Refusal.TOO_LONG),
        ("é" * (MAX_IDENTIFIER_BYTES // 2 + 1), Refusal.TOO_LONG),
        ("N/A", Refusal.PLACEHOLDER),
        (" null ", Refusal.PLACEHOLDER),
        ("\\N", Refusal.PLACEHOLDER),
        ("#N/A", Refusal.PLACEHOLDER),
        ("无", Refusal.PLACEHOLDER),
        ("---", Refusal.PLACEHOLDER),
        ("0", Refusal.PLACEHOLDER),
    ],
)
@pytest.mark.parametrize("form", sorted(ROUTES))
def test_refused_in_every_form(form: str, text: str, refusal: Refusal) -> None:
    assert read_value(form, text, OPTIONS).refusal == refusal


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  jo \r\n", "jo"),
        ("\ufeffjo", "jo"),  # a byte-order mark that a spreadsheet left in the first cell
        ("\u202a+1 212\u202c", "+1 212"),  # direction marks that messengers put around a number
        ("jo\u200b\u00ad", "jo"),
        ("e\u0301", "é"),
        ("x" * MAX_IDENTIFIER_BYTES, "x" * MAX_IDENTIFIER_BYTES),
    ],
)
def test_what_is_invisible_is_removed(text: str, kept: str) -> None:
    assert clean(text, PLACEHOLDERS) == (kept, Refusal.NONE)
