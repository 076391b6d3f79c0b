"""Identifiers formed from traits, so that two reports without a shared address can meet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import scalar
from idweave_server.identifiers.birth_dates import iso_text
from idweave_server.identifiers.nicknames import canonical_names

_NONE, _ONE = pa.scalar(0, pa.int32()), pa.scalar(1, pa.int32())


def derived_name_birth(first: pa.StringArray, last: pa.StringArray, birth: npt.NDArray[np.int32]) -> pa.StringArray:
    """The value of `name+birth_date` for each row: "kelly neal 1985-03-04"; the first name is its canonical form where it has exactly one.

    first, last: folded, null where unknown; birth: int32[n] as yyyymmdd, not positive where unknown or a default date. Null where anything
    is missing or the first name is an initial.
    """
    whole = pc.and_(pc.greater(pc.utf8_length(first), _ONE), pa.array(birth > 0))
    return pc.if_else(whole, pc.binary_join_element_wise(canonical_names(first), last, iso_text(birth), scalar(" ")), scalar(None))


def derived_initial_birth(first: pa.StringArray, last: pa.StringArray, birth: npt.NDArray[np.int32]) -> pa.StringArray:
    """The value of `initial+birth_date` for each row: "k neal 1985-03-04" for Kelly, Kel and K. Neal; null where anything is missing.

    Two people may well have one such value. It is a reason to look: the names of the two sides still have to agree.
    """
    initial = pc.utf8_slice_codeunits(first, 0, 1)
    whole = pc.and_(pc.greater(pc.utf8_length(first), _NONE), pa.array(birth > 0))
    return pc.if_else(whole, pc.binary_join_element_wise(initial, last, iso_text(birth), scalar(" ")), scalar(None))


def derived_name_address(first: pa.StringArray, last: pa.StringArray, address: pa.StringArray) -> pa.StringArray:
    """The value of `name+address` for each row: "kelly neal, 384 poplar ln # 271, 55558", under the same conditions.

    address: keys as `addresses.read_addresses` makes them, null where there is none.
    """
    name = pc.binary_join_element_wise(canonical_names(first), last, scalar(" "))
    return pc.if_else(pc.greater(pc.utf8_length(first), _ONE), pc.binary_join_element_wise(name, address, scalar(", ")), scalar(None))
