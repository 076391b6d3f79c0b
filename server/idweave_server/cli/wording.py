"""Words and looks that all commands share."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

QUIET = "bright_black"
LOOK = "yellow"


def listed(parts: Sequence[Text], word: str = "and", limit: int = 5) -> Text:
    """a, b and c; beyond the limit "and n more"."""
    shown = list(parts[:limit]) if len(parts) > limit else list(parts)
    if len(parts) > limit:
        shown.append(Text(f"{len(parts) - limit} more"))
    return Text(f" {word} ").join([*([Text(", ").join(shown[:-1])] if len(shown) > 1 else []), *shown[-1:]])


def quoted(texts: Sequence[str]) -> str:
    return listed([Text(text) for text in texts]).plain


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
