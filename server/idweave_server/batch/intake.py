"""From the text of files to columns of codes: every value read once, every refusal noted, identifiers interned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.batch.content import ContentHash
from idweave_server.batch.derivation import derive
from idweave_server.batch.encoded import Encoded, TextTable, content_of
from idweave_server.batch.evidence_kinds import read_kinds
from idweave_server.batch.identifier_columns import Sighted, read_identifiers, regions_of
from idweave_server.batch.identifier_table import IdentifierInterner
from idweave_server.batch.issue_log import IssueLog
from idweave_server.batch.result import FormatInference
from idweave_server.batch.statements import StatementReader
from idweave_server.batch.times import TimesRead
from idweave_server.batch.trait_columns import Persons, TraitReader
from idweave_server.batch.unit import IdentifierColumn, ObservationRows, Unit
from idweave_server.identifiers.lists import Lists
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Policy


@dataclass(frozen=True, slots=True)
class Part:
    """One file's observations, read; all arrays by row, n rows.

    id: string or None; source: into Intake.sources; rejected: uint8, model.Refusal of a row refused as a whole; content: uint64[n, 2], of
    everything but source and id; persons: names and birth dates; traits: entries by trait, codes into Intake.traits.tables.
    """

    number: int
    row: np.ndarray
    id: pa.ChunkedArray | None
    source: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    rejected: np.ndarray
    sighted: tuple[Sighted, ...]
    persons: Persons
    traits: dict[str, Sighted]
    content: np.ndarray


class Intake:
    """Reads one unit after another into tables that they share."""

    def __init__(self, policy: Policy, lists: Lists, issues: IssueLog) -> None:
        self.policy, self.lists, self.issues = policy, lists, issues
        self.interner = IdentifierInterner(policy)
        self.sources = TextTable()
        self.traits = TraitReader(policy)
        self.statements = StatementReader(policy, lists, self.interner, issues)
        self.inferences: list[FormatInference] = []
        self.input_rows = 0

    def read(self, unit: Unit, times: TimesRead, newest: int) -> Part:
        """times: of the unit's observations; newest: yyyymmdd, birth dates after it are refused."""
        rows = unit.observations
        n = rows.row.size
        place = np.arange(n) + self.input_rows
        self.input_rows += n
        noted = _Noted(self.issues, (unit.number, unit.name), rows.row, place, ContentHash(n))
        rejected = np.zeros(n, np.uint8)

        source = self.sources.encode(rows.source)
        noted.reject(rejected, rows.source_field, np.where(source < 0, Refusal.SOURCE_MISSING, 0), rows.source)
        self.inferences += times.inferences
        noted.reject(rejected, rows.time.field, times.refusal, times.shown, times.messages)
        kind, refusal = read_kinds(self.policy, rows.evidence)
        noted.reject(rejected, rows.evidence.field, refusal, rows.evidence.text)

        sighted = [self._sight(column, rows, noted) for column in rows.identifiers]
        persons, traits, inferences = self.traits.read(rows, unit.name, newest, noted)
        self.inferences += inferences
        sighted += derive(self.policy, persons, rows, self.traits.first_names, self.traits.last_names, self.interner)

        noted.content.add_number("time", times.time)
        noted.content.add_text("evidence", Encoded(kind, pa.array([k.name for k in self.policy.kinds])))
        for name, column in rows.events:
            noted.content.add_text(f"event {name}", column)
        for name, told in traits.items():
            known = told.code >= 0
            noted.content.add_entries(f"trait {name}", told.row[known], self.traits.tables[name].content[told.code[known]])
        return Part(
            unit.number, rows.row, rows.id, source, times.time, kind, rejected, tuple(sighted), persons, traits, noted.content.total
        )

    def _sight(self, column: IdentifierColumn, rows: ObservationRows, noted: _Noted) -> Sighted:
        namespace = self.policy.namespace(column.namespace)
        issuer = column.issuer
        if issuer is None and namespace.issued:
            issuer = rows.source
        region = column.region or regions_of(self.policy, rows.source)

        def refuse(at: np.ndarray, refusal: np.ndarray, values: Encoded) -> None:
            noted.note(column.field, refusal, values, at)

        sighted = read_identifiers(column.text, namespace, issuer, region, column.network, self.lists, self.interner, refuse)
        seen = sighted.code >= 0
        noted.content.add_entries("identifier", sighted.row[seen], self.interner.content[sighted.code[seen]])
        return sighted


@dataclass(frozen=True, slots=True)
class _Noted:
    """Where a file's refusals go: into the issues, and as text into the content of their rows, so that a repeat is told from a change."""

    issues: IssueLog
    file: tuple[int, str]
    row: np.ndarray
    place: np.ndarray
    content: ContentHash

    def note(
        self, field: str, refusal: np.ndarray, values: Encoded, at: np.ndarray | None = None, messages: pa.Array | None = None
    ) -> None:
        """Values refused; at: int64[e], the rows of the entries (None: one a row)."""
        bad = np.flatnonzero(refusal)
        if not bad.size:
            return
        rows = bad if at is None else at[bad]
        refused = values.take(bad)
        self.issues.add(self.file, self.row[rows], self.place[rows], field, refusal[bad], refused, messages)
        known = refused.code >= 0
        if known.any():
            self.content.add_entries(f"refused {field}", rows[known], content_of(values.values)[refused.code[known]])

    def reject(self, rejected: np.ndarray, field: str, refusal: np.ndarray, values: Encoded, messages: pa.Array | None = None) -> None:
        """Whole rows refused; the first reason found stays."""
        refusal = refusal.astype(np.uint8)
        self.note(field, refusal, values, None, messages)
        rejected[:] = np.where(rejected == 0, refusal, rejected)
