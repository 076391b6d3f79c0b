"""Segments asked of everybody at once: predicates over columns as packed masks, kept for the next question, and joined bit by bit.

A truth is two masks: where it is surely TRUE, and where it possibly is (not FALSE). NOT swaps and inverts them, so that of most conditions
only one is ever computed. What is true of row i is bit 7 - i % 8 of byte i // 8; bits behind the last row are 0.

The service does not ask this way: it serves whoever has the columns of everybody in memory, which today are the benchmark and the tests.
A store keeps observations and no columns of attributes, so each look at everybody begins by gathering them, 0.7 us a profile where five
segments on three attributes cost the kernel 0.4 us more and masks 0.01; and both looks that there are want more than the truth: a preview
who leaves when, a definition when to look again, which only the kernel tells (`program.evaluate`, `forecast.crossings_of`). What would be
asked of the same columns again and again, such as reports on cohorts, is what this is for.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.conditions import FALSE, TRUE
from idweave_server.segments.columns import BLOCK, Column, Mask
from idweave_server.segments.forms import Condition, Known, Less, OneOf, Related
from idweave_server.segments.joining import Asked, Join, asked_of
from idweave_server.segments.predicates import Filling, Predicate, predicate_of
from idweave_server.segments.program import Program

MASKS = 512  # kept at most: 320 MB of five million rows
Key = Predicate | Asked  # a predicate on a column; of what was supplied, what is asked

T = TypeVar("T")
Steps = Generator[None, None, T]


class Population:
    """Columns of all profiles, one row each, and what was asked of them before."""

    def __init__(self, count: int, most_masks: int = MASKS) -> None:
        self.count = count
        self._most_masks = most_masks
        self._columns: dict[str, Column] = {}
        self._masks: dict[Key, Mask] = {}
        self._supplied: dict[Key, Mask] = {}

    def put(self, field: str, values: NDArray[np.int64]) -> None:
        """The column of a field, as a row of Subjects.values: int64[n]. What was known of it before is forgotten."""
        if values.size != self.count:
            raise ValueError(f"{field} must have {self.count} rows, not {values.size}")
        self._columns[field] = Column.of(values)
        self._masks = {key: mask for key, mask in self._masks.items() if not (isinstance(key, Predicate) and key.field == field)}

    def forget(self) -> None:
        """Drop the masks that are kept."""
        self._masks.clear()

    def supply(self, condition: Condition, truth: NDArray[np.int8]) -> None:
        """What a condition that no column answers (on events, lists, the identity) is of everybody: int8[n], as in Verdicts."""
        if truth.size != self.count:
            raise ValueError(f"the truth of a condition must have {self.count} rows, not {truth.size}")
        sure, possible = truth == TRUE, truth != FALSE
        self._supplied[condition, False] = np.packbits(sure)
        self._supplied[condition, True] = self._supplied[condition, False] if np.array_equal(sure, possible) else np.packbits(possible)

    def withdraw(self, condition: Condition) -> None:
        """Forget what was supplied of a condition."""
        self._supplied.pop((condition, False), None)
        self._supplied.pop((condition, True), None)

    def missing(self, program: Program) -> tuple[Condition, ...]:
        """The conditions of a program that have to be supplied before it can be asked."""
        asked = (c for c in program.conditions if not isinstance(c, Less | OneOf | Known | Related))
        return tuple(condition for condition in asked if (condition, False) not in self._supplied)

    def ask(self, program: Program, now: int, possible: bool = False) -> tuple[Mask, ...]:
        """uint8[(n + 7) // 8] of each segment: where it is TRUE, or where it is not FALSE. Not to be written to."""
        return _last(self.asking(program, now, possible))

    def sizes(self, program: Program, now: int, possible: bool = False) -> tuple[int, ...]:
        """How many rows each segment has, as `ask` tells them."""
        return _last(self.counting(program, now, possible))

    def asking(self, program: Program, now: int, possible: bool = False) -> Steps[tuple[Mask, ...]]:
        """As `ask`, in steps of a block of rows. Columns that are put meanwhile are seen by the next question alone.

        Raises ValueError for a field without a column, or a condition that was not supplied.
        """
        join = yield from self._join(program, now, possible)
        found = np.empty((program.size, (self.count + 7) // 8), np.uint8)
        yield from join.stretches(found)
        return tuple(found)

    def counting(self, program: Program, now: int, possible: bool = False) -> Steps[tuple[int, ...]]:
        """As `sizes`, in steps of a block of rows."""
        join = yield from self._join(program, now, possible)
        yield from join.stretches()
        return tuple(join.sizes.tolist())

    def _join(self, program: Program, now: int, possible: bool) -> Steps[Join]:
        """Compute what is not kept of the predicates that a program asks."""
        predicates = self._predicates(program, possible, now)
        masks = {key: mask for key in predicates.values() if (mask := self._kept(key)) is not None}
        computed = {key: np.empty((self.count + 7) // 8, np.uint8) for key in predicates.values() if key not in masks}
        columns = {key: self._columns[key.field] for key in computed if isinstance(key, Predicate)}
        filling = [(computed[key], Filling(key, column)) for key, column in columns.items()]
        for begin in range(0, self.count, BLOCK) if filling else ():
            for mask, predicate in filling:
                predicate.fill(begin, mask[begin // 8 : (begin + BLOCK) // 8])
            yield
        for key, column in columns.items():
            if self._columns.get(key.field) is column:
                self._masks[key] = computed[key]
        while len(self._masks) > self._most_masks:
            del self._masks[next(iter(self._masks))]
        masks |= computed
        return Join(program.formulas, possible, {asked: masks[key] for asked, key in predicates.items()}, self.count)

    def _kept(self, key: Key) -> Mask | None:
        if key in self._supplied:
            return self._supplied[key]
        found = self._masks.pop(key, None)
        if found is not None:
            self._masks[key] = found  # the most recently used is last
        return found

    def _predicates(self, program: Program, possible: bool, now: int) -> dict[Asked, Key]:
        """The mask that tells of each condition of a program where it is TRUE, or where it is not FALSE, as either is asked for."""
        found: dict[Asked, Key] = {}
        for asked in dict.fromkeys(asked for formula in program.formulas for asked in asked_of(formula, possible)):
            condition = asked[0]
            if isinstance(condition, Less | OneOf | Known | Related):
                if condition.field not in self._columns:
                    raise ValueError(f"no column of {condition.field}: put it first")
                found[asked] = predicate_of(condition, self._columns[condition.field], asked[1], now)
            elif asked in self._supplied:
                found[asked] = asked
            else:
                raise ValueError(f"a condition without a column was not supplied: {type(condition).__name__}")
        return found


def _last(steps: Steps[T]) -> T:
    """What the steps come to."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: T = done.value
            return found
