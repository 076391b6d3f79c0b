"""Verdicts and erasures as columns: the identifiers that their rows name, read and interned like those of observations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa

from idweave_server.batch.encoded import Encoded, content_of
from idweave_server.batch.identifier_columns import read_identifiers, regions_of
from idweave_server.batch.identifier_table import IdentifierInterner
from idweave_server.batch.issue_log import IssueLog
from idweave_server.batch.times import read_times
from idweave_server.batch.unit import IdentifierColumn, StatementRows, Unit
from idweave_server.errors import InputError
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.notation import parse_identifier
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import Refusal, Verdict
from idweave_server.resolution.policy import Policy


@dataclass(frozen=True, slots=True)
class Stated:
    """The usable statements of one kind in one file. verdict: None for erasures; row, time: int64[s]; content: uint64[s]; id: of each;
    ends: int32[s, 1 or 2] identifiers of a verdict; for erasures entries: (statement int64[e], identifier int32[e])."""

    number: int
    verdict: Verdict | None
    row: np.ndarray
    time: np.ndarray
    content: np.ndarray
    id: tuple[str, ...]
    ends: np.ndarray
    erased: tuple[np.ndarray, np.ndarray]


class StatementReader:
    def __init__(self, policy: Policy, lists: Lists, interner: IdentifierInterner, issues: IssueLog) -> None:
        self.policy, self.lists, self.interner, self.issues = policy, lists, interner, issues

    def read(self, unit: Unit) -> list[Stated]:
        return [self._read(unit, rows) for rows in unit.statements]

    def _read(self, unit: Unit, rows: StatementRows) -> Stated:
        file = (unit.number, unit.name)
        n = rows.row.size
        nowhere = np.full(n, -1, np.int64)
        times = read_times(rows.time, rows.source, unit.name)
        self.issues.add(file, rows.row, nowhere, rows.time.field, times.refusal, times.shown, times.messages)
        ends = [self._references(file, rows, column) for column in rows.ends]
        id_text = [str(text or "") for text in rows.id.to_pylist()] if rows.id is not None else [f"{unit.name}:{row}" for row in rows.row]
        source = [("" if c < 0 else rows.source.values[int(c)].as_py()) for c in rows.source.code]
        hashed = mix_hash(content_of(pa.array(source, pa.string())), content_of(pa.array(id_text, pa.string())))[:, 0]
        good = times.refusal == 0
        codes = np.full((n, max(len(ends), 1)), -1, np.int32)
        if rows.verdict is not None:
            for side, (statement, identifier) in enumerate(ends):
                codes[statement, side] = identifier
            good &= (codes >= 0).all(axis=1)
        statement = np.concatenate([s for s, _ in ends]) if ends else np.zeros(0, np.int64)
        identifier = np.concatenate([i for _, i in ends]) if ends else np.zeros(0, np.int32)
        known = (identifier >= 0) & good[statement]
        kept = np.flatnonzero(good)
        place = np.cumsum(good) - 1
        return Stated(
            unit.number,
            rows.verdict,
            rows.row[kept],
            times.time[kept],
            hashed[kept],
            tuple(id_text[i] for i in kept),
            codes[kept],
            (place[statement[known]], identifier[known]),
        )

    def _references(self, file: tuple[int, str], rows: StatementRows, column: IdentifierColumn) -> tuple[np.ndarray, np.ndarray]:
        """(statement int64[e], identifier int32[e], -1 where refused): the identifiers that one column names."""
        syntax = Refusal.ERASURE_SYNTAX if rows.verdict is None else Refusal.ASSERTION_SYNTAX
        if column.namespace:
            return self._identifiers(file, rows, column, column.namespace, column.text, np.arange(rows.row.size))
        named: dict[str, list[tuple[int, str, str]]] = {}
        bad = np.zeros(rows.row.size, np.uint8)
        for at, code in enumerate(column.text.code):
            try:
                text = "" if code < 0 else column.text.values[int(code)].as_py()
                for namespace, issuer, value in references(text, frozenset(n.name for n in self.policy.namespaces)):
                    named.setdefault(namespace, []).append((at, issuer, value))
            except InputError:
                bad[at] = syntax
        self.issues.add(file, rows.row, np.full(bad.size, -1, np.int64), column.field, bad, column.text)
        parts = []
        for namespace, found in sorted(named.items()):
            at = np.array([statement for statement, _, _ in found])
            text = Encoded.of([pa.array([value for _, _, value in found], pa.string())])
            issuers = pa.array([issuer or None for _, issuer, _ in found], pa.string())
            issued = IdentifierColumn(
                namespace, column.field, text, Encoded.of([issuers]) if issuers.null_count == 0 else column.issuer, None, None
            )
            parts.append(self._identifiers(file, rows, issued, namespace, text, at))
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _identifiers(
        self, file: tuple[int, str], rows: StatementRows, column: IdentifierColumn, namespace: str, text: Encoded, at: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """text: by entry; at: int64[e], each entry's statement. Columns of the statement's rows are taken along."""
        space = self.policy.namespace(namespace)
        issuer = column.issuer if column.issuer is None or column.issuer.code.size == at.size else column.issuer.take(at)
        if issuer is None and space.issued:
            issuer = rows.source.take(at)
        region = column.region.take(at) if column.region else regions_of(self.policy, rows.source.take(at))

        def refuse(entry: np.ndarray, refusal: np.ndarray, values: Encoded) -> None:
            self.issues.add(file, rows.row[at[entry]], np.full(entry.size, -1, np.int64), column.field, refusal, values)

        network = column.network.take(at) if column.network else None
        sighted = read_identifiers(text, space, issuer, region, network, self.lists, self.interner, refuse)
        return at[sighted.row], sighted.code


def references(text: str, namespaces: frozenset[str]) -> list[tuple[str, str, str]]:
    """(namespace, issuer, value) of every identifier that a text names: email:x@y, ["email","x@y"], ["customer_id","shop","12"], or a JSON
    list of such. Raises InputError."""
    if not text.lstrip().startswith("["):
        return [_known(parse_identifier(text), namespaces)]
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InputError(f"{text[:80]!r} is no JSON list") from None
    if items and all(isinstance(item, str) for item in items) and items[0] in namespaces and len(items) in (2, 3):
        items = [items]
    found = []
    for item in items:
        if isinstance(item, str):
            found.append(parse_identifier(item))
        elif isinstance(item, list) and len(item) in (2, 3) and all(isinstance(part, str) for part in item):
            found.append((item[0], item[1] if len(item) == 3 else "", item[-1]))
        else:
            raise InputError(f"{str(item)[:80]!r} is no identifier")
    if not found:
        raise InputError("no identifier is named")
    return [_known(one, namespaces) for one in found]


def _known(found: tuple[str, str, str], namespaces: frozenset[str]) -> tuple[str, str, str]:
    if found[0] not in namespaces:
        raise InputError(f"no namespace {found[0]!r} in the policy")
    return found
