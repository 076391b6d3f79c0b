"""From the text of files to columns of codes: every value read once, every refusal noted, identifiers interned."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.text_hash import content_of, text_hash
from idweave_server.intake.content import ContentHash
from idweave_server.intake.derivation import derive
from idweave_server.intake.encoded import Encoded, TextTable
from idweave_server.intake.evidence_kinds import read_kinds
from idweave_server.intake.identifier_columns import Sighted, ValuesRead, intern_values, read_values, regions_of
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.intake.issue_log import Issues
from idweave_server.intake.statements import StatementReader
from idweave_server.intake.tables import FormatInference
from idweave_server.intake.times import TimesRead
from idweave_server.intake.trait_columns import Persons, TraitReader
from idweave_server.intake.unit import IdentifierColumn, Items, ObservationRows, Unit
from idweave_server.model import MAX_IDENTIFIER_BYTES, MIN_TIME, Refusal
from idweave_server.resolution.policy import Policy

LONGEST = pa.scalar(MAX_IDENTIFIER_BYTES, pa.int32())
CONTROL = r"[\x00-\x1f\x7f]"
CONTROLS = re.compile(CONTROL)
FEW = 8  # names that are looked at one by one


@dataclass(frozen=True, slots=True)
class Sightings:
    """One file's observations before their traits are read; all arrays by row, n rows.

    id: string, null without; source: into Intake.sources; rejected: uint8, model.Refusal of a row refused as a whole; sighted: the
    identifiers that the rows report, column by column; noted: where the file's refusals go.
    """

    number: int
    row: np.ndarray
    id: pa.ChunkedArray
    id_field: str
    source: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    rejected: np.ndarray
    sighted: tuple[Sighted, ...]
    noted: Noted

    def covered(self, erased_until: np.ndarray) -> np.ndarray:
        """bool[n]: the rows that an erasure covers, refused ones included: such that carry an identifier erased at their time or later, or
        at any time where their own could not be read. erased_until: int64[i], the latest erasure of each identifier."""
        known = ~np.isin(self.rejected, UNTIMED)
        covered = np.zeros(self.row.size, bool)
        for one in self.sighted:
            entry = np.flatnonzero(one.code >= 0)
            until, row = erased_until[one.code[entry]], one.row[entry]
            covered[row[(until >= MIN_TIME) & ((until >= self.time[row]) | ~known[row])]] = True
        return covered


@dataclass(frozen=True, slots=True)
class Part:
    """One file's observations, read. covered: bool[n], by an erasure: their traits were not looked at; content: uint64[n, 2], of everything
    but source and id; derived: identifiers formed from names, birth dates, addresses; traits: entries by trait, codes into
    Intake.traits.tables."""

    seen: Sightings
    covered: np.ndarray
    derived: tuple[Sighted, ...]
    persons: Persons
    traits: dict[str, Sighted]
    content: np.ndarray


READERS = 2  # threads
ENOUGH = 10_000  # rows that are worth starting them
UNTIMED = (Refusal.TIME_MISSING, Refusal.TIME_SYNTAX, Refusal.TIME_RANGE, Refusal.DATE_AMBIGUOUS)


class Intake:
    """Reads one unit after another into tables that they share: first what was seen, then, once it is known what was erased, the rest."""

    def __init__(self, policy: Policy, lists: Lists, issues: Issues, *, spelled: bool = False) -> None:
        self.policy, self.lists, self.issues = policy, lists, issues
        self.interner = IdentifierInterner(policy)
        self.sources = TextTable()
        self.traits = TraitReader(policy)
        self.statements = StatementReader(policy, lists, self.interner, issues)
        self.inferences: list[FormatInference] = []
        self.spellings: list[Encoded] = []  # of every column's entries, one column after another, where they are to be kept
        self.spelled = spelled
        self.input_rows = 0

    def see(self, unit: Unit, times: TimesRead) -> Sightings:
        """times: of the unit's observations."""
        rows = unit.observations
        n = rows.row.size
        place = np.arange(n) + self.input_rows
        self.input_rows += n
        noted = Noted(self.issues, (unit.number, unit.name), rows.row, place, ContentHash(n))
        rejected = np.zeros(n, np.uint8)

        noted.reject(rejected, rows.time.field, times.refusal, times.shown, times.messages)
        self.inferences += times.inferences if rows.time.field else ()  # one time stated for all rows was not inferred from a column
        unusable = _unusable(rows.source.values, Refusal.CONTROL_CHARACTER)
        noted.reject(rejected, rows.source_field, rows.source.spread(unusable, Refusal.SOURCE_MISSING), rows.source)
        named = rows.source
        if unusable.any():
            named = named.mapped(pc.if_else(pa.array(unusable == 0), named.values, pa.scalar(None, pa.string())))
        source = self.sources.encode(named)
        ids = self._ids(rows, rejected, noted)
        kind, refusal, messages = read_kinds(self.policy, rows.evidence)
        noted.reject(rejected, rows.evidence.field, refusal, rows.evidence.text, messages)
        sighted = self._sight(rows, noted)

        noted.content.add_number("time", times.time)
        names = np.concatenate([text_hash(known.name) for known in self.policy.kinds])
        noted.content.add_coded("evidence", kind, names)
        for name, column in rows.events:
            noted.content.add_text(f"event {name}", column)
        return Sightings(unit.number, rows.row, ids, rows.id_field, source, times.time, kind, rejected, sighted, noted)

    def describe(self, unit: Unit, seen: Sightings, covered: np.ndarray, newest: int) -> Part:
        """Read the traits. covered: bool[n], rows to pass over; newest: yyyymmdd, birth dates after it are refused."""
        rows, noted = unit.observations, seen.noted
        persons, traits, inferences = self.traits.read(rows, unit.name, covered, newest, noted)
        self.inferences += inferences
        derived = derive(self.policy, persons, rows, self.traits.first_names, self.traits.last_names, self.interner)
        for name, told in traits.items():
            known = told.code >= 0
            noted.content.add_entries(f"trait {name}", told.row[known], self.traits.tables[name].content[told.code[known]])
        return Part(seen, covered, tuple(derived), persons, traits, noted.content.total)

    def _ids(self, rows: ObservationRows, rejected: np.ndarray, noted: Noted) -> pa.ChunkedArray:
        """The rows' own ids, null where there is none that can be used."""
        if rows.id is None:
            return pa.chunked_array([pa.nulls(rows.row.size, pa.string())])
        ids = pc.utf8_trim_whitespace(rows.id.cast(pa.string()))
        refusal = np.concatenate([_unusable(chunk, Refusal.OBSERVATION_ID_SYNTAX) for chunk in ids.chunks] or [np.zeros(0, np.uint8)])
        if not refusal.any():
            return ids
        noted.reject(rejected, rows.id_field, refusal, Encoded.of(ids.chunks))
        return pc.if_else(pa.array(refusal == 0), ids, pa.scalar(None, pa.string()))

    def _sight(self, rows: ObservationRows, noted: Noted) -> tuple[Sighted, ...]:
        """The identifiers of every column: read side by side, interned one after another in the order of the mapping."""
        regions = regions_of(self.policy, rows.source)
        if rows.row.size < ENOUGH:
            return tuple(self._intern(column, rows, noted, self._read(column, regions)) for column in rows.identifiers)
        with ThreadPoolExecutor(READERS) as pool:
            reading = [pool.submit(self._read, column, regions) for column in rows.identifiers]
            return tuple(self._intern(column, rows, noted, read.result()) for column, read in zip(rows.identifiers, reading, strict=True))

    def _read(self, column: IdentifierColumn, regions: Encoded) -> ValuesRead:
        region = column.region or (regions if column.items is None else regions.take(column.items.row))
        namespace = self.policy.namespace(column.namespace)
        return read_values(column.text, namespace, region, column.network, self.lists, literal=column.items is not None)

    def _intern(self, column: IdentifierColumn, rows: ObservationRows, noted: Noted, read: ValuesRead) -> Sighted:
        namespace = self.policy.namespace(column.namespace)
        own = noted if column.items is None else noted.of(column.items)
        issuer = column.issuer
        if issuer is None and namespace.issued:
            issuer = rows.source if column.items is None else rows.source.take(column.items.row)

        def refuse(at: np.ndarray, refusal: np.ndarray, values: Encoded) -> None:
            own.note(column.field, refusal, values, at)

        sighted = intern_values(read, namespace, issuer, self.interner, refuse)
        if self.spelled:
            self.spellings.append(read.given)
        if column.items is not None:
            sighted = Sighted(column.items.row[sighted.row], sighted.code)
        seen = sighted.code >= 0
        noted.content.add_entries("identifier", sighted.row[seen], self.interner.content[sighted.code[seen]])
        return sighted


