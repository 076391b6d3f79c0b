"""What the graph holds, read back page by page as columns, in the form in which it is compared: names and digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from idweave_server.engine.engine import Engine
from idweave_server.kernels.places import Places
from idweave_server.projection.account import Names
from idweave_server.projection.columns import present_in, reals_read, row_digests, value_digests, wholes_read
from idweave_server.projection.graph import Graph
from idweave_server.projection.keys import codes_of_keys, uuid_words
from idweave_server.projection.rows import Interned
from idweave_server.projection.schema import (
    IDENTIFIER,
    MOMENT,
    NODE_FORMS,
    NODES,
    PROFILE,
    PROFILE_LABELS,
    PROPERTIES,
    REAL,
    SEGMENT,
    SEGMENT_LABELS,
    TIES,
    TRAIT,
    VALUE,
    Kind,
    NodeForm,
    identifier_labels,
    quoted,
)
from idweave_server.projection.statements import seconds_of

PAGE = 10_000  # nodes
UNKNOWN = -2  # owns what no identifier does

Column = tuple[np.ndarray, np.ndarray]  # (which rows have it, digests)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one kind. names: as in rows.Table; digests: uint64[n]; start, end: keys, a relationship's end None where it leads to a node
    without one; columns: by property; strange: bool[n], rows that no state could name."""

    kind: Kind
    names: Names
    digests: np.ndarray
    start: list[Any]
    end: list[Any]
    columns: dict[str, Column]
    strange: np.ndarray


