"""The parts of all files as one input: rows put in order, repeats and contradictions told apart, erasures obeyed, columns made for the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.encoded import content_of
from idweave_server.batch.identifier_columns import Sighted
from idweave_server.batch.intake import Intake, Part
from idweave_server.batch.labelling import label
from idweave_server.batch.result import Duplicates, IdentifierTable, InputRows, VerdictRows
from idweave_server.batch.sameness import duplicates, sort_out
from idweave_server.batch.statements import Stated
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.rows import compressed_rows
from idweave_server.model import MAX_IDENTIFIERS, MIN_TIME, Outcome, Refusal
from idweave_server.resolution.erasure import erased_verdicts
from idweave_server.resolution.observations import Observations, Verdicts


@dataclass(frozen=True, slots=True)
class Assembled:
    """The input of the rules, and what the outputs need beside it.

    crowded: uint8[r], TOO_MANY_IDENTIFIERS for the input rows refused for it; erased: bool[r]; erased_until: int64[i], the latest erasure of
    each identifier; kept: int64[n], the input row of each observation; traits: entries by input row.
    """

    rows: InputRows
    observations: Observations
    identifiers: IdentifierTable
    verdicts: VerdictRows
    duplicates: Duplicates
    erased: np.ndarray
    erased_until: np.ndarray
    crowded: np.ndarray
    kept: np.ndarray
    traits: dict[str, Sighted]
    newest: int


def assemble(intake: Intake, parts: Sequence[Part], stated: Sequence[Stated], files: Sequence[str]) -> Assembled:
    sizes = [part.row.size for part in parts]
    offset = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    total = int(offset[-1])
    time, source, kind, rejected = (_joined(parts, name) for name in ("time", "source", "kind", "rejected"))
    content = np.concatenate([part.content for part in parts]) if parts else np.zeros((0, 2), np.uint64)
    sighted = _offset([(at, each) for at, part in zip(offset, parts, strict=False) for each in part.sighted])
    start, code, entry = compressed_rows(sighted.row, sighted.code, total)

    crowded = np.where((np.diff(start) > MAX_IDENTIFIERS) & (rejected == 0), Refusal.TOO_MANY_IDENTIFIERS, Refusal.NONE).astype(np.uint8)
    rejected = np.where(rejected == 0, crowded, rejected)
    erased_until = erasures_of(stated, len(intake.interner))
    good = rejected == 0
    erased = good & (time <= _latest(start, code, erased_until, total))
    fit = np.flatnonzero(good & ~erased)

    ids = observation_ids(parts, content)
    named = np.concatenate([content_of(chunk) for chunk in ids.chunks]) if total else content
    whose = np.concatenate([intake.sources.content, np.zeros((1, 2), np.uint64)])[source]  # a row without a source is refused anyway
    identity = mix_hash(whose, named)
    outcome = np.full(total, Outcome.REJECTED, np.uint8)
    outcome[erased] = Outcome.ERASED
    outcome[fit] = sort_out(identity[fit], content[fit])
    kept = np.flatnonzero(outcome == Outcome.ACCEPTED)

    persons = {name: np.concatenate([getattr(p.persons, name) for p in parts]) if parts else np.zeros(0, np.int32) for name in ("first", "last", "birth")}
    labelling = label(intake, intake.interner.table(), start, code, persons["last"])
    observations = Observations(
        time=time,
        source=source,
        kind=kind.astype(np.uint8),
        content=identity,
        first_name=persons["first"],
        birth_date=persons["birth"],
        start=start,
        identifier=code,
        hint=labelling.hint,
        sources=tuple(intake.sources.values().to_pylist()),
        labels=labelling.labels,
    ).take(kept)
    position = np.full(total, -1, np.int32)
    position[kept] = np.arange(kept.size)
    number = np.repeat(np.array([part.number for part in parts], np.int32), sizes)
    verdicts = verdict_rows(stated, erased_until)
    newest = max([int(time[good].max(initial=MIN_TIME)), *(int(s.time.max(initial=MIN_TIME)) for s in stated)])
    return Assembled(
        rows=InputRows(tuple(files), observations.sources, number, _joined(parts, "row"), ids, source, outcome, position),
        observations=observations,
        identifiers=intake.interner.table(labelling.mailbox_name),
        verdicts=verdicts,
        duplicates=duplicates(outcome, content, source, observations.sources),
        erased=erased,
        erased_until=erased_until,
        crowded=crowded,
        kept=kept,
        traits={name: _offset([(at, p.traits[name]) for at, p in zip(offset, parts, strict=False) if name in p.traits]) for name in intake.traits.tables},
        newest=newest,
    )


def observation_ids(parts: Sequence[Part], content: np.ndarray) -> pa.ChunkedArray:
    """string[r]: each row's own id; a row without one is known by its content, so that sending it again changes nothing."""
    chunks: list[pa.Array] = []
    at = 0
    for part in parts:
        n = part.row.size
        given = part.id if part.id is not None else pa.chunked_array([pa.nulls(n, pa.string())])
        if given.null_count:
            digits = pa.array([word.tobytes().hex() for word in content[at : at + n].astype(">u8")], pa.string())
            given = pc.coalesce(given, digits)
        chunks += given.chunks if isinstance(given, pa.ChunkedArray) else [given]
        at += n
    return pa.chunked_array(chunks, pa.string())


def erasures_of(stated: Sequence[Stated], identifiers: int) -> np.ndarray:
    """int64[i]: the latest erasure of each identifier, before all time where there is none."""
    until = np.full(identifiers, MIN_TIME - 1, np.int64)
    for one in stated:
        if one.verdict is None:
            statement, identifier = one.erased
            np.maximum.at(until, identifier, one.time[statement])
    return until


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


def _latest(start: np.ndarray, code: np.ndarray, until: np.ndarray, rows: int) -> np.ndarray:
    """int64[rows]: the latest erasure of any identifier of each row."""
    latest = np.full(rows, MIN_TIME - 1, np.int64)
    filled = np.flatnonzero(np.diff(start))
    if filled.size:
        latest[filled] = np.maximum.reduceat(until[code], start[:-1][filled])
    return latest


def _joined(parts: Sequence[Part], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0, np.int64)


def _offset(entries: list[tuple[int, Sighted]]) -> Sighted:
    """The entries of several files as those of one input."""
    if not entries:
        return Sighted(np.zeros(0, np.int64), np.zeros(0, np.int32))
    return Sighted(np.concatenate([one.row + at for at, one in entries]), np.concatenate([one.code for _, one in entries]))
