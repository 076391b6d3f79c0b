"""Identifiers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.errors import InputError
from idweave_server.identifiers.notation import format_identifier, parse_identifier


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("email:jo@web.de", ("email", "", "jo@web.de")),
        ("customer_id@shop:1234", ("customer_id", "shop", "1234")),
        ("ip:2001:db8::/64", ("ip", "", "2001:db8::/64")),
        ("social:x:jo", ("social", "", "x:jo")),
        ("customer_id@eu%3Ashop 2:a@b:c", ("customer_id", "eu:shop 2", "a@b:c")),
        (" phone: +1 931 703 1969 ", ("phone", "", "+1 931 703 1969")),
        ("name+birth_date:kelly", ("name+birth_date", "", "kelly")),
    ],
)
def test_parsed(text: str, parts: tuple[str, str, str]) -> None:
    assert parse_identifier(text) == parts


@pytest.mark.parametrize("text", ["", "jo@web.de", "email:", "email: ", "customer_id@:1", ":x", "E-Mail:jo@web.de", "\x00"])
def test_refused_with_the_shape_wanted(text: str) -> None:
    with pytest.raises(InputError, match=r"email:jo@example\.org"):
        parse_identifier(text)


@pytest.mark.parametrize(("namespace", "value"), [("", "x"), ("E-Mail", "x"), ("email", " ")])
def test_what_has_no_notation(namespace: str, value: str) -> None:
    with pytest.raises(InputError, match="namespace"):
        format_identifier(namespace, "", value)


@settings(max_examples=200, derandomize=True)
@given(
    st.from_regex(r"[a-z][a-z0-9_+]{0,8}", fullmatch=True),
    st.text(max_size=8),
    st.text(min_size=1, max_size=12).filter(lambda x: x.strip()),
)
def test_parsing_undoes_formatting(namespace: str, issuer: str, value: str) -> None:
    value = value.strip()
    assert parse_identifier(format_identifier(namespace, issuer, value)) == (namespace, issuer, value)
