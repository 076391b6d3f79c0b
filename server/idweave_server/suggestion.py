"""What a misspelt word was meant to be, perhaps."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 64  # characters that are compared; what comes from outside may be of any length


def nearest(word: str, known: Iterable[str]) -> str:
    """The most similar of the known words, "" where none is."""
    found = difflib.get_close_matches(word[:LONGEST], sorted(known), 1, 0.5)
    return found[0] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The same as the end of a sentence."""
    found = nearest(word, known)
    return f"; did you mean {found!r}?" if found else ""
