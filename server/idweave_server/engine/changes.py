"""What one entry of the log did to profiles and memberships, as rows in an order that their content alone decides.

A change is named for ever by (store, term and sequence of its entry, its place among the entry's changes). So that every server and every
replay gives it the same place, the order goes by what a change says and never by the order in which it was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

# One change, 59 bytes. kind: ChangeKind; cause: ChangeCause; profile, other: an id as two words, zero where there is no other; segment: its
# number, -1 of a profile's changes; version: of the segment's definition, 0 without; effective_at: seconds UTC; until: of SEGMENT_ENTERED
# the end of the lease, subjects.FOREVER where time alone does not end it, else 0; backfill: 1 where history that was loaded late made it.
# Little-endian and packed, since it is written to files as it stands.
CHANGE = np.dtype(
    [
        ("effective_at", "<i8"),
        ("until", "<i8"),
        ("profile", "<u8", (2,)),
        ("other", "<u8", (2,)),
        ("segment", "<i4"),
        ("version", "<i4"),
        ("kind", "u1"),
        ("cause", "u1"),
        ("backfill", "u1"),
    ]
)


def no_rows() -> np.ndarray:
    return np.zeros(0, CHANGE)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Changes:
    """The changes of one whole entry, in order; none where the entry changed nothing that is told. sequence, term: of the entry; at: state
    time after it; rows: CHANGE[n], not to be written to."""

    sequence: int
    term: int
    at: int
    rows: np.ndarray = field(default_factory=no_rows)

    @classmethod
    def of(cls, sequence: int, term: int, at: int, parts: Sequence[np.ndarray]) -> Changes:
        """Of an entry that was applied in slices. parts: CHANGE[n] each, in any order. One sort of all: a job for another thread where it
        is much, since it reads nothing but its arguments."""
        return cls(sequence, term, at, ordered(np.concatenate(parts)) if parts else no_rows())

    def __len__(self) -> int:
        return int(self.rows.size)


def rows_of(count: int, **columns: np.ndarray | int) -> np.ndarray:
    """CHANGE[count] from arrays of that length, or one value for all; what is left out is 0, and -1 of `segment`."""
    rows = np.zeros(count, CHANGE)
    rows["segment"] = -1
    for name, values in columns.items():
        rows[name] = values
    return rows


def ordered(rows: np.ndarray) -> np.ndarray:
    """The rows by time, profile, kind, segment, then by all that may still differ."""
    if rows.size < 2:
        return rows
    keys = (
        *(rows[name] for name in ("backfill", "until", "version", "cause")),
        *(rows["other"][:, place] for place in (1, 0)),
        *(rows[name] for name in ("segment", "kind")),
        *(rows["profile"][:, place] for place in (1, 0)),
        rows["effective_at"],
    )
    return rows[np.lexsort(keys)]
