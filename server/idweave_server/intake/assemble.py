"""The parts of all files as one input: repeats and contradictions told apart, erasures obeyed, columns made for the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from idweave_server.identifiers.names import label_table
from idweave_server.intake.gathered import gather, joined
from idweave_server.intake.identifier_columns import Sighted
from idweave_server.intake.intake import Intake, Part
from idweave_server.intake.labelling import label
from idweave_server.intake.sameness import duplicates, sort_out
from idweave_server.intake.statements import Stated
from idweave_server.intake.tables import Duplicates, IdentifierTable, InputRows, VerdictRows
from idweave_server.model import MIN_TIME, Outcome
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
    rows = gather(intake, parts, erased_until.size)
    total = rows.time.size
    covered = np.concatenate([part.covered for part in parts]) if parts else np.zeros(0, bool)
    good = rows.rejected == 0
    fit = np.flatnonzero(good & ~covered)
    outcome = np.full(total, Outcome.REJECTED, np.uint8)
    outcome[good & covered] = Outcome.ERASED
    outcome[fit] = sort_out(rows.identity[fit], rows.content[fit])
    kept = np.flatnonzero(outcome == Outcome.ACCEPTED)

    labelling = label(intake, intake.interner.table(), rows.start, rows.code, rows.last)
    observations = Observations(
        time=rows.time,
        source=rows.source,
        kind=rows.kind,
        content=rows.identity,
        first_name=rows.first,
        birth_date=rows.birth,
        start=rows.start,
        identifier=rows.code,
        hint=labelling.hint,
        sources=tuple(intake.sources.values().to_pylist()),
        labels=label_table(intake.traits.first_names.values()),
    ).take(kept)
    position = np.full(total, -1, np.int32)
    position[kept] = np.arange(kept.size)
    seen = [part.seen for part in parts]
    number = np.repeat(np.array([one.number for one in seen], np.int32), [one.row.size for one in seen])
    row = np.concatenate([one.row for one in seen]) if seen else np.zeros(0, np.int64)
    until = np.concatenate([erased_until, np.full(len(intake.interner) - erased_until.size, MIN_TIME - 1)])
    newest = max(
        [int(rows.time[good].max(initial=MIN_TIME)), *(int(s.time.max(initial=MIN_TIME)) for s in stated if s.verdict is not None)]
    )
    return Assembled(
        rows=InputRows(tuple(files), observations.sources, number, row, rows.id, rows.source, outcome, position),
        observations=observations,
        identifiers=intake.interner.table(labelling.mailbox_name),
        verdicts=verdict_rows(stated, until),
        duplicates=duplicates(outcome, rows.content, rows.source, observations.sources),
        covered=covered,
        erased_until=until,
        crowded=rows.crowded,
        given=rows.given,
        identity=rows.identity,
        kept=kept,
        traits={
            name: joined([(at, part.traits[name]) for at, part in zip(rows.offset, parts, strict=False) if name in part.traits])
            for name in intake.traits.tables
        },
        newest=newest,
    )


def verdict_rows(stated: Sequence[Stated], erased_until: np.ndarray) -> VerdictRows:
    """The verdicts that no erasure covers."""
    said = [s for s in stated if s.verdict is not None and s.row.size]

    def column(columns: list[np.ndarray], kind: type) -> np.ndarray:
        return np.concatenate(columns).astype(kind) if columns else np.zeros(0, kind)

    verdicts = Verdicts(
        kind=column([np.full(s.row.size, s.verdict) for s in said], np.uint8),
        time=column([s.time for s in said], np.int64),
        left=column([s.ends[:, 0] for s in said], np.int32),
        right=column([s.ends[:, 1] if s.ends.shape[1] > 1 else np.full(s.row.size, -1) for s in said], np.int32),
        content=column([s.content for s in said], np.uint64),
    )
    kept = np.flatnonzero(~erased_verdicts(verdicts, erased_until)) if len(verdicts) else np.zeros(0, np.int64)
    ids = [text for s in said for text in s.id]
    return VerdictRows(
        verdicts.take(kept),
        column([np.full(s.row.size, s.number) for s in said], np.int32)[kept],
        column([s.row for s in said], np.int64)[kept],
        tuple(ids[i] for i in kept),
    )
