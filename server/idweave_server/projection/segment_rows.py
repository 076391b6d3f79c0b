"""Segments as nodes, and who is in each since when and until when, as relationships from profiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_texts
from idweave_server.kernels.conditions import TRUE
from idweave_server.kernels.places import Places
from idweave_server.projection.columns import NULL, Moment, Text, Whole
from idweave_server.projection.rows import InternedIds, Table
from idweave_server.projection.schema import Kind
from idweave_server.segments.definition_text import encode
from idweave_server.segments.subjects import FOREVER


def segment_rows(engine: Engine, numbers: np.ndarray) -> Table:
    """One row a definition that holds, of the segments with these numbers, int32[n]; they own themselves."""
    wanted = set(numbers.tolist())
    found = [said for said in engine.memberships.definitions.values() if engine.memberships.store.numbers[said.name] in wanted]
    zeros = np.zeros(len(found), np.int64)
    return Table(
        kind=Kind.SEGMENTS,
        owner=np.array([engine.memberships.store.numbers[said.name] for said in found], np.int32),
        one=zeros,
        two=zeros,
        start=pa.array([said.name for said in found], pa.string()),
        end=None,
        group=np.zeros(len(found), np.int16),
        properties={
            "version": Whole(np.array([said.version for said in found], np.int64)),
            "description": _texts([said.description for said in found]),
            "owner": _texts([said.owner for said in found]),
            "template": _texts([said.template for said in found]),
            "definition": _texts([encode(said.expression) for said in found]),
            "defined_at": Moment(np.array([said.at for said in found], np.int64)),
        },
    )


def in_segment_rows(engine: Engine, owners: np.ndarray, ids: InternedIds) -> Table:
    """One row a membership, at the state's time, of the profiles whose ids come from these identifiers, int32[n].

    `until` is computed anew, so it is that of this state whatever moved it; it is absent where time alone never ends the membership.
    `since` is what the state remembers, absent where it does not.
    """
    memberships, profiles = engine.memberships, engine.state.profiles
    slots = np.zeros(0, np.int32) if memberships.store.idle else borne(engine, owners)
    parts = run(memberships.evaluated(memberships.program(), slots, engine.state_time)) if slots.size else []
    truth = np.concatenate([np.zeros((memberships.numbers().size if parts else 0, 0), np.int8), *(part.truth for part in parts)], axis=1)
    until = np.concatenate([np.zeros(truth[:, :0].shape, np.int64), *(part.until for part in parts)], axis=1)
    due = memberships.cuts_due() if parts else None
    if due:  # of segments that read scores, the next cut points may end any membership
        until = np.where(memberships.scored(memberships.program())[:, None], np.minimum(until, due), until)
    segment, who = np.nonzero(truth == TRUE)
    number, slot, ends = memberships.numbers()[segment], slots[who], until[segment, who]
    since = memberships.store.since(slot, number)
    words = profiles.id.array[slot]
    return Table(
        kind=Kind.IN_SEGMENT,
        owner=profiles.bearer.array[slot].astype(np.int32),
        one=ids.intern(words).astype(np.int64),
        two=number.astype(np.int64),
        start=uuid_texts(words),
        end=pa.array(memberships.store.names, pa.string()).take(pa.array(number)),
        group=None,
        properties={
            "since": Moment(np.where(since > 0, since, NULL)),
            "until": Moment(np.where(ends < FOREVER, ends, NULL)),
        },
    )


def borne(engine: Engine, codes: np.ndarray) -> np.ndarray:
    """int32, ascending: the profiles whose ids come from these identifiers."""
    state = engine.state
    splits = state.identifiers.splits
    held = [state.identifiers.profile.array[codes]]
    if splits:
        held += [splits[code].profile for code in codes.tolist() if code in splits]
    slots = np.unique(np.concatenate(held))
    slots = slots[slots >= 0]
    return slots[np.isin(state.profiles.bearer.array[slots], codes)].astype(np.int32)


def bearers(engine: Engine, slots: Sequence[np.ndarray]) -> np.ndarray:
    """int32, ascending: the identifiers that the ids of these profiles come from; slots: int32 each, of profiles or free by now."""
    if not slots:
        return np.zeros(0, np.int32)
    found = engine.state.profiles.bearer.array[np.unique(np.concatenate(slots))]
    return np.unique(found[found >= 0]).astype(np.int32)


def recall(engine: Engine, owners: np.ndarray, ids: np.ndarray, numbers: np.ndarray, since: np.ndarray, known: InternedIds) -> None:
    """Let the state remember since when profiles are members, as a graph of this state has it: owners int32[n]; ids int64[n], as `known`
    numbers them; numbers int64[n], of segments; since int64[n], whatever was found there."""
    store = engine.memberships.store
    slots = borne(engine, np.unique(owners[(since > 0) & (since <= engine.state_time)]))
    if not slots.size:
        return
    number = known.intern(engine.state.profiles.id.array[slots])
    at = Places(number).of(ids)
    good = np.flatnonzero((at >= 0) & (since > 0) & (since <= engine.state_time))
    slot, segment = slots[at[good]], numbers[good]
    member = store.bits(slot)[np.arange(slot.size), segment]
    _, first = np.unique(np.stack([slot, segment], axis=1), axis=0, return_index=True)
    kept = first[member[first]]
    store.recall_since(slot[kept], segment[kept], since[good[kept]])


def _texts(values: list[str]) -> Text:
    """Absent where blank."""
    return Text(pa.array([value or None for value in values], pa.string()))
