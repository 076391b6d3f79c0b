"""Which rows report the same observation: duplicates are dropped, and of two that contradict each other one is kept, whatever the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from idweave_server.intake.tables import Duplicates
from idweave_server.kernels.index import HashIndex
from idweave_server.model import Outcome


def sort_out(identity: np.ndarray, content: np.ndarray) -> np.ndarray:
    """uint8[n], model.Outcome: ACCEPTED, DUPLICATE or CONFLICT of each row.

    identity: uint64[n, 2], hash of (source, observation id); content: uint64[n, 2], hash of everything else. Rows of one identity and one
    content are duplicates of the first of them. Of several contents the one with the least hash is kept.
    """
    outcome = np.zeros(len(identity), np.uint8)
    index = HashIndex(len(identity))
    code = index.intern(identity)
    if len(index) == len(identity):
        return outcome
    again = np.flatnonzero(np.bincount(code)[code] > 1)
    order = again[np.lexsort((again, content[again, 1], content[again, 0], code[again]))]
    same_row = code[order[1:]] == code[order[:-1]]
    first = np.concatenate(([True], ~same_row))
    leader = order[np.flatnonzero(first)][np.cumsum(first) - 1]
    outcome[order] = np.where((content[order] == content[leader]).all(axis=1), Outcome.DUPLICATE, Outcome.CONFLICT)
    outcome[order[first]] = Outcome.ACCEPTED
    return outcome


def kept_instead(kept: np.ndarray, conflicts: np.ndarray) -> np.ndarray:
    """int64[c]: for each conflict the position of what is kept in its place; kept: uint64[n, 2], conflicts: uint64[c, 2], identities."""
    index = HashIndex()
    wanted = index.intern(conflicts)
    found = index.find(kept)
    place = np.zeros(len(index), np.int64)
    place[found[found >= 0]] = np.flatnonzero(found >= 0)
    return place[wanted]


def duplicates(outcome: np.ndarray, content: np.ndarray, source: np.ndarray, sources: Sequence[str]) -> Duplicates:
    """How often rows repeat each other within a source (by id) and between sources (by content).

    outcome: uint8[n]; content: uint64[n, 2]; source: int32[n]. Between sources counts the observations of either that the other has too.
    """
    within = np.bincount(source[outcome == Outcome.DUPLICATE], minlength=len(sources))
    kept = np.flatnonzero(outcome == Outcome.ACCEPTED)
    index = HashIndex(kept.size)
    # By the second word first: of conflicts the least content was kept, and an index of small numbers is a slow one.
    code = index.intern(np.ascontiguousarray(content[kept, ::-1]))
    again = np.flatnonzero(np.bincount(code, minlength=len(index))[code] > 1)
    # Each content that is told more than once, once for each source that tells it.
    told = np.unique(code[again].astype(np.int64) * max(len(sources), 1) + source[kept[again]])
    what, who = np.divmod(told, max(len(sources), 1))
    between: Counter[tuple[str, str]] = Counter()
    apart = 1
    while (pairs := np.flatnonzero(what[apart:] == what[:-apart])).size:
        found, times = np.unique(np.stack([who[pairs], who[pairs + apart]], axis=1), axis=0, return_counts=True)
        for (one, other), count in zip(found, times, strict=True):
            left, right = sorted((sources[one], sources[other]))
            between[left, right] += int(count)
        apart += 1
    return Duplicates({sources[s]: int(c) for s, c in enumerate(within) if c}, dict(sorted(between.items())))
