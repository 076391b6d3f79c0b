"""The kernels of computed attributes equal plain Python on random rows."""

from __future__ import annotations

import itertools
import random
import statistics
from collections import Counter

import numpy as np
from idweave_server.kernels.chronology import by_time
from idweave_server.kernels.favourites import BOUGHT, INTEREST, favourites
from idweave_server.kernels.properties import first_properties
from idweave_server.kernels.purchases import NOTHING, purchases
from idweave_server.kernels.tickets import CLOSE, TICKET, open_tickets

DAY = 86_400


def starts(sizes: list[int]) -> np.ndarray:
    return np.cumsum([0, *sizes]).astype(np.int64)


def test_rows_are_put_in_the_order_of_their_times() -> None:
    r = random.Random(5)
    for size in (0, 1, 7, 24, 25, 300):
        sizes = [size, 3, size]
        time = np.array([r.randrange(max(2, size)) for _ in range(sum(sizes))], np.int64)
        row, start = np.array(r.sample(range(time.size), time.size), np.int64), starts(sizes)
        wanted = [sorted(time[row[a:b]].tolist()) for a, b in itertools.pairwise(start)]
        kept = [set(row[a:b].tolist()) for a, b in itertools.pairwise(start)]
        own = time[row]
        tied = by_time(start, row, own)
        assert own.tolist() == time[row].tolist()
        for (a, b), times, rows in zip(itertools.pairwise(start), wanted, kept, strict=True):
            assert time[row[a:b]].tolist() == times
            assert set(row[a:b].tolist()) == rows
            assert tied[a:b].tolist() == [times.count(t) > 1 for t in times]


def test_purchases_equal_plain_sums() -> None:
    r = random.Random(6)
    sizes = [r.choice((0, 1, 2, 5, 40)) for _ in range(200)]
    start, n = starts(sizes), sum(sizes)
    time = np.concatenate([np.sort(np.array([r.randrange(30 * DAY) for _ in range(size)], np.int64)) for size in sizes])
    stands = np.array([r.random() < 0.6 for _ in range(n)], np.uint8)
    amount = np.array([r.randrange(-50, 500) * 10_000 for _ in range(n)], np.int64)
    currency = np.array([r.choice((-1, 0, 0, 1, 1, 1, 2) if r.random() < 0.1 else (0, 1)) for _ in range(n)], np.int32)
    found = purchases(start, time, stands, amount, currency, np.array([1_000_000, 2_500_000, 0], np.int64))
    for p, (a, b) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        mine = [k for k in range(a, b) if stands[k]]
        days = sorted({int(time[k]) // DAY for k in mine})
        gaps = [y - x for x, y in itertools.pairwise(days)]
        spent = sum((0, 1, 2.5)[currency[k] + 1] * amount[k] for k in mine if currency[k] < 2)
        assert found[:, p].tolist() == [
            int(time[mine[0]]) if mine else NOTHING,
            int(time[mine[-1]]) if mine else NOTHING,
            len(mine),
            NOTHING if any(currency[k] == 2 for k in mine) else int(spent),
            int(2 * statistics.median(gaps)) if gaps else NOTHING,
        ]


def test_favourites_equal_counters() -> None:
    r = random.Random(7)
    sizes = [r.choice((0, 1, 3, 12, 80)) for _ in range(300)]
    start, n = starts(sizes), sum(sizes)
    event = np.sort(np.array([r.randrange(max(1, n // 2)) for _ in range(n)], np.int64))
    value = np.array([r.randrange(6) for _ in range(n)], np.int32)
    weight = np.array([(INTEREST, BOUGHT)[int(e) % 5 == 0] for e in event], np.uint8)
    rank = np.array([3, 2**63 + 5, 1, 2**64 - 1, 0, 7], np.uint64)
    found = favourites(start, event, value, weight, rank[value])
    for p, (a, b) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        named = {(int(event[k]), int(value[k]), int(weight[k])) for k in range(a, b)}
        bought, shown = (Counter(v for _, v, w in named if w == kind) for kind in (BOUGHT, INTEREST))
        best = min({v for _, v, _ in named}, key=lambda v: (-bought[v], -shown[v], int(rank[v])), default=-1)
        assert found[p] == best


def test_open_tickets_by_hand() -> None:
    told = [(1, TICKET, 0), (2, TICKET, 0), (3, TICKET, -1), (3, TICKET, -1), (4, CLOSE, -1), (5, CLOSE, 0), (6, TICKET, 0), (7, CLOSE, 5)]
    for upto, wanted in enumerate([0, 1, 1, 2, 3, 2, 1, 2, 2]):
        time, role, ticket = (list(column) for column in zip(*told[:upto], strict=True)) if upto else ([], [], [])
        found = open_tickets(starts([0, upto]), np.array(time, np.int64), np.array(role, np.uint8), np.array(ticket, np.int32))
        assert found.tolist() == [0, wanted], upto
    late = open_tickets(starts([2]), np.array([4, 4], np.int64), np.array([CLOSE, TICKET], np.uint8), np.array([1, 1], np.int32))
    assert late.tolist() == [0], "of one second a closing comes last"
    early = open_tickets(starts([2]), np.array([3, 4], np.int64), np.array([CLOSE, TICKET], np.uint8), np.array([1, 1], np.int32))
    assert early.tolist() == [1]


def test_the_first_property_of_a_name_is_found() -> None:
    start, name = starts([3, 0, 2]), np.array([7, 5, 7, 5, 5], np.int32)
    assert first_properties(start, name, np.array([5, 7, 9], np.int32)).tolist() == [[1, -1, 3], [0, -1, -1], [-1, -1, -1]]
