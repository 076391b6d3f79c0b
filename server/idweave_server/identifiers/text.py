"""What holds for the text of every identifier: trimmed, free of invisible and control characters, of bounded length, not a placeholder.

Format characters (Unicode category Cf: zero-width spaces and joiners, direction marks, byte-order mark, soft hyphen) are removed, wherever
they stand: nobody sees them, spreadsheets and messengers add them, and two spellings that look the same must not be two identifiers.
Control characters, and line and paragraph separators, are trimmed at the ends where they are white space and refused inside.
"""

from __future__ import annotations

import re
import unicodedata

from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_ZEROS = re.compile(r"[0\W_]+")


def clean(text: str, placeholders: frozenset[str]) -> tuple[str, Refusal]:
    """The text in NFC without what is invisible, or the reason why no identifier can be read from it.

    placeholders: case-folded words that stand for "nothing"; text without any letter or digit is one too.
    """
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) != "Cf")).strip()
        for c in text:
            if unicodedata.category(c) in ("Cc", "Zl", "Zp"):
                return "", Refusal.CONTROL_CHARACTER
            if c == "\ufffd" or "\ud800" <= c <= "\udfff":
                return "", Refusal.BAD_ENCODING
    text = text.strip()
    if len(text) > MAX_IDENTIFIER_BYTES or (not text.isascii() and len(text.encode()) > MAX_IDENTIFIER_BYTES):
        return "", Refusal.TOO_LONG
    if is_placeholder(text, placeholders):
        return "", Refusal.PLACEHOLDER
    return text, Refusal.NONE


def is_placeholder(text: str, placeholders: frozenset[str]) -> bool:
    return text.casefold() in placeholders or _LETTER_OR_DIGIT.search(text) is None


def all_zeros(text: str) -> bool:
    """Whether no digit but 0 and no letter is in the text: 0000, 00-00."""
    return _ZEROS.fullmatch(text) is not None
