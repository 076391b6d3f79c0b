"""How large a definition may be, and how large one is."""

from __future__ import annotations

from idweave_server.segments.expression import All, Any, Expression, Not

DEEPEST = 32  # conditions inside one another
CONDITIONS = 200  # of one definition
REACHED = 1_000  # conditions of a definition together with those of the segments that it asks about
REACHED_DEPTH = 128
CONSTANTS = 1_000  # of one IN
TYPES = 64  # of one pattern
WHERES = 16  # of one pattern
TEXT = 1_024  # characters of a constant or a name
YEARS = 150  # of a span
UNITS = 9_000_000_000_000  # of a number or an amount; as millionths it is a whole number of 64 bits
IDENTIFIERS = 1_000_000
STRENGTH = 1_000_000_000_000  # micro-nats


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions right inside one."""
    if isinstance(expression, All | Any):
        return expression.parts
    return (expression.part,) if isinstance(expression, Not) else ()


def depth_of(expression: Expression) -> int:
    """How many expressions lie inside one another, without recursion, since nobody has looked at the tree yet."""
    depth, level = 0, [expression]
    while level and depth <= 10 * DEEPEST:
        depth, level = depth + 1, [part for inner in level for part in parts_of(inner)]
    return depth
