"""A segment as it was put: one version of a name with its condition and what people say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from idweave_server.segments.expression import All, Any, Expression, Not, SegmentTest

LONGEST_NAME = 100  # characters
NAME = re.compile(rf"[a-z][a-z0-9_.-]{{0,{LONGEST_NAME - 1}}}")


@dataclass(frozen=True, slots=True)
class Definition:
    """version: from 1, one higher each time the name is put, deletions in between or not; at: when it was put, seconds UTC; sequence: of
    its entry in the log, 0 before it has one. template, parameters: what the expression was made from, "" and none where it was put as it
    is. deleted: the name was deleted after this version, and not put again."""

    name: str
    version: int
    expression: Expression
    description: str = ""
    owner: str = ""
    template: str = ""
    parameters: tuple[tuple[str, str], ...] = ()  # by name
    at: int = 0
    sequence: int = 0
    deleted: bool = False

    def says_the_same(self, other: Definition) -> bool:
        """Whether both differ in nothing that somebody put."""
        return self._put() == other._put()

    def _put(self) -> tuple[object, ...]:
        return self.name, self.expression, self.description, self.owner, self.template, self.parameters


def segments_in(expression: Expression) -> Iterator[str]:
    """The names of the segments that a condition names, as often as it does."""
    waiting = [expression]
    while waiting:
        match waiting.pop():
            case All(parts) | Any(parts):
                waiting += reversed(parts)
            case Not(part):
                waiting.append(part)
            case SegmentTest(segment):
                yield segment


def users_of(name: str, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
    """The other segments whose definitions name this one, by name."""
    return tuple(sorted(one.name for one in definitions.values() if one.name != name and name in segments_in(one.expression)))


def depending(name: str, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
    """The other segments that say something else when this one does, through any number of steps, by name."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        users = set(users_of(waiting.pop(), definitions)) - found - {name}
        found |= users
        waiting += sorted(users)
    return tuple(sorted(found))
