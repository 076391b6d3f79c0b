"""What every identifier reader takes and gives: the options of a column, the reading of a value, the claims of a fast route."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa

from idweave_server.errors import InputError
from idweave_server.identifiers.lists import Lists
from idweave_server.model import Flag, Refusal


@dataclass(frozen=True, slots=True)
class Options:
    """How the values of one column are to be read.

    region: ISO 3166 code of the country whose national phone numbers are meant; InputError for one that libphonenumber does not know.
    network: the social network of handles that do not name theirs.
    """

    lists: Lists
    region: str | None = None
    network: str | None = None

    def __post_init__(self) -> None:
        if self.region is not None and self.region not in phonenumbers.SUPPORTED_REGIONS:
            hint = {"UK": "GB", "EN": "GB", "USA": "US"}.get(self.region.upper(), self.region.upper())
            hint = f"; did you mean {hint!r}?" if hint in phonenumbers.SUPPORTED_REGIONS else ""
            raise InputError(f"region {self.region!r} is no country code; two capital letters as in 'US' or 'GB' are needed{hint}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as read: canonical and flagged, or refused with the reason (then `value` is None)."""

    value: str | None
    refusal: Refusal = Refusal.NONE
    flags: Flag = Flag.NONE


@dataclass(frozen=True, slots=True)
class Claim:
    """The values whose reading a fast route vouches for; all others are for `read`.

    rows: bool[n]. For each of those rows, in their order: values, the canonical strings, null where refused; flags, uint8; refusal, uint8.
    """

    rows: npt.NDArray[np.bool_]
    values: pa.StringArray
    flags: npt.NDArray[np.uint8]
    refusal: npt.NDArray[np.uint8]


def refused(reason: Refusal) -> Reading:
    return Reading(None, reason)
