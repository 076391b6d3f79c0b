"""Changes of rows as Cypher: statements whose parameters are columns, each for some thousands of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from idweave_server.projection.columns import NULL
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import NODE_FORMS, PROFILE_LABELS, SEGMENT_LABELS, TIES, Kind, NodeForm, TieForm, quoted

ROWS = 10_000  # of one transaction; measured: more gain nothing
LOOP = "UNWIND range(0, $n - 1) AS i"


@dataclass(frozen=True, slots=True)
class Statement:
    """expected: how many rows it has to find or make, None where some may be gone already."""

    text: str
    parameters: dict[str, Any] = field(repr=False)
    rows: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Naming:
    """The rows to delete. start: string[n], keys of nodes, or of those where relationships start; end: string[n], None where the start
    names them; names: of each relationship what tells it apart, () for nothing."""

    kind: Kind
    start: pa.StringArray
    end: pa.StringArray | None = None
    names: Sequence[tuple[object, ...]] = ()

    def __len__(self) -> int:
        return len(self.start)

    def part(self, low: int, high: int) -> Naming:
        end = None if self.end is None else self.end[low:high]
        return Naming(self.kind, self.start[low:high], end, self.names[low:high])


def deletions(gone: Naming) -> Iterator[Statement]:
    for low in range(0, len(gone), ROWS):
        part = gone.part(low, low + ROWS)
        yield _delete_nodes(part, NODE_FORMS[part.kind]) if part.kind in NODE_FORMS else _delete_ties(part, TIES[part.kind])


def creations(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]]) -> Iterator[Statement]:
    """labels: of each group of identifiers."""
    for part, group in _parts(table, rows, labels):
        yield _create_ties(part, TIES[part.kind]) if group is None else _create_nodes(part, NODE_FORMS[part.kind], group)


def updates(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]], *, mending: bool = False) -> Iterator[Statement]:
    """As `creations`, of rows that are there with other properties. mending: take other people's labels off their nodes, too."""
    for part, group in _parts(table, rows, labels):
        if group is not None:
            yield _update_nodes(part, NODE_FORMS[part.kind], group, mending)
        elif TIES[part.kind].one:  # it may lead to another node now
            names = [_said(part, place) for place in range(len(part))] if TIES[part.kind].names else [()] * len(part)
            yield _delete_ties(Naming(part.kind, part.start, None, names), TIES[part.kind])
            yield _create_ties(part, TIES[part.kind])
        else:
            yield _update_ties(part, TIES[part.kind])


def _parts(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]]) -> Iterator[tuple[Table, tuple[str, ...] | None]]:
    """The rows in parts of one group each, with its labels."""
    known = {Kind.PROFILES: PROFILE_LABELS, Kind.SEGMENTS: SEGMENT_LABELS}.get(table.kind, labels)
    groups = [rows] if table.group is None else [rows[table.group[rows] == g] for g in np.unique(table.group[rows]).tolist()]
    for mine in groups:
        for low in range(0, mine.size, ROWS):
            part = table.take(mine[low : low + ROWS])
            yield part, None if part.group is None else known[int(part.group[0])]


def _create_nodes(part: Table, form: NodeForm, labels: tuple[str, ...]) -> Statement:
    made, parameters = _properties(part, form)
    text = f"{LOOP}\nCREATE (x:{_labels(labels)} {made})\nRETURN count(*) AS n"
    return Statement(text, parameters, len(part), len(part))


def _update_nodes(part: Table, form: NodeForm, labels: tuple[str, ...], mending: bool) -> Statement:
    made, parameters = _properties(part, form)
    others = [label for label in ("Retired",) if part.kind == Kind.PROFILES and label not in labels]
    removed = f"\nREMOVE x:{_labels(tuple(others))}" if others else ""
    if mending:
        removed = "\nREMOVE x:$([label IN labels(x) WHERE NOT label IN $labels])"
        parameters["labels"] = list(labels)
    found = f"{LOOP}\nMATCH (x:{form.label} {{{form.key}: $start[i]}})"
    text = f"{found}\nSET x = {made}\nSET x:{_labels(labels)}{removed}\nRETURN count(*) AS n"
    return Statement(text, parameters, len(part), len(part))


