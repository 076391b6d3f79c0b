"""Profiles as nodes: those that there are, with what is known of each, and the ids that are no profile's any more, with their survivors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_texts
from idweave_server.kernels.places import Places
from idweave_server.projection.columns import NULL, Column, Moment, Real, Text, Whole, Word
from idweave_server.projection.frame import LATEST, Frame
from idweave_server.projection.identifier_rows import shared_reasons
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import TRAIT, Kind
from idweave_server.projection.trait_rows import display_names, profile_traits
from idweave_server.resolution.policy import MICRO_NATS

REASONS = ("merged", "shared", "expired", "retracted", "erased")
MERGED, SHARED, EXPIRED, RETRACTED, ERASED = range(5)
LIVE, RETIRED = 0, 1  # groups


@dataclass(frozen=True, slots=True)
class RetiredIds:
    """owner: int32[n], the identifier that was born with each id, -1 for one that was erased; words: uint64[n, 2]; reason: int32[n];
    slot: int32[n], the profile that answers for it, -1 where none does."""

    owner: np.ndarray
    words: np.ndarray
    reason: np.ndarray
    slot: np.ndarray


def profile_rows(frame: Frame, orphans: np.ndarray) -> tuple[Table, Table]:
    """(profiles, redirects). orphans: int64, births whose identifiers were erased, to be stated as well."""
    retired = _retired(frame)
    if orphans.size:
        born = frame.engine.state.identifiers.births.id_of(orphans)
        none = np.full(orphans.size, -1, np.int32)
        retired = RetiredIds(
            np.concatenate([retired.owner, none]),
            np.concatenate([retired.words, born]),
            np.concatenate([retired.reason, np.full(orphans.size, ERASED, np.int32)]),
            np.concatenate([retired.slot, none]),
        )
    return _profiles(frame, retired), _redirects(frame.engine, retired)


def orphaned(engine: Engine) -> np.ndarray:
    """int64: the births whose identifiers were erased."""
    return np.flatnonzero(engine.state.identifiers.births.code.array < 0)


def _profiles(frame: Frame, retired: RetiredIds) -> Table:
    profiles, ids = frame.engine.state.profiles, frame.engine.state.identifiers
    bearer, count = profiles.bearer.array[frame.slots], frame.slots.size
    words = np.concatenate([profiles.id.array[frame.slots], retired.words])
    names = words.view(np.int64)
    observations, first, last = _observed(frame)
    weak = profiles.weak_left.array[frame.slots] >= 0
    fragility = np.where(weak, profiles.weak_strength.array[frame.slots] / MICRO_NATS, np.nan)
    traits = profile_traits(frame) if frame.engine.policy.graph_traits else {}
    bearers = ids.values(bearer)
    shown = display_names(frame, traits, bearers)
    blank = np.full(retired.reason.size, NULL)
    properties: dict[str, Column] = {
        "display_name": Text(pa.concat_arrays([shown, pa.nulls(blank.size, pa.string())])),
        "size": Whole(np.concatenate([_sizes(frame), blank])),
        "observations": Whole(np.concatenate([observations, blank])),
        "first_seen": Moment(np.concatenate([first, blank])),
        "updated_at": Moment(np.concatenate([last, blank])),
        "fragility": Real(np.concatenate([fragility, np.full(blank.size, np.nan)])),
        "reason": Word(REASONS, np.concatenate([np.full(count, -1, np.int32), retired.reason])),
    }
    none = np.full(blank.size, -1, np.int32)
    properties |= {f"{TRAIT}{name}": Word(word.values, np.concatenate([word.code, none])) for name, word in sorted(traits.items())}
    return Table(
        kind=Kind.PROFILES,
        owner=np.concatenate([bearer, retired.owner]).astype(np.int32),
        one=np.ascontiguousarray(names[:, 0]),
        two=np.ascontiguousarray(names[:, 1]),
        start=uuid_texts(words),
        end=None,
        group=np.repeat(np.array([LIVE, RETIRED], np.int16), [count, blank.size]),
        properties=properties,
    )


def _redirects(engine: Engine, retired: RetiredIds) -> Table:
    led = np.flatnonzero(retired.slot >= 0)
    words = retired.words[led]
    names = words.view(np.int64)
    return Table(
        kind=Kind.REDIRECTS,
        owner=retired.owner[led],
        one=np.ascontiguousarray(names[:, 0]),
        two=np.ascontiguousarray(names[:, 1]),
        start=uuid_texts(words),
        end=uuid_texts(engine.state.profiles.id.array[retired.slot[led]]),
        group=None,
        properties={},
    )


def _retired(frame: Frame) -> RetiredIds:
    """The births of the frame's identifiers that are no profile's id, and what became of each."""
    ids, profiles = frame.engine.state.identifiers, frame.engine.state.profiles
    at = np.flatnonzero(ids.birth.array[frame.codes] >= 0)
    codes = frame.codes[at]
    birth = ids.birth.array[codes]
    slot, shared = ids.profile.array[codes], shared_reasons(frame.engine, codes)
    for place in np.flatnonzero(np.isin(codes, np.fromiter(ids.splits, np.int32, len(ids.splits)))).tolist():
        split = ids.splits[int(codes[place])]
        epoch = min(int(np.searchsorted(split.end, ids.births.time.one(birth[place]))), split.end.size - 1)
        slot[place], shared[place] = split.profile[epoch], split.shared[epoch]
    words = ids.births.id_of(birth)
    bears = np.zeros(codes.size, bool)
    owned = np.flatnonzero(slot >= 0)
    bears[owned] = (profiles.id.array[slot[owned]] == words[owned]).all(axis=1)
    gone = np.where(shared != 0, SHARED, np.where(frame.last[at] != NULL, EXPIRED, RETRACTED))
    reason = np.where(slot >= 0, MERGED, gone).astype(np.int32)
    kept = np.flatnonzero(~bears)
    return RetiredIds(codes[kept].astype(np.int32), np.ascontiguousarray(words[kept]), reason[kept], slot[kept])


def _sizes(frame: Frame) -> np.ndarray:
    """int64[p]: the identifiers of each profile; two epochs of one in one profile count once."""
    place = Places(frame.slots).of(frame.node_slot)
    member = np.flatnonzero(place >= 0)
    identifier = frame.resolution.statuses.nodes.identifier[member]
    pair = np.unique(place[member].astype(np.int64) * (frame.scope + 1) + identifier)
    return np.bincount(pair // (frame.scope + 1), minlength=frame.slots.size).astype(np.int64)


def _observed(frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(observations int64[p], first int64[p], last int64[p]): of those that belong to each profile; where none does, when its identifiers
    were seen."""
    mine = np.flatnonzero(frame.row_slot >= 0)
    slot, time = frame.row_slot[mine], frame.component.observations.time[mine]
    count = np.bincount(slot, minlength=frame.slots.size).astype(np.int64)
    first, last = np.full(frame.slots.size, LATEST), np.full(frame.slots.size, NULL)
    np.minimum.at(first, slot, time)
    np.maximum.at(last, slot, time)
    bare = np.flatnonzero(count == 0)
    if bare.size:
        place = Places(frame.slots).of(frame.node_slot)
        node = np.flatnonzero(np.isin(place, bare))
        identifier = frame.resolution.statuses.nodes.identifier[node]
        np.minimum.at(first, place[node], frame.first[identifier])
        np.maximum.at(last, place[node], frame.last[identifier])
    return count, first, last