@dataclass(frozen=True, slots=True)
class Noted:
    """Where a file's refusals go: into the issues, and as text into the content of their rows, so that a repeat is told from a change.

    row, place: int64[n], what the issues are told of each row; items: None, or int64[n], the rows themselves where these are their items.
    """

    issues: Issues
    file: tuple[int, str]
    row: np.ndarray
    place: np.ndarray
    content: ContentHash
    items: np.ndarray | None = None

    def of(self, items: Items) -> Noted:
        """The same for a column that has items: issues are told their places."""
        return Noted(self.issues, self.file, self.row[items.row], items.place, self.content, items.row)

    def note(
        self, field: str, refusal: np.ndarray, values: Encoded, at: np.ndarray | None = None, messages: pa.Array | None = None
    ) -> None:
        """Values refused; at: int64[e], the rows of the entries (None: one a row); messages: by value."""
        bad = np.flatnonzero(refusal)
        if not bad.size:
            return
        rows = bad if at is None else at[bad]
        refused = values.take(bad)
        self.issues.add(self.file, self.row[rows], self.place[rows], field, refusal[bad], refused, messages)
        known = refused.code >= 0
        if known.any():  # not the field: two files may call it differently
            whose = rows if self.items is None else self.items[rows]
            self.content.add_entries("refused", whose[known], content_of(values.values)[refused.code[known]])

    def reject(self, rejected: np.ndarray, field: str, refusal: np.ndarray, values: Encoded, messages: pa.Array | None = None) -> None:
        """Whole rows refused; the first reason found stays."""
        refusal = refusal.astype(np.uint8)
        self.note(field, refusal, values, None, messages)
        rejected[:] = np.where(rejected == 0, refusal, rejected)


def _unusable(values: pa.StringArray, reason: Refusal) -> np.ndarray:
    """uint8[u]: the reason for names that hold control characters or are longer than an identifier may be; nulls are not."""
    if len(values) <= FEW:
        texts = values.to_pylist()
        return np.array(
            [reason if text and (len(text.encode()) > MAX_IDENTIFIER_BYTES or CONTROLS.search(text)) else 0 for text in texts], np.uint8
        )
    bad = pc.or_(pc.match_substring_regex(values, CONTROL), pc.greater(pc.binary_length(values), LONGEST))
    return bad.fill_null(pa.scalar(False, pa.bool_())).to_numpy(zero_copy_only=False) * np.uint8(reason)
