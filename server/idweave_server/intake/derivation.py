"""Identifiers formed from what rows say of a person: the policy's `name+birth_date`, `initial+birth_date` and `name+address`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.addresses import read_addresses
from idweave_server.identifiers.derived import derived_initial_birth, derived_name_address, derived_name_birth
from idweave_server.intake.encoded import Encoded, TextTable
from idweave_server.intake.identifier_columns import Sighted
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.intake.trait_columns import Named, Persons
from idweave_server.intake.unit import ObservationRows
from idweave_server.resolution.policy import Policy

BY_BIRTH = {"name+birth_date": derived_name_birth, "initial+birth_date": derived_initial_birth}
ADDRESS = ("street", "unit", "postcode", "city")


def derive(
    policy: Policy, persons: Persons, rows: ObservationRows, firsts: TextTable, lasts: TextTable, interner: IdentifierInterner
) -> list[Sighted]:
    """The derived identifiers of a file's rows, by the namespaces that the policy has."""
    found = []
    names = {n.name for n in policy.namespaces}

    def intern(namespace: str, row: np.ndarray, value: pa.StringArray, place: np.ndarray) -> None:
        found.append(Sighted(row, interner.intern(namespace, value, np.zeros(len(value), np.uint8))[place]))

    by_birth = [(name, form) for name, form in BY_BIRTH.items() if name in names]
    if by_birth:
        known = persons.named().where(persons.birth > 0)
        births, birth = np.unique(persons.birth[known.row], return_inverse=True)
        first, last, third, place = _distinct(known, birth, births.size)
        for namespace, form in by_birth:
            value = form(firsts.values().take(first), lasts.values().take(last), births[third].astype(np.int32))
            intern(namespace, known.row, value, place)
    if "name+address" in names and (addresses := _addresses(rows)) is not None:
        known = persons.named().where(addresses.code >= 0)
        first, last, third, place = _distinct(known, addresses.code[known.row], len(addresses.values))
        value = derived_name_address(firsts.values().take(first), lasts.values().take(last), addresses.values.take(pa.array(third)))
        intern("name+address", known.row, value, place)
    return found


def _distinct(named: Named, third: np.ndarray, thirds: int) -> tuple[pa.Array, pa.Array, np.ndarray, np.ndarray]:
    """The distinct combinations of names and `third`, int[e] below `thirds`: codes of the first and last names, the third numbers, and the
    place of each entry's."""
    lasts = int(named.last.max(initial=0)) + 1
    combined = (named.first.astype(np.int64) * lasts + named.last) * max(thirds, 1) + third
    whole, place = np.unique(combined, return_inverse=True)
    first, last = np.divmod(whole // max(thirds, 1), lasts)
    return pa.array(first), pa.array(last), whole % max(thirds, 1), place


def _addresses(rows: ObservationRows) -> Encoded | None:
    """The address key of each row; None where the file has no streets."""
    columns = {column.trait: column.by_row(rows.row.size) for column in rows.traits if column.trait in ADDRESS}
    if "street" not in columns:
        return None
    texts = {name: column.values.take(pa.array(column.code, mask=column.code < 0)) for name, column in columns.items()}
    return Encoded.of([read_addresses(**texts)])
