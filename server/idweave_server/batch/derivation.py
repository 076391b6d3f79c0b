"""Identifiers formed from what rows say of a person: the policy's `name+birth_date` and `name+address`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.batch.encoded import Encoded, TextTable
from idweave_server.batch.identifier_columns import Sighted
from idweave_server.batch.identifier_table import IdentifierInterner
from idweave_server.batch.trait_columns import Persons
from idweave_server.batch.unit import ObservationRows
from idweave_server.identifiers.addresses import read_addresses
from idweave_server.identifiers.derived import derived_name_address, derived_name_birth
from idweave_server.resolution.policy import Policy

ADDRESS = ("street", "unit", "postcode", "city")


def derive(
    policy: Policy, persons: Persons, rows: ObservationRows, firsts: TextTable, lasts: TextTable, interner: IdentifierInterner
) -> list[Sighted]:
    """The derived identifiers of a file's rows, by the namespaces that the policy has."""
    found = []
    names = {n.name for n in policy.namespaces}
    named = np.flatnonzero((persons.first >= 0) & (persons.last >= 0))
    if "name+birth_date" in names:
        row = named[persons.birth[named] > 0]
        births, birth = np.unique(persons.birth[row], return_inverse=True)
        whole, place = _distinct(persons, row, birth, births.size)
        first, last, third = pa.array(whole[0]), pa.array(whole[1]), whole[2]
        value = derived_name_birth(firsts.values().take(first), lasts.values().take(last), births[third].astype(np.int32))
        found.append(Sighted(row, interner.intern("name+birth_date", value, np.zeros(len(value), np.uint8))[place]))
    if "name+address" in names and (addresses := _addresses(rows)) is not None:
        row = named[addresses.code[named] >= 0]
        whole, place = _distinct(persons, row, addresses.code[row], len(addresses.values))
        first, last, third = pa.array(whole[0]), pa.array(whole[1]), whole[2]
        value = derived_name_address(firsts.values().take(first), lasts.values().take(last), addresses.values.take(pa.array(third)))
        found.append(Sighted(row, interner.intern("name+address", value, np.zeros(len(value), np.uint8))[place]))
    return found


def _distinct(persons: Persons, row: np.ndarray, third: np.ndarray, thirds: int) -> tuple[np.ndarray, np.ndarray]:
    """(distinct combinations of first name, last name and the third as one number, the place of each row's)."""
    lasts = int(persons.last.max(initial=0)) + 1
    combined = (persons.first[row].astype(np.int64) * lasts + persons.last[row]) * max(thirds, 1) + third
    whole, place = np.unique(combined, return_inverse=True)
    return np.stack([*np.divmod(whole // max(thirds, 1), lasts), whole % max(thirds, 1)]), place


def _addresses(rows: ObservationRows) -> Encoded | None:
    """The address key of each row; None where the file has no streets."""
    columns = {column.trait: column.text for column in rows.traits if column.trait in ADDRESS}
    if "street" not in columns:
        return None
    texts = {name: column.values.take(pa.array(column.code, mask=column.code < 0)) for name, column in columns.items()}
    return Encoded.of([read_addresses(**texts)])
