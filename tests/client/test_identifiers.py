"""Identifiers as text."""

from __future__ import annotations

import idweave
import pytest
from hypothesis import given
from hypothesis import strategies as st

NAMESPACES = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
ISSUERS = st.text(max_size=12).filter(lambda text: ":" not in text)


@pytest.mark.parametrize(
    ("text", "namespace", "issuer", "value"),
    [
        ("email:jo@example.org", "email", "", "jo@example.org"),
        ("customer_id@shop:1234", "customer_id", "shop", "1234"),
        ("social:x:kelly", "social", "", "x:kelly"),  # a value may hold colons
        ("customer_id@shop@eu:a b", "customer_id", "shop@eu", "a b"),
    ],
)
def test_text_names_namespace_issuer_and_value(text: str, namespace: str, issuer: str, value: str) -> None:
    found = idweave.identifier(text)
    assert (found.namespace, found.issuer, found.value) == (namespace, issuer, value)
    assert idweave.identifier_text(found) == text


@pytest.mark.parametrize("text", ["", "email", "email:", ":jo@example.org", "jo@example.org", "Email:jo", "customer_id@:1234", "1id:x"])
def test_other_texts_are_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="write email:jo@example"):
        idweave.identifier(text)


@given(NAMESPACES, ISSUERS, st.text(min_size=1))
def test_every_identifier_survives_its_text(namespace: str, issuer: str, value: str) -> None:
    found = idweave.Identifier(namespace=namespace, issuer=issuer, value=value)
    assert idweave.identifier(idweave.identifier_text(found)) == found


def test_an_issuer_with_a_colon_has_no_text() -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        idweave.identifier_text(idweave.Identifier(namespace="customer_id", issuer="shop:1", value="2"))
