"""Identifiers and their births as bytes, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from idweave_server.entries.births import SEED_BYTES, birth_ids, content_hashes
from idweave_server.entries.columns import Births, IdentifierColumns
from idweave_server.entries.frame import DamageError
from idweave_server.entries.integers import get_integers, put_integers
from idweave_server.entries.soundness import check_identifiers
from idweave_server.entries.texts import get_texts, put_texts
from idweave_server.entries.words import Reading, Writing


def put_hashes(out: Writing, values: np.ndarray) -> None:
    """values: uint64 of any shape, which do not compress."""
    out.packed += np.ascontiguousarray(values, "<u8").tobytes()


def get_hashes(source: Reading, count: int, width: int = 1) -> np.ndarray:
    """uint64[count], or uint64[count, width]."""
    found = source.packed.take(count * width * 8).view("<u8").astype(np.uint64)
    return found if width == 1 else found.reshape(count, width)


def put_identifiers(out: Writing, columns: IdentifierColumns) -> None:
    """The values go namespace by namespace, since phones look like phones."""
    out.put_count(len(columns))
    out.put_words(columns.namespaces)
    out.put_words(columns.issuers)
    put_integers(out, columns.namespace)
    for _, member in grouped(columns.namespace, len(columns.namespaces)):
        put_texts(out, columns.value.take(pa.array(member)))
    for column in (columns.issuer, columns.flags, columns.mailbox_name):
        put_integers(out, column)


def get_identifiers(source: Reading, names: int) -> IdentifierColumns:
    """names: how many the entry has. Raises DamageError, ValueError."""
    i = source.rows()
    namespaces, issuers = source.get_words(), source.get_words()
    namespace = get_integers(source, i, np.uint8)
    parts: list[pa.StringArray] = []
    members: list[np.ndarray] = []
    for _, member in grouped(namespace, len(namespaces)):
        parts.append(get_texts(source, member.size))
        members.append(member)
    issuer, flags, mailbox_name = (get_integers(source, i, dtype) for dtype in (np.int32, np.uint8, np.int32))
    value = pa.concat_arrays(parts) if parts else pa.array([], pa.string())
    order = np.concatenate(members) if members else np.zeros(0, np.int64)
    if (order[1:] < order[:-1]).any():
        place = np.empty(i, np.int64)
        place[order] = np.arange(i)
        value = value.take(pa.array(place))
    columns = IdentifierColumns(namespace, namespaces, issuer, issuers, value, flags, mailbox_name, np.zeros((i, 2), np.uint64))
    check_identifiers(columns, names)
    return replace(columns, content=content_hashes(columns))


def put_births(out: Writing, births: Births, expected: np.ndarray) -> None:
    """expected: int64[b], the times that these births most likely have."""
    out.put_count(len(births))
    if not len(births):
        return
    out.put_count(births.milliseconds)
    out.numbers.append(len(births.seed))
    out.packed += births.seed
    put_integers(out, births.place)
    put_integers(out, births.time - expected)
    put_hashes(out, births.keyed)
    if not births.seed:
        put_hashes(out, births.birth)


def get_birth_places(source: Reading) -> Births:
    """Births without their times, which `timed` adds; `time` holds how far they are from what is expected."""
    b = source.rows()
    if not b:
        return Births.none()
    milliseconds, size = source.numbers.count(), source.numbers.byte()
    if size not in (0, SEED_BYTES):
        raise DamageError("a seed has another size than seeds have")
    seed = source.packed.take(size).tobytes()
    place = get_integers(source, b, np.int32)
    time = get_integers(source, b, np.int64)
    hashes = get_hashes(source, b)
    return Births(place, hashes, birth_ids(milliseconds, seed, b) if seed else get_hashes(source, b, 2), time, milliseconds, seed)


def birth_times(place: np.ndarray, start: np.ndarray, identifier: np.ndarray, time: np.ndarray, identifiers: int) -> np.ndarray:
    """int64[b]: for each birth the time of the first observation in the entry that names its identifier, 0 without one.

    place: int32[b]; start: int64[n + 1] and identifier: int32[k], the sightings; time: int64[n]; identifiers: how many there are.
    """
    first = np.full(identifiers + 1, time.size, np.int64)  # nobody's, -1, is the last
    first[identifier[::-1]] = np.repeat(np.arange(time.size), np.diff(start))[::-1]
    return np.append(time, 0)[first[place]]


def put_sightings(out: Writing, columns: IdentifierColumns, identifier: np.ndarray) -> None:
    """Which identifier each sighting is of: its namespace, then its number within it, which mostly is the next one."""
    space = columns.namespace[identifier]
    put_integers(out, space)
    number = _within(columns)
    for _, seen in grouped(space, len(columns.namespaces)):
        put_integers(out, number[identifier[seen]])


def get_sightings(source: Reading, columns: IdentifierColumns, count: int) -> np.ndarray:
    """int32[count]. Raises DamageError."""
    space = get_integers(source, count, np.uint8)
    members = dict(grouped(columns.namespace, len(columns.namespaces)))
    identifier = np.empty(count, np.int32)
    for at, seen in grouped(space, len(columns.namespaces)):
        number = get_integers(source, seen.size, np.int32)
        if at not in members or number.min() < 0 or number.max() >= members[at].size:
            raise DamageError("a sighting is of an identifier that is not there")
        identifier[seen] = members[at][number]
    if count and space.max() >= len(columns.namespaces):
        raise DamageError("a sighting is of a namespace that is not there")
    return identifier


def grouped(code: np.ndarray, size: int) -> list[tuple[int, np.ndarray]]:
    """(code, int64 positions, ascending) of every code below `size` that occurs."""
    count = np.bincount(code, minlength=size)
    order = np.argsort(code, kind="stable")
    end = np.cumsum(count)
    return [(at, order[end[at] - count[at] : end[at]]) for at in np.flatnonzero(count[:size]).tolist()]


def _within(columns: IdentifierColumns) -> np.ndarray:
    """int32[i]: the number of each identifier among those of its namespace."""
    number = np.empty(len(columns), np.int32)
    for _, member in grouped(columns.namespace, len(columns.namespaces)):
        number[member] = np.arange(member.size)
    return number
