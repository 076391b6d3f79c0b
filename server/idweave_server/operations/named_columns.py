"""Identifiers that a request names, in the form that an entry keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from idweave_server.entries.columns import IdentifierColumns
from idweave_server.identifiers.mailbox_names import mailbox_names
from idweave_server.operations.identifier_reader import ReadIdentifier
from idweave_server.resolution.policy import Policy


def named_columns(policy: Policy, given: Sequence[ReadIdentifier]) -> tuple[IdentifierColumns, tuple[str, ...], np.ndarray]:
    """(the distinct identifiers, the names that they show, int32[n] the place of each given one). given: all of them readable."""
    places: dict[tuple[int, int], int] = {}
    place = np.array([places.setdefault((one.high, one.low), len(places)) for one in given], np.int32)
    distinct = [given[int(at)] for at in np.unique(place, return_index=True)[1]]
    spaces = tuple(sorted({one.namespace for one in distinct}))
    issuers = tuple(sorted({one.issuer for one in distinct if one.issuer}))
    value = pa.array([one.value for one in distinct], pa.string())
    shown = [name if policy.namespace(one.namespace).form == "email" else None for one, name in zip(distinct, _names(value), strict=True)]
    names = tuple(sorted({name for name in shown if name}))
    columns = IdentifierColumns(
        namespace=np.array([spaces.index(one.namespace) for one in distinct], np.uint8),
        namespaces=spaces,
        issuer=np.array([issuers.index(one.issuer) if one.issuer else -1 for one in distinct], np.int32),
        issuers=issuers,
        value=value,
        flags=np.array([one.flags for one in distinct], np.uint8),
        mailbox_name=np.array([names.index(name) if name else -1 for name in shown], np.int32),
        content=np.array([(one.high, one.low) for one in distinct], np.uint64).reshape(-1, 2),
    )
    return columns, names, place


def _names(value: pa.StringArray) -> list[str | None]:
    return mailbox_names(value).to_pylist()
