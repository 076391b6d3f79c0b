"""Numbers of documents and accounts: letters and digits alone count, so 521-21-2123, 521 21 2123 and 521212123 are one.

People copy such numbers from cards and forms, each with a grouping of their own; capitals, blanks and punctuation say nothing.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among, lengths_within, matches
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import all_zeros, clean, is_placeholder
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

# Printable ASCII without a space at either end; somewhere a letter or a digit other than 0.
_PLAIN = r"^[!-~](?:[ -~]*[!-~])?$"
_MEANINGFUL = r"[A-Za-z1-9]"
_BETWEEN = "[^A-Z0-9]+"


def read(text: str, options: Options) -> Reading:
    """Capitals, digits of any script as 0 to 9, full-width forms as plain ones; what is neither letter, mark nor number is dropped."""
    text, refusal = clean(text, options.lists.placeholders)
    if refusal:
        return refused(refusal)
    text = _capitals(text)
    if is_placeholder(text, options.lists.placeholders) or all_zeros(text):
        return refused(Refusal.PLACEHOLDER)
    if len(text.encode()) > MAX_IDENTIFIER_BYTES:  # a capital may need more bytes than its small letter
        return refused(Refusal.TOO_LONG)
    return Reading(text)


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Printable ASCII."""
    placeholders = options.lists.placeholders
    rows = matches(values, _PLAIN) & matches(values, _MEANINGFUL) & lengths_within(values, 1, MAX_IDENTIFIER_BYTES)
    rows &= ~among(pc.ascii_lower(values), placeholders)
    found = pc.replace_substring_regex(pc.ascii_upper(values.filter(pa.array(rows))), _BETWEEN, "")
    left = ~among(pc.ascii_lower(found), placeholders)  # N.A. is na
    rows[rows] = left
    found = found.filter(pa.array(left))
    return Claim(rows, found, np.zeros(len(found), np.uint8), np.zeros(len(found), np.uint8))


def _capitals(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
        text = "".join(c if (digit := unicodedata.decimal(c, None)) is None else str(digit) for c in text)
        return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")
    return "".join(c for c in text.upper() if c.isalnum())
