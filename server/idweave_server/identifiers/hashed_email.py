"""SHA-256 of an e-mail address: 64 hexadecimal digits, lower case; the hashes of nothing and of fake addresses are known.

MD5 and SHA-1 are refused: they would be other identifiers for the same address. Whoever hashes must hash the trimmed, lower-cased address.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among, claimed_as_given, matches
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import clean
from idweave_server.model import Flag, Refusal

_SHA256 = re.compile(r"(?:sha-?256:)?([0-9a-f]{64})")
_PLAIN = r"^[0-9A-Fa-f]{64}$"


def read(text: str, options: Options) -> Reading:
    lists = options.lists
    text, refusal = clean(text, lists.placeholders)
    if refusal:
        return refused(refusal)
    found = _SHA256.fullmatch(text.lower())
    if found is None:
        return refused(Refusal.HASH_SYNTAX)
    digest = found.group(1)
    if digest in lists.placeholder_hashes:
        return refused(Refusal.PLACEHOLDER)
    return Reading(digest, flags=Flag.FAKE if digest in lists.fake_email_hashes else Flag.NONE)


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Plain digests that no list knows."""
    lists = options.lists
    lower = pc.ascii_lower(values)
    known = lists.placeholder_hashes | lists.fake_email_hashes
    return claimed_as_given(lower, matches(values, _PLAIN) & ~among(lower, known))
