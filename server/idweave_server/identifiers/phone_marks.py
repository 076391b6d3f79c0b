"""What is known of a valid phone number beyond its validity: set aside for fiction, invented, or reached by many."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.arrow_text import Rows, lengths, tail_digits
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.reading import Reading, refused
from idweave_server.model import Flag, Refusal

_TAIL = 7  # digits that people invent when a form asks for a number; what stands before them is the area or the operator
_RUNS = "01234567890123456" + " " + "65432109876543210"


def judge(e164: str, service: bool, lists: Lists) -> Reading:
    """The reading of a valid number; service: whether libphonenumber's type or an extension says that many share it."""
    if not service and _compiled(lists.fictional_phones).fullmatch(e164[1:]):
        return refused(Refusal.PHONE_FICTIONAL)
    flags = Flag.SERVICE if service or _compiled(lists.service_phones).fullmatch(e164[1:]) else Flag.NONE
    tail = e164[1:][-_TAIL:]
    if len(set(tail)) <= 2 or tail in _RUNS or (not flags and _compiled(lists.fake_phones).fullmatch(e164[1:])):
        flags |= Flag.FAKE
    return Reading(e164, flags=flags)


def marked(lists: Lists) -> str:
    """The pattern of all listed numbers."""
    return "|".join((lists.fictional_phones, lists.service_phones, lists.fake_phones))


def is_invented(numbers: pa.StringArray) -> Rows:
    """Which E.164 numbers `judge` may take for invented by their last digits (all that are too short to say, too)."""
    if len(numbers) == 0:
        return np.zeros(0, np.bool_)
    tail = tail_digits(numbers, _TAIL)
    seen = np.zeros(len(numbers), np.uint16)
    for digit in tail:
        seen |= np.left_shift(np.uint16(1), digit, dtype=np.uint16)
    rising, falling = np.ones((2, len(numbers)), np.bool_)
    for before, digit in itertools.pairwise(tail):
        step = digit - before  # modulo 256: 247 is 9 to 0, 9 is 0 to 9
        rising &= (step == 1) | (step == 247)
        falling &= (step == 255) | (step == 9)
    return (np.bitwise_count(seen) <= 2) | rising | falling | (lengths(numbers) <= _TAIL)


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
