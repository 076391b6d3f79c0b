"""Formulas and conditions as the arrays that the kernels read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels import conditions as kernel
from idweave_server.kernels.civil import DAY
from idweave_server.kernels.conditions import LEAF_COLUMNS, ProgramArrays
from idweave_server.segments.expression import Relation
from idweave_server.segments.forms import (
    Condition,
    Constant,
    Counted,
    Formula,
    Greatest,
    Known,
    Least,
    Less,
    Listed,
    ListKnown,
    Matching,
    Namespace,
    Negation,
    NoneFollowed,
    NoneSeen,
    OneOf,
    Related,
    SpanParts,
    Strength,
    When,
    Where,
)
from idweave_server.segments.money import Rates
from idweave_server.segments.subjects import Needs
from idweave_server.segments.zones import zone_tables

RELATIONS = {
    Relation.WITHIN: kernel.WITHIN,
    Relation.OLDER: kernel.OLDER,
    Relation.UPCOMING: kernel.UPCOMING,
    Relation.ANNIVERSARY: kernel.ANNIVERSARY,
}


class Currencies(Protocol):
    """What is asked of program.Words here."""

    def currency(self, code: str) -> int: ...


def needs_of(conditions: Sequence[Condition]) -> Needs:
    """What the conditions read of a profile, in the order in which they name it."""
    return Needs(
        _different(c.field for c in conditions if isinstance(c, Less | OneOf | Known | Related)),
        _different(c.field for c in conditions if isinstance(c, Listed | ListKnown)),
        _different(c.namespace for c in conditions if isinstance(c, Namespace)),
        any(isinstance(c, Counted | NoneFollowed) for c in conditions),
        any(isinstance(c, NoneSeen) for c in conditions),
        any(isinstance(c, Strength) for c in conditions),
    )


def _different(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def arrays_of(formulas: Sequence[Formula], conditions: Sequence[Condition], needs: Needs, rates: Rates, words: Currencies) -> ProgramArrays:
    """The arrays of a program: conditions are its leaves in this order."""
    tables = _Tables(needs, rates, words)
    leaves = np.zeros((len(conditions), LEAF_COLUMNS), np.int64)
    for row, condition in zip(leaves, conditions, strict=True):
        asked = tables.row_of(condition)
        row[: len(asked)] = asked
    number = {condition: i for i, condition in enumerate(conditions)}
    codes = [_Code(formula, number) for formula in formulas]
    return ProgramArrays(
        leaves,
        np.array(tables.constants, np.int64),
        np.array(list(tables.spans.rows), np.int64).reshape(-1, 4),
        zone_tables(tuple(tables.zones.rows)),
        np.array(tables.patterns, np.int64).reshape(-1, 5),
        np.array(tables.wheres, np.int64).reshape(-1, 7),
        np.array(tables.moneys, np.int64).reshape(-1, 3),
        np.array([currency for currency, _ in tables.rates], np.int64),
        np.array([factor for _, factor in tables.rates], np.float64),
        _offsets(len(code.words) for code in codes),
        np.array([word for code in codes for word in code.words], np.int32),
        _offsets(len(code.leaves) for code in codes),
        np.array([leaf for code in codes for leaf in code.leaves], np.int32),
        max((code.depth for code in codes), default=1),
        max((len(code.leaves) for code in codes), default=0),
    )


@lru_cache(maxsize=256)
def arrays_alone(condition: Related) -> ProgramArrays:
    """The arrays of a relation as the only condition of a program."""
    return arrays_of([condition], [condition], needs_of([condition]), Rates(""), _NoWords())


class _NoWords:
    """The numbers of words for conditions that have none."""

    def currency(self, code: str) -> int:
        raise ValueError(f"no number for {code}")


def _offsets(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)


class _Code:
    """A formula as words, postfix. leaves: the conditions that it asks, each once, numbered by their places here."""

    def __init__(self, formula: Formula, number: dict[Condition, int]) -> None:
        self.words: list[int] = []
        self.depth = 0
        places: dict[int, int] = {}
        self._write(formula, number, places, 0)
        self.leaves = tuple(places)

    def _write(self, formula: Formula, number: dict[Condition, int], places: dict[int, int], below: int) -> None:
        self.depth = max(self.depth, below + 1)
        match formula:
            case Constant(truth):
                self.words += (kernel.CONSTANT, truth)
            case Negation(part):
                self._write(part, number, places, below)
                self.words.append(kernel.NOT)
            case Least(parts) | Greatest(parts):
                for i, part in enumerate(parts):
                    self._write(part, number, places, below + i)
                self.words += (kernel.ALL_OF if isinstance(formula, Least) else kernel.ANY_OF_THEM, len(parts))
            case _:
                self.words.append(places.setdefault(number[formula], len(places)))


class _Numbered:
    """Different things, numbered as they come."""

    def __init__(self) -> None:
        self.rows: dict[Any, int] = {}

    def __call__(self, row: Hashable) -> int:
        return self.rows.setdefault(row, len(self.rows))


class _Tables:
    """What the rows of leaves point to."""

    def __init__(self, needs: Needs, rates: Rates, words: Currencies) -> None:
        self._needs, self._rates, self._words = needs, rates, words
        self.spans, self.zones = _Numbered(), _Numbered()
        self.constants: list[int] = []
        self.patterns: list[tuple[int, ...]] = []
        self.wheres: list[tuple[int, ...]] = []
        self.moneys: list[tuple[int, int, int]] = []
        self.rates: list[tuple[int, float]] = []
        self._places: dict[Hashable, tuple[int, int]] = {}

    def row_of(self, condition: Condition) -> tuple[int, ...]:
        """A condition as its row of leaves; see kernels.conditions for the columns."""
        needs = self._needs
        match condition:
            case Less(field, bound):
                return kernel.LESS, needs.fields.index(field), bound
            case OneOf(field, constants):
                return kernel.ONE_OF, needs.fields.index(field), *self._constants(constants)
            case Known(field):
                return kernel.KNOWN, needs.fields.index(field)
            case Listed(field, constants, empty):
                return kernel.LISTED, needs.lists.index(field), *self._constants(constants), empty
            case ListKnown(field):
                return kernel.LIST_KNOWN, needs.lists.index(field)
            case Namespace(namespace, least):
                return kernel.NAMESPACE, needs.namespaces.index(namespace), least
            case Strength(least):
                return kernel.STRENGTH, least
            case Related(field, relation, of_date, span, zone):
                return RELATIONS[relation], needs.fields.index(field), int(of_date), self._span(span), self.zones(zone)
            case Counted(pattern, when, measure, comparison, constant, named, currency):
                rates = self._rates_into(currency) if currency else (0, 0)
                compared = (measure, comparison, constant, named, *rates)
                return kernel.EVENTS, self._pattern(pattern), *self._window(when), *compared
            case NoneFollowed(first, then_not, wait, last, same, zone):
                patterns = self._pattern(first), self._pattern(then_not)
                return kernel.SEQUENCE, *patterns, self._span(wait), self._span(last), same, self.zones(zone)
            case NoneSeen(sources, parties, kinds, when):
                asked = (*self._constants(sources), parties, *self._constants(kinds))
                return kernel.PROVENANCE, *asked, *self._window(when)

    def _span(self, span: SpanParts | None) -> int:
        if span is None:
            return -1
        months, days, seconds = span
        slack = 2 * DAY if months or days else 0  # of clocks that change
        return self.spans((months, days, seconds, months * 31 * DAY + days * DAY + seconds + slack))

    def _window(self, when: When) -> tuple[int, ...]:
        return self._span(when.last), self._span(when.until_ago), when.begin, when.end, self.zones(when.zone)

    def _constants(self, constants: tuple[int, ...]) -> tuple[int, int]:
        if constants not in self._places:
            self._places[constants] = len(self.constants), len(self.constants) + len(constants)
            self.constants += constants
        return self._places[constants]

    def _rates_into(self, currency: str) -> tuple[int, int]:
        if currency not in self._places:
            found = [(self._words.currency(name), factor) for name, factor in self._rates.into(currency).items()]
            self._places[currency] = len(self.rates), len(self.rates) + len(found)
            self.rates += found
        return self._places[currency]

    def _pattern(self, pattern: Matching) -> int:
        if pattern not in self._places:
            begin = len(self.wheres)
            self.wheres += [self._where(where) for where in pattern.wheres]
            self._places[pattern] = len(self.patterns), begin
            self.patterns.append((*self._constants(pattern.types), begin, len(self.wheres), int(pattern.purchase)))
        return self._places[pattern][0]

    def _where(self, where: Where) -> tuple[int, ...]:
        if where.mode == kernel.RANGE:
            rates = self._rates_into(where.moneys[0][1]) if where.moneys else (0, 0)
            return where.name, where.mode, *where.bounds, *rates, int(where.name < 0)
        if where.name >= 0:
            return where.name, where.mode, *self._constants(where.texts), *self._constants(where.numbers), 0
        begin = len(self.moneys)
        self.moneys += [(micros, *self._rates_into(currency)) for micros, currency in where.moneys]
        return where.name, where.mode, begin, len(self.moneys), 0, 0, 1
