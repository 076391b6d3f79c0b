"""Positions in a definition as its text writes them, from those in its expression."""

from __future__ import annotations

import re

from idweave_server.segments.expression import All, Any, Expression, Not, TimeTest

_STEP = re.compile(r"(all|any)\[(\d+)\]\.?|not\.?")
_REST = (
    (re.compile(r"^(field|time)\.field\b"), r"\1.name"),
    (re.compile(r"^(tag)\.tag\b|^(segment)\.segment\b"), r"\1\2"),
    (re.compile(r"^(events|provenance)\.window\b"), r"\1"),
)


def text_position(expression: Expression, position: str) -> str:
    """Where the text has what the expression has at a position: what windows say stands beside the rest, the span of a test of a time under
    the name of its relation, and names are called so."""
    at, reached = 0, expression
    while (found := _STEP.match(position, at)) is not None:
        match reached:
            case All(parts) | Any(parts) if found[2] is not None and int(found[2]) < len(parts):
                reached = parts[int(found[2])]
            case Not(part) if found[2] is None:
                reached = part
            case _:
                return position
        at = found.end()
    rest = position[at:]
    for pattern, written in _REST:
        rest = pattern.sub(written, rest)
    if isinstance(reached, TimeTest):
        rest = re.sub(r"^time\.(span|relation)\b", f"time.{reached.relation.name.lower()}", rest)
    return position[:at] + rest
