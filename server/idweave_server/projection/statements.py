"""Changes of rows as Cypher: statements whose parameters are columns, each for some thousands of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.projection.columns import NULL
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import NODE_FORMS, PROFILE_LABELS, SEGMENT_LABELS, TIES, Kind, NodeForm, TieForm, quoted

ROWS = 10_000  # of one transaction; measured: more gain nothing
COUPLES = ROWS // 2  # each is a node and a relationship
LOOP = "UNWIND range(0, $n - 1) AS i"
# Relationships that share an end are made together, so that it is looked for once.
GROUPS, GROUP = "UNWIND range(0, $groups - 1) AS g", "UNWIND range($low[g], $low[g + 1] - 1) AS i"


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


def creations_in_pairs(nodes: Table, ties: Table, labels: Sequence[tuple[str, ...]]) -> Iterator[Statement]:
    """Each node with the relationship that begins there, which leads to a node that is there: two tables of n rows."""
    order = pc.sort_indices(ties.end).to_numpy()
    nodes, ties = nodes.take(order), ties.take(order)
    for rows, group in _grouped(nodes, np.arange(len(nodes)), labels):
        for low in range(0, rows.size, COUPLES):
            mine = rows[low : low + COUPLES]
            yield _create_pairs(nodes.take(mine), ties.take(mine), group)


def paired(nodes: pa.StringArray, starts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """(int64[n], int64[n]): which nodes, by their keys, are where exactly one of some relationships begins, and where among those it is."""
    place = pc.index_in(starts, nodes)
    tie = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    node = place.drop_null().to_numpy().astype(np.int64)
    alone = np.flatnonzero(np.bincount(node, minlength=len(nodes))[node] == 1)
    return node[alone], tie[alone]


def updates(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]], *, mending: bool = False) -> Iterator[Statement]:
    """As `creations`, of rows that are there with other properties. mending: take other people's labels off their nodes, too."""
    for part, group in _parts(table, rows, labels):
        if group is not None:
            yield _update_nodes(part, NODE_FORMS[part.kind], group, mending)
        elif TIES[part.kind].one:  # it may lead to another node now
            yield _delete_ties(Naming(part.kind, part.start, None, _said(part)), TIES[part.kind])
            yield _create_ties(part, TIES[part.kind])
        else:
            yield _update_ties(part, TIES[part.kind])


def _parts(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]]) -> Iterator[tuple[Table, tuple[str, ...] | None]]:
    """The rows in parts of one group each, with its labels."""
    if table.group is None:
        shared = table.end if table.end is not None and TIES[table.kind].gathers else table.start
        rows = rows[pc.sort_indices(shared.take(pa.array(rows))).to_numpy()]
        for low in range(0, rows.size, ROWS):
            yield table.take(rows[low : low + ROWS]), None
    else:
        for mine, group in _grouped(table, rows, labels):
            for low in range(0, mine.size, ROWS):
                yield table.take(mine[low : low + ROWS]), group


def _grouped(table: Table, rows: np.ndarray, labels: Sequence[tuple[str, ...]]) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """The rows of each group of nodes, with its labels."""
    known = {Kind.PROFILES: PROFILE_LABELS, Kind.SEGMENTS: SEGMENT_LABELS}.get(table.kind, labels)
    assert table.group is not None
    for group in np.unique(table.group[rows]).tolist():
        yield rows[table.group[rows] == group], known[group]


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
    text = f"{LOOP}\nMATCH {_node('x', form)}\nSET x = {made}\nSET x:{_labels(labels)}{removed}\nRETURN count(*) AS n"
    return Statement(text, parameters, len(part), len(part))


def _delete_nodes(gone: Naming, form: NodeForm) -> Statement:
    text = f"{LOOP}\nMATCH {_node('x', form)}\nDETACH DELETE x\nRETURN count(*) AS n"
    return Statement(text, {"n": len(gone), "start": gone.start.to_pylist()}, len(gone), None)


