"""What one entry changed of profiles and memberships, gathered while it is applied: each with its cause and the instant of its effect."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from idweave_server.engine.changes import rows_of
from idweave_server.engine.turnover import Turnover
from idweave_server.model import ChangeCause, ChangeKind


@dataclass(slots=True)
class News:
    """parts: CHANGE[n] each, in any order; changed: profiles that came, went, or have other nodes than before. listens: whether anybody
    wants to know more than that; backfill: the entry is history, loaded late; coarse: many entries are applied at once, so nobody knows at
    which instant somebody entered a segment; brought: as of affected.brought."""

    listens: bool
    backfill: bool = False
    coarse: bool = False
    brought: frozenset[str] | None = None
    changed: int = 0
    parts: list[np.ndarray] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many changes there are."""
        return sum(map(len, self.parts))

    def memberships(
        self,
        kind: ChangeKind,
        profile: np.ndarray,
        segment: np.ndarray,
        version: np.ndarray,
        cause: np.ndarray,
        at: int,
        until: np.ndarray | int = 0,
        other: np.ndarray | int = 0,
    ) -> None:
        """profile: uint64[n, 2], ids; segment, version: int32[n], of what each one entered or left."""
        if self.listens and len(profile):
            said = {"profile": profile, "other": other, "segment": segment, "version": version, "cause": cause, "until": until}
            self.parts.append(rows_of(len(profile), kind=kind, effective_at=at, backfill=self.backfill, **said))

    def profiles(self, turnover: Turnover, ids: np.ndarray, touched: np.ndarray, base: ChangeCause, at: int) -> None:
        """ids: uint64[slots, 2], of all profiles by slot now; touched: slots that the entry said something of."""
        self.changed += turnover.changed
        if not self.listens:
            return
        before, slot, cause = turnover.before, turnover.slot, causes(turnover, base)
        split = turnover.parted
        here = split.nonzero()[0]
        self._add(ChangeKind.PROFILE_SPLIT, ids[slot[here]], before.id[turnover.parent[here]], cause[here], at)
        here = ((turnover.same < 0) & ~split).nonzero()[0]
        self._add(ChangeKind.PROFILE_CREATED, ids[slot[here]], 0, cause[here], at)
        here = ((turnover.same >= 0) & (turnover.other | np.isin(slot, touched))).nonzero()[0]
        self._add(ChangeKind.PROFILE_CHANGED, ids[slot[here]], 0, cause[here], at)
        left = leaving_causes(turnover, base)
        here = (~turnover.stays & (turnover.kept >= 0)).nonzero()[0]
        self._add(ChangeKind.PROFILE_MERGED, before.id[here], ids[slot[turnover.kept[here]]], left[here], at)
        here = (~turnover.stays & (turnover.kept < 0)).nonzero()[0]
        self._add(ChangeKind.PROFILE_ERASED if base is ChangeCause.ERASURE else ChangeKind.PROFILE_GONE, before.id[here], 0, left[here], at)

    def _add(self, kind: ChangeKind, profile: np.ndarray, other: np.ndarray | int, cause: np.ndarray, at: int) -> None:
        if len(profile):
            said = rows_of(len(profile), kind=kind, profile=profile, other=other, cause=cause, effective_at=at, backfill=self.backfill)
            self.parts.append(said)


def causes(turnover: Turnover, base: ChangeCause) -> np.ndarray:
    """uint8[p]: why each profile that is there is what it is now."""
    out = np.full(turnover.slot.size, base, np.uint8)
    if base is ChangeCause.ERASURE:
        return out
    came = turnover.same < 0
    out[~came & turnover.lost] = ChangeCause.SPLIT
    out[~came & turnover.gained] = ChangeCause.MERGE
    out[came & (turnover.parent >= 0)] = ChangeCause.MERGE
    out[turnover.parted] = ChangeCause.SPLIT
    return out


def leaving_causes(turnover: Turnover, base: ChangeCause) -> np.ndarray:
    """uint8[o]: why each profile that was is no more."""
    alone = ChangeCause.SPLIT if base is ChangeCause.EVENT else base
    out = np.where(turnover.kept >= 0, ChangeCause.MERGE, alone).astype(np.uint8)
    if base is ChangeCause.ERASURE:
        out[:] = base
    return out
