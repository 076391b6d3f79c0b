"""The identifiers of a frame as nodes, and to which profile each belongs from when until when."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.engine import Engine
from idweave_server.engine.identifier_store import Status
from idweave_server.engine.profile_store import uuid_texts
from idweave_server.model import Flag, Shared, Verdict
from idweave_server.projection.columns import NULL, Moment, Text, Whole, Word
from idweave_server.projection.frame import Frame
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import Kind
from idweave_server.resolution.names import LISTED
from idweave_server.resolution.nodes import BEGINNING, END

SHARED = tuple(reason.name.lower() for reason in Shared if reason)
ASSERTED = ("shared", "personal")


def identifier_rows(frame: Frame) -> Table:
    """One row an identifier that counts, or that a verdict names; shared: as of its latest epoch."""
    ids = frame.engine.state.identifiers
    rows = np.flatnonzero(frame.there)
    codes = frame.codes[rows]
    shared = shared_reasons(frame.engine, codes)
    spaces = tuple(n.name for n in frame.engine.policy.namespaces)
    issuers, issued = tuple(ids.issuers.words), ids.issuer.array[codes].astype(np.int32)
    zeros = np.zeros(codes.size, np.int64)
    return Table(
        kind=Kind.IDENTIFIERS,
        owner=codes,
        one=zeros,
        two=zeros,
        start=Text(frame.keys).take(rows).values,
        end=None,
        group=ids.namespace.array[codes].astype(np.int16),
        properties={
            "namespace": Word(spaces, ids.namespace.array[codes].astype(np.int32)),
            "issuer": Word(issuers, issued),
            "value": Text(ids.values(codes)),
            "first_seen": Moment(frame.first[rows]),
            "last_seen": Moment(frame.last[rows]),
            "shared": Word(SHARED, shared.astype(np.int32) - 1),
            "people": Whole(_people(frame.engine, codes, shared)),
            "epochs": Whole(_epochs(frame, rows)),
            "asserted": Word(ASSERTED, _asserted(frame.engine, codes)),
        },
    )


def membership_rows(frame: Frame) -> Table:
    """One row an epoch of an identifier that belongs to somebody."""
    nodes, profiles = frame.resolution.statuses.nodes, frame.engine.state.profiles
    node = np.flatnonzero(frame.node_slot >= 0)
    place = nodes.identifier[node]
    begin, end = bounds(nodes.begin[node]), bounds(nodes.end[node])
    return Table(
        kind=Kind.MEMBERSHIPS,
        owner=frame.codes[place],
        one=np.zeros(node.size, np.int64),
        two=interned(frame, (begin,)),
        start=Text(frame.keys).take(place).values,
        end=uuid_texts(profiles.id.array[frame.node_slot[node]]),
        group=None,
        properties={"from": Moment(begin), "until": Moment(end)},
    )


def bounds(second: np.ndarray) -> np.ndarray:
    """int64[n]: the bounds of epochs, NULL where open."""
    return np.where((second > BEGINNING) & (second < END), second, NULL)


def interned(frame: Frame, columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """int64[n]: what tells relationships apart, as numbers; columns: int64[n] each, NULL in nearly all rows."""
    out = np.zeros(columns[0].size, np.int64)
    for at in np.flatnonzero(np.any([column != NULL for column in columns], axis=0)).tolist():
        out[at] = frame.names.intern(tuple(None if column[at] == NULL else int(column[at]) for column in columns))
    return out


def shared_reasons(engine: Engine, codes: np.ndarray) -> np.ndarray:
    """uint8[n], model.Shared; nothing is said of context, which never links."""
    ids = engine.state.identifiers
    flags, listed = ids.flags.array[codes], np.zeros(codes.size, np.uint8)
    listed[(flags & np.uint8(Flag.ROLE)) != 0] = Shared.ROLE
    listed[(flags & np.uint8(Flag.FAKE)) != 0] = Shared.FAKE
    looked_at = ids.status.array[codes] != Status.UNKNOWN
    links = engine.state.namespaces_that(links=True)[ids.namespace.array[codes]]
    return np.where(links, np.where(looked_at, ids.shared.array[codes], listed), np.uint8(0)).astype(np.uint8)


def _people(engine: Engine, codes: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """int64[n]: how many dissimilar first names a shared identifier was seen with, NULL where they were not counted."""
    counted = np.flatnonzero((shared != 0) & (engine.state.identifiers.flags.array[codes] & LISTED == 0))
    out = np.full(codes.size, NULL)
    out[counted] = [engine.state.identifiers.people.get(code, 0) or NULL for code in codes[counted].tolist()]
    return out


def _epochs(frame: Frame, rows: np.ndarray) -> np.ndarray:
    """int64[n]: of an identifier that changed hands, how many it has; NULL for others."""
    count = np.zeros(frame.codes.size, np.int64)
    count[: frame.scope] = np.diff(frame.resolution.statuses.nodes.first[: frame.scope + 1])
    listed = frame.engine.state.identifiers.flags.array[frame.codes] & LISTED != 0
    return np.where((count > 1) & ~listed, count, NULL)[rows]


def _asserted(engine: Engine, codes: np.ndarray) -> np.ndarray:
    """int32[n]: the latest of SHARED and PERSONAL that somebody said of each, by its place in ASSERTED; -1 without one."""
    out, verdicts = np.full(codes.size, -1, np.int32), engine.state.verdicts
    for at in np.flatnonzero(engine.state.identifiers.judged.array[codes]).tolist():
        said = [verdicts.stated[n] for n in verdicts.about.get(int(codes[at]), ())]
        unary = [v for v in said if not v.gone and v.kind in (Verdict.SHARED, Verdict.PERSONAL)]
        if unary:
            latest = max(unary, key=lambda v: (v.time, v.kind == Verdict.SHARED))
            out[at] = ASSERTED.index("shared" if latest.kind == Verdict.SHARED else "personal")
    return out
