"""What must hold between the columns of an entry, checked before one is written and after one is read: applying it cannot fail."""

from __future__ import annotations

import numpy as np

from idweave_server.entries.births import SEED_BYTES, birth_ids
from idweave_server.entries.columns import Births, EventColumns, IdentifierColumns, ObservationEntry, QuarantineColumns, VerdictEntry
from idweave_server.entries.frame import MAX_ROWS


def check_observations(entry: ObservationEntry) -> None:
    """All but the identifiers. Raises ValueError, which names the column."""
    n, k, names = len(entry), entry.identifier.size, len(entry.names)
    if n > MAX_ROWS or k > MAX_ROWS:
        raise ValueError(f"an entry has at most {MAX_ROWS:,} observations and sightings, not {n:,} and {k:,}")
    _sizes(n, id=len(entry.id), birth_date=entry.birth_date.size, content=entry.content.size)
    _codes("source", entry.source, n, len(entry.sources))
    _codes("kind", entry.kind, n, len(entry.kinds))
    _codes("first_name", entry.first_name, n, names, least=-1)
    if entry.start.size != n + 1 or entry.start[0] or entry.start[-1] != k or not _ascends(entry.start):
        raise ValueError(f"start must ascend from 0 to {k} in {n + 1} numbers")
    _codes("identifier", entry.identifier, k, len(entry.identifiers))
    _codes("hint", entry.hint, k, names, least=-1)
    _rows("observed.entry", entry.observed.entry, len(entry.observed.text), k)
    for trait in entry.traits:
        _rows("trait row", trait.row, trait.code.size, n)
        _codes("trait code", trait.code, trait.row.size, len(trait.values))
    _check_events(entry.events, n)
    _check_quarantined(entry.quarantined, n)
    _check_births(entry.births, len(entry.identifiers))


def check_verdicts(entry: VerdictEntry) -> None:
    """All but the identifiers. Raises ValueError, which names the column."""
    w = len(entry)
    _sizes(w, id=len(entry.id), source=len(entry.source), kind=entry.kind.size, content=entry.content.size)
    _codes("left", entry.left, w, len(entry.identifiers))
    _codes("right", entry.right, w, len(entry.identifiers), least=-1)


def check_identifiers(columns: IdentifierColumns, names: int) -> None:
    """names: how many the entry has. Raises ValueError, which names the column."""
    i = len(columns)
    if i > MAX_ROWS:
        raise ValueError(f"an entry names at most {MAX_ROWS:,} identifiers, not {i:,}")
    _sizes(i, value=len(columns.value), flags=columns.flags.size)
    _codes("namespace", columns.namespace, i, len(columns.namespaces))
    _codes("issuer", columns.issuer, i, len(columns.issuers), least=-1)
    _codes("mailbox_name", columns.mailbox_name, i, names, least=-1)


def _check_events(events: EventColumns, n: int) -> None:
    v, q = events.row.size, events.property_event.size
    _rows("events.row", events.row, v, n)
    _sizes(v, units=events.units.size, nanos=events.nanos.size)
    _codes("events.type", events.type, v, len(events.types))
    _codes("events.currency", events.currency, v, len(events.currencies), least=-1)
    _rows("events.property_event", events.property_event, q, v)
    _sizes(q, property_type=events.property_type.size)
    _codes("events.property_name", events.property_name, q, len(events.texts))
    _codes("events.property_value", events.property_value, q, len(events.texts))


def _check_quarantined(columns: QuarantineColumns, n: int) -> None:
    q = columns.row.size
    _codes("quarantined.row", columns.row, q, n)
    _codes("quarantined.field", columns.field, q, len(columns.fields))
    _sizes(q, reason=columns.reason.size, value=len(columns.value), message=len(columns.message))


def _check_births(births: Births, identifiers: int) -> None:
    b = len(births)
    if b > MAX_ROWS:
        raise ValueError(f"an entry has at most {MAX_ROWS:,} births, not {b:,}")
    _codes("births.place", births.place, b, identifiers, least=-1)
    _sizes(b, keyed=births.keyed.size, birth=len(births.birth), births_time=births.time.size)
    if births.seed and len(births.seed) != SEED_BYTES:
        raise ValueError(f"births.seed has {SEED_BYTES} bytes or none, not {len(births.seed)}")


def check_seed(births: Births) -> None:
    """The ids are those that the seed gives, which is all that is written of them. Raises ValueError."""
    if births.seed and not np.array_equal(birth_ids(births.milliseconds, births.seed, len(births)), births.birth):
        raise ValueError("births.birth are not the ids that births.seed gives")


def _sizes(n: int, **sizes: int) -> None:
    for name, size in sizes.items():
        if size != n:
            raise ValueError(f"{name} has {size:,} values where {n:,} are wanted")


def _codes(name: str, codes: np.ndarray, n: int, end: int, *, least: int = 0) -> None:
    if codes.size != n:
        raise ValueError(f"{name} has {codes.size:,} values where {n:,} are wanted")
    # As unsigned numbers what is below the least is above the greatest, so that one pass finds both.
    if n and int((codes - codes.dtype.type(least)).view(f"u{codes.itemsize}").max()) >= end - least:
        raise ValueError(f"{name} must lie in [{least}, {end})")


def _rows(name: str, rows: np.ndarray, n: int, end: int) -> None:
    if rows.size > MAX_ROWS:
        raise ValueError(f"{name} has {rows.size:,} values; an entry has at most {MAX_ROWS:,}")
    if rows.size != n:
        raise ValueError(f"{name} has {rows.size:,} values where {n:,} are wanted")
    if n and (rows[0] < 0 or rows[-1] >= end or not _ascends(rows)):
        raise ValueError(f"{name} must ascend in [0, {end})")


def _ascends(values: np.ndarray) -> bool:
    return bool((values[1:] >= values[:-1]).all())
