"""Segments asked of everybody at once: predicates over columns as packed masks, kept for the next question, and joined bit by bit.

A truth is two masks: where it is surely TRUE, and where it possibly is (not FALSE). NOT swaps and inverts them, so that of most conditions
only one is ever computed. What is true of row i is bit 7 - i % 8 of byte i // 8; bits behind the last row are 0.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.conditions import FALSE, TRUE
from idweave_server.segments.columns import BLOCK, Column, Mask
from idweave_server.segments.forms import Condition, Constant, Formula, Greatest, Known, Least, Less, Negation, OneOf, Related
from idweave_server.segments.predicates import Predicate, predicate_of
from idweave_server.segments.program import Program
from idweave_server.segments.tables import arrays_alone

MASKS = 512  # kept at most: 320 MB of five million rows
Key = Predicate | tuple[Condition, bool]  # a predicate on a column; what was supplied of a condition, and whether where it is possible


class Population:
    """Columns of all profiles, one row each, and what was asked of them before."""

    def __init__(self, count: int, most_masks: int = MASKS) -> None:
        self.count = count
        self._most_masks = most_masks
        self._columns: dict[str, Column] = {}
        self._masks: dict[Key, Mask] = {}
        self._pinned: dict[Key, Mask] = {}

    def put(self, field: str, values: NDArray[np.int64]) -> None:
        """The column of a field, as a row of Subjects.values: int64[n]. What was known of it before is forgotten."""
        if values.size != self.count:
            raise ValueError(f"{field} must have {self.count} rows, not {values.size}")
        self._columns[field] = Column.of(values)
        self._masks = {key: mask for key, mask in self._masks.items() if not (isinstance(key, Predicate) and key.field == field)}

    def supply(self, condition: Condition, truth: NDArray[np.int8]) -> None:
        """What a condition that no column answers (on events, lists, the identity) is of everybody: int8[n], as in Verdicts."""
        if truth.size != self.count:
            raise ValueError(f"the truth of a condition must have {self.count} rows, not {truth.size}")
        sure, possible = truth == TRUE, truth != FALSE
        self._pinned[condition, False] = np.packbits(sure)
        self._pinned[condition, True] = self._pinned[condition, False] if np.array_equal(sure, possible) else np.packbits(possible)

    def withdraw(self, condition: Condition) -> None:
        """Forget what was supplied of a condition."""
        self._pinned.pop((condition, False), None)
        self._pinned.pop((condition, True), None)

    def missing(self, program: Program) -> tuple[Condition, ...]:
        """The conditions of a program that have to be supplied before it can be asked."""
        asked = (c for c in program.conditions if not isinstance(c, Less | OneOf | Known | Related))
        return tuple(condition for condition in asked if (condition, False) not in self._pinned)

    def ask(self, program: Program, now: int, possible: bool = False) -> tuple[Mask, ...]:
        """uint8[(n + 7) // 8] of each segment: where it is TRUE, or where it is not FALSE. Not to be written to."""
        steps = self.asking(program, now, possible)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return tuple(done.value)

    def asking(self, program: Program, now: int, possible: bool = False) -> Generator[None, None, tuple[Mask, ...]]:
        """As `ask`, in steps of a block of rows. Columns that are put meanwhile are seen by the next question alone.

        Raises ValueError for a field without a column, or a condition that was not supplied.
        """
        asked = [(formula, list(self._predicates(program, formula, possible, now))) for formula in program.formulas]
        wanted = dict.fromkeys(key for _, keys in asked for key in keys)
        masks = {key: mask for key in wanted if (mask := self._kept(key)) is not None}
        computed = {key: np.empty((self.count + 7) // 8, np.uint8) for key in wanted if key not in masks}
        columns = {key: self._columns[key.field] for key in computed if isinstance(key, Predicate)}
        arrays = {key: arrays_alone(key.related) if key.fringe and key.related else None for key in columns}
        for begin in range(0, self.count, BLOCK):
            for key, column in columns.items():
                key.fill(column, begin, computed[key][begin // 8 : (begin + BLOCK) // 8], arrays[key])
            if columns:
                yield
        masks |= computed
        for key, column in columns.items():
            if self._columns.get(key.field) is column:
                self._masks[key] = computed[key]
        while len(self._masks) > self._most_masks:
            del self._masks[next(iter(self._masks))]
        return tuple(self._joined(formula, iter(keys), masks, possible) for formula, keys in asked)

    def _kept(self, key: Key) -> Mask | None:
        if key in self._pinned:
            return self._pinned[key]
        found = self._masks.pop(key, None)
        if found is not None:
            self._masks[key] = found  # the most recently used is last
        return found

    def _predicates(self, program: Program, formula: Formula, possible: bool, now: int) -> Iterator[Key]:
        """The masks that a formula is joined of, in its order: of each condition one, or two where it is possible without a value."""
        match formula:
            case Constant():
                return
            case Negation(part):
                yield from self._predicates(program, part, not possible, now)
            case Least(parts) | Greatest(parts):
                for part in parts:
                    yield from self._predicates(program, part, possible, now)
            case Less(field) | OneOf(field) | Known(field) | Related(field):
                if field not in self._columns:
                    raise ValueError(f"no column of {field}: put it first")
                column = self._columns[field]
                yield predicate_of(formula, column, now, arrays_alone(formula) if isinstance(formula, Related) else None)
                if possible and not isinstance(formula, Known):
                    yield Predicate(field, unknown=True)
            case _:
                if (formula, possible) not in self._pinned:
                    raise ValueError(f"a condition without a column was not supplied: {type(formula).__name__}")
                yield formula, possible

    def _joined(self, formula: Formula, keys: Iterator[Key], masks: dict[Key, Mask], possible: bool) -> Mask:
        """A mask of a formula. keys: as _predicates names them."""
        match formula:
            case Constant(truth):
                whole = np.full((self.count + 7) // 8, 255 if truth == TRUE or (possible and truth != FALSE) else 0, np.uint8)
                return self._trimmed(whole)
            case Negation(part):
                return self._trimmed(~self._joined(part, keys, masks, not possible))
            case Least(parts) | Greatest(parts):
                join = np.bitwise_and if isinstance(formula, Least) else np.bitwise_or
                found = self._joined(parts[0], keys, masks, possible)
                room: Mask | None = None
                for part in parts[1:]:
                    room = join(found, self._joined(part, keys, masks, possible), out=room)
                    found = room
                return found
            case Known():
                return self._trimmed(~masks[next(keys)])
            case Less() | OneOf() | Related():
                sure = masks[next(keys)]
                return sure | masks[next(keys)] if possible else sure
            case _:
                return masks[next(keys)]

    def _trimmed(self, mask: Mask) -> Mask:
        """The mask with 0 behind the last row."""
        if self.count % 8:
            mask[-1] &= 256 - (256 >> self.count % 8)
        return mask
