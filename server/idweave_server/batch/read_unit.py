"""Read one file by its mapping: rows as encoded columns, told apart into observations, verdicts and erasures."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.mapping_model import Erasures, Identifier, Mapping, Time, Value, Verdicts
from idweave_server.batch.rows import read_rows
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.unit import EvidenceColumn, IdentifierColumn, ObservationRows, StatementRows, TimeColumn, TraitValues, Unit
from idweave_server.model import Issue, Refusal

ENCODERS = 2  # threads


def read_unit(number: int, file: SourceFile, mapping: Mapping, issues: IssueLog, progress: Progress) -> Unit:
    """Read the whole file; rows that cannot be read go to issues. Raises InputError and MappingError."""
    plain = _plain_columns(mapping)
    pending: dict[str, list[Future[list[pa.Array]]]] = {}
    rows: list[np.ndarray] = []
    refused, told = 0, False
    with ThreadPoolExecutor(ENCODERS) as pool:  # arrow encodes outside the interpreter's lock, while the next batch is read
        for batch in read_rows(file, mapping.columns, progress=progress, native=_native_times(mapping)):
            issues.add_rows((number, file.name), batch.issues)
            refused += len({issue.row for issue in batch.issues if issue.row > 0})
            told |= bool(batch.issues)
            rows.append(batch.row)
            for name, column in zip(batch.table.column_names, batch.table.columns, strict=True):
                pending.setdefault(name, []).append(pool.submit(_chunks, column, name not in plain))
        parts = {name: [chunk for batch_of in batches for chunk in batch_of.result()] for name, batches in pending.items()}
    row = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    if not row.size and not told:
        issues.add_rows((number, file.name), [Issue(file.name, 0, "", Refusal.FILE_EMPTY, "", "the file has a header and no rows")])
    columns = _Columns(parts, plain, row.size)
    return _sorted_rows(number, file.name, mapping, columns, row, row.size + refused)


def _chunks(column: pa.ChunkedArray, encode: bool) -> list[pa.Array]:
    return [chunk.dictionary_encode() for chunk in column.chunks] if encode else column.chunks


def _sorted_rows(number: int, name: str, mapping: Mapping, columns: _Columns, row: np.ndarray, total: int) -> Unit:
    free = np.ones(row.size, bool)
    statements = []
    specials: list[Verdicts | Erasures] = [*mapping.verdicts, *mapping.erasures]
    for special in specials:
        meant = np.logical_and.reduce([columns.equal(value, text) for value, text in special.when]) & free
        free &= ~meant
        if meant.any():
            statements.append(_statements(mapping, special, columns, row, np.flatnonzero(meant)))
    at: np.ndarray | None = None if free.all() else np.flatnonzero(free)
    observations = ObservationRows(
        row=row if at is None else row[at],
        id_field=mapping.id.field or "" if mapping.id else "",
        id=columns.plain(mapping.id, at) if mapping.id else None,
        source_field=mapping.source.field or "",
        source=columns.encoded(mapping.source, at).trimmed(),
        time=columns.time(mapping.time, at),
        evidence=EvidenceColumn(
            mapping.evidence.value.field or "",
            columns.encoded(mapping.evidence.value, at, default=False),
            mapping.evidence.words,
            mapping.evidence.value.default,
        ),
        identifiers=tuple(columns.identifier(identifier, at) for identifier in mapping.identifiers),
        traits=tuple(
            TraitValues(trait.name, trait.value.field or trait.name, columns.encoded(trait.value, at), trait.format)
            for trait in mapping.traits
        ),
        events=tuple((name, columns.encoded(value, at)) for name, value in sorted(mapping.events.items())),
    )
    return Unit(number, name, total, observations, tuple(statements))


def _statements(mapping: Mapping, special: Verdicts | Erasures, columns: _Columns, row: np.ndarray, at: np.ndarray) -> StatementRows:
    if isinstance(special, Erasures):
        verdict, ends, time = None, special.identifiers, special.until
    else:
        verdict, ends, time = special.verdict, (special.left, special.right) if special.right else (special.left,), special.time
    return StatementRows(
        verdict,
        row[at],
        columns.plain(mapping.id, at) if mapping.id else None,
        columns.encoded(mapping.source, at).trimmed(),
        columns.time(time or mapping.time, at),
        tuple(columns.identifier(end, at) for end in ends),
    )


class _Columns:
    """The file's columns by name; what is used twice is encoded once."""

    def __init__(self, parts: dict[str, list[pa.Array]], plain: frozenset[str], rows: int) -> None:
        self._parts, self._plain, self._rows = parts, plain, rows
        self._encoded: dict[str, Encoded] = {}

    def encoded(self, value: Value, at: np.ndarray | None, *, default: bool = True) -> Encoded:
        if value.field is None:
            return Encoded.constant(value.constant or "", self._rows if at is None else at.size)
        if value.field not in self._encoded:
            found = self._parts.get(value.field)
            self._encoded[value.field] = Encoded.of(found) if found else Encoded.none(self._rows)
        column = self._encoded[value.field]
        column = column if at is None else column.take(at)
        return column.filled(value.default) if default and value.default is not None else column

    def equal(self, value: Value, text: str) -> np.ndarray:
        column = self.encoded(value, None)
        fits = pc.equal(pc.utf8_trim_whitespace(column.values), text).to_numpy(zero_copy_only=False)
        return column.spread(fits, False)

    def plain(self, value: Value, at: np.ndarray | None) -> pa.ChunkedArray:
        if value.field is None or value.field not in self._parts:
            n = self._rows if at is None else at.size
            return pa.chunked_array([pa.array([value.constant], pa.string()).take(pa.array(np.zeros(n, np.int32)))])
        chunks = [chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk for chunk in self._parts[value.field]]
        kinds = {chunk.type for chunk in chunks}
        if len(kinds) != 1:  # one text among numbers makes its batch text
            chunks, kinds = [chunk.cast(pa.string()) for chunk in chunks], {pa.string()}
        column = pa.chunked_array(chunks, kinds.pop())
        if at is not None:
            column = column.take(pa.array(at))
        return pc.fill_null(column, value.default) if value.default is not None else column

    def time(self, time: Time, at: np.ndarray | None) -> TimeColumn:
        return TimeColumn(time.value.field or "", self.plain(time.value, at), time.format, time.timezone)

    def identifier(self, identifier: Identifier, at: np.ndarray | None) -> IdentifierColumn:
        name = identifier.value.field or identifier.value.key
        issuer, region, network = identifier.issuer, identifier.region, identifier.network
        return IdentifierColumn(
            identifier.namespace or "",
            name,
            self.encoded(identifier.value, at),
            self.encoded(issuer, at).trimmed() if issuer else None,
            self.encoded(region, at) if region else None,
            self.encoded(network, at) if network else None,
        )


def _plain_columns(mapping: Mapping) -> frozenset[str]:
    """Columns whose values hardly repeat, so that a dictionary of them costs and saves nothing: ids and times used for nothing else."""
    uses = _uses(mapping)
    found = {value.field for value in (mapping.id, mapping.time.value) if value and value.field and uses[value.field] == 1}
    return frozenset(found)


def _native_times(mapping: Mapping) -> frozenset[str]:
    """The time column, where numbers or timestamps may stay such."""
    value = mapping.time.value
    native = value.field and value.default is None and _uses(mapping)[value.field] == 1
    return frozenset({value.field}) if native and value.field else frozenset()


def _uses(mapping: Mapping) -> Counter[str]:
    return Counter(value.field for value, _ in mapping.values() if value.field)
