"""What a file's JSON fields hold, learned as it is read, as the schema with which pyarrow parses them column-wise and loses nothing.

pyarrow must be told every type: left to itself it reads dates out of strings and rounds numbers. Where a field holds several kinds of
value, the schema follows the most frequent; pyarrow then refuses a chunk with another one, and that chunk is read line by line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.json_text import Json, arrow_kind

Path = tuple[str, ...]


class JsonSchema:
    """The kinds of value seen at the fields asked for and at the objects that lead to them (`user.email` is a member of `user`)."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._paths: dict[str, tuple[Path, ...]] = {name: _paths(name) for name in fields}
        self._leaves = {path for paths in self._paths.values() for path in paths}
        self._steps = sorted({path[:length] for path in self._leaves for length in range(1, len(path) + 1)})
        self._seen: dict[Path, Counter[Any]] = defaultdict(Counter)

    def learn(self, records: Iterable[dict[str, Json]]) -> None:
        """Count the kinds of value at every step."""
        records = list(records)
        values: dict[Path, list[Json]] = {(): records}
        for step in self._steps:
            name = step[-1]
            values[step] = found = [parent.get(name) if type(parent) is dict else None for parent in values[step[:-1]]]
            seen = self._seen[step]
            for kind, count in Counter(map(type, found)).items():
                if kind is str:
                    seen[pa.string()] += count
                elif kind is not type(None):
                    seen.update(arrow_kind(value) for value in found if type(value) is kind)

    def unseen(self) -> list[str]:
        """The names of members of which no value was seen."""
        return [step[-1] for step in self._steps if not self._seen[step]]

    def arrow_schema(self) -> pa.Schema | None:
        """The schema to parse with; None where a field asked for mostly holds what only a line-wise reading gives exactly."""
        fields = self._members(())
        return None if fields is None else pa.schema(fields)

    def _members(self, parent: Path) -> list[pa.Field] | None:
        members = []
        for step in self._steps:
            if step[:-1] == parent:
                kind = self._kind(step)
                if kind is None:
                    return None
                members.append(pa.field(step[-1], kind))
        return members

    def _kind(self, step: Path) -> pa.DataType | None:
        seen = [(count, str(kind), kind) for kind, count in self._seen[step].items() if kind is not None]
        leaf = step in self._leaves
        kind = max(seen, key=lambda one: one[:2])[2] if seen else (pa.string() if leaf else "object")
        if isinstance(kind, pa.DataType):
            return kind
        if kind == "other" or leaf:  # numbers with a fraction, and objects asked for as a whole, keep their text only line by line
            return None
        members = self._members(step)
        return None if members is None else pa.struct(members)

    def text_columns(self, parsed: pa.Table, native: frozenset[str]) -> pa.Table:
        """The parsed table's fields as text, one column a field asked for; integers stay int64 in the native ones."""
        columns = []
        for field, paths in self._paths.items():
            values = [found for found in (_walk(parsed, path) for path in paths) if found is not None]
            if field in native and len(values) == 1 and values[0].type == pa.int64():
                columns.append(values[0])
                continue
            texts = [_text(value) for value in values] or [pa.chunked_array([pa.nulls(parsed.num_rows, pa.string())])]
            columns.append(pc.coalesce(*texts) if len(texts) > 1 else texts[0])
        return pa.table(columns, names=list(self._paths))


def _paths(field: str) -> tuple[Path, ...]:
    """Where a field may stand: under exactly its name, which goes first, and where its dots lead."""
    return ((field,), tuple(field.split("."))) if "." in field else ((field,),)


def _walk(parsed: pa.Table, path: Path) -> pa.ChunkedArray | None:
    column = parsed.column(path[0])
    for name in path[1:]:
        if not pa.types.is_struct(column.type):
            return None
        column = pc.struct_field(column, name)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_list(column.type):
        return column.cast(pa.string())
    present = column.is_valid().to_numpy()
    texts = np.full(len(column), None, dtype=object)
    texts[present] = [orjson.dumps(value).decode() for value in column.drop_null().to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
