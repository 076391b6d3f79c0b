"""A state as arrays that can be held against another's: what verification compares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from idweave_server.engine.identifier_store import Status
from idweave_server.engine.profile_store import uuid_text
from idweave_server.entries.births import keyed
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import MAX_TIME, Shared

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

COUNTS = (
    "entries",
    "observations",
    "profiles",
    "observations and the profiles they belong to, as a sum of hashes",
    "profiles and the segments they are members of, as a sum of hashes",
)
BEGINNING = -MAX_TIME - 1  # of an epoch without a bound


@dataclass(frozen=True, slots=True)
class Dump:
    """Every node that counts, by content and begin once `ordered`.

    content: uint64[v, 2], of the identifier; begin: int64[v], of the epoch; profile: uint64[v, 2], the id, 0 for nobody's; shared:
    uint8[v]; counts: uint64[5], see COUNTS.
    """

    content: np.ndarray
    begin: np.ndarray
    profile: np.ndarray
    shared: np.ndarray
    counts: np.ndarray

    def __len__(self) -> int:
        return int(self.begin.size)

    def ordered(self) -> Dump:
        order = np.lexsort((self.begin, self.content[:, 1], self.content[:, 0]))
        return Dump(self.content[order], self.begin[order], self.profile[order], self.shared[order], self.counts)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, content=self.content, begin=self.begin, profile=self.profile, shared=self.shared, counts=self.counts)

    @staticmethod
    def load(path: Path) -> Dump:
        with np.load(path) as told:
            return Dump(told["content"], told["begin"], told["profile"], told["shared"], told["counts"])


def dump(engine: Engine) -> Dump:
    """A copy of what is published; not ordered yet, which takes longer and needs the state no more."""
    ids, profiles, seen = engine.state.identifiers, engine.state.profiles, engine.state.observations
    alive = ids.status.array[: len(ids)] == Status.ALIVE
    split = np.array(sorted(ids.splits), np.int32)
    alive[split] = False
    code = np.flatnonzero(alive).astype(np.int32)
    parts = [ids.splits[one] for one in split.tolist()]
    owner = np.concatenate([code, np.repeat(split, [part.begin.size for part in parts]).astype(np.int32)])
    begin = np.concatenate([np.full(code.size, BEGINNING, np.int64), *(np.maximum(part.begin, BEGINNING) for part in parts)])
    slot = np.concatenate([ids.profile.array[code], *(part.profile for part in parts)])
    shared = np.concatenate([ids.shared.array[code], *(part.shared for part in parts)])
    telling = (shared != Shared.FAKE) & (shared != Shared.ROLE)  # what its own look tells is known of some and not looked for in others
    owner, begin, slot, shared = owner[telling], begin[telling], slot[telling], shared[telling]
    rows = np.flatnonzero(seen.gone.array[: engine.state.rows] == 0)
    belongs = mix_hash(seen.identity.take(rows), _ids(profiles.id.array, seen.profile.array[rows]))
    counts = np.array([engine.sequence, rows.size, len(profiles), 0, _memberships(engine)], np.uint64)
    counts[3] = belongs[:, 0].sum(dtype=np.uint64)
    return Dump(ids.index.take(owner), begin, _ids(profiles.id.array, slot), shared.astype(np.uint8), counts)


def _memberships(engine: Engine) -> int:
    """A sum of hashes, which no order changes."""
    total = np.zeros(1, np.uint64)
    for name in engine.memberships.definitions:
        ids = engine.state.profiles.id.array[engine.memberships.members(name)]
        segment = np.repeat(content_of(pa.array([name], pa.string())), len(ids), axis=0)
        total += mix_hash(np.ascontiguousarray(ids), segment)[:, 0].sum(dtype=np.uint64)
    return int(total[0])


def differences(live: Dump, other: Dump, key: bytes, limit: int) -> tuple[list[str], int]:
    """(the first ones in words, how many there are) between two ordered dumps; identifiers are told by their hash under the store's key."""
    said: list[str] = []
    count = 0
    for name, mine, theirs in zip(COUNTS, live.counts.tolist(), other.counts.tolist(), strict=True):
        if mine != theirs:
            count += 1
            said.append(f"{name}: {mine} live, {theirs} replayed")
    mine, theirs = _names(live), _names(other)
    _, at, where = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    differ = (live.profile[at] != other.profile[where]).any(axis=1) | (live.shared[at] != other.shared[where])
    only = np.setdiff1d(np.arange(len(live)), at, assume_unique=True)
    missing = np.setdiff1d(np.arange(len(other)), where, assume_unique=True)
    count += int(differ.sum()) + only.size + missing.size
    for i, j in zip(at[differ][:limit].tolist(), where[differ][:limit].tolist(), strict=True):
        said.append(f"{_told(live, i, key)}: {_standing(live, i)} live, {_standing(other, j)} replayed")
    said += [f"{_told(live, i, key)}: {_standing(live, i)} live, not there replayed" for i in only[:limit].tolist()]
    said += [f"{_told(other, j, key)}: not there live, {_standing(other, j)} replayed" for j in missing[:limit].tolist()]
    return said[:limit], count


def _ids(id_of: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """uint64[n, 2]: the ids of profiles by slot, 0 for nobody's."""
    out = np.zeros((slot.size, 2), np.uint64)
    out[slot >= 0] = id_of[slot[slot >= 0]]
    return out


def _names(nodes: Dump) -> np.ndarray:
    """Of each node its identifier and epoch as one comparable value."""
    words = np.empty((len(nodes), 3), ">u8")
    words[:, :2] = nodes.content
    words[:, 2] = nodes.begin.view(np.uint64)
    return np.ascontiguousarray(words).view("V24").reshape(-1)


def _told(nodes: Dump, at: int, key: bytes) -> str:
    name = f"identifier {int(keyed(nodes.content[at : at + 1], key)[0]):016x}"
    return name if nodes.begin[at] == BEGINNING else f"{name}, epoch from {int(nodes.begin[at])}"


def _standing(nodes: Dump, at: int) -> str:
    shared, (high, low) = Shared(int(nodes.shared[at])), nodes.profile[at].tolist()
    whose = f"of profile {uuid_text(high, low)}" if high or low else "nobody's"
    return f"{whose}, shared ({shared.name.lower()})" if shared else whose
