"""What the graph should hold of the identifiers that a publishing touched: all rows that they own, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from idweave_server.engine.applied import Publication
from idweave_server.engine.engine import Engine
from idweave_server.projection.frame import Frame
from idweave_server.projection.identifier_rows import identifier_rows, membership_rows
from idweave_server.projection.link_rows import link_rows, seen_at_rows
from idweave_server.projection.profile_rows import profile_rows
from idweave_server.projection.rows import Interned, Table
from idweave_server.projection.schema import Kind
from idweave_server.projection.segment_rows import in_segment_rows
from idweave_server.projection.verdict_rows import verdict_owners, verdict_rows

NOBODY = -1  # owns the ids of erased identifiers


@dataclass(frozen=True, slots=True)
class Present:
    """tables: every row that `owners`, int32 by kind, own."""

    tables: Mapping[Kind, Table]
    owners: Mapping[Kind, np.ndarray]


def present(engine: Engine, published: Publication, known: Interned, orphans: np.ndarray | None, looked: np.ndarray) -> Present:
    """orphans: int64, all births whose identifiers were erased, None where they are as they were; looked: int32, identifiers of whose
    profiles segments may say something else now."""
    frame = Frame.of(engine, published, known.names)
    said = verdict_owners(frame)
    profiles, redirects = profile_rows(frame, np.zeros(0, np.int64) if orphans is None else orphans)
    links, refusals = link_rows(frame)
    differents, sames = verdict_rows(frame, said)
    tables = (identifier_rows(frame), profiles, links, membership_rows(frame), redirects, refusals, differents, sames, seen_at_rows(frame))
    owners = dict.fromkeys((table.kind for table in tables), frame.codes)
    owners[Kind.DIFFERENTS] = owners[Kind.SAMES] = np.union1d(said, frame.codes)
    if orphans is not None:
        owners[Kind.PROFILES] = np.append(frame.codes, np.int32(NOBODY))
    owners[Kind.IN_SEGMENT] = np.union1d(frame.codes, looked).astype(np.int32)
    inside = in_segment_rows(engine, owners[Kind.IN_SEGMENT], known.ids)
    return Present({table.kind: table for table in (*tables, inside)}, owners)
