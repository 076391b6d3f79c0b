"""Print `data/nicknames.txt` anew from the installed `nicknames` package; a tool for maintainers, never called at run time.

    python -m idweave_server.identifiers.refresh_nicknames 2026-01-31 > nicknames.txt

A newer table changes who is merged with whom, so it is taken over on purpose: compare, then replace the file and say so in the changelog.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import metadata

PACKAGE = "nicknames"


def vendored(date: str) -> str:
    """The text of the data file: a header of `#` lines, then one line a canonical name: `canonical: nickname nickname ...`, all sorted."""
    from nicknames import NickNamer

    about = metadata.metadata(PACKAGE)
    nicknames: defaultdict[str, set[str]] = defaultdict(set)
    for canonical, short_forms in NickNamer.default_lookup().items():
        nicknames[_plain(canonical)].update(_plain(name) for name in short_forms)
    lines = [
        "# First names and the short forms in use for them. Made by refresh_nicknames.py; do not edit.",
        f"# source: {PACKAGE} {about['Version']} (Carlton Northern, Nick Crews and contributors)",
        f"# licence: {about['License-Expression']}",
        f"# date: {date}",
        *(f"{canonical}: {' '.join(sorted(short_forms))}" for canonical, short_forms in sorted(nicknames.items())),
    ]
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    """The name as `names.fold` leaves it when written without dots (k.c. is kc); anything but letters stops the refresh."""
    name = name.strip().lower().replace(".", "")
    if not (name.isascii() and name.isalpha()):
        raise ValueError(f"the table has {name!r}: decide how the file should hold it")
    return name


if __name__ == "__main__":
    sys.stdout.write(vendored(sys.argv[1]))
