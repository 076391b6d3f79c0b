"""The rows of several units as columns of one input: their identifiers in compressed rows, their ids, and what tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.encoded import hexadecimal
from idweave_server.intake.identifier_columns import Sighted
from idweave_server.intake.intake import Intake, Part, Sightings
from idweave_server.intake.trait_columns import Persons
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.rows import compressed_rows, row_numbers
from idweave_server.model import MAX_IDENTIFIERS, Refusal


@dataclass(frozen=True, slots=True)
class Gathered:
    """All rows, refused ones included.

    offset: int64[p + 1], where each part's rows begin; source: int32[r], into Intake.sources; kind: uint8[r]; rejected: uint8[r],
    model.Refusal; content: uint64[r, 2]; first, last, birth: int32[r], as of Persons; start: int64[r + 1], code: int32[k], the distinct
    identifiers of each row, and entry: int64[k], where each came from among the parts' sightings one after another; given: int64[r], how
    many of them the row itself named; crowded: uint8[r], TOO_MANY_IDENTIFIERS where that is why it is rejected; id: string[r]; identity:
    uint64[r, 2], hash of (source, id).
    """

    offset: np.ndarray
    time: np.ndarray
    source: np.ndarray
    kind: np.ndarray
    rejected: np.ndarray
    content: np.ndarray
    first: np.ndarray
    last: np.ndarray
    birth: np.ndarray
    start: np.ndarray
    code: np.ndarray
    entry: np.ndarray
    given: np.ndarray
    crowded: np.ndarray
    id: pa.ChunkedArray
    identity: np.ndarray


def gather(intake: Intake, parts: Sequence[Part], named: int) -> Gathered:
    """named: how many identifiers had been interned before the derived ones."""
    seen = [part.seen for part in parts]
    offset = np.concatenate(([0], np.cumsum([one.row.size for one in seen]))).astype(np.int64)
    total = int(offset[-1])
    time, source, kind, rejected = (_column(seen, name) for name in ("time", "source", "kind", "rejected"))
    first, last, birth = (_column([part.persons for part in parts], name) for name in ("first", "last", "birth"))
    content = np.concatenate([part.content for part in parts]) if parts else np.zeros((0, 2), np.uint64)
    sighted = joined([(at, one) for at, part in zip(offset, parts, strict=False) for one in (*part.seen.sighted, *part.derived)])
    start, code, entry = compressed_rows(sighted.row, sighted.code, total)

    given = np.bincount(row_numbers(start)[code < named], minlength=total)  # derived identifiers are not the row's own
    crowded = np.where((given > MAX_IDENTIFIERS) & (rejected == 0), Refusal.TOO_MANY_IDENTIFIERS, Refusal.NONE).astype(np.uint8)
    ids = observation_ids(seen, content)
    named_as = np.concatenate([content_of(chunk) for chunk in ids.chunks]) if total else content
    whose = np.concatenate([intake.sources.content, np.zeros((1, 2), np.uint64)])[source]  # a row without a source is refused anyway
    return Gathered(
        offset=offset,
        time=time,
        source=source,
        kind=kind.astype(np.uint8),
        rejected=np.where(rejected == 0, crowded, rejected),
        content=content,
        first=first.astype(np.int32),
        last=last.astype(np.int32),
        birth=birth.astype(np.int32),
        start=start,
        code=code,
        entry=entry,
        given=given,
        crowded=crowded,
        id=ids,
        identity=mix_hash(whose, named_as),
    )


def observation_ids(seen: Sequence[Sightings], content: np.ndarray) -> pa.ChunkedArray:
    """string[r]: each row's own id; a row without one is known by its content, so that sending it again changes nothing."""
    chunks: list[pa.Array] = []
    at = 0
    for one in seen:
        for chunk in one.id.chunks:
            if chunk.null_count:
                chunk = pc.coalesce(chunk, hexadecimal(content[at : at + len(chunk)]))
            chunks.append(chunk)
            at += len(chunk)
    return pa.chunked_array(chunks, pa.string())


def joined(entries: Sequence[tuple[int, Sighted]]) -> Sighted:
    """The entries of several units, each with where its rows begin, as those of one input."""
    if not entries:
        return Sighted(np.zeros(0, np.int64), np.zeros(0, np.int32))
    return Sighted(np.concatenate([one.row + at for at, one in entries]), np.concatenate([one.code for _, one in entries]))


def _column(parts: Sequence[Sightings] | Sequence[Persons], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0, np.int64)
