"""Take what an erasure covers out of the log and out of the snapshots.

An erasure is in force as soon as its entry is durable; what it covers stands in older entries still. First the snapshots go, then those
entries are rewritten, all at once. Killed anywhere between, the next start replays a log without snapshots, finds observations in it that
an erasure covers, and does the same again. A log that was rewritten has none: rows that are erased stand in a state only from the erasure
to the end of the process.

A server that stands by reads the erasure in the log and forgets its own snapshots; the rewriting is the writer's. Should the writer end in
the middle of it, the server that takes over finishes it, as a start does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.erasing import covered, covered_verdicts
from idweave_server.engine.observation_store import Gone
from idweave_server.entries.births import keyed
from idweave_server.entries.codec import decode, encode
from idweave_server.entries.columns import AnyEntry, ErasureEntry, ObservationEntry, VerdictEntry
from idweave_server.entries.selection import without
from idweave_server.errors import StoreCorruptError

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.tombstones import Tombstones
    from idweave_server.operations.store import Store


def unforgotten(engine: Engine) -> set[int]:
    """The entries of a state that was just restored which hold what an erasure covers."""
    seen = engine.state.observations
    rows = np.flatnonzero(seen.gone.array & np.uint8(Gone.ERASED))
    return entries_of(engine, rows) | {said.sequence for said in engine.state.verdicts.stated if said.gone == 2}


def holding(engine: Engine, entry: ErasureEntry) -> set[int]:
    """The entries that hold what an erasure covers which is not applied yet."""
    rows, _ = covered(engine.state, entry)
    stated = engine.state.verdicts.stated
    return entries_of(engine, rows) | {stated[number].sequence for number in covered_verdicts(engine.state, entry)}


def entries_of(engine: Engine, rows: np.ndarray) -> set[int]:
    """The entries that these observations came in; rows: int64[n]."""
    seen = engine.state.observations
    at = np.unique(np.searchsorted(seen.entry_row.array, rows, side="right") - 1)
    return set(seen.entry_sequence.array[at].tolist())


def forget(store: Store) -> int:
    """Do it for the store's `unforgotten` entries; how many were rewritten. Runs in any thread, while nobody else writes.

    Raises StoreError, and then it has to be done again.
    """
    if store.snapshots is not None:
        store.snapshots.forget()
    bodies = {}
    for sequence in sorted(store.unforgotten):
        left = _left_of(store, sequence)
        if left is not None:
            bodies[sequence] = encode(left)
    if bodies:
        store.log.rewrite(store.term, bodies)
    store.unforgotten = set()
    return len(bodies)


def obey(store: Store) -> None:
    """The same for a server that does not write: its snapshots go, and the entries that the writer has rewritten are `unforgotten` no more.
    Runs in any thread, while nothing is applied. Raises StoreError, and then it has to be done again."""
    if store.snapshots is not None:
        store.snapshots.forget()
    still_held(store)


def still_held(store: Store) -> None:
    """See which of the `unforgotten` entries the writer has rewritten by now. As `obey`."""
    store.unforgotten = {sequence for sequence in store.unforgotten if _left_of(store, sequence) is not None}


def _left_of(store: Store, sequence: int) -> AnyEntry | None:
    """An entry of the log without what erasures cover; None where they cover nothing of it."""
    found = store.log.read(sequence - 1, 1)
    if not found or found[0].sequence != sequence:
        raise StoreCorruptError(f"{store.url}: entry {sequence} is missing: restore the store from a backup")
    return _left(decode(found[0].kind, found[0].body), store.engine.state.tombstones, store.key)


def _left(entry: AnyEntry, tombstones: Tombstones, key: bytes) -> AnyEntry | None:
    """An entry without what erasures cover; None where they cover nothing of it."""
    if isinstance(entry, ObservationEntry):
        hashed, row = keyed(entry.identifiers.content, key), np.repeat(np.arange(len(entry)), np.diff(entry.start))
        gone = np.zeros(len(entry), bool)
        gone[row[tombstones.covers(hashed[entry.identifier], entry.time[row])]] = True
        return without(entry, gone) if gone.any() else None
    if isinstance(entry, VerdictEntry):
        hashed = keyed(entry.identifiers.content, key)
        gone = tombstones.covers(hashed[entry.left], entry.time)
        paired = np.flatnonzero(entry.right >= 0)
        gone[paired] |= tombstones.covers(hashed[entry.right[paired]], entry.time[paired])
        return without(entry, gone) if gone.any() else None
    return None
