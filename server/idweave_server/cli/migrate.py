"""`idweave migrate`: copy a store into another place, and compare every entry."""

from __future__ import annotations

import os
import platform
import secrets
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.filesize import decimal

from idweave_server.cli.progress import output_console, shown_progress


def migrate(
    source: Annotated[str, typer.Option("--from", metavar="URL", show_default=False, help="The store to copy; it stays as it is.")],
    target: Annotated[str, typer.Option("--to", metavar="URL", show_default=False, help="Where to: a place without a store.")],
    source_key: Annotated[
        Path | None, typer.Option("--from-key-file", metavar="FILE", help="The source's key, where it is not in its usual place.")
    ] = None,
    target_key: Annotated[
        Path | None, typer.Option("--to-key-file", metavar="FILE", help="Where to put the key, if not in its usual place.")
    ] = None,
    serving: Annotated[
        bool, typer.Option("--while-serving", help="Copy what is there now, although a server writes; what it writes later is not in it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was copied as JSON.")] = False,
) -> None:
    """Copy a store, between SQLite and Neo4j or within one kind: its key and every entry, compared at the end.

    One that was interrupted is not served: run the same again, and it goes on. Passwords come from IDWEAVE_NEO4J_PASSWORD and, where the
    target's is another one, IDWEAVE_NEO4J_TARGET_PASSWORD.
    """
    from idweave_server.app import credentials, folders
    from idweave_server.log.base import MAX_TERM, Credentials
    from idweave_server.operations.migrate import End, migrate

    known = credentials()
    other = os.environ.get("IDWEAVE_NEO4J_TARGET_PASSWORD")
    with shown_progress(Console(stderr=True)) as watch:
        done = migrate(
            End(source, known, source_key),
            End(target, Credentials(known.user if known else "neo4j", other) if other else known, target_key),
            holder=f"idweave migrate, process {os.getpid()} on {platform.node()}",
            term=secrets.randbelow(MAX_TERM) + 1,
            serving=serving,
            folders=folders(),
            watch=watch,
        )
    if json:
        told = {
            "store_id": done.store_id,
            "entries": done.entries,
            "resumed": done.resumed,
            "bytes": done.bytes,
            "compared": True,
            "key": str(done.key_file),
        }
        typer.echo(orjson.dumps(told).decode())
        return
    before = f", {done.resumed:,} of them by an earlier run" if done.resumed else ""
    up_to = f"; what was written after entry {done.entries:,} is not in it" if serving else ""
    lines = (
        f"{done.entries:,} entries copied{before}, {decimal(done.bytes)}; every one compared with the source: EQUAL{up_to}",
        f"The key is in {done.key_file}: each server of this store needs it.",
        f"Serve it: idweave serve --store {target}",
        f"{source} is as it was. Write to one of the two from now on, not to both.",
    )
    for line in lines:
        output_console().print(line, highlight=False, soft_wrap=True)
