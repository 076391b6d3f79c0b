"""Verdicts and erasures as columns: the identifiers that their rows name, read and interned like those of observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.errors import InputError
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.notation import parse_identifier
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.content import ContentHash
from idweave_server.intake.encoded import Encoded, expanded
from idweave_server.intake.identifier_columns import read_identifiers, regions_of
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.intake.issue_log import Issues
from idweave_server.intake.times import read_times
from idweave_server.intake.unit import IdentifierColumn, StatementRows, Unit
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import Refusal, Verdict
from idweave_server.resolution.erasure import Erasures
from idweave_server.resolution.policy import Policy

Reference = tuple[str, str, str]  # namespace, issuer ("" where none is named), value


@dataclass(frozen=True, slots=True)
class Stated:
    """The usable statements of one kind in one file.

    verdict: None for erasures; row, time: int64[s]; content: uint64[s]; id: of each, "" where it has none; ends: int32[s, 1 or 2],
    identifiers of a verdict; erased: (statement int64[e], identifier int32[e]), the entries of erasures.
    """

    number: int
    verdict: Verdict | None
    row: np.ndarray
    time: np.ndarray
    content: np.ndarray
    id: tuple[str, ...]
    ends: np.ndarray
    erased: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class _Named:
    """The identifiers that one column names and that can be read: statement int64[e], identifier int32[e]; told: bool[n], statements of
    which something could not be read, and an issue says so."""

    statement: np.ndarray
    identifier: np.ndarray
    told: np.ndarray


class StatementReader:
    """Reads the verdicts and erasures of one file after another."""

    def __init__(self, policy: Policy, lists: Lists, interner: IdentifierInterner, issues: Issues) -> None:
        self.policy, self.lists, self.interner, self.issues = policy, lists, interner, issues
        self.namespaces = frozenset(n.name for n in policy.namespaces)

    def read(self, unit: Unit) -> list[Stated]:
        return [self._read((unit.number, unit.name), rows) for rows in unit.statements]

    def _read(self, file: tuple[int, str], rows: StatementRows) -> Stated:
        times = read_times(rows.time, rows.source, file[1])
        everyone = np.arange(rows.row.size)
        self._refuse(file, rows, rows.time.field, everyone, times.refusal, times.shown, times.messages)
        named = [self._named(file, rows, column) for column in rows.ends]
        statement = np.concatenate([one.statement for one in named])
        identifier = np.concatenate([one.identifier for one in named])
        if rows.verdict is None:
            ends = np.zeros((rows.row.size, 0), np.int32)
            told = np.logical_or.reduce([one.told for one in named])
            whole = self._whole(file, rows, rows.ends[0].field, np.bincount(statement, minlength=rows.row.size) > 0, told)
        else:
            ends = np.full((rows.row.size, len(named)), -1, np.int32)
            whole = np.ones(rows.row.size, bool)
            for side, one in enumerate(named):
                ends[one.statement, side] = one.identifier
                single = np.bincount(one.statement, minlength=rows.row.size) == 1
                whole &= self._whole(file, rows, rows.ends[side].field, single, one.told)
        good = whole & (times.refusal == 0)
        kept = np.flatnonzero(good)
        text, content = self._identities(rows, times.time, ends)
        entry = np.flatnonzero(good[statement])
        return Stated(
            file[0],
            rows.verdict,
            rows.row[kept],
            times.time[kept],
            content[kept],
            tuple(text.take(pa.array(kept)).to_pylist()),
            ends[kept],
            ((np.cumsum(good) - 1)[statement[entry]], identifier[entry]),
        )

    def _identities(self, rows: StatementRows, time: np.ndarray, ends: np.ndarray) -> tuple[pa.StringArray, np.ndarray]:
        """(id of each, "" where it has none, uint64[n] its hash): of a verdict without an id what it says stands for it."""
        n = rows.row.size
        text = pa.nulls(n, pa.string()) if rows.id is None else rows.id.cast(pa.string()).combine_chunks()
        said = ContentHash(n)
        said.add_text("verdict", Encoded.constant(str(rows.verdict), n))
        said.add_number("time", time)
        for side, identifier in enumerate(ends.T):
            known = np.flatnonzero(identifier >= 0)
            said.add_entries(f"end {side}", known, self.interner.content[identifier[known]])
        own = np.where(text.is_valid().to_numpy(zero_copy_only=False)[:, None], content_of(text), said.total)
        return pc.fill_null(text, ""), mix_hash(rows.source.spread(content_of(rows.source.values), 0), own)[:, 0]

    def _whole(self, file: tuple[int, str], rows: StatementRows, field: str, whole: np.ndarray, told: np.ndarray) -> np.ndarray:
        """bool[n], as given: which statements name what they need. Of the others those that are not told of yet become issues."""
        bad = (~whole & ~told) * np.uint8(_syntax(rows))
        problem = "no identifier is named" if rows.verdict is None else "one identifier is needed here"
        values = Encoded.constant("", whole.size)
        self._refuse(file, rows, field, np.arange(whole.size), bad, values, pa.array([f"{_ineffective(rows)}: {problem}"]))
        return whole

    def _named(self, file: tuple[int, str], rows: StatementRows, column: IdentifierColumn) -> _Named:
        if column.namespace:
            everyone = np.arange(rows.row.size)
            at, code = self._identifiers(file, rows, column, column.namespace, column.text, column.issuer, everyone)
            return _Named(at, code, np.zeros(rows.row.size, bool))
        texts = column.text.compacted()
        read = [references(text, self.namespaces) for text in texts.values.to_pylist()]
        messages = [f"{_ineffective(rows)}: {problem}" if problem and not found else problem for found, problem in read]
        told = texts.spread(np.array([problem != "" for _, problem in read], bool), False)
        bad = told * np.uint8(_syntax(rows))
        self._refuse(file, rows, column.field, np.arange(bad.size), bad, texts, pa.array(messages, pa.string()))

        found = [reference for named, _ in read for reference in named]
        statement, item = expanded(texts.code, np.array([len(one) for one, _ in read], np.int64))
        namespaces, issuers, values = ([one[part] for one in found] for part in range(3))
        value = Encoded.of([pa.array(values, pa.string())]).take(item)
        issuer = Encoded.of([pa.array([text or None for text in issuers], pa.string())]).take(item)
        space = np.array([f"{namespace}{bool(text):d}" for namespace, text in zip(namespaces, issuers, strict=True)], "U")[item]
        parts = [(np.zeros(0, np.int64), np.zeros(0, np.int32))]
        for one in np.unique(space).tolist():
            here = np.flatnonzero(space == one)
            at = statement[here]
            own = issuer.take(here) if one[-1] == "1" else column.issuer.take(at) if column.issuer else None
            parts.append(self._identifiers(file, rows, column, one[:-1], value.take(here), own, at))
        return _Named(np.concatenate([at for at, _ in parts]), np.concatenate([code for _, code in parts]), told)

    def _identifiers(
        self,
        file: tuple[int, str],
        rows: StatementRows,
        column: IdentifierColumn,
        namespace: str,
        text: Encoded,
        issuer: Encoded | None,
        at: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """text, issuer: by entry; at: int64[e], each entry's statement."""
        space = self.policy.namespace(namespace)
        if issuer is None and space.issued:
            issuer = rows.source.take(at)
        region = column.region.take(at) if column.region else regions_of(self.policy, rows.source.take(at))
        network = column.network.take(at) if column.network else None

        def refuse(entry: np.ndarray, refusal: np.ndarray, values: Encoded) -> None:
            self._refuse(file, rows, column.field, at[entry], refusal, values)

        sighted = read_identifiers(text, space, issuer, region, network, self.lists, self.interner, refuse)
        known = sighted.code >= 0
        return at[sighted.row[known]], sighted.code[known]

    def _refuse(
        self,
        file: tuple[int, str],
        rows: StatementRows,
        field: str,
        at: np.ndarray,
        refusal: np.ndarray,
        values: Encoded,
        messages: pa.Array | None = None,
    ) -> None:
        """at: int64[e], the statements of the entries. What an erasure names is never shown: it is what is to be forgotten."""
        shown = rows.verdict is not None or field == rows.time.field
        self.issues.add(file, rows.row[at], np.full(at.size, -1, np.int64), field, refusal, values, messages, shown=shown)


