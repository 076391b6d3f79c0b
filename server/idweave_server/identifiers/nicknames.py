"""Which first names are forms of one another (Robert, Rob, Bob), and which names are known to be first names.

The table is data of this release (`data/nicknames.txt`, see refresh_nicknames.py), not of an installed package: a newer table would
silently re-partition a store. It lists who is called what, not how a name is spelled, so two rules beside it say which of its entries are
spellings of one name: short forms that differ in -y, -ie or -ey alone (Robby, Robbie), and full names with the same short forms that are
alike in most letters (Geoffrey and Jeffrey are both Geoff and Jeff; Edgar and Edmond are both Ed, and not alike).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ALIKE = 0.75  # share of the letters, of two names with the same short forms; Kenneth and Kent have less
_ENDING = re.compile("(?<=[a-z]{3})(?:ie|ey|y)$")  # not of Joey and Joy


class Nicknames(NamedTuple):
    """The table by position: names: string[n], ascending; the families of name i are family[start[i]:start[i + 1]], int32, ascending.

    A family is numbered by the line of its canonical name in the data file. A name is of the families of its canonical names, of its own
    where it is one, and of those of its other spellings. canonical: string[n], the canonical name where there is exactly one, else null.
    """

    names: pa.StringArray
    start: np.ndarray
    family: np.ndarray
    canonical: pa.StringArray


@cache
def nicknames() -> Nicknames:
    """The vendored table, read at first use."""
    text = resources.files(__package__).joinpath("data/nicknames.txt").read_text("utf-8")
    lines = [line.split(": ") for line in text.splitlines() if not line.startswith("#")]
    families: defaultdict[str, set[int]] = defaultdict(set)
    canonicals: defaultdict[str, list[str]] = defaultdict(list)
    number = {canonical: at for at, (canonical, _) in enumerate(lines)}
    for canonical, listed in lines:
        families[canonical].add(number[canonical])
        for name in listed.split():
            families[name].add(number[canonical])
            canonicals[name].append(canonical)
    for spellings in _one_but_for_the_ending(canonicals):
        shared = frozenset().union(*(families[name] for name in spellings))
        families.update((name, set(shared)) for name in spellings)
    for one, other in _alike(lines):
        families[one].add(number[other])
        families[other].add(number[one])
    names = sorted(families)
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(families[name]) for name in names], out=start[1:])
    family = np.array([number for name in names for number in sorted(families[name])], np.int32)
    only = [found[0] if len(found := canonicals[name]) == 1 else None for name in names]
    return Nicknames(pa.array(names, pa.string()), start, family, pa.array(only, pa.string()))


def _one_but_for_the_ending(short_forms: Iterable[str]) -> list[list[str]]:
    """Short forms by what they are without -ie, -ey or -y: Robbie and Robby."""
    found = defaultdict(list)
    for name in sorted(short_forms):
        if _ENDING.search(name):
            found[_ENDING.sub("", name)].append(name)
    return list(found.values())


def _alike(lines: list[list[str]]) -> list[tuple[str, str]]:
    """Full names with the same short forms that share most letters; lines: of the file, (canonical name, its short forms)."""
    found = defaultdict(list)
    for canonical, listed in lines:
        if " " in listed:  # a single one is chance: Paul and Pauline are both Polly
            found[listed].append(canonical)
    pairs = [pair for names in found.values() for pair in combinations(names, 2)]
    return [pair for pair in pairs if SequenceMatcher(None, *pair, autojunk=False).ratio() >= ALIKE]


def families(name: str) -> frozenset[int]:
    """The families of a folded first name: two names may be one person's where these intersect. Empty for a name not in the table."""
    table = nicknames()
    at = pc.index(table.names, name).as_py()
    return frozenset() if at < 0 else frozenset(table.family[table.start[at] : table.start[at + 1]].tolist())


def canonical_names(first: pa.StringArray) -> pa.StringArray:
    """For each folded first name its one canonical name, or itself where the table knows none or several (Al: Albert, Alan, ...)."""
    table = nicknames()
    if len(first) < len(table.names):  # Arrow would hash the whole table first
        only = _canonical()
        return pa.array([only.get(name, name) for name in first.to_pylist()], pa.string())
    return pc.coalesce(table.canonical.take(pc.index_in(first, value_set=table.names)), first)


@cache
def _canonical() -> dict[str | None, str]:
    """The canonical name of each name that has exactly one."""
    table = nicknames()
    return {name: only for name, only in zip(table.names.to_pylist(), table.canonical.to_pylist(), strict=True) if only is not None}
