"""What an erasure covers: observations, verdicts, and the identifiers of which nothing is left."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.observation_store import Gone
from idweave_server.engine.state import State
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import ErasureEntry
from idweave_server.kernels.sightings import rows_seen


def erase(state: State, entry: ErasureEntry) -> tuple[np.ndarray, np.ndarray]:
    """(rows int64, codes int32): the observations that an erasure covers and the identifiers that erased verdicts name. What arrives later
    is covered by the tombstones that it leaves."""
    state.tombstones.add(entry)
    rows, codes = covered(state, entry)
    named: list[int] = []
    for number in covered_verdicts(state, entry):
        said = state.verdicts.stated[number]
        said.gone = 2
        named += state.verdicts.ends(said)
    return rows, np.concatenate([codes, np.array(named, np.int32)]).astype(np.int32)


def covered(state: State, entry: ErasureEntry) -> tuple[np.ndarray, np.ndarray]:
    """(rows int64, codes int32): the observations, retracted ones included, that an erasure covers; the identifiers that it names."""
    ids, seen = state.identifiers, state.observations
    rows = [np.zeros(0, np.int64)]
    codes: list[int] = []
    erased = seen.gone.array & Gone.ERASED
    for code, begin, until in named(state, entry):
        one = np.array([code], np.int32)
        mine = rows_seen(one, ids.head.array, seen.before.array, seen.sightings.row.array, erased, seen.mark.array)
        time = seen.time.take(mine)
        rows.append(mine[(begin < time) & (time <= until)])
        codes.append(code)
    return np.unique(np.concatenate(rows)), np.array(codes, np.int32)


def covered_verdicts(state: State, entry: ErasureEntry) -> list[int]:
    """The verdicts that an erasure covers, by number."""
    found = set()
    for code, begin, until in named(state, entry):
        about = state.verdicts.about.get(code, ())
        found |= {n for n in about if begin < state.verdicts.stated[n].time <= until and state.verdicts.stated[n].gone != 2}
    return sorted(found)


def named(state: State, entry: ErasureEntry) -> list[tuple[int, int, int]]:
    """(code, begin, until): the identifiers of the store that an erasure names by their keyed hashes."""
    ids = state.identifiers
    mine = keyed(ids.index.take(np.arange(len(ids), dtype=np.int32)), state.key)
    order = np.argsort(entry.keyed, kind="stable")
    wanted = entry.keyed[order]
    found = np.flatnonzero(np.isin(mine, wanted))
    out = []
    for code in found.tolist():
        first, last = np.searchsorted(wanted, mine[code]), np.searchsorted(wanted, mine[code], side="right")
        out += [(code, int(entry.begin[at]), int(entry.until[at])) for at in order[first:last].tolist()]
    return out


def forgotten(state: State, codes: np.ndarray) -> list[int]:
    """The identifiers among `codes` of which nothing is left: neither observations nor verdicts."""
    if not codes.size:
        return []
    ids, seen = state.identifiers, state.observations
    left = []
    erased = seen.gone.array & Gone.ERASED
    for code in codes.tolist():
        one = np.array([code], np.int32)
        kept = rows_seen(one, ids.head.array, seen.before.array, seen.sightings.row.array, erased, seen.mark.array).size
        judged = any(state.verdicts.stated[n].gone != 2 for n in state.verdicts.about.get(code, ()))
        if not kept and not judged and code not in ids.erased:
            left.append(code)
    return left
