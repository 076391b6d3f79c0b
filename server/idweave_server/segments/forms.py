"""Conditions brought into a few plain forms, so that the same question asked in two ways is answered once.

Every order is "less than" or not, every equality "one of"; a count of years or days is a relation of its time to now. What each form
compares with are the numbers of `Subjects`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from idweave_server.kernels.conditions import FALSE, TRUE
from idweave_server.segments.expression import Relation

SpanParts = tuple[int, int, int]  # months, days, seconds


@dataclass(frozen=True, slots=True)
class Less:
    field: str
    bound: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """constants: ascending."""

    field: str
    constants: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    field: str


@dataclass(frozen=True, slots=True)
class Listed:
    """empty: the truth where the list is empty."""

    field: str
    constants: tuple[int, ...]
    empty: int


@dataclass(frozen=True, slots=True)
class ListKnown:
    field: str


@dataclass(frozen=True, slots=True)
class Namespace:
    namespace: str
    least: int


@dataclass(frozen=True, slots=True)
class Strength:
    least: int


@dataclass(frozen=True, slots=True)
class Related:
    field: str
    relation: Relation
    of_date: bool
    span: SpanParts
    zone: str


@dataclass(frozen=True, slots=True)
class Where:
    """name: -1 for the event's amount. mode: as the kernels number them; bounds of RANGE, else texts and numbers; moneys: (micros,
    currency) of amounts, whose currency that of bounds is too."""

    name: int
    mode: int
    bounds: tuple[int, int]
    texts: tuple[int, ...]
    numbers: tuple[int, ...]
    moneys: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """types: ascending; purchase: also what stands as one."""

    types: tuple[int, ...]
    purchase: bool
    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class When:
    """A window. last, until_ago: None without; begin, end: bounds without."""

    last: SpanParts | None
    until_ago: SpanParts | None
    begin: int
    end: int
    zone: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What is measured is less than the constant (comparison IS_LESS) or is it. named: a property or -1; currency: of a sum of money."""

    pattern: Matching
    window: When
    measure: int
    comparison: int
    constant: int
    named: int
    currency: str


@dataclass(frozen=True, slots=True)
class NoneFollowed:
    """No sequence of a first event and none of the others since goes on: fewer than one, as the kernels count."""

    first: Matching
    then_not: Matching
    wait: SpanParts
    last: SpanParts
    same: int
    zone: str


@dataclass(frozen=True, slots=True)
class NoneSeen:
    """No observation by one of these is in the window."""

    sources: tuple[int, ...]
    parties: int
    kinds: tuple[int, ...]
    window: When


Condition = Less | OneOf | Known | Listed | ListKnown | Namespace | Strength | Related | Counted | NoneFollowed | NoneSeen


@dataclass(frozen=True, slots=True)
class Constant:
    truth: int


@dataclass(frozen=True, slots=True)
class Negation:
    part: Formula


@dataclass(frozen=True, slots=True)
class Least:
    """ALL."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    """ANY."""

    parts: tuple[Formula, ...]


Formula = Condition | Constant | Negation | Least | Greatest


def negated(part: Formula, really: bool = True) -> Formula:
    if not really:
        return part
    if isinstance(part, Negation):
        return part.part
    return Constant(2 - part.truth) if isinstance(part, Constant) else Negation(part)


def least(parts: Iterable[Formula]) -> Formula:
    """ALL of the parts."""
    return _joined(Least, parts, FALSE, TRUE)


def greatest(parts: Iterable[Formula]) -> Formula:
    """ANY of the parts."""
    return _joined(Greatest, parts, TRUE, FALSE)


def _joined(kind: type[Least] | type[Greatest], parts: Iterable[Formula], deciding: int, idle: int) -> Formula:
    """The parts joined, each once, those of parts of the same kind among them; without what decides nothing."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,)))
    if Constant(deciding) in flat:
        return Constant(deciding)
    left = tuple(part for part in flat if part != Constant(idle))
    return left[0] if len(left) == 1 else kind(left) if left else Constant(idle)
