"""Since when members are members, from what was told of them: a log that is folded in one go does not say it."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.state import State
from idweave_server.kernels.index import HashIndex
from idweave_server.model import ChangeKind

TOLD = (ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT)


def recall_since(state: State, rows: np.ndarray) -> None:
    """rows: changes.CHANGE[m], of all entries from some one on up to the state's, in their order. They are right whatever the state says;
    what they do not tell of stays as it is."""
    rows = rows[np.isin(rows["kind"], TOLD)]
    members = np.flatnonzero(state.memberships.member.array.any(axis=1)).astype(np.int32)
    if not rows.size or not members.size:
        return
    index = HashIndex(rows.size)
    who = index.intern(np.ascontiguousarray(rows["profile"]))
    last = np.lexsort((np.arange(rows.size), rows["segment"], who))
    ends = np.append((who[last][1:] != who[last][:-1]) | (rows["segment"][last][1:] != rows["segment"][last][:-1]), True)
    latest = last[ends & (rows["kind"][last] == ChangeKind.SEGMENT_ENTERED)]
    slot = np.full(int(who.max()) + 1, -1, np.int32)
    found = index.find(np.ascontiguousarray(state.profiles.id.array[members]))
    slot[found[found >= 0]] = members[found >= 0]
    latest = latest[slot[who[latest]] >= 0]
    slots, numbers = slot[who[latest]], rows["segment"][latest].astype(np.int64)
    inside = state.memberships.bits(slots)[np.arange(slots.size), numbers]
    state.memberships.put_since(slots[inside], numbers[inside], rows["effective_at"][latest[inside]])
