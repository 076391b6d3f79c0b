"""Identifiers as people write them: `email:jo@example.org`, `customer_id@shop:1234`.

An issuer may be any text: in the notation a `:` or `%` in it is written %3A, %25. The value stands as it is, colons and all.
"""

from __future__ import annotations

import re

from idweave_server.errors import InputError
from idweave_server.model import shorten

_SHAPE = re.compile(r"([a-z][a-z0-9_+]*)(?:@([^:]+))?:(.+)", re.DOTALL)
_ESCAPED = re.compile(r"%(25|3A|3a)")
_NAMESPACE = re.compile(r"[a-z][a-z0-9_+]*")


def parse_identifier(text: str) -> tuple[str, str, str]:
    """(namespace, issuer, value) of the notation; the issuer is empty where there is none, the value as written, not normalised.

    Raises InputError.
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        wanted = "namespace:value as in email:jo@example.org, or namespace@issuer:value as in customer_id@shop:1234"
        raise InputError(f"{shorten(text)!r} is no identifier; write {wanted}")
    namespace, issuer, value = found.groups()
    return namespace, _ESCAPED.sub(lambda match: "%" if match[1] == "25" else ":", issuer or ""), value.strip()


def format_identifier(namespace: str, issuer: str, value: str) -> str:
    """The notation of an identifier; `parse_identifier` undoes it for trimmed values. Raises InputError for what has no notation."""
    if not _NAMESPACE.fullmatch(namespace) or not value.strip():
        raise InputError(f"no identifier can be written from namespace {shorten(namespace)!r} and value {shorten(value)!r}")
    issued = "@" + issuer.replace("%", "%25").replace(":", "%3A") if issuer else ""
    return f"{namespace}{issued}:{value}"
