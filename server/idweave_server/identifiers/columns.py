"""A column of identifiers, each distinct value read once: a fast route for the clean common forms, `read` for all others.

The fast route of a form is its module's `claim`. It vouches only for values whose reading it gets exactly as `read` does; that the two
agree on every string is property-tested (tests/identifiers/test_columns.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from idweave_server.identifiers import cookie, device, document, email, hashed_email, ip, opaque, phone, social
from idweave_server.identifiers.reading import Claim, Options, Reading

Read = Callable[[str, Options], Reading]
ClaimRows = Callable[[pa.StringArray, Options], Claim]

# The form of a namespace, as the policy names it, with its two routes.
ROUTES: dict[str, tuple[Read, ClaimRows]] = {
    "email": (email.read, email.claim),
    "phone": (phone.read, phone.claim),
    "device": (device.read, device.claim),
    "cookie": (cookie.read, cookie.claim),
    "social": (social.read, social.claim),
    "ip": (ip.read, ip.claim),
    "hashed_email": (hashed_email.read, hashed_email.claim),
    "document": (document.read, document.claim),
    "opaque": (opaque.read, opaque.claim),
}


FEW = 8  # values that are read one by one before a fast route has begun


@dataclass(frozen=True, slots=True)
class Column:
    """The readings of n values: canonical strings, null where refused; refusal uint8[n] (model.Refusal); flags uint8[n] (model.Flag)."""

    values: pa.StringArray
    refusal: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]


def read_value(form: str, text: str, options: Options) -> Reading:
    """One value in a form of policy.FORMS."""
    return ROUTES[form][0](text, options)


def read_column(form: str, values: pa.StringArray, options: Options) -> Column:
    """All values in a form of policy.FORMS; the same as `read_value` of each.

    values: distinct strings without nulls (duplicates cost time, nothing else).
    """
    read, claim = ROUTES[form]
    if len(values) <= FEW:
        return _by_value(read, values, options)
    claimed = claim(values, options)
    if claimed.rows.all():
        return Column(claimed.values, claimed.refusal, claimed.flags)
    rest = np.flatnonzero(~claimed.rows)
    readings = [read(text, options) for text in values.take(pa.array(rest)).to_pylist()]
    refusal = np.zeros(len(values), np.uint8)
    refusal[claimed.rows] = claimed.refusal
    refusal[rest] = [reading.refusal for reading in readings]
    flags = np.zeros(len(values), np.uint8)
    flags[claimed.rows] = claimed.flags
    flags[rest] = [reading.flags for reading in readings]
    place = np.empty(len(values), np.int64)
    place[claimed.rows] = np.arange(len(claimed.values))
    place[rest] = np.arange(len(claimed.values), len(values))
    canonical = pa.concat_arrays([claimed.values, pa.array([reading.value for reading in readings], pa.string())])
    return Column(canonical.take(pa.array(place)), refusal, flags)


def _by_value(read: Read, values: pa.StringArray, options: Options) -> Column:
    readings = [read(text, options) for text in values.to_pylist()]
    return Column(
        pa.array([reading.value for reading in readings], pa.string()),
        np.array([reading.refusal for reading in readings], np.uint8),
        np.array([reading.flags for reading in readings], np.uint8),
    )
