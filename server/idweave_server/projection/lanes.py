"""What is to be created and updated in two lanes that have no node in common: two transactions at once need not wait for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from idweave_server.kernels.components import components
from idweave_server.projection.account import Change
from idweave_server.projection.schema import LANES, Kind

BETWEEN = (Kind.LINKS, Kind.REFUSALS, Kind.DIFFERENTS, Kind.SAMES)  # `one` of these is the identifier at the other end
TOGETHER = (Kind.MEMBERSHIPS, Kind.REDIRECTS)  # their ends are profiles
AFTER = (Kind.SEEN_AT, Kind.SEGMENTS, Kind.IN_SEGMENT)  # they lead to nodes that many have in common


def in_lanes(changes: Sequence[Change]) -> tuple[list[list[Change]], list[Change]]:
    """(the changes of each lane, the larger first; what comes after both). Identifiers that are connected, with all that they own, go by
    one lane."""
    apart = [change for change in changes if change.table.kind not in AFTER]
    owners = np.unique(np.concatenate([np.zeros(0, np.int32), *map(_identifiers, apart)]))
    lane = _components(apart, owners)[: owners.size] % len(LANES)
    found = []
    for number in range(len(LANES)):
        mine = lane == number
        parts = [_part(change, mine[_places(owners, change.table.owner)]) for change in apart]
        found.append([part for part in parts if _size(part)])
    found.sort(key=lambda some: -sum(map(_size, some)))
    return found, [change for change in changes if change.table.kind in AFTER]


def _identifiers(change: Change) -> np.ndarray:
    other = [change.table.one.astype(np.int32)] if change.table.kind in BETWEEN else []
    return np.concatenate([change.table.owner, *other])


def _components(changes: Sequence[Change], owners: np.ndarray) -> np.ndarray:
    """int32: a number for each of `owners`, and for profiles after them; who is connected has the same."""
    between = [change.table for change in changes if change.table.kind in BETWEEN]
    together = [change.table for change in changes if change.table.kind in TOGETHER]
    ends = pa.concat_arrays([pa.array([], pa.string()), *(table.end for table in together)]).dictionary_encode()
    starts = np.concatenate([np.zeros(0, np.int32), *(table.owner for table in (*between, *together))])
    others = [_places(owners, table.one) for table in between]
    profiles = owners.size + ends.indices.to_numpy().astype(np.int64)
    left, right = _places(owners, starts), np.concatenate([*others, profiles])
    return components(left.astype(np.int32), right.astype(np.int32), owners.size + len(ends.dictionary))


def _places(owners: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return np.searchsorted(owners, codes)


def _part(change: Change, rows: np.ndarray) -> Change:
    """rows: bool[n], of the table."""
    return replace(change, create=change.create[rows[change.create]], update=change.update[rows[change.update]])


def _size(change: Change) -> int:
    return int(change.create.size + change.update.size)
