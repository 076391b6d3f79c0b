"""Threads of sightings against plain Python: the rows of a node, rows as a table of their own, what goes around a ring."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from idweave_server.kernels.sightings import gathered, ring_closed, rows_seen, rows_with, thread


class Table:
    """Random rows with a few nodes each, threaded in two parts as a store does."""

    def __init__(self, seed: int) -> None:
        r = np.random.default_rng(seed)
        self.nodes = 12
        self.rows = [r.choice(self.nodes, size=r.integers(0, 4), replace=False).tolist() for _ in range(30)]
        self.start = np.cumsum([0, *map(len, self.rows)]).astype(np.int64)
        self.node = np.array([n for row in self.rows for n in row], np.int32)
        self.row = np.repeat(np.arange(len(self.rows), dtype=np.int32), np.diff(self.start))
        self.gone = (r.random(len(self.rows)) < 0.2).astype(np.uint8)
        self.head, self.before = np.full(self.nodes, -1, np.int32), np.full(self.node.size, -1, np.int32)
        half = int(self.start[15])
        thread(self.node[:half], self.head, self.before, 0)
        thread(self.node, self.head, self.before, half)


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_nodes(seed: int) -> None:
    table, wanted = Table(seed), np.array([1, 4, 4, 7], np.int32)
    mark = np.zeros(len(table.rows), np.uint8)
    found = rows_seen(wanted, table.head, table.before, table.row, table.gone, mark)
    assert found.tolist() == [n for n, row in enumerate(table.rows) if {1, 4, 7} & set(row) and not table.gone[n]]
    assert not mark.any()


@pytest.mark.parametrize("seed", range(20))
def test_rows_as_a_table_of_their_own(seed: int) -> None:
    table, scope = Table(seed), np.array([3, 5], np.int32)
    rows, local = np.array([2, 9, 10, 20], np.int64), np.full(12, -1, np.int32)
    nodes, start, own, sighting = gathered(table.start[rows], np.diff(table.start)[rows], table.node, local, scope)
    assert nodes[:2].tolist() == [3, 5]
    assert len(set(nodes.tolist())) == len(nodes)
    assert [nodes[own[a:b]].tolist() for a, b in itertools.pairwise(start)] == [table.rows[r] for r in rows.tolist()]
    assert table.row[sighting].tolist() == np.repeat(rows, np.diff(start)).tolist()
    assert (local == -1).all()


def test_around_the_rings() -> None:
    ring, mark = np.array([2, 1, 4, 5, 0, 3], np.int32), np.zeros(6, np.uint8)
    assert ring_closed(np.array([4], np.int32), ring, mark).tolist() == [0, 2, 4]
    assert ring_closed(np.array([1, 3, 5, 3], np.int32), ring, mark).tolist() == [1, 3, 5]
    assert ring_closed(np.zeros(0, np.int32), ring, mark).size == 0
    assert not mark.any()


def test_rows_with_a_flag() -> None:
    assert rows_with(np.array([0, 2, 2, 3], np.int64), np.array([0, 1, 0], np.uint8)).tolist() == [1, 0, 0]
