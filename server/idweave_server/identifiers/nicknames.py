"""Which first names are forms of one another (Robert, Rob, Bob), and which names are known to be first names.

The table is data of this release (`data/nicknames.txt`, see refresh_nicknames.py), not of an installed package: a newer table would
silently re-partition a store. It lists who is called what, not how a name is spelled, so two rules beside it say which of its entries are
spellings of one name: short forms that differ in -y, -ie or -ey alone (Robby, Robbie), and full names with the same short forms that are
alike in most letters (Geoffrey and Jeffrey are both Geoff and Jeff; Edgar and Edmond are both Ed, and not alike).
"""

from __future__ import annotations

import re
from collections import defaultdict
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
    families: dict[str, set[int]] = {}
    canonicals: dict[str, list[str]] = {}
    for number, (canonical, short_forms) in enumerate(lines):
        families.setdefault(canonical, set()).add(number)
        for name in short_forms.split():
            families.setdefault(name, set()).add(number)
            canonicals.setdefault(name, []).append(canonical)
    for spellings in _spellings(dict(lines), canonicals):
        shared = set().union(*(families[name] for name in spellings))
        families.update((name, shared) for name in spellings)
    names = sorted(families)
    start = np.zeros(len(names) + 1, np.int64)
    np.cumsum([len(families[name]) for name in names], out=start[1:])
    family = np.array([number for name in names for number in sorted(families[name])], np.int32)
    only = [found[0] if len(found := canonicals.get(name, [])) == 1 else None for name in names]
    return Nicknames(pa.array(names, pa.string()), start, family, pa.array(only, pa.string()))


def _spellings(short_forms: dict[str, str], canonicals: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Names of the table that are spellings of one another; short_forms: of each canonical name, as the file has them; canonicals: of each
    short form."""
    endings, alike = defaultdict(list), defaultdict(list)
    for name in sorted(canonicals):
        if _ENDING.search(name):
            endings[_ENDING.sub("", name)].append(name)
    for name, listed in short_forms.items():
        if " " in listed:  # a single short form is chance: Alan and Aldo are both Al
            alike[listed].append(name)
    pairs = [pair for names in alike.values() for pair in combinations(names, 2)]
    return [
        *(tuple(names) for names in endings.values()),
        *(pair for pair in pairs if SequenceMatcher(None, *pair, autojunk=False).ratio() >= ALIKE),
    ]


def families(name: str) -> frozenset[int]:
    """The families of a folded first name: two names may be one person's where these intersect. Empty for a name not in the table."""
    table = nicknames()
    at = pc.index(table.names, name).as_py()
    return frozenset() if at < 0 else frozenset(table.family[table.start[at] : table.start[at + 1]].tolist())


def canonical_names(first: pa.StringArray) -> pa.StringArray:
    """For each folded first name its one canonical name, or itself where the table knows none or several (Al: Albert, Alan, ...)."""
    table = nicknames()
    return pc.coalesce(table.canonical.take(pc.index_in(first, value_set=table.names)), first)