def _delete_nodes(gone: Naming, form: NodeForm) -> Statement:
    text = f"{LOOP}\nMATCH (x:{form.label} {{{form.key}: $start[i]}})\nDETACH DELETE x\nRETURN count(*) AS n"
    return Statement(text, {"n": len(gone), "start": gone.start.to_pylist()}, len(gone), None)


def _create_ties(part: Table, form: TieForm) -> Statement:
    made, parameters = _properties(part, None)
    text = f"{LOOP}\n{_ends(form)}\nCREATE (a)-[:{form.type} {made}]->(b)\nRETURN count(*) AS n"
    return Statement(text, parameters | {"end": part.end.to_pylist() if part.end is not None else []}, len(part), len(part))


def _update_ties(part: Table, form: TieForm) -> Statement:
    made, parameters = _properties(part, None)
    names = [_said(part, place) for place in range(len(part))] if form.names and part.two.any() else [()] * len(part)
    where, more = _where(form, names)
    text = (
        f"{LOOP}\nMATCH (a:{form.start.label} {{{form.start.key}: $start[i]}})-[r:{form.type}]->"
        f"(b:{form.end.label} {{{form.end.key}: $end[i]}}){where}\nSET r = {made}\nRETURN count(*) AS n"
    )
    ends = {"end": part.end.to_pylist() if part.end is not None else []}
    return Statement(text, parameters | ends | more, len(part), len(part))


def _delete_ties(gone: Naming, form: TieForm) -> Statement:
    where, more = _where(form, gone.names)
    end = "()" if gone.end is None else f"(:{form.end.label} {{{form.end.key}: $end[i]}})"
    text = (
        f"{LOOP}\nMATCH (:{form.start.label} {{{form.start.key}: $start[i]}})-[r:{form.type}]->{end}{where}\nDELETE r\nRETURN count(*) AS n"
    )
    ends = {} if gone.end is None else {"end": gone.end.to_pylist()}
    return Statement(text, {"n": len(gone), "start": gone.start.to_pylist(), **ends, **more}, len(gone), None)


def _ends(form: TieForm) -> str:
    return f"MATCH (a:{form.start.label} {{{form.start.key}: $start[i]}})\nMATCH (b:{form.end.label} {{{form.end.key}: $end[i]}})"


def _where(form: TieForm, names: Sequence[tuple[object, ...]]) -> tuple[str, dict[str, Any]]:
    """(a condition on relationship r, its parameters)"""
    if not form.names:
        return "", {}
    if not any(names):
        told = [form.guard] if form.guard else []
        told += [f"r.{quoted(name)} IS NULL" for name, _ in form.names]
        return f"\nWHERE {' AND '.join(told)}", {}
    told, parameters = [form.guard] if form.guard else [], {}
    for place, (name, moment) in enumerate(form.names):
        known = [one[place] if one else None for one in names]
        parameters[f"name{place}"] = known
        prop = seconds_of(f"r.{quoted(name)}") if moment else f"r.{quoted(name)}"
        told.append(f"coalesce({prop}, {NULL + 1}) = coalesce($name{place}[i], {NULL + 1})")
    return f"\nWHERE {' AND '.join(told)}", parameters


def seconds_of(moment: str) -> str:
    """Cypher for a moment's seconds, or for whatever else a person put there."""
    return f"CASE WHEN {moment} IS :: ZONED DATETIME THEN {moment}.epochSeconds ELSE {moment} END"


def _said(part: Table, place: int) -> tuple[object, ...]:
    """What tells a relationship apart, from its properties."""
    form = TIES[part.kind]
    found = []
    for name, _ in form.names:
        column = part.properties[name].take(np.array([place]))
        value = column.parameters("x")["x"][0]
        found.append(value)
    return () if all(one is None for one in found) else tuple(found)


def _properties(part: Table, form: NodeForm | None) -> tuple[str, dict[str, Any]]:
    """(a map of properties in Cypher, its parameters); those that no row has are left out."""
    parameters: dict[str, Any] = {"n": len(part), "start": part.start.to_pylist()}
    made = [] if form is None else [f"{form.key}: $start[i]"]
    for number, (name, column) in enumerate(part.properties.items()):
        if column.present().any():
            parameters |= column.parameters(f"p{number}")
            made.append(f"{quoted(name)}: {column.expression(f'p{number}')}")
    return "{" + ", ".join(made) + "}", parameters


def _labels(labels: tuple[str, ...]) -> str:
    return ":".join(quoted(label) for label in labels)
