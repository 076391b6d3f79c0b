"""The observations of a file as messages for a server, which reads them as a batch run reads the file.

What only the mapping says is settled here: the format of dates and times, the region of national numbers, the network of handles. All else
goes as it stands, refused values included, so that the server keeps the spellings and lists what it sets aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from idweave import Event, Identifier, Observation, Trait

from idweave_server.identifiers.lists import Lists
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.gathered import gather
from idweave_server.intake.identifier_columns import exploded
from idweave_server.intake.intake import Intake, Part
from idweave_server.intake.issue_log import Issues
from idweave_server.intake.sameness import sort_out
from idweave_server.intake.times import read_times
from idweave_server.intake.unit import IdentifierColumn, TraitValues, Unit
from idweave_server.model import Outcome
from idweave_server.resolution.policy import Policy

Texts = list[str | None]


class FileMessages:
    """One file, read. refusal: uint8[n], model.Refusal of the rows that are not to be sent, 0 for the others; contradicts: bool[n], rows
    that say something else than one with the same id, of which a batch run keeps the other."""

    def __init__(self, unit: Unit, policy: Policy, lists: Lists, issues: Issues, *, today: int, first: int = 0) -> None:
        """today: yyyymmdd, birth dates after it are refused; first: how many observation rows the files before had, for the issues."""
        rows = unit.observations
        self._rows = rows
        self._intake = Intake(policy, lists, issues, spelled=True)
        self._intake.input_rows = first
        self._seen = self._intake.see(unit, read_times(rows.time, rows.source, unit.name))
        known = len(self._intake.interner)
        part = self._intake.describe(unit, self._seen, np.zeros(rows.row.size, bool), today)
        self.refusal = self._seen.rejected
        gathered = gather(self._intake, [part], known)
        self.contradicts = sort_out(gathered.identity, gathered.content) == Outcome.CONFLICT
        self._canonical: Texts = self._intake.interner.table().value.to_pylist()
        self._identifiers = [self._identifier_entries(number) for number in range(len(rows.identifiers))]
        self._traits = [self._trait_entries(column, part) for column in rows.traits]
        self._events = [(name, column.code, column.values.to_pylist()) for name, column in rows.events if name != "type"]
        types = next((column for name, column in rows.events if name == "type"), None)
        self._types: Texts = [None] * rows.row.size if types is None else _decoded(types)

    def messages(self, rows: Sequence[int]) -> list[Observation]:
        """Those of some rows, ascending; the wider apart they are, the longer it takes."""
        if not rows:
            return []
        first, end = rows[0], rows[-1] + 1
        identifiers: dict[int, list[Identifier]] = {row: [] for row in range(first, end)}
        traits: dict[int, list[Trait]] = {row: [] for row in range(first, end)}
        for entries, column in zip(self._identifiers, self._rows.identifiers, strict=True):
            for row, text, issuer in _between(entries, first, end):
                identifiers[row].append(Identifier(namespace=column.namespace, issuer=issuer or "", value=text))
        for entries, values in zip(self._traits, self._rows.traits, strict=True):
            for row, text, _ in _between(entries, first, end):
                traits[row].append(Trait(name=values.trait, text=text))
        source, kind, time = (column[first:end].tolist() for column in (self._seen.source, self._seen.kind, self._seen.time))
        sources = self._intake.sources.values().to_pylist()
        kinds = [one.name for one in self._intake.policy.kinds]
        ids = self._seen.id.slice(first, end - first).to_pylist()
        found = []
        for row in rows:
            at = row - first
            one = Observation(observation_id=ids[at] or "", evidence_kind=kinds[kind[at]], identifiers=identifiers[row], traits=traits[row])
            one.source.name, one.time.seconds = sources[source[at]], time[at]
            kind_of_event = self._types[row]
            if kind_of_event is not None:
                one.events.append(self._event(row, kind_of_event))
            found.append(one)
        return found

    def _event(self, row: int, kind: str) -> Event:
        said = Event(type=kind)
        for name, code, texts in self._events:
            if code[row] >= 0:
                said.properties.add(name=name, text=texts[int(code[row])])
        return said

    def _identifier_entries(self, number: int) -> tuple[np.ndarray, Texts, Texts]:
        """(row, text, issuer or None) of every entry of a column."""
        column: IdentifierColumn = self._rows.identifiers[number]
        sighted, given = self._seen.sighted[number], self._intake.spellings[number]
        texts = _decoded(given)
        if column.region is not None or column.network is not None:
            code = sighted.code.tolist()
            texts = [self._canonical[c] if c >= 0 else text for c, text in zip(code, texts, strict=True)]
        issuers: Texts = [None] * len(texts) if column.issuer is None else _decoded(column.issuer.take(sighted.row))
        return _sorted(sighted.row, texts, issuers)

    def _trait_entries(self, column: TraitValues, part: Part) -> tuple[np.ndarray, Texts, Texts]:
        """(row, text, None): canonical where the mapping was needed to read it."""
        if self._intake.policy.trait(column.trait).many:
            row, given = exploded(column.text)
            return _sorted(row, _decoded(given), [None] * row.size)
        row = np.flatnonzero(column.text.code >= 0)
        texts = _decoded(column.text.take(row))
        told = part.traits[column.trait]
        if self._intake.policy.trait(column.trait).type == "date":
            canonical = self._intake.traits.tables[column.trait].values()
            by_row = np.full(column.text.code.size, -1, np.int32)
            by_row[told.row] = told.code
            known = _decoded(Encoded(by_row[row], canonical))
            texts = [text if read is None else read for read, text in zip(known, texts, strict=True)]
        return _sorted(row, texts, [None] * row.size)


def _decoded(column: Encoded) -> Texts:
    code = pa.array(column.code, mask=column.code < 0)
    return column.values.take(code).to_pylist() if len(column.values) else [None] * column.code.size


def _sorted(row: np.ndarray, texts: Texts, more: Texts) -> tuple[np.ndarray, Texts, Texts]:
    if (np.diff(row) >= 0).all():
        return row, texts, more
    order = np.argsort(row, kind="stable")
    return row[order], [texts[at] for at in order.tolist()], [more[at] for at in order.tolist()]


def _between(entries: tuple[np.ndarray, Texts, Texts], first: int, end: int) -> Iterator[tuple[int, str, str | None]]:
    row, texts, more = entries
    begin, until = np.searchsorted(row, [first, end]).tolist()
    for at in range(begin, until):
        text = texts[at]
        if text is not None:
            yield int(row[at]), text, more[at]
