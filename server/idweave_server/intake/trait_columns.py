"""A file's trait columns as codes: names in the form they are compared in, birth dates, and every other trait by its rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.birth_dates import read_birth_dates
from idweave_server.identifiers.date_inference import Inference
from idweave_server.identifiers.field_rules import apply_rule, missing, not_stated_by
from idweave_server.identifiers.full_names import SplitNames, split_full_names, unordered_names
from idweave_server.identifiers.names import read_first_names, read_last_names
from idweave_server.intake.encoded import Encoded, TextTable
from idweave_server.intake.identifier_columns import Sighted, exploded, present
from idweave_server.intake.tables import FormatInference
from idweave_server.intake.times import inferred, told, used_values
from idweave_server.intake.unit import Items, ObservationRows, TraitValues
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Policy, Trait

FIRST, LAST, FULL, BIRTH = "first_name", "last_name", "full_name", "birth_date"


class Notes(Protocol):
    """Where refusals go: refusal, uint8[e], and values by entry; at: int64[e], each entry's row; messages: by distinct value. `of`: for
    a column that has items, which are then its rows."""

    def note(
        self, field: str, refusal: np.ndarray, values: Encoded, at: np.ndarray | None = None, messages: pa.Array | None = None
    ) -> None: ...

    def of(self, items: Items) -> Notes: ...


@dataclass(frozen=True, slots=True)
class Named:
    """Names with a first and a last one, as flat entries: row int64[e]; first, last int32[e], into the tables of first and last names."""

    row: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def where(self, rows: np.ndarray) -> Named:
        """Those of these rows, bool[n]."""
        kept = rows[self.row]
        return Named(self.row[kept], self.first[kept], self.last[kept])


@dataclass(slots=True)
class Persons:
    """What the rows say of who somebody is.

    first, last: int32[n], into the tables of first and last names, -1 without; birth: int32[n], yyyymmdd, -1 without or where forms fill it
    in by themselves. either: both readings of the few names of which the order is unclear ("Wang Jie").
    """

    first: np.ndarray
    last: np.ndarray
    birth: np.ndarray
    either: list[Named] = field(default_factory=list)

    @staticmethod
    def unknown(n: int) -> Persons:
        first, last, birth = (np.full(n, -1, np.int32) for _ in range(3))
        return Persons(first, last, birth)

    def named(self) -> Named:
        """Every row that has a first and a last name; one of unclear order twice, where nothing else names the row."""
        row = np.flatnonzero((self.first >= 0) & (self.last >= 0))
        certain = Named(row, self.first[row], self.last[row])
        parts = [certain, *(one.where((self.first < 0) & (self.last < 0)) for one in self.either)]
        row, first, last = (np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "first", "last"))
        return Named(row, first, last)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Distinct values read: canonical text, null where refused; refusal uint8[u]; evidence: of birth dates int32[u]; folded: of first and
    last names string[u], as they are compared, null where refused."""

    canonical: pa.StringArray
    refusal: np.ndarray
    evidence: np.ndarray | None = None
    folded: pa.StringArray | None = None