def _create_ties(part: Table, form: TieForm) -> Statement:
    """Those that share a node together. part: sorted by it."""
    assert part.end is not None
    made, parameters = _properties(part)
    start, end = ("a", form.start, part.start), ("b", form.end, part.end)
    (one, of_one, shared), (each, of_each, others) = (end, start) if form.gathers else (start, end)
    found = f"{GROUPS}\nMATCH {_node(one, of_one, '$shared[g]')}\n{GROUP}\nMATCH {_node(each, of_each)}"
    text = f"{found}\nCREATE (a)-[:{form.type} {made}]->(b)\nRETURN count(*) AS n"
    return Statement(text, parameters | {"start": others.to_pylist()} | _runs(shared), len(part), len(part))


def _create_pairs(nodes: Table, ties: Table, labels: tuple[str, ...]) -> Statement:
    assert ties.end is not None
    form = TIES[ties.kind]
    node, parameters = _properties(nodes, NODE_FORMS[nodes.kind])
    tie, more = _properties(ties, prefix="r")
    found = f"{GROUPS}\nMATCH {_node('b', form.end, '$shared[g]')}\n{GROUP}"
    text = f"{found}\nCREATE (:{_labels(labels)} {node})-[:{form.type} {tie}]->(b)\nRETURN count(*) AS n"
    return Statement(text, more | parameters | _runs(ties.end), 2 * len(nodes), len(nodes))


def _runs(shared: pa.StringArray) -> dict[str, Any]:
    """The parameters of GROUPS and GROUP. shared: string[n], equal ones side by side."""
    begins = np.flatnonzero(np.append(True, pc.not_equal(shared[1:], shared[:-1]).to_numpy(zero_copy_only=False)))
    return {"groups": begins.size, "low": [*begins.tolist(), len(shared)], "shared": shared.take(pa.array(begins)).to_pylist()}


def _update_ties(part: Table, form: TieForm) -> Statement:
    assert part.end is not None
    made, parameters = _properties(part)
    where, more = _where(form, _said(part))
    found = f"{LOOP}\nMATCH {_node('a', form.start)}-[r:{form.type}]->{_node('b', form.end, '$end[i]')}{where}"
    text = f"{found}\nSET r = {made}\nRETURN count(*) AS n"
    ends = {"n": len(part), "start": part.start.to_pylist(), "end": part.end.to_pylist()}
    return Statement(text, parameters | ends | more, len(part), len(part))


def _delete_ties(gone: Naming, form: TieForm) -> Statement:
    where, more = _where(form, gone.names)
    end = "()" if gone.end is None else _node("", form.end, "$end[i]")
    text = f"{LOOP}\nMATCH {_node('', form.start)}-[r:{form.type}]->{end}{where}\nDELETE r\nRETURN count(*) AS n"
    ends = {} if gone.end is None else {"end": gone.end.to_pylist()}
    return Statement(text, {"n": len(gone), "start": gone.start.to_pylist(), **ends, **more}, len(gone), None)


def _node(name: str, form: NodeForm, key: str = "$start[i]") -> str:
    return f"({name}:{form.label} {{{form.key}: {key}}})"


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


def _said(part: Table) -> list[tuple[object, ...]]:
    """What tells each relationship apart, from its properties; () for nothing."""
    names = TIES[part.kind].names if part.two.any() else ()
    columns = [part.properties[name].parameters(name)[name] for name, _ in names]
    said = list(zip(*columns, strict=True)) if names else [()] * len(part)
    return [() if all(one is None for one in row) else row for row in said]


def _properties(part: Table, form: NodeForm | None = None, *, prefix: str = "p") -> tuple[str, dict[str, Any]]:
    """(a map of properties in Cypher, its parameters); those that no row has are left out. form: of nodes, whose keys are among them."""
    parameters: dict[str, Any] = {} if form is None else {"n": len(part), "start": part.start.to_pylist()}
    made = [] if form is None else [f"{form.key}: $start[i]"]
    for number, (name, column) in enumerate(part.properties.items()):
        if column.present().any():
            parameters |= column.parameters(f"{prefix}{number}")
            made.append(f"{quoted(name)}: {column.expression(f'{prefix}{number}')}")
    return "{" + ", ".join(made) + "}", parameters


def _labels(labels: tuple[str, ...]) -> str:
    return ":".join(quoted(label) for label in labels)
