"""Print `data/emails_disposable.txt` anew from the `disposable-email-domains` package; a tool for maintainers, never called at run time.

    python -m idweave_server.identifiers.refresh_lists 2026-01-31 > emails_disposable.txt

A newer list may change which identifiers link, so it is taken over on purpose: compare, replace the file, say so in the changelog.
"""

from __future__ import annotations

import sys
from importlib import metadata

PACKAGE = "disposable-email-domains"


def disposable_domains(date: str) -> str:
    """The file's text: where it is from, then one domain a line."""
    import disposable_email_domains

    domains = sorted(set(disposable_email_domains.blocklist) - set(disposable_email_domains.allowlist))
    licence = metadata.metadata(PACKAGE)["License-Expression"]
    head = (
        "# Domains of disposable mailboxes; a name below one counts too. Written by refresh_lists.py, not by hand.",
        f"# source: {PACKAGE} (PyPI); version: {metadata.version(PACKAGE)}; licence: {licence}; taken: {date}",
    )
    return "\n".join((*head, *domains)) + "\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m idweave_server.identifiers.refresh_lists YYYY-MM-DD", file=sys.stderr)
        return 2
    print(disposable_domains(arguments[0]), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