class TraitReader:
    """Reads the traits of one file after another into tables that they share."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.first_names, self.last_names = TextTable(), TextTable()
        self.tables: dict[str, TextTable] = {}

    def read(
        self, rows: ObservationRows, file: str, covered: np.ndarray, newest: int, notes: Notes
    ) -> tuple[Persons, dict[str, Sighted], list[FormatInference]]:
        """covered: bool[n], rows that an erasure covers, which decide nothing, not even how the dates of others are read; newest: yyyymmdd,
        birth dates after it are refused."""
        n = rows.row.size
        persons = Persons.unknown(n)
        party = rows.source.spread(np.array([self.policy.source(s).party for s in rows.source.values.to_pylist()], np.uint8), 0)
        traits: dict[str, Sighted] = {}
        inferences: list[FormatInference] = []
        for column in sorted(rows.traits, key=lambda column: column.trait == FULL):  # what is said in parts beats a name to be split
            rule = self.policy.trait(column.trait)
            own = notes if column.items is None else notes.of(column.items)
            item, row, given = _entitled(rule, column, covered, party, own)
            code = np.full(row.size, -1, np.int32)
            table = self.tables.setdefault(column.trait, TextTable())
            for values, at, place, how, name in self._batches(rule, column, given, rows.source.take(row)):
                if isinstance(how, Inference):
                    inferences.append(told(how, file, column.field, name))
                reading = _reading(rule, values, how, newest)
                code[at] = table.intern(reading.canonical)[place]
                _note(column.field, reading, how, given.take(at), item[at], place, own)
                self._persons(persons, column.trait, values, reading, row[at], place)
            traits[column.trait] = Sighted(row, code)
        return persons, traits, inferences

    def _batches(
        self, rule: Trait, column: TraitValues, given: Encoded, source: Encoded
    ) -> list[tuple[pa.StringArray, np.ndarray, np.ndarray, str | Inference | None, str]]:
        """(distinct values, the entries that hold them, the place of each entry's, how dates are read, whose): a source at a time where a
        format is to be inferred, else all at once."""
        if rule.type == "date" and column.format in (None, "infer"):
            return [(group.values, group.rows, group.place, group.inference, group.source) for group in inferred(given, source, "date")]
        at = np.flatnonzero(given.code >= 0)
        values, place, _ = used_values(given, at)
        return [(values, at, place, column.format, "")] if at.size else []

    def _persons(self, persons: Persons, trait: str, values: pa.StringArray, reading: _Reading, row: np.ndarray, place: np.ndarray) -> None:
        if trait not in (FIRST, LAST, FULL, BIRTH):
            return
        first = reading.folded if trait == FIRST else None
        last = reading.folded if trait == LAST else None
        if trait == BIRTH and reading.evidence is not None:
            persons.birth[row] = np.where(reading.refusal == 0, reading.evidence, -1)[place]
        if trait == FULL:
            usable = pc.fill_null(_only(reading.refusal == 0, values), "")
            split = split_full_names(usable)
            first = _where_present(read_first_names, split.first)
            last = _where_present(read_last_names, split.last)
            self._either(persons, unordered_names(usable, split), row, place)
        for known, table, folded in ((persons.first, self.first_names, first), (persons.last, self.last_names, last)):
            if folded is not None:
                known[row] = np.where(known[row] < 0, table.intern(folded)[place], known[row])

    def _either(self, persons: Persons, words: SplitNames, row: np.ndarray, place: np.ndarray) -> None:
        for one, other in (words, words[::-1]):
            first = self.first_names.intern(_where_present(read_first_names, one))[place]
            last = self.last_names.intern(_where_present(read_last_names, other))[place]
            whole = (first >= 0) & (last >= 0)
            if whole.any():
                persons.either.append(Named(row[whole], first[whole], last[whole]))


def _entitled(
    rule: Trait, column: TraitValues, covered: np.ndarray, party: np.ndarray, notes: Notes
) -> tuple[np.ndarray, np.ndarray, Encoded]:
    """(item int64[e], row int64[e], values by entry) that are left of a column without what a source may not state."""
    items, text = column.items, column.text
    if covered.any():
        passed = covered if items is None else covered[items.row]
        text = Encoded(np.where(passed, np.int32(-1), text.code), text.values)
    if rule.required and items is None:
        notes.note(column.field, (missing(rule, text.code) & ~covered) * np.uint8(Refusal.TRAIT_REQUIRED), text)
    item, given = exploded(text) if rule.many and items is None else present(text)
    row = item if items is None else items.row[item]
    if rule.stated_by:
        unentitled = not_stated_by(rule, party[row])
        notes.note(column.field, unentitled * np.uint8(Refusal.TRAIT_NOT_STATED_BY), given, item)
        item, row, given = item[~unentitled], row[~unentitled], given.take(~unentitled)
    return item, row, given


def _reading(rule: Trait, values: pa.StringArray, how: str | Inference | None, newest: int) -> _Reading:
    if rule.name == BIRTH:
        births = read_birth_dates(values, how, newest=newest)
        ruled = apply_rule(rule, pc.fill_null(births.text, "1900-01-01"), "iso")
        refusal = np.where(births.refusal == 0, ruled.refusal, births.refusal).astype(np.uint8)
        return _Reading(_only(refusal == 0, births.text), refusal, births.evidence)
    ruled = apply_rule(rule, values, how)
    refusal = ruled.refusal
    if rule.name in (FIRST, LAST):
        names = read_first_names(values) if rule.name == FIRST else read_last_names(values)
        refusal = np.where(refusal == 0, names.refusal, refusal).astype(np.uint8)
        good = refusal == 0
        return _Reading(_only(good, ruled.canonical), refusal, folded=_only(good, names.folded))
    return _Reading(ruled.canonical, refusal)


def _note(
    field: str, reading: _Reading, how: str | Inference | None, given: Encoded, row: np.ndarray, place: np.ndarray, notes: Notes
) -> None:
    if not reading.refusal.any():
        return
    refusal = reading.refusal[place]
    question = how.question if isinstance(how, Inference) else ""
    messages = None
    if question and (reading.refusal == Refusal.DATE_AMBIGUOUS).any():
        messages = pa.array([question]).take(pa.array(np.zeros(len(given.values), np.int32)))
    clear = np.where(refusal == Refusal.DATE_AMBIGUOUS, 0, refusal)
    notes.note(field, clear, given, row)
    notes.note(field, np.where(refusal == Refusal.DATE_AMBIGUOUS, refusal, 0), given, row, messages)


def _only(keep: np.ndarray, values: pa.StringArray) -> pa.StringArray:
    return values if keep.all() else pc.if_else(pa.array(keep), values, pa.scalar(None, pa.string()))


def _where_present(read, values: pa.StringArray) -> pa.StringArray:  # type: ignore[no-untyped-def]
    """The folded names of a column with nulls; repeats are read once."""
    encoded = values.dictionary_encode()
    return read(encoded.dictionary).folded.take(encoded.indices)