class GraphReader:
    """Reads the graph as the engine would name it."""

    def __init__(self, graph: Graph, engine: Engine, known: Interned) -> None:
        self._graph, self._engine, self._known = graph, engine, known
        self._labels = {
            Kind.IDENTIFIERS: identifier_labels(engine.policy),
            Kind.PROFILES: PROFILE_LABELS,
            Kind.SEGMENTS: SEGMENT_LABELS,
        }
        self._births = ProfileOwners(engine)

    def pages(self) -> Iterator[Found]:
        """All rows."""
        for node in NODES:
            form, after = NODE_FORMS[node], ""
            kinds, limit = [kind for kind in TIES if TIES[kind].start is form], PAGE
            if form is PROFILE:  # a profile may be in all segments
                limit = max(10 * PAGE // max(len(self._engine.memberships.definitions), 10), 500)
            while True:
                page = f"MATCH (x:{form.label}) WHERE x.{form.key} > $after WITH x ORDER BY x.{form.key} LIMIT $limit"
                found = self._nodes(node, page, {"after": after, "limit": limit})
                if not found.start:
                    break
                yield found
                inside = f"a.{form.key} > $after AND a.{form.key} <= $last"
                for kind in kinds:
                    yield self._ties(kind, f"MATCH (a:{form.label}){_tie(kind)} WHERE {inside}", after, found.start[-1])
                after = found.start[-1]

    def nameless(self) -> int:
        """Nodes with a label of ours and no usable key."""
        return sum(self._graph.put(f"{_nameless(form)} RETURN count(x) AS n")[0]["n"] for form in (IDENTIFIER, PROFILE, SEGMENT))

    def of(self, kind: Kind, keys: list[str]) -> Found:
        """The rows of some nodes, or of relationships that start there."""
        form = NODE_FORMS[kind] if kind in NODES else TIES[kind].start
        if kind in NODES:
            return self._nodes(kind, f"UNWIND $keys AS key MATCH (x:{form.label} {{{form.key}: key}})", {"keys": keys})
        text = f"UNWIND $keys AS key MATCH (a:{form.label} {{{form.key}: key}}){_tie(kind)} WHERE true"
        return self._ties(kind, text, "", "", keys)

    def _nodes(self, kind: Kind, found: str, parameters: dict[str, Any]) -> Found:
        form, labels = NODE_FORMS[kind], self._labels[kind]
        wanted = PROPERTIES[kind] | (self._traits() if kind == Kind.PROFILES else {})
        if kind == Kind.IDENTIFIERS:
            group = "CASE " + " ".join(f"WHEN x:{quoted(label[1])} THEN {place}" for place, label in enumerate(labels)) + " ELSE -1 END"
        else:
            group = "CASE WHEN x:Retired THEN 1 ELSE 0 END" if kind == Kind.PROFILES else "0"
        told = [f"x.{form.key} AS start", f"{group} AS label", "size(labels(x)) AS labels", "size(keys(x)) AS size"]
        answer = self._asked(f"{found} WITH collect(x) AS x", told, wanted, parameters)
        start = answer["start"]
        more = [_whole(answer["size"]), _whole(answer["label"]), _whole(answer["labels"])]
        columns = {name: _column(kind_of, answer[f"p{place}"]) for place, (name, kind_of) in enumerate(wanted.items())}
        digests = row_digests(len(start), [(name, *column) for name, column in columns.items()], more)
        names = self._node_names(kind, start)
        return Found(kind, names, digests, start, [], columns, names.owner == UNKNOWN)

    def _ties(self, kind: Kind, found: str, after: str, last: str, keys: list[str] | None = None) -> Found:
        form, wanted = TIES[kind], PROPERTIES[kind]
        text = f"{found} AND {form.guard}" if form.guard else found
        told = [f"y.{form.start.key} AS start", f"z.{form.end.key} AS end", "size(keys(x)) AS size"]
        collected = "WITH collect(a) AS y, collect(r) AS x, collect(b) AS z"
        answer = self._asked(f"{text} {collected}", told, wanted, {"after": after, "last": last, "keys": keys})
        start, end = answer["start"], answer["end"]
        columns = {name: _column(kind_of, answer[f"p{place}"]) for place, (name, kind_of) in enumerate(wanted.items())}
        more = [_whole(answer["size"])]
        if form.one:
            more.append(value_digests(end).view(np.int64))
        digests = row_digests(len(start), [(name, *column) for name, column in columns.items()], more)
        said = [answer[f"p{list(wanted).index(name)}"] for name, _ in form.names]
        two = self._interned(said, len(start))
        owners = self._node_names(Kind.IDENTIFIERS if form.start is IDENTIFIER else Kind.PROFILES, start)
        strange = owners.owner == UNKNOWN
        if kind == Kind.REDIRECTS:
            return Found(kind, owners, digests, start, end, columns, strange)
        one = np.zeros(len(start), np.int64)
        if kind == Kind.IN_SEGMENT:
            one = self._known.ids.intern(np.stack([owners.one, owners.two], axis=1).view(np.uint64)).astype(np.int64)
            two = self._node_names(Kind.SEGMENTS, end).owner.astype(np.int64)
            strange |= two == UNKNOWN
        elif not form.one:
            one = self._node_names(Kind.IDENTIFIERS, end).owner.astype(np.int64)
            strange |= one == UNKNOWN
        return Found(kind, Names(owners.owner, one, two), digests, start, end, columns, strange)

    def _asked(self, found: str, told: list[str], wanted: dict[str, str], parameters: dict[str, Any]) -> Any:
        """One record of lists: x, and y and z beside it, stand for the collected nodes or relationships."""
        for place, (name, kind) in enumerate(wanted.items()):
            value = f"x.{quoted(name)}"
            told.append(f"{seconds_of(value) if kind == MOMENT else value} AS p{place}")
        parts = []
        for one in told:
            value, _, name = one.rpartition(" AS ")
            whose = "y" if value.startswith("y.") else "z" if value.startswith("z.") else "x"
            parts.append(f"[{whose} IN {whose} | {value}] AS {name}")
        return self._graph.put(f"{found} RETURN {', '.join(parts)}", **parameters)[0]

    def _node_names(self, kind: Kind, keys: list[Any]) -> Names:
        texts = pa.array([key if isinstance(key, str) else "" for key in keys], pa.string())
        zeros = np.zeros(len(keys), np.int64)
        if kind == Kind.PROFILES:
            words, good = uuid_words(texts)
            owner = np.where(good, self._births.of(words), UNKNOWN).astype(np.int32)
            named = words.view(np.int64)
            return Names(owner, np.ascontiguousarray(named[:, 0]), np.ascontiguousarray(named[:, 1]))
        if kind == Kind.SEGMENTS:
            numbers = self._engine.memberships.store.numbers
            return Names(np.array([numbers.get(name, UNKNOWN) for name in texts.to_pylist()], np.int32), zeros, zeros)
        codes = codes_of_keys(self._engine, texts)
        return Names(np.where(codes >= 0, codes, UNKNOWN).astype(np.int32), zeros, zeros)

    def _interned(self, said: list[list[Any]], size: int) -> np.ndarray:
        out = np.zeros(size, np.int64)
        if said:
            for at in np.flatnonzero(np.any([present_in(column) for column in said], axis=0)).tolist():
                out[at] = self._known.names.intern(tuple(column[at] for column in said))
        return out

    def _traits(self) -> dict[str, str]:
        return {f"{TRAIT}{name}": VALUE for name in sorted(self._engine.state.observations.trait_names.words)}


class ProfileOwners:
    """Which identifier owns a profile id: the one that was born with it, or that bears it; -1 for an erased one, UNKNOWN for no id of the
    state."""

    def __init__(self, engine: Engine) -> None:
        ids, profiles = engine.state.identifiers, engine.state.profiles
        born = ids.births.id_of(np.arange(len(ids.births)))
        later = profiles.taken()
        others = profiles.id.array[later]
        fresh = Places(born).of(others) < 0
        self._names = Places(np.concatenate([born, others[fresh]]))
        owner = [ids.births.code.array, profiles.bearer.array[later][fresh], [UNKNOWN]]  # the last one is for no place
        self._owner = np.concatenate(owner).astype(np.int32)

    def of(self, words: np.ndarray) -> np.ndarray:
        """int32[n]; words: uint64[n, 2]."""
        return self._owner[self._names.of(words)]


def _tie(kind: Kind) -> str:
    """A segment has the commonest of keys, a name, which what others made may have, too."""
    return f"-[r:{TIES[kind].type}]->(b{':Segment' if kind == Kind.IN_SEGMENT else ''})"


def drop_nameless(form: NodeForm) -> str:
    return f"{_nameless(form)} WITH x LIMIT $n DETACH DELETE x RETURN count(*) AS n"


def _nameless(form: NodeForm) -> str:
    # `IS NULL` has to be said: the database finds the others by an index, which has no nulls.
    return f"MATCH (x:{form.label}) WHERE x.{form.key} IS NULL OR NOT (x.{form.key} IS :: STRING) OR x.{form.key} = ''"


def _column(kind: str, values: list[Any]) -> Column:
    there = present_in(values)
    if kind == REAL:
        return there, reals_read(values)
    return there, value_digests(values) if kind == VALUE else wholes_read(values)


def _whole(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)
