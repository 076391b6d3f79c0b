"""The commands of methods: what a server says names its methods, and who typed a command hears what to type next."""

from __future__ import annotations

import re

COMMANDS = {
    "Explain": "explain",
    "GetProfile": "profile",
    "GetSegment": "segment get",
    "ListMembers": "segment members",
    "ListSegments": "segment list",
    "ListTemplates": "segment templates",
    "Lookup": "lookup",
}
_NAMED = re.compile(rf"(?<![\w'\"])(?:{'|'.join(COMMANDS)})(?![\w'\"])")


def in_commands(text: str) -> str:
    """The text with `idweave segment list` for ListSegments, and so on; what it quotes stays as it is."""
    return _NAMED.sub(lambda found: f"`idweave {COMMANDS[found[0]]}`", text)
