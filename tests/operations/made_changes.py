"""Changes that tests make up, and a feed of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from idweave_server.engine.changes import Changes, rows_of
from idweave_server.model import ChangeCause, ChangeKind
from idweave_server.operations.feed import Feed, Kept, Position, Retention

STORE = "a store"
TERM = 7
BEGIN = 1_800_000_000
PLENTY = Retention(1_000_000, 10**9)


def a_change(number: int, kind: ChangeKind = ChangeKind.PROFILE_CHANGED, *, at: int = BEGIN, **more: object) -> np.ndarray:
    """CHANGE[1] of the profile of this number."""
    segment = more.pop("segment", 3 if kind >= ChangeKind.SEGMENT_ENTERED else -1)
    found = {"kind": kind, "cause": ChangeCause.EVENT, "effective_at": at, "segment": segment, **more}
    return rows_of(1, profile=np.array([[1, number]], np.uint64), **found)  # type: ignore[arg-type]


def entry(sequence: int, *parts: np.ndarray, at: int | None = None, term: int = TERM) -> Changes:
    return Changes.of(sequence, term, BEGIN + sequence if at is None else at, parts)


def some_entries(chance: random.Random, count: int, *, first: int = 1, most: int = 5, step: int = 3) -> list[Changes]:
    """Entries one after another, about half of them without changes."""
    found, at = [], BEGIN
    for sequence in range(first, first + count):
        at += chance.randrange(step)
        many = chance.choice((0, 0, 1, 1, chance.randrange(most + 1)))
        kinds = [chance.choice(list(ChangeKind)) for _ in range(many)]
        parts = [a_change(chance.randrange(9), kind, at=at - chance.randrange(3), backfill=chance.randrange(2)) for kind in kinds]
        found.append(entry(sequence, *parts, at=at))
    return found


def a_feed(retention: Retention = PLENTY, sequence: int = 0, entries: Sequence[Changes] = ()) -> Feed:
    begin = Position(sequence, TERM, BEGIN)
    feed = Feed(STORE, Kept(begin, begin), retention)
    for one in entries:
        feed.add(one)
    return feed


def all_after(feed: Feed, sequence: int) -> list[tuple[int, bytes]]:
    """(sequence, rows) of every kept entry after a place that has changes."""
    found = []
    while (run := feed.after(sequence)) is not None:
        found += [(one.sequence, one.rows.tobytes()) for one in map(run.changes, range(run.sequence.size))]
        sequence = run.position(-1).sequence
    return found
