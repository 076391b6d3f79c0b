"""Device identifiers: advertising and vendor ids in canonical lower-case UUID form, other ids case-folded.

An id that is not a UUID is 4 to 128 letters, digits and `._:-`. Ids that many devices report are refused as placeholders: the all-zero id
of a person who limits tracking, the Android id that a well-known bug gave to a whole range of devices, the MAC address iOS shows to all.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among, matches, offsets_and_bytes, strings
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import all_zeros, clean
from idweave_server.model import Refusal

_UUID = re.compile(r"(?:urn:uuid:)?\{?(?:([0-9a-f]{32})|([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))\}?")
_OPAQUE = re.compile(r"[a-z0-9][a-z0-9._:-]{3,127}")
_BARE_HEX = r"^[0-9a-f]{32}$"
_PLAIN = r"^[a-z0-9][a-z0-9._:-]{3,127}$"
_MEANINGFUL = r"[a-z1-9]"


def read(text: str, options: Options) -> Reading:
    text, refusal = clean(text, options.lists.placeholders)
    if refusal:
        return refused(refusal)
    lower = text.lower() if text.isascii() else ""
    found = _UUID.fullmatch(lower)
    if found:
        value = dashed(found.group(1)) if found.group(1) else found.group(2)
    elif _OPAQUE.fullmatch(lower):
        value = lower
    else:
        return refused(Refusal.DEVICE_SYNTAX)
    if value in options.lists.placeholder_devices or all_zeros(value):
        return refused(Refusal.PLACEHOLDER)
    return Reading(value)


def dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Opaque ids, dashed UUIDs, and UUIDs of bare digits, none of them on the list of placeholders."""
    lower = pc.ascii_lower(values)
    rows = matches(lower, _PLAIN) & matches(lower, _MEANINGFUL) & ~matches(lower, "^urn:uuid:") & ~among(lower, options.lists.placeholders)
    lower = lower.filter(pa.array(rows))
    bare = matches(lower, _BARE_HEX)
    canonical = pc.replace_with_mask(lower, pa.array(bare), _dashed_column(lower.filter(pa.array(bare))))
    known = among(canonical, options.lists.placeholder_devices)
    if known.any():
        rows[np.flatnonzero(rows)[known]] = False
        canonical = canonical.filter(pa.array(~known))
    return Claim(rows, canonical, np.zeros(len(canonical), np.uint8), np.zeros(len(canonical), np.uint8))


def _dashed_column(digits: pa.StringArray) -> pa.StringArray:
    """The UUIDs of values that are all 32 bytes long."""
    offsets, text = offsets_and_bytes(digits)
    bare = text[offsets[0] : offsets[-1]].reshape(-1, 32)
    out: npt.NDArray[np.uint8] = np.full((len(bare), 36), ord("-"), np.uint8)
    for source, target, size in ((0, 0, 8), (8, 9, 4), (12, 14, 4), (16, 19, 4), (20, 24, 12)):
        out[:, target : target + size] = bare[:, source : source + size]
    return strings(np.arange(len(bare) + 1, dtype=np.int32) * 36, out.reshape(-1))
