"""`idweave export`: all that a store knows, as the files that `idweave resolve` writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from idweave import Client
from rich.console import Console

from idweave_server.batch.outputs import NAMES, check_output
from idweave_server.batch.replace import replacing
from idweave_server.cli.connection import Asking, CallError
from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import Watch, output_console, shown_progress
from idweave_server.cli.resolve import Format
from idweave_server.cli.store import StoreUrl, opened_to_read, store_url
from idweave_server.errors import InputError

LONG = 3_600.0  # seconds; the server resolves all that it knows
EXPORT = "export"  # the stage


def export(
    asking: Asking,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the files go; an earlier run's files there are replaced.")],
    store: StoreUrl = None,
    output_format: Annotated[Format, typer.Option("--format", help="How tables are written; a server sends CSV.")] = Format.CSV,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing.")] = False,
) -> None:
    """Write all that a store knows: observations, identifiers, links, profiles, issues and redirects, and report.json.

    A store can be read while a server has it open; what the server has not applied yet is in it, too.
    """
    if asking.server and store:
        raise InputError("name a server or a store, not both")
    if asking.server and output_format is not Format.CSV:
        raise InputError("--server sends CSV; --store writes Parquet, too, and can be read while a server has it open")
    check_output(out, ())
    with shown_progress(Console(stderr=True)) as watch:
        if asking.server:
            with asking.client(timeout=max(asking.timeout, LONG)) as client:
                fetch(client, out, max(asking.timeout, LONG), watch)
        else:
            _write(store_url(store), out, output_format, watch)
    names = sorted(name for name in NAMES if (out / name).exists())
    if asking.json:
        typer.echo(orjson.dumps({"out": str(out), "files": names}).decode())
    elif not quiet:
        output_console().print(f"{len(names)} files in {out}: {', '.join(names)}", highlight=False, soft_wrap=True)


def _write(url: str, out: Path, output_format: Format, watch: Watch) -> None:
    formats = frozenset({"csv", "parquet"} if output_format is Format.BOTH else {output_format.value})
    with kernels_at_hand(Console(stderr=True)), opened_to_read(url, watch) as store:
        from idweave_server.batch.export import export as write_files

        write_files(store.engine, out, formats=formats, progress=partial(watch, "write"))


def fetch(client: Client, out: Path, timeout: float, watch: Watch) -> None:
    """Write the pieces that the server sends; all files or none are there at the end."""
    done = 0
    with replacing(out, NAMES) as aside:
        name, file = "", None
        for piece in client.export_files(timeout=timeout):
            if piece.file != name:
                name, file = piece.file, _next(file, aside, piece.file)
            assert file is not None
            file.write(piece.data)
            done += len(piece.data)
            watch(EXPORT, done, 0)
        if file is not None:
            file.close()
        if not (aside / NAMES[-1]).exists():
            raise CallError("the server sent no files: it is of another release, or has nothing to export yet")


def _next(before: BinaryIO | None, aside: Path, name: str) -> BinaryIO:
    if before is not None:
        before.close()
    if name not in NAMES:  # a path that leads elsewhere, say
        raise CallError(f"the server sent a file called {name!r}, which this release does not know: use the release of the server")
    return (aside / name).open("wb")
