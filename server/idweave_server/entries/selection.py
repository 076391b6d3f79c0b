"""An entry without some of its rows: what remains names nothing that only they named, and its births keep their places in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa

from idweave_server.entries.choice import numbered, select
from idweave_server.entries.columns import IdentifierColumns, ObservationEntry, VerdictEntry

Rows = TypeVar("Rows", ObservationEntry, VerdictEntry)


def without(entry: Rows, rows: np.ndarray) -> Rows:
    """The entry without these rows, bool[n], and without the identifiers and texts that no row names any more.

    A birth of an identifier that is gone stays, with the place -1: its id, its time and its keyed hash tell nothing without the store's
    key, and what is born later keeps its rank.
    """
    if rows.dtype != bool or rows.size != len(entry):
        raise ValueError(f"rows must be bool[{len(entry)}], not {rows.dtype}[{rows.size}]")
    return _observations(entry, rows) if isinstance(entry, ObservationEntry) else _verdicts(entry, rows)


def _observations(entry: ObservationEntry, rows: np.ndarray) -> ObservationEntry:
    place = np.full(len(entry.identifiers) + 1, -1, np.int32)  # -1, the last, stays -1
    used = np.unique(entry.identifier[np.repeat(~rows, np.diff(entry.start))])
    place[used] = np.arange(used.size)
    return replace(select(entry, np.flatnonzero(~rows)), births=replace(entry.births, place=place[entry.births.place]))


def _verdicts(entry: VerdictEntry, rows: np.ndarray) -> VerdictEntry:
    kept = np.flatnonzero(~rows)
    ends, used = numbered(np.concatenate([entry.left[kept], entry.right[kept]]), len(entry.identifiers))
    mailbox, names = numbered(entry.identifiers.mailbox_name[used], len(entry.names))
    return replace(
        entry,
        identifiers=_identifiers(entry.identifiers, used, mailbox),
        names=tuple(entry.names[at] for at in names.tolist()),
        id=tuple(entry.id[at] for at in kept.tolist()),
        source=tuple(entry.source[at] for at in kept.tolist()),
        kind=entry.kind[kept],
        time=entry.time[kept],
        left=ends[: kept.size],
        right=ends[kept.size :],
        content=entry.content[kept],
    )


def _identifiers(columns: IdentifierColumns, used: np.ndarray, mailbox_name: np.ndarray) -> IdentifierColumns:
    namespace, namespaces = numbered(columns.namespace[used].astype(np.int32), len(columns.namespaces))
    issuer, issuers = numbered(columns.issuer[used], len(columns.issuers))
    return IdentifierColumns(
        namespace=namespace.astype(np.uint8),
        namespaces=tuple(columns.namespaces[at] for at in namespaces.tolist()),
        issuer=issuer,
        issuers=tuple(columns.issuers[at] for at in issuers.tolist()),
        value=columns.value.take(pa.array(used)),
        flags=columns.flags[used],
        mailbox_name=mailbox_name,
        content=columns.content[used],
    )
