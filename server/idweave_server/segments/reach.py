"""What a definition reaches through the segments that it asks about: none may reach itself, or too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from idweave_server.segments import limits
from idweave_server.segments.check_values import Problem
from idweave_server.segments.expression import All, Any, Expression, Not, SegmentTest


def segments_asked(expression: Expression) -> frozenset[str]:
    """The segments that an expression itself asks about."""
    return frozenset(leaf.segment for _, leaf in _leaves("", expression) if isinstance(leaf, SegmentTest))


def _leaves(at: str, expression: Expression) -> Iterator[tuple[str, Expression]]:
    """(position, expression) of what holds no others."""
    if isinstance(expression, All | Any):
        for i, part in enumerate(expression.parts):
            yield from _leaves(f"{at}.{'all' if isinstance(expression, All) else 'any'}[{i}]", part)
        if not expression.parts:
            yield at, expression
    elif isinstance(expression, Not):
        yield from _leaves(f"{at}.not", expression.part)
    else:
        yield at, expression


def reach_problems(name: str, expression: Expression, segments: Mapping[str, Expression]) -> list[Problem]:
    """The cycles that the definition would close, and what would be too large with it: it itself, or a segment that asks about it."""
    own = sum(1 for _ in _leaves("", expression))
    if own > limits.CONDITIONS:
        message = f"{own:,} conditions; at most {limits.CONDITIONS} are allowed: use another segment for a part of them"
        return [Problem("", message)]
    known = {**segments, name: expression}
    asked = {other: segments_asked(definition) for other, definition in known.items()}
    problems = []
    for at, leaf in _leaves("", expression):
        if isinstance(leaf, SegmentTest) and (path := _path(leaf.segment, name, asked)):
            position = f"{at}.segment.segment".removeprefix(".")
            problems.append(Problem(position, f"the segment would ask about itself: {' -> '.join((name, *path))}"))
    return problems or _too_large(name, known, asked)


def _path(source: str, target: str, asked: Mapping[str, frozenset[str]]) -> list[str]:
    """The names from one segment to another by what each asks about, shortest first, ties by name; empty without."""
    paths, seen = [[source]], {source}
    while paths:
        if found := next((path for path in paths if path[-1] == target), None):
            return found
        longer = []
        for path in paths:
            for following in sorted(asked.get(path[-1], frozenset()) - seen):
                seen.add(following)
                longer.append([*path, following])
        paths = longer
    return []


def _askers(name: str, asked: Mapping[str, frozenset[str]]) -> list[str]:
    """The segments that ask about one, directly or through others, by name."""
    found: set[str] = set()
    while more := {other for other, names in asked.items() if other not in found and names & {name, *found}}:
        found |= more
    return sorted(found - {name})


def _too_large(name: str, segments: Mapping[str, Expression], asked: Mapping[str, frozenset[str]]) -> list[Problem]:
    sizes: dict[str, tuple[int, int]] = {}
    problems = []
    for other in [name, *_askers(name, asked)]:
        conditions, depth = _size(other, segments, sizes)
        what = (
            "with the segments that it asks about, it has" if other == name else f"the segment {other!r}, which asks about it, would have"
        )
        if conditions > limits.REACHED:
            problems.append(Problem("", f"{what} {conditions:,} conditions; at most {limits.REACHED:,} are allowed: ask about fewer"))
        elif depth > limits.REACHED_DEPTH:
            problems.append(Problem("", f"{what} conditions {depth} deep; at most {limits.REACHED_DEPTH} are allowed: ask about fewer"))
    return problems


def _size(name: str, segments: Mapping[str, Expression], sizes: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """(conditions, depth) of a segment with all that it asks about."""
    if name not in segments:
        return 1, 1
    if name not in sizes:
        leaves = [leaf for _, leaf in _leaves("", segments[name])]
        inner = [_size(leaf.segment, segments, sizes) for leaf in leaves if isinstance(leaf, SegmentTest)]
        plain = sum(1 for leaf in leaves if not isinstance(leaf, SegmentTest))
        depth = limits.depth_of(segments[name]) + max((depth for _, depth in inner), default=0)
        sizes[name] = plain + sum(conditions for conditions, _ in inner), depth
    return sizes[name]
