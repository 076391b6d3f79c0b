"""What one publishing did to profiles: which came, went and stayed, whom they came from and to whom they went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.component import Component
from idweave_server.engine.state import State
from idweave_server.kernels.places import Places


@dataclass(frozen=True, slots=True, eq=False)
class Leaving:
    """Profiles about to be replaced. slot: int32[o]; id: uint64[o, 2]; digest: uint64[o]; bearer: int32[o], the identifiers that their ids
    come from; node: int32[s], the place here of the profile that each identifier in scope belonged to (its latest epoch), -1 without."""

    slot: np.ndarray
    id: np.ndarray
    digest: np.ndarray
    bearer: np.ndarray
    node: np.ndarray

    @staticmethod
    def of(state: State, component: Component, slot: np.ndarray) -> Leaving:
        """slot: ascending."""
        profiles = state.profiles
        held = state.identifiers.profile.array[component.codes[: component.scope]]
        node = np.where(held >= 0, np.searchsorted(slot, held), -1).astype(np.int32)
        return Leaving(slot, profiles.id.array[slot], profiles.digest.array[slot], profiles.bearer.array[slot], node)


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Of r observations. was, now: int32[r], slots of the profiles that each was and is of, -1 for nobody; fresh: bool[r], those that were
    not published before."""

    was: np.ndarray
    now: np.ndarray
    fresh: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Turnover:
    """before: the profiles that were; slot: int32[p], those that are; same: int32[p], the place in `before` of the same id, -1 for one that
    came; parent: int32[p], the place of the profile that its bearer belonged to, -1 for nobody's; other: bool[p], whether a profile that
    stayed has other nodes than before; gained, lost: bool[p], whether nodes of it were another profile's, and nodes of the profile that it
    was are another's now; fresh, moved: bool[p], whether observations of it are new, and whether older ones came to it or left it; kept:
    int32[o], the place in `slot` of the profile that answers for each one's id now, -1 for none; stays: bool[o], whether that has the same
    id."""

    before: Leaving
    slot: np.ndarray
    same: np.ndarray
    parent: np.ndarray
    other: np.ndarray
    gained: np.ndarray
    lost: np.ndarray
    fresh: np.ndarray
    moved: np.ndarray
    kept: np.ndarray
    stays: np.ndarray

    @property
    def parted(self) -> np.ndarray:
        """bool[p]: profiles that came out of another one, which stays."""
        found = (self.same < 0) & (self.parent >= 0)
        found[found] = self.stays[self.parent[found]]
        return found

    @property
    def changed(self) -> int:
        """How many profiles came, went, or have other nodes than before."""
        return int((self.same < 0).sum() + (~self.stays).sum() + self.other.sum())


def turn_over(state: State, component: Component, before: Leaving, slot: np.ndarray, owners: Owners) -> Turnover:
    """After the nodes have their new profiles, of these slots."""
    profiles, ids = state.profiles, state.identifiers
    same, stays = _matched(before.id, profiles.id.array[slot])
    codes = component.codes[: component.scope]
    here = Places(slot)
    now = here.of(ids.profile.array[codes])
    moved = np.flatnonzero((before.node >= 0) & (now >= 0))
    apart = moved[same[now[moved]] != before.node[moved]]
    gained, lost = np.zeros(slot.size, bool), np.zeros(slot.size, bool)
    gained[now[apart]] = True
    parted = np.zeros(before.slot.size, bool)
    parted[before.node[apart]] = True
    lost[same >= 0] = parted[same[same >= 0]]
    order = np.argsort(codes, kind="stable")
    local = order[np.searchsorted(codes[order], profiles.bearer.array[slot])]
    other = same >= 0
    other[other] = before.digest[same[other]] != profiles.digest.array[slot[other]]
    kept = here.of(_owners(state, before.bearer))
    at = np.flatnonzero(same >= 0)
    kept[same[at]] = at
    fresh, moved = _observed(before, same, here, owners)
    return Turnover(before, slot, same, before.node[local], other, gained, lost, fresh, moved, kept, stays)


def _observed(before: Leaving, same: np.ndarray, here: Places, owners: Owners) -> tuple[np.ndarray, np.ndarray]:
    """(fresh, moved) of a turnover."""
    fresh, moved, left = np.zeros(same.size, bool), np.zeros(same.size, bool), np.zeros(before.slot.size, bool)
    was, now = Places(before.slot).of(owners.was), here.of(owners.now)
    fresh[now[owners.fresh & (now >= 0)]] = True
    mine = np.append(same, np.int32(-1))[now]
    apart = ~owners.fresh & ((mine != was) | ((was < 0) & (owners.was >= 0)))
    moved[now[apart & (now >= 0)]] = True
    left[was[apart & (was >= 0)]] = True
    moved[same >= 0] |= left[same[same >= 0]]
    return fresh, moved


def _owners(state: State, codes: np.ndarray) -> np.ndarray:
    """int32[n]: the profiles that the birth ids of identifiers lead to, -1 without one."""
    ids = state.identifiers
    out = ids.profile.array[codes]
    for at in np.flatnonzero(np.isin(codes, np.array(list(ids.splits), np.int32))).tolist() if ids.splits else ():
        code = int(codes[at])
        if ids.birth.array[code] >= 0:
            split, born = ids.splits[code], ids.births.time.one(ids.birth.array.item(code))
            out[at] = split.profile[min(int(np.searchsorted(split.end, born)), len(split.end) - 1)]
    return out


def _matched(old: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int32[new]: the place of the same id among the old, -1; bool[old]: whether it is among the new). ids: uint64[n, 2], distinct."""
    same, stays = Places(old).of(new), np.zeros(len(old), bool)
    stays[same[same >= 0]] = True
    return same, stays
