"""Many patterns over digits as one table that whole columns are walked through.

Phone metadata are regular expressions of digits, classes, groups, alternatives and counted repeats: no look-around, no back-reference.
Each becomes a tree; the tree's derivatives by the ten digits (Brzozowski, Derivatives of Regular Expressions, 1964) are the states of an
automaton. A walk of ten digits costs about as much as one RE2 pattern, and replaces the hundred of a calling code that many regions share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce

import numpy as np
import numpy.typing as npt

_ALL_DIGITS = 0x3FF


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A pattern. Equal trees are one object (see _tree), so that comparing and hashing them costs nothing.

    kind: digit (digits: those that fit, as bits), both (parts: first, then), either (parts), or the constants below.
    """

    kind: str
    digits: int = 0
    parts: tuple[Tree, ...] = ()


@cache
def _tree(kind: str, digits: int, parts: tuple[Tree, ...]) -> Tree:
    return Tree(kind, digits, parts)


@cache
def _either(parts: frozenset[Tree]) -> Tree:
    return Tree("either", parts=tuple(parts))


NOTHING, END, ANYTHING = Tree("nothing"), Tree("end"), Tree("anything")


def prefix(tree: Tree) -> Tree:
    """Whatever begins with a match of the tree."""
    return both(tree, ANYTHING)


def both(first: Tree, then: Tree) -> Tree:
    if first is NOTHING or then is NOTHING:
        return NOTHING
    if first is END or then is END:
        return then if first is END else first
    if first.kind == "both":  # leaning to the right, equal languages are more often equal trees
        return _tree("both", 0, (first.parts[0], both(first.parts[1], then)))
    return _tree("both", 0, (first, then))


def either(trees: Sequence[Tree]) -> Tree:
    found: set[Tree] = set()
    for tree in trees:
        found.update(tree.parts if tree.kind == "either" else (tree,))
    found.discard(NOTHING)
    return next(iter(found), NOTHING) if len(found) <= 1 else _either(frozenset(found))


@cache
def may_end(tree: Tree) -> bool:
    if tree.kind == "both":
        return all(may_end(part) for part in tree.parts)
    if tree.kind == "either":
        return any(may_end(part) for part in tree.parts)
    return tree is END or tree is ANYTHING


@cache
def after(tree: Tree, digit: int) -> Tree:
    """What may follow the digit in a match of the tree."""
    if tree.kind == "digit":
        return END if tree.digits >> digit & 1 else NOTHING
    if tree.kind == "both":
        first, then = tree.parts
        rest = both(after(first, digit), then)
        return either((rest, after(then, digit))) if may_end(first) else rest
    if tree.kind == "either":
        return either([after(part, digit) for part in tree.parts])
    return ANYTHING if tree is ANYTHING else NOTHING


@dataclass(frozen=True, slots=True)
class Automaton:
    """following: int32, 10 a state, the offset of the following state's ten; outcome: uint8, one a state."""

    following: npt.NDArray[np.int32]
    outcome: npt.NDArray[np.uint8]

    def walk(self, digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """uint8[n]: the outcome of each row of digits, uint8[n, size] with values 0 to 9."""
        state = np.zeros(len(digits), np.int32)
        for column in digits.T:
            state = self.following[state + column]
        return self.outcome[state // 10]


def compiled(trees: Sequence[Tree], size: int, decide: Callable[[frozenset[int]], int]) -> Automaton:
    """The automaton over exactly `size` digits whose outcome is what `decide` makes of the positions of the trees that match."""
    start = tuple((position, tree) for position, tree in enumerate(trees) if tree is not NOTHING)
    number = {start: 0}
    rows: list[list[int]] = []
    level = [start]
    for _ in range(size):
        fresh: list[tuple[tuple[int, Tree], ...]] = []
        for state in level:
            row = []
            for digit in range(10):
                reached = tuple((position, rest) for position, tree in state if (rest := after(tree, digit)) is not NOTHING)
                if reached not in number:
                    number[reached] = len(number)
                    fresh.append(reached)
                row.append(number[reached] * 10)
            rows.append(row)
        level = fresh
    rows += [[0] * 10] * (len(number) - len(rows))  # reached with the last digit only
    outcome = [decide(frozenset(position for position, tree in state if may_end(tree))) for state in number]
    return Automaton(np.array(rows, np.int32).reshape(-1), np.array(outcome, np.uint8))


@lru_cache(maxsize=4096)
def parse(pattern: str) -> Tree:
    """The tree of a regular expression in the dialect of phone metadata; ValueError for anything else."""
    tree, end = _alternatives(pattern, 0)
    if end != len(pattern):
        raise ValueError(f"{pattern!r}: unexpected {pattern[end]!r} at {end}")
    return tree


def _alternatives(pattern: str, at: int) -> tuple[Tree, int]:
    found: list[Tree] = []
    while True:
        parts: list[Tree] = []
        while at < len(pattern) and pattern[at] not in "|)":
            part, at = _atom(pattern, at)
            part, at = _repeated(part, pattern, at)
            parts.append(part)
        found.append(reduce(lambda then, first: both(first, then), reversed(parts), END))
        if at == len(pattern) or pattern[at] == ")":
            return either(found), at
        at += 1


def _atom(pattern: str, at: int) -> tuple[Tree, int]:
    if pattern[at] == "(":
        tree, at = _alternatives(pattern, at + 3 if pattern.startswith("(?:", at) else at + 1)
        if pattern[at : at + 1] != ")":
            raise ValueError(f"{pattern!r}: a group is not closed")
        return tree, at + 1
    if pattern.startswith(r"\d", at):
        return _tree("digit", _ALL_DIGITS, ()), at + 2
    if pattern[at] == "[":
        end = pattern.index("]", at)
        return _tree("digit", _class(pattern[at + 1 : end].replace(r"\d", "0-9")), ()), end + 1
    return _tree("digit", _class(pattern[at]), ()), at + 1


def _class(text: str) -> int:
    digits, at = 0, 0
    while at < len(text):
        first = last = text[at]
        if text[at + 1 : at + 2] == "-":
            last, at = text[at + 2 : at + 3], at + 2
        if not (first.isdecimal() and last.isdecimal()):
            raise ValueError(f"{text!r} is no class of digits")
        digits |= sum(1 << digit for digit in range(int(first), int(last) + 1))
        at += 1
    return digits


def _repeated(tree: Tree, pattern: str, at: int) -> tuple[Tree, int]:
    least = most = 1
    if pattern[at : at + 1] == "?":
        least, at = 0, at + 1
    elif pattern[at : at + 1] == "{":
        end = pattern.index("}", at)
        low, _, high = pattern[at + 1 : end].partition(",")
        least, most, at = int(low), int(high or low), end + 1
    optional = END
    for _ in range(most - least):
        optional = either((END, both(tree, optional)))
    return reduce(lambda then, _: both(tree, then), range(least), optional), at
