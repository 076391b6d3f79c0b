"""Identifiers as text: `email:jo@example.org`, `customer_id@shop:1234`; the canonical form is the server's business."""

from __future__ import annotations

import re

from idweave.v1.identifier_pb2 import Identifier

_TEXT = re.compile(r"(?P<namespace>[a-z][a-z0-9_]*)(?:@(?P<issuer>[^:]+))?:(?P<value>.+)", re.DOTALL)


def identifier(text: str) -> Identifier:
    """The identifier that `namespace:value` or `namespace@issuer:value` states; the value may hold further colons.

    Raises ValueError for any other text.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:80]!r} is not an identifier; write email:jo@example.org or customer_id@shop:1234")
    return Identifier(namespace=found["namespace"], issuer=found["issuer"] or "", value=found["value"])


def identifier_text(found: Identifier) -> str:
    """The text that `identifier` reads as this identifier. Raises ValueError where there is none, such as for an empty value."""
    issuer = f"@{found.issuer}" if found.issuer else ""
    text = f"{found.namespace}{issuer}:{found.value}"
    if identifier(text) != Identifier(namespace=found.namespace, issuer=found.issuer, value=found.value):
        raise ValueError(f"namespace {found.namespace!r} with issuer {found.issuer!r} cannot be written as one text")
    return text
