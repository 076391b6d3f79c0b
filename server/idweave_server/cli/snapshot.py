"""`idweave snapshot`: make a snapshot of a store, so that its next start is quick."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.filesize import decimal

from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.cli.store import opened_to_write
from idweave_server.config import DEFAULT_STORE


def snapshot(
    store: Annotated[
        str, typer.Option("--store", envvar="IDWEAVE_STORE", metavar="URL", help="A store that no server has open.")
    ] = DEFAULT_STORE,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make a snapshot of a store that no server has open, beside it. A running server makes its own (serve --snapshot-every)."""
    from idweave_server.app import milliseconds
    from idweave_server.operations.snapshot import make_snapshot

    terminal = Console(stderr=True)
    with kernels_at_hand(terminal), shown_progress(terminal) as watch, opened_to_write(store, None, watch, create=False) as committer:
        made = make_snapshot(committer.store, milliseconds())
        found = made or next(iter(committer.store.snapshots.found() if committer.store.snapshots else ()))
    if json:
        told = {"made": made is not None, "path": str(found.path), "entries": found.about.sequence, "bytes": found.bytes}
        typer.echo(orjson.dumps(told).decode())
        return
    said = "made" if made else "is there already:"
    output_console().print(
        f"{said} {found.path}, {found.about.sequence:,} entries, {decimal(found.bytes)}", highlight=False, soft_wrap=True
    )
