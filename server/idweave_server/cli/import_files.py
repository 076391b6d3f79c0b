"""`idweave import`: files into a store or a running server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from idweave_server.batch.imported import Imported, write_issues
from idweave_server.batch.run import Stages
from idweave_server.cli.connection import Asking
from idweave_server.cli.import_summary import import_json, print_import
from idweave_server.cli.into_server import import_into
from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import Watch, output_console, shown_progress
from idweave_server.cli.resolve import read_sources
from idweave_server.cli.store import StoreUrl, opened_to_write, store_url
from idweave_server.errors import InputError
from idweave_server.intake.issue_log import IssueLog

BATCH_SECONDS = 300.0  # how long a batch may take, waiting for a busy server included


def import_files(
    asking: Asking,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, TSV, JSONL, Parquet or XLSX; plain, .gz or .zst.", show_default=False)
    ],
    mapping: Annotated[
        list[Path],
        typer.Option("--mapping", "-m", metavar="M.toml", help="What the columns are: one for all files, or one for each, in order."),
    ],
    store: StoreUrl = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="P.toml", help="Rules of a new store that differ from the defaults; an old store has its own.")
    ] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="The rows are history: they never count as something that just happened.")
    ] = False,
    issues: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="List every refused value and row here, as issues.csv of `resolve`.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any row or value was refused.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
) -> None:
    """Take files into a store, or into a running server.

    The mapping is that of `idweave resolve`, and so are the profiles. Rows that are there already count once: an import that was
    interrupted is done again and goes on where it stopped.
    """
    if asking.server and (store or policy):
        raise InputError("--server goes through a server, which has its store and its policy: leave --store and --policy out")
    sources = read_sources(files, mapping)
    imported, begun = Imported(len(sources), 0, IssueLog()), time.monotonic()
    where = asking.server or store_url(store)
    with ExitStack() as stack:
        stack.enter_context(_said_where_it_stops())
        terminal = Console(stderr=True)
        stack.enter_context(kernels_at_hand(terminal))
        watch: Watch = stack.enter_context(shown_progress(terminal))
        stages = Stages(watch=watch)
        if asking.server:
            client = stack.enter_context(asking.client(timeout=max(asking.timeout, BATCH_SECONDS)))
            import_into(client, sources, backfill=backfill, stages=stages, imported=imported)
        else:
            from idweave_server.batch.into_store import import_files as into_store  # not at the top: --help needs none of it

            committer = stack.enter_context(opened_to_write(where, policy, watch))
            into_store(committer, sources, backfill=backfill, stages=stages, imported=imported)
    found, seconds = imported.issue_table(), time.monotonic() - begun
    if issues is not None:
        write_issues(found, issues)
    if asking.json:
        typer.echo(import_json(imported, found, seconds))
    elif not quiet:
        print_import(output_console(), imported, found, where=where, issues_file=str(issues or ""), seconds=seconds)
    if strict and found.num_rows:
        raise typer.Exit(1)


@contextmanager
def _said_where_it_stops() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("idweave: what was taken in stays; the same command goes on where this one stopped", err=True)
        raise
