"""Times on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pyarrow as pa
import typer

from idweave_server.errors import InputError
from idweave_server.identifiers.dates import parse_times

TIME = "ISO 8601, UTC unless it says otherwise"
AsOf = Annotated[
    str | None, typer.Option(metavar="TIME", help=f"For identifiers that changed hands: whose it was then ({TIME}); by default now.")
]


def read_time(option: str, text: str | None) -> datetime | None:
    """Raises InputError."""
    if text is None:
        return None
    seconds, refusal = parse_times(pa.array([text]), "iso")
    if refusal[0]:
        raise InputError(f"{option} {text!r} is no time between 1900 and 2100; write it as in 2026-03-31 or 2026-03-31T12:00:00Z")
    return datetime.fromtimestamp(int(seconds[0]), UTC)
