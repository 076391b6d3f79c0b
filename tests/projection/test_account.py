"""The account of what the graph holds finds exactly what changed, whatever was held before."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.projection import account
from idweave_server.projection.account import Account, Change, Names
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import Kind

Row = tuple[int, int, int]


def table(rows: list[Row]) -> Table:
    """Rows of (owner, one, two)."""
    columns = np.array(rows, np.int64).reshape(-1, 3)
    keys = pa.array([str(row) for row in rows], pa.string())
    return Table(Kind.LINKS, columns[:, 0].astype(np.int32), columns[:, 1].copy(), columns[:, 2].copy(), keys, keys, None, {})


def names(found: Names) -> list[Row]:
    return sorted(zip(found.owner.tolist(), found.one.tolist(), found.two.tolist(), strict=True))


def change(held: Account, wanted: dict[Row, int], owners: list[int]) -> Change:
    rows = [row for row in wanted if row[0] in owners]
    return held.change(table(rows), np.array(owners, np.int32), np.array([wanted[row] for row in rows], np.uint64))


def test_the_difference_is_that_of_two_dictionaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "SPARE", 20)  # so that it is tidied often
    known: dict[Row, int] = {}
    r, held = random.Random(5), Account(Kind.LINKS)
    created = updated = deleted = 0
    for _ in range(600):
        owners = r.sample(range(-1, 12), r.randint(1, 5))
        wanted: dict[Row, int] = {row: digest for row, digest in known.items() if row[0] not in owners}
        for owner in owners:
            for _ in range(r.randint(0, 4)):
                row = (owner, r.randrange(3), r.choice((0, 0, 1, -(2**62))))
                wanted[row] = known.get(row, 0) if r.random() < 0.5 else r.randrange(2**60)
        found = change(held, wanted, owners)
        rows = [row for row in wanted if row[0] in owners]
        assert sorted(rows[at] for at in found.create.tolist()) == sorted(row for row in rows if row not in known)
        assert sorted(rows[at] for at in found.update.tolist()) == sorted(row for row in rows if known.get(row, wanted[row]) != wanted[row])
        assert names(found.delete) == sorted(row for row in known if row[0] in owners and row not in wanted)
        created, updated, deleted = created + found.create.size, updated + found.update.size, deleted + len(found.delete)
        held.apply(found)
        known = wanted
        assert len(held) == len(known)
    assert min(created, updated, deleted) > 200


def test_of_a_row_that_is_held_twice_both_go_and_one_comes() -> None:
    held = Account(Kind.LINKS)
    twice = table([(3, 1, 0), (3, 1, 0), (3, 2, 0), (5, 1, 0)])
    held.hold(Names.of(twice), np.array([7, 7, 8, 9], np.uint64))
    found = change(held, {(3, 1, 0): 7, (3, 2, 0): 8, (5, 1, 0): 9}, [3, 5])
    assert names(found.delete) == [(3, 1, 0), (3, 1, 0)]
    assert [found.table.start[at].as_py() for at in found.create.tolist()] == ["(3, 1, 0)"]
    held.apply(found)
    assert len(change(held, {(3, 1, 0): 7, (3, 2, 0): 8, (5, 1, 0): 9}, [3, 5])) == 0


def test_what_owns_nothing_and_was_never_heard_of() -> None:
    held = Account(Kind.LINKS)
    assert len(change(held, {}, [4, 900])) == 0
    held.apply(change(held, {(900, 1, 0): 5}, [900]))
    assert len(held) == 1
    held.clear()
    assert len(held) == 0
