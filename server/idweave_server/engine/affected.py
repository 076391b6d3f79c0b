"""Which profiles segments have to be asked about again: those of which something may have changed that a segment reads.

An observation with events may change any attribute, so nothing is made of which; most observations have none. Whoever has other nodes or
other observations than before is asked about whatever was said.
"""

from __future__ import annotations

import numpy as np

from idweave_server.engine.turnover import Turnover
from idweave_server.entries.columns import AnyEntry, ObservationEntry
from idweave_server.segments.attributes import PREFIX

# What an observation changes that says nothing: of whom it is, and of everybody whose identifiers hang together with theirs.
SEEN = frozenset(
    (
        "sightings",
        "strength",
        "field:first_seen",
        "field:last_seen",
        "field:acquired_time",
        "field:acquisition_source",
        "field:acquisition_channel",
        "field:acquisition_campaign",
    )
)
BESIDE = frozenset(("strength",))


def brought(entry: AnyEntry) -> frozenset[str] | None:
    """What an entry may change of the profiles that it adds observations to, as Program.reads names it; None for anything, of anybody."""
    if not isinstance(entry, ObservationEntry):
        return None
    if entry.events.row.size:
        return frozenset(("*",))
    names = [name for trait in entry.traits for name in (trait.name, PREFIX + trait.name)]
    return SEEN | {f"{kind}:{name}" for name in names for kind in ("field", "list")}


def affected(turnover: Turnover, said: frozenset[str] | None, reads: frozenset[str]) -> np.ndarray:
    """bool[p]: the profiles to look at again. said: as `brought` has it; reads: what all segments together read."""
    if said is None:
        return np.ones(turnover.slot.size, bool)
    beside, own = bool(reads & BESIDE), bool(reads & said) or "*" in said
    found: np.ndarray = (turnover.same < 0) | turnover.other | turnover.moved | (turnover.fresh & own) | beside
    return found
