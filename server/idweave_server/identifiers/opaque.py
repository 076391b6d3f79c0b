"""Identifiers kept as they were given: trimmed, NFC, case kept; inner spaces are part of them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among, claimed_as_given, lengths_within, matches
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import all_zeros, clean
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

# Printable ASCII without a space at either end; somewhere a letter or a digit other than 0.
_PLAIN = r"^[!-~](?:[ -~]*[!-~])?$"
_MEANINGFUL = r"[A-Za-z1-9]"


def read(text: str, options: Options) -> Reading:
    text, refusal = clean(text, options.lists.placeholders)
    if refusal:
        return refused(refusal)
    if all_zeros(text):
        return refused(Refusal.PLACEHOLDER)
    return Reading(text)


def claim(values: pa.StringArray, options: Options) -> Claim:
    """The values that are their own canonical form."""
    rows = matches(values, _PLAIN) & matches(values, _MEANINGFUL) & lengths_within(values, 1, MAX_IDENTIFIER_BYTES)
    return claimed_as_given(values, rows & ~among(pc.ascii_lower(values), options.lists.placeholders))