def _syntax(rows: StatementRows) -> Refusal:
    return Refusal.ERASURE_SYNTAX if rows.verdict is None else Refusal.ASSERTION_SYNTAX


def _ineffective(rows: StatementRows) -> str:
    return "the erasure was NOT obeyed" if rows.verdict is None else "the verdict does not count"


def erasures_of(stated: Sequence[Stated], identifiers: int) -> np.ndarray:
    """int64[i]: the latest erasure of each identifier, before all time where there is none."""
    gone = [(one.erased[1], one.time[one.erased[0]]) for one in stated if one.verdict is None]
    erasures = Erasures(*(np.concatenate(column) for column in zip(*gone, strict=True))) if gone else Erasures.none()
    return erasures.by_identifier(identifiers)


def references(text: str, namespaces: frozenset[str]) -> tuple[list[Reference], str]:
    """What a text names: email:x@y, ["email","x@y"], ["customer_id","shop","12"], or a JSON list of such; and what was wrong with it, "" if
    nothing was. What can be read is given even where the rest can not."""
    items: list[object] = [text]
    if text.lstrip().startswith("["):
        try:
            items = orjson.loads(text)  # a list, since it begins as one
        except orjson.JSONDecodeError:
            return [], "no JSON list"
        if not items:
            return [], "no identifier is named"
        if len(items) in (2, 3) and all(isinstance(item, str) for item in items) and items[0] in namespaces:
            items = [items]
    found, problems = [], []
    for number, item in enumerate(items, 1):
        try:
            found.append(_reference(item, namespaces))
        except InputError as error:
            problems.append(f"{f'item {number}: ' if len(items) > 1 else ''}{error}")
    return found, "; ".join(problems[:3])


def _reference(item: object, namespaces: frozenset[str]) -> Reference:
    """Raises InputError; its text does not repeat the value."""
    if isinstance(item, str):
        try:
            found = parse_identifier(item)
        except InputError:
            raise InputError("write email:jo@example.org, or customer_id@shop:1234 with an issuer") from None
    elif isinstance(item, list) and len(item) in (2, 3) and all(isinstance(part, str) for part in item):
        found = (item[0], item[1] if len(item) == 3 else "", item[-1])
    else:
        raise InputError('write ["email", "jo@example.org"], or ["customer_id", "shop", "1234"] with an issuer')
    if found[0] not in namespaces:
        raise InputError("no namespace of the policy is named")
    return found
