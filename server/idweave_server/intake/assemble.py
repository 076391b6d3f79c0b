"""The parts of all files as one input: repeats and contradictions told apart, erasures obeyed, columns made for the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.intake.encoded import content_of, hexadecimal
from idweave_server.intake.identifier_columns import Sighted
from idweave_server.intake.intake import Intake, Part, Sightings
from idweave_server.intake.labelling import label
from idweave_server.intake.sameness import duplicates, sort_out
from idweave_server.intake.statements import Stated
from idweave_server.intake.tables import Duplicates, IdentifierTable, InputRows, VerdictRows
from idweave_server.intake.trait_columns import Persons
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.rows import compressed_rows, row_numbers
from idweave_server.model import MAX_IDENTIFIERS, MIN_TIME, Outcome, Refusal
from idweave_server.resolution.erasure import erased_verdicts
from idweave_server.resolution.observations import Observations, Verdicts


@dataclass(frozen=True, slots=True)
class Assembled:
    """The input of the rules, and what the outputs need beside it.

    covered: bool[r], the input rows that an erasure covers; erased_until: int64[i], the latest erasure of each identifier; crowded:
    uint8[r], TOO_MANY_IDENTIFIERS for the input rows refused for it; given: int64[r], how many identifiers each has; identity:
    uint64[r, 2], hash of (source, observation id); kept: int64[n], the input row of each observation; traits: entries by input row;
    newest: the latest time of what is usable, in seconds UTC; an erasure may reach into the future and does not count.
    """

    rows: InputRows
    observations: Observations
    identifiers: IdentifierTable
    verdicts: VerdictRows
    duplicates: Duplicates
    covered: np.ndarray
    erased_until: np.ndarray
    crowded: np.ndarray
    given: np.ndarray
    identity: np.ndarray
    kept: np.ndarray
    traits: dict[str, Sighted]
    newest: int


def assemble(intake: Intake, parts: Sequence[Part], stated: Sequence[Stated], erased_until: np.ndarray, files: Sequence[str]) -> Assembled:
    """erased_until: int64, the latest erasure of each identifier that was interned before the derived ones."""
    seen = [part.seen for part in parts]
    sizes = [one.row.size for one in seen]
    offset = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    total = int(offset[-1])
    time, source, kind, rejected = (_joined(seen, name) for name in ("time", "source", "kind", "rejected"))
    content = np.concatenate([part.content for part in parts]) if parts else np.zeros((0, 2), np.uint64)
    covered = np.concatenate([part.covered for part in parts]) if parts else np.zeros(0, bool)
    entries = [(at, each) for at, part in zip(offset, parts, strict=False) for each in (*part.seen.sighted, *part.derived)]
    sighted = _offset(entries)
    start, code, _ = compressed_rows(sighted.row, sighted.code, total)

    given = np.bincount(row_numbers(start)[code < erased_until.size], minlength=total)  # derived identifiers are not the row's own
    crowded = np.where((given > MAX_IDENTIFIERS) & (rejected == 0), Refusal.TOO_MANY_IDENTIFIERS, Refusal.NONE).astype(np.uint8)
    rejected = np.where(rejected == 0, crowded, rejected)
    good = rejected == 0
    fit = np.flatnonzero(good & ~covered)

    ids = observation_ids(seen, content)
    named = np.concatenate([content_of(chunk) for chunk in ids.chunks]) if total else content
    whose = np.concatenate([intake.sources.content, np.zeros((1, 2), np.uint64)])[source]  # a row without a source is refused anyway
    identity = mix_hash(whose, named)
    outcome = np.full(total, Outcome.REJECTED, np.uint8)
    outcome[good & covered] = Outcome.ERASED
    outcome[fit] = sort_out(identity[fit], content[fit])
    kept = np.flatnonzero(outcome == Outcome.ACCEPTED)

    first, last, birth = (_joined([part.persons for part in parts], name) for name in ("first", "last", "birth"))
    labelling = label(intake, intake.interner.table(), start, code, last)
    observations = Observations(
        time=time,
        source=source,
        kind=kind.astype(np.uint8),
        content=identity,
        first_name=first.astype(np.int32),
        birth_date=birth.astype(np.int32),
        start=start,
        identifier=code,
        hint=labelling.hint,
        sources=tuple(intake.sources.values().to_pylist()),
        labels=labelling.labels,
    ).take(kept)
    position = np.full(total, -1, np.int32)
    position[kept] = np.arange(kept.size)
    number = np.repeat(np.array([one.number for one in seen], np.int32), sizes)
    until = np.concatenate([erased_until, np.full(len(intake.interner) - erased_until.size, MIN_TIME - 1)])
    newest = max([int(time[good].max(initial=MIN_TIME)), *(int(s.time.max(initial=MIN_TIME)) for s in stated if s.verdict is not None)])
    return Assembled(
        rows=InputRows(tuple(files), observations.sources, number, _joined(seen, "row"), ids, source, outcome, position),
        observations=observations,
        identifiers=intake.interner.table(labelling.mailbox_name),
        verdicts=verdict_rows(stated, until),
        duplicates=duplicates(outcome, content, source, observations.sources),
        covered=covered,
        erased_until=until,
        crowded=crowded,
        given=given,
        identity=identity,
        kept=kept,
        traits={
            name: _offset([(at, p.traits[name]) for at, p in zip(offset, parts, strict=False) if name in p.traits])
            for name in intake.traits.tables
        },
        newest=newest,
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


def verdict_rows(stated: Sequence[Stated], erased_until: np.ndarray) -> VerdictRows:
    """The verdicts that no erasure covers."""
    said = [s for s in stated if s.verdict is not None and s.row.size]

    def joined(columns: list[np.ndarray], kind: type) -> np.ndarray:
        return np.concatenate(columns).astype(kind) if columns else np.zeros(0, kind)

    verdicts = Verdicts(
        kind=joined([np.full(s.row.size, s.verdict) for s in said], np.uint8),
        time=joined([s.time for s in said], np.int64),
        left=joined([s.ends[:, 0] for s in said], np.int32),
        right=joined([s.ends[:, 1] if s.ends.shape[1] > 1 else np.full(s.row.size, -1) for s in said], np.int32),
        content=joined([s.content for s in said], np.uint64),
    )
    kept = np.flatnonzero(~erased_verdicts(verdicts, erased_until)) if len(verdicts) else np.zeros(0, np.int64)
    ids = [text for s in said for text in s.id]
    return VerdictRows(
        verdicts.take(kept),
        joined([np.full(s.row.size, s.number) for s in said], np.int32)[kept],
        joined([s.row for s in said], np.int64)[kept],
        tuple(ids[i] for i in kept),
    )


def _joined(parts: Sequence[Sightings] | Sequence[Persons], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0, np.int64)


def _offset(entries: list[tuple[int, Sighted]]) -> Sighted:
    """The entries of several files as those of one input."""
    if not entries:
        return Sighted(np.zeros(0, np.int64), np.zeros(0, np.int32))
    return Sighted(np.concatenate([one.row + at for at, one in entries]), np.concatenate([one.code for _, one in entries]))
