"""Two lanes have no node in common, and nothing is lost between them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from idweave_server.projection.account import Account, Change
from idweave_server.projection.lanes import AFTER, in_lanes
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import NODES, Kind

Row = tuple[int, int, str, str]  # owner, `one`, keys of both ends


def identifier(code: int) -> str:
    return f"email:{code}"


def change(kind: Kind, rows: list[Row], held: Sequence[Row]) -> Change:
    """What makes of the rows `held` the rows: every one that is held already has to be updated."""
    account, none = Account(kind), np.zeros(0, np.int32)
    first = account.change(_table(kind, held), none, np.zeros(len(held), np.uint64))
    account.apply(first)
    owners = np.unique(np.array([row[0] for row in (*rows, *held)], np.int32))
    return account.change(_table(kind, rows), owners, np.ones(len(rows), np.uint64))


def _table(kind: Kind, rows: Sequence[Row]) -> Table:
    owner, one = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    start, end = (pa.array([row[at] for row in rows], pa.string()) for at in (2, 3))
    node = kind in NODES
    return Table(
        kind=kind,
        owner=owner.astype(np.int32),
        one=one,
        two=np.arange(owner.size),
        start=start,
        end=None if node else end,
        group=np.zeros(owner.size, np.int16) if node else None,
        properties={},
    )


def world(r: random.Random) -> list[Change]:
    """Identifiers in groups, each group with a profile, some links of which lead out of the group."""
    groups = [list(range(at, at + r.randint(1, 6))) for at in range(0, 300, 6)]
    rows: dict[Kind, list[Row]] = {kind: [] for kind in Kind}
    for number, codes in enumerate(groups):
        profile = f"profile {number}"
        rows[Kind.PROFILES].append((codes[0], 0, profile, ""))
        for code in codes:
            rows[Kind.IDENTIFIERS].append((code, 0, identifier(code), ""))
            rows[Kind.MEMBERSHIPS].append((code, 0, identifier(code), profile))
            rows[Kind.SEEN_AT].append((code, 999, identifier(code), "ip:10.0.0.1"))
        for code in codes[1:]:
            rows[Kind.PROFILES].append((code, 0, f"retired {code}", ""))
            rows[Kind.REDIRECTS].append((code, 0, f"retired {code}", profile))
            kind = r.choice((Kind.LINKS, Kind.SAMES))
            other = r.choice(codes)
            rows[kind].append((code, other, identifier(code), identifier(other)))
        if r.random() < 0.2:
            here, there = r.choice(codes), r.choice(r.choice(groups))
            rows[r.choice((Kind.REFUSALS, Kind.DIFFERENTS))].append((here, there, identifier(here), identifier(there)))
    return [change(kind, some, r.sample(some, len(some) // 3)) for kind, some in rows.items() if some]


def nodes(changes: list[Change]) -> set[str]:
    found: set[str] = set()
    for one in changes:
        made = one.table.take(np.concatenate([one.create, one.update]))
        found.update(made.start.to_pylist(), [] if made.end is None else made.end.to_pylist())
    return found


def rows(changes: list[Change]) -> list[tuple[Kind, bool, str, str]]:
    return sorted(
        (one.table.kind, created, one.table.start[at].as_py(), "" if one.table.end is None else one.table.end[at].as_py())
        for one in changes
        for created, some in ((True, one.create), (False, one.update))
        for at in some.tolist()
    )


def test_lanes_have_nothing_in_common_and_together_everything() -> None:
    r = random.Random(7)
    for _ in range(30):
        changes = world(r)
        (first, second), after = in_lanes(changes)
        assert not nodes(first) & nodes(second)
        assert rows([*first, *second, *after]) == rows(changes)
        assert {one.table.kind for one in after} == {Kind.SEEN_AT} == {one.table.kind for one in changes} & set(AFTER)
        sizes = [sum(map(len, lane)) for lane in (first, second)]
        assert sizes[0] >= sizes[1] > sizes[0] / 3, sizes


def test_what_is_all_connected_goes_by_one_lane() -> None:
    chain = [(code, code + 1, identifier(code), identifier(code + 1)) for code in range(50)]
    (first, second), after = in_lanes([change(Kind.LINKS, chain, [])])
    assert (sum(map(len, first)), second, after) == (50, [], [])
