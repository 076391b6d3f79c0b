"""A file's identifier columns as codes: each distinct value is read once, then interned with its issuer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.encoded import Encoded
from idweave_server.batch.identifier_table import IdentifierInterner
from idweave_server.identifiers.columns import read_column
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.reading import Options
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Namespace, Policy


@dataclass(frozen=True, slots=True)
class Sighted:
    """The identifiers of one column, as flat entries: row int64[e], of the file's observations; code int32[e], -1 where refused."""

    row: np.ndarray
    code: np.ndarray


def read_identifiers(
    column: Encoded,
    namespace: Namespace,
    issuer: Encoded | None,
    region: Encoded,
    network: Encoded | None,
    lists: Lists,
    interner: IdentifierInterner,
    refuse: Callable[[np.ndarray, np.ndarray, Encoded], None],
) -> Sighted:
    """Read one column. issuer: by row, None for a namespace without; region: by row, the country of national phone numbers; network: by row,
    the social network of handles that name none, None for none.

    A value that is a JSON list stands for its items. refuse(row int64[e], refusal uint8[e], values by entry) hears of what was refused.
    """
    row, given = exploded(column)
    code = np.full(row.size, -1, np.int32)
    trimmed = pc.utf8_trim_whitespace(given.values)
    for here, options in _groups(region.take(row), None if network is None else network.take(row), lists):
        values, local = _distinct(trimmed, given.code[here])
        read = read_column(namespace.form, values, options)
        refusal = read.refusal[local]
        if issuer is not None:
            without = issuer.code[row[here]] < 0
            refusal = np.where(without & (refusal == 0), np.uint8(Refusal.ISSUER_MISSING), refusal)
        if refusal.any():
            refuse(row[here], refusal, given.take(here))
        good = np.flatnonzero(refusal == 0)
        if issuer is None:
            code[here[good]] = interner.intern(namespace.name, read.values, read.flags)[local[good]]
        else:
            pair = issuer.code[row[here[good]]].astype(np.int64) * len(values) + local[good]
            distinct, inverse = np.unique(pair, return_inverse=True)
            who, what = np.divmod(distinct, max(len(values), 1))
            texts = read.values.take(pa.array(what))
            found = interner.intern(namespace.name, texts, read.flags[what], issuer.values.take(pa.array(who)))
            code[here[good]] = found[inverse]
    return Sighted(row, code)


def regions_of(policy: Policy, source: Encoded) -> Encoded:
    """The country of each row's source, as the policy says."""
    return source.mapped(pa.array([policy.source(name).region for name in source.values.to_pylist()], pa.string()))


def _groups(region: Encoded, network: Encoded | None, lists: Lists) -> list[tuple[np.ndarray, Options]]:
    """(entries int64[e], how they are read) for every region and network that occurs."""
    networks = Encoded.none(region.code.size) if network is None else network
    out = []
    for at, country in [(-1, None), *enumerate(region.values.to_pylist())]:
        for on, name in [(-1, None), *enumerate(networks.values.to_pylist())]:
            here = np.flatnonzero((region.code == at) & (networks.code == on))
            if here.size:
                out.append((here, Options(lists, country, name)))
    return out


def exploded(column: Encoded) -> tuple[np.ndarray, Encoded]:
    """(row int64[e], its values by entry): every value of every row, the items of JSON lists one by one."""
    row = np.flatnonzero(column.code >= 0)
    listed = pc.starts_with(column.values, "[").to_numpy(zero_copy_only=False)
    if not listed.any():
        return row, column.take(row)
    items = [_items(text) if is_list else [text] for text, is_list in zip(column.values.to_pylist(), listed, strict=True)]
    size = np.array([len(x) for x in items])
    start = np.concatenate(([0], np.cumsum(size)))
    count = size[column.code[row]]
    entry = np.repeat(start[column.code[row]], count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    flat = Encoded.of([pa.array([x for each in items for x in each], pa.string())])
    return np.repeat(row, count), flat.take(entry)


def _items(text: str) -> list[str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [text]
    return [x if isinstance(x, str) else orjson.dumps(x).decode() for x in found if x is not None] if isinstance(found, list) else [text]


def _distinct(values: pa.StringArray, code: np.ndarray) -> tuple[pa.StringArray, np.ndarray]:
    """(distinct string[u], int32[n]): the values used by these codes, without repeats (trimming can make two alike)."""
    used = np.zeros(len(values), bool)
    used[code] = True
    place = np.cumsum(used) - 1
    encoded = values.filter(pa.array(used)).dictionary_encode()
    return encoded.dictionary, encoded.indices.to_numpy()[place[code]]
