"""`idweave verify`: whether the state is what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import VerifyResponse
from rich.console import Console
from rich.text import Text

from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.cli.replies import print_all
from idweave_server.cli.store import replayed
from idweave_server.cli.wording import LOOK, QUIET

LONG = 3_600.0  # seconds; the log is replayed whole


def verify(
    asking: Asking,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", show_default=False, help="A store, and no server.")] = None,
) -> None:
    """Replay the log and compare: a running server's state, or, with --store, what a start from the newest snapshot gives.

    Exits with 1 where they differ.
    """
    if store:
        reply = _of_store(store)
    else:
        with asking.client(timeout=max(asking.timeout, LONG)) as client:
            reply = client.verify(timeout=max(asking.timeout, LONG))
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply))
    if not reply.equal:
        raise typer.Exit(1)


def _of_store(url: str) -> VerifyResponse:
    from idweave_server.app import snapshot_folder
    from idweave_server.operations.verify import verify_store

    with shown_progress(Console(stderr=True)) as watch:
        found = verify_store(url, key_source=None, snapshots=snapshot_folder(url), progress=replayed(watch))
    return VerifyResponse(
        equal=found.equal,
        differences=found.differences,
        difference_count=found.count,
        identifiers=found.identifiers,
        entries=found.entries,
        revision=found.revision,
    )


def _lines(found: VerifyResponse) -> Iterator[Text]:
    compared = f"{found.identifiers:,} identifiers compared, {found.entries:,} entries replayed"
    if found.equal:
        yield Text.assemble(("EQUAL", "green"), (f"  {compared}", QUIET))
        return
    count = f"{found.difference_count:,} difference{'s' * (found.difference_count != 1)}"
    yield Text.assemble(("NOT EQUAL", f"bold {LOOK}"), f"  {count}", (f"; {compared}", QUIET))
    for line in found.differences:
        yield Text(f"  {line}")
    yield Text("The log is right: restart the server, which replays it, and report this as a fault.")
