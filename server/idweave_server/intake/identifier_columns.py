"""A file's identifier columns as codes: each distinct value is read once, then interned with its issuer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.errors import InputError
from idweave_server.identifiers.columns import Column, read_column
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.reading import Options
from idweave_server.intake.encoded import Encoded, expanded
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.kernels.rows import group_by
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Namespace, Policy


@dataclass(frozen=True, slots=True)
class Sighted:
    """The identifiers of one column, as flat entries: row int64[e], of the file's observations; code int32[e], -1 where refused."""

    row: np.ndarray
    code: np.ndarray


@dataclass(frozen=True, slots=True)
class ValuesRead:
    """A column whose distinct values are read, not interned yet. row: int64[e], each entry's; given: the text by entry; readings: (entries
    int64[f], their distinct texts, what those read as) for every way to read them."""

    row: np.ndarray
    given: Encoded
    readings: tuple[tuple[np.ndarray, Encoded, Column], ...]


def read_values(
    column: Encoded, namespace: Namespace, region: Encoded, network: Encoded | None, lists: Lists, *, literal: bool = False
) -> ValuesRead:
    """Read one column; pure, so that columns can be read side by side. region: by row, the country of national phone numbers; network: by
    row, the social network of handles that name none, None for none. A value that is a JSON list stands for its items, unless literal."""
    row, given = present(column) if literal else exploded(column)
    readings = []
    for here, options in _readings(namespace, region, network, row, lists):
        values = (given if here.size == row.size else given.take(here)).trimmed().compacted()
        readings.append((here, values, read_column(namespace.form, values.values, options)))
    return ValuesRead(row, given, tuple(readings))


def intern_values(
    read: ValuesRead,
    namespace: Namespace,
    issuer: Encoded | None,
    interner: IdentifierInterner,
    refuse: Callable[[np.ndarray, np.ndarray, Encoded], None],
) -> Sighted:
    """Give every value its code. issuer: by row, None for a namespace without.

    refuse(row int64[e], refusal uint8[e], values by entry) hears of what was refused.
    """
    row, given = read.row, read.given
    code = np.full(row.size, -1, np.int32)
    for here, values, found in read.readings:
        refusal = found.refusal[values.code]
        if issuer is not None:
            without = issuer.code[row[here]] < 0
            refusal = np.where(without & (refusal == 0), np.uint8(Refusal.ISSUER_MISSING), refusal)
        good = np.flatnonzero(refusal == 0)
        if good.size < refusal.size:
            refuse(row[here], refusal, given.take(here))
        if issuer is None:
            code[here[good]] = interner.intern(namespace.name, found.values, found.flags)[values.code[good]]
        else:
            pair = issuer.code[row[here[good]]].astype(np.int64) * len(values.values) + values.code[good]
            distinct, inverse = np.unique(pair, return_inverse=True)
            who, what = np.divmod(distinct, max(len(values.values), 1))
            texts = found.values.take(pa.array(what))
            codes = interner.intern(namespace.name, texts, found.flags[what], issuer.values.take(pa.array(who)))
            code[here[good]] = codes[inverse]
    return Sighted(row, code)


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
    """Both steps for one column: `read_values`, then `intern_values`."""
    return intern_values(read_values(column, namespace, region, network, lists), namespace, issuer, interner, refuse)


def regions_of(policy: Policy, source: Encoded) -> Encoded:
    """The country of each row's source, as the policy says."""
    regions = [policy.source(name).region for name in source.values.to_pylist()]
    return source.mapped(pa.array(regions, pa.string())) if any(regions) else Encoded.none(source.code.size)


def _readings(
    namespace: Namespace, region: Encoded, network: Encoded | None, row: np.ndarray, lists: Lists
) -> list[tuple[np.ndarray, Options]]:
    """(entries int64[e], how they are read) for every region and network that occurs; row: int64[e], of each entry."""
    if not (namespace.form == "phone" and len(region.values)) and not (namespace.form == "social" and network is not None):
        return [(np.arange(row.size), Options(lists))] if row.size else []
    by_region = _known_regions(region, lists).take(row) if namespace.form == "phone" else Encoded.none(row.size)
    by_network = network.trimmed().take(row) if network is not None and namespace.form == "social" else Encoded.none(row.size)
    regions, networks = ([None, *column.compacted().values.to_pylist()] for column in (by_region, by_network))
    way = (by_region.compacted().code + 1).astype(np.int64) + (by_network.compacted().code + 1).astype(np.int64) * len(regions)
    used, place = np.unique(way, return_inverse=True) if way.any() else (np.zeros(min(row.size, 1), np.int64), way)
    start, entry = group_by(place.astype(np.int32), used.size)
    options = [Options(lists, regions[w % len(regions)], networks[w // len(regions)]) for w in used.tolist()]
    return [(entry[start[k] : start[k + 1]], options[k]) for k in range(used.size)]


def _known_regions(region: Encoded, lists: Lists) -> Encoded:
    """The regions as codes of countries. A row's own may be anything: what is no country says no more than a blank, and national numbers
    are then refused one by one."""

    def known(text: str) -> str | None:
        try:
            return Options(lists, text.strip().upper()).region
        except InputError:
            return None

    return region.mapped(pa.array([known(text) for text in region.values.to_pylist()], pa.string()))


def present(column: Encoded) -> tuple[np.ndarray, Encoded]:
    """(row int64[e], its values by entry) of the rows that have a value."""
    row = np.flatnonzero(column.code >= 0)
    return row, column.take(row)


def exploded(column: Encoded) -> tuple[np.ndarray, Encoded]:
    """(row int64[e], its values by entry): every value of every row, the items of JSON lists one by one, blank ones left out."""
    listed = pc.starts_with(pc.utf8_ltrim_whitespace(column.values), "[").to_numpy(zero_copy_only=False)
    lists = {at: items for at in np.flatnonzero(listed).tolist() if (items := _items(column.values[at].as_py())) is not None}
    if not lists:
        return present(column)
    size = np.ones(len(column.values), np.int64)
    size[list(lists)] = [len(items) for items in lists.values()]
    row, item = expanded(column.code, size)
    # The texts of all items in the order of `expanded`: first the plain values and after them the lists', then each in its place.
    plain = np.ones(size.size, bool)
    plain[list(lists)] = False
    texts = pa.concat_arrays([column.values.filter(pa.array(plain)), pa.array([x for items in lists.values() for x in items], pa.string())])
    of = np.repeat(np.arange(size.size), size)
    order = np.empty(of.size, np.int64)
    order[plain[of]] = np.arange(plain.sum())
    order[~plain[of]] = np.arange(plain.sum(), of.size)
    return row, Encoded.of([texts.take(pa.array(order))]).take(item)


def _items(text: str) -> list[str] | None:
    """The items of a JSON list as texts, without nulls and blanks; None for what is no list."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, list):
        return None
    texts = [x if isinstance(x, str) else orjson.dumps(x).decode() for x in found if x is not None]
    return [text for text in texts if text.strip()]
