"""Browser cookies: opaque, case kept; a value with white space inside it is no cookie."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers import opaque
from idweave_server.identifiers.arrow_text import among, claimed_as_given, lengths_within, matches
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

# Printable ASCII without spaces, somewhere a letter or a digit other than 0.
_PLAIN = r"^[!-~]*[A-Za-z1-9][!-~]*$"


def read(text: str, options: Options) -> Reading:
    found = opaque.read(text, options)
    if found.value is not None and any(c.isspace() for c in found.value):
        return refused(Refusal.COOKIE_SYNTAX)
    return found


def claim(values: pa.StringArray, options: Options) -> Claim:
    """The values that are their own canonical form."""
    rows = matches(values, _PLAIN) & lengths_within(values, 1, MAX_IDENTIFIER_BYTES)
    return claimed_as_given(values, rows & ~among(pc.ascii_lower(values), options.lists.placeholders))
