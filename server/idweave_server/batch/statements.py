"""The verdicts and erasures of files one by one, as a store or a server takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.lists import Lists
from idweave_server.intake.intake import Intake
from idweave_server.intake.issue_log import Issues
from idweave_server.intake.statements import Stated
from idweave_server.intake.tables import IdentifierTable
from idweave_server.intake.unit import StatementRows, Unit
from idweave_server.model import Verdict
from idweave_server.resolution.policy import Policy

Named = tuple[str, str, str]  # namespace, issuer or "", canonical value


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """One row. verdict: None for an erasure; id: its own, or one made from what it says; time: seconds UTC, of an erasure the time up to
    which it reaches; identifiers: one or two of a verdict, any number of an erasure."""

    file: tuple[int, str]
    row: int
    verdict: Verdict | None
    id: str
    source: str
    time: int
    identifiers: tuple[Named, ...]


def read_statements(units: Sequence[Unit], policy: Policy, lists: Lists, issues: Issues) -> list[Statement]:
    """In the order of files and kinds; what cannot be read goes to issues."""
    intake = Intake(policy, lists, issues)
    read = [(unit, intake.statements.read(unit)) for unit in units if unit.statements]
    if not read:
        return []
    texts = _Texts(policy, intake.interner.table())
    return [
        statement
        for unit, found in read
        for rows, stated in zip(unit.statements, found, strict=True)
        for statement in _each((unit.number, unit.name), rows, stated, texts)
    ]


class _Texts:
    """Identifiers by code, as a caller writes them."""

    def __init__(self, policy: Policy, table: IdentifierTable) -> None:
        self._spaces = [space.name for space in policy.namespaces]
        self._table = table

    def __getitem__(self, code: int) -> Named:
        columns = self._table.identifiers
        issuer = int(columns.issuer[code])
        return (
            self._spaces[int(columns.namespace[code])],
            self._table.issuers[issuer].as_py() if issuer >= 0 else "",
            self._table.value[code].as_py(),
        )


def _each(file: tuple[int, str], rows: StatementRows, stated: Stated, texts: _Texts) -> Iterator[Statement]:
    at = np.searchsorted(rows.row, stated.row)
    sources = rows.source.values.take(pa.array(rows.source.code[at])).to_pylist()
    ends: list[list[int]] = stated.ends.tolist()
    if stated.verdict is None:
        ends = [[] for _ in range(stated.row.size)]
        for statement, code in zip(*(part.tolist() for part in stated.erased), strict=True):
            ends[statement].append(code)
    for row, time, name, source, codes in zip(stated.row.tolist(), stated.time.tolist(), stated.id, sources, ends, strict=True):
        identifiers = tuple(texts[code] for code in dict.fromkeys(codes))
        yield Statement(file, row, stated.verdict, name or _made_id(stated.verdict, time, identifiers), source, time, identifiers)


def _made_id(verdict: Verdict | None, time: int, identifiers: tuple[Named, ...]) -> str:
    said = repr((None if verdict is None else verdict.name, time, identifiers))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
