"""Masks of conditions joined as formulas say, a stretch of rows at a time, for `population`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.conditions import ALL_OF, ANY_OF_THEM, CONSTANT, FALSE, NOT, TRUE
from idweave_server.kernels.masks import join_masks
from idweave_server.segments.columns import Mask
from idweave_server.segments.forms import Condition, Constant, Formula, Greatest, Least, Negation

STRETCH = 32_768  # bytes of each mask; those of some dozens of conditions stay in the processor's cache
Asked = tuple[Condition, bool]  # a condition, and whether where it is possible (not FALSE) rather than where it is TRUE


def asked_of(formula: Formula, possible: bool) -> Iterator[Asked]:
    """What a formula asks of its conditions, to tell where it is TRUE, or possible: below a NOT the other one."""
    match formula:
        case Constant():
            return
        case Negation(part):
            yield from asked_of(part, not possible)
        case Least(parts) | Greatest(parts):
            for part in parts:
                yield from asked_of(part, possible)
        case _:
            yield formula, possible


class Join:
    """Formulas over masks of `count` rows."""

    def __init__(self, formulas: Sequence[Formula], possible: bool, masks: dict[Asked, Mask], count: int) -> None:
        self._masks, self._count = list(masks.values()), count
        place = {asked: i for i, asked in enumerate(masks)}
        codes = [list(_code(formula, possible, place)) for formula in formulas]
        self._code = np.array([word for code in codes for word in code], np.int32)
        self._start = np.cumsum([0, *(len(code) for code in codes)], dtype=np.int64)
        self._depth = max((_depth(formula) for formula in formulas), default=1)
        self.sizes = np.zeros(len(formulas), np.int64)

    def stretches(self, found: NDArray[np.uint8] | None = None) -> Iterator[None]:
        """Join a stretch at every step: add to `sizes`, and fill found: uint8[s, (n + 7) // 8], where it is given."""
        width = (self._count + 7) // 8
        words = -(-min(STRETCH, width) // 8)
        masks, valid = np.zeros((len(self._masks), words), np.uint64), np.full(words, ~np.uint64(0))
        joined = np.empty((self.sizes.size, words), np.uint64)
        for begin in range(0, width, STRETCH):
            end = min(begin + STRETCH, width)
            for row, mask in zip(masks.view(np.uint8), self._masks, strict=True):
                row[: end - begin] = mask[begin:end]
            if end == width:
                valid = _rows(self._count - 8 * begin, words)
            join_masks(masks, self._code, self._start, self._depth, valid, joined, self.sizes)
            if found is not None:
                found[:, begin:end] = joined.view(np.uint8)[:, : end - begin]
            yield


def _code(formula: Formula, possible: bool, place: dict[Asked, int]) -> Iterator[int]:
    match formula:
        case Constant(truth):
            yield from (CONSTANT, int(truth == TRUE or (possible and truth != FALSE)))
        case Negation(part):
            yield from (*_code(part, not possible, place), NOT)
        case Least(parts) | Greatest(parts):
            for part in parts:
                yield from _code(part, possible, place)
            yield from (ALL_OF if isinstance(formula, Least) else ANY_OF_THEM, len(parts))
        case _:
            yield place[formula, possible]


def _rows(count: int, words: int) -> NDArray[np.uint64]:
    """uint64[words]: the mask of so many rows, all of them."""
    found = np.zeros(8 * words, np.uint8)
    whole, rest = divmod(count, 8)
    found[:whole] = 0xFF
    if rest:
        found[whole] = 0xFF00 >> rest & 0xFF
    return found.view(np.uint64)


def _depth(formula: Formula) -> int:
    """How many masks are on the stack at most."""
    if isinstance(formula, Negation):
        return _depth(formula.part)
    return max(i + _depth(part) for i, part in enumerate(formula.parts)) if isinstance(formula, Least | Greatest) else 1
