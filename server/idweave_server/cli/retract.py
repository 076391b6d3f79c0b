"""`idweave retract`: take observations back, as if they had never been reported."""

from __future__ import annotations

from typing import Annotated

import typer

from idweave_server.cli.connection import Asking
from idweave_server.cli.moments import read_time
from idweave_server.cli.progress import output_console
from idweave_server.errors import InputError

LONG = 3_600.0  # seconds; much may have to be resolved again


def retract(
    asking: Asking,
    observation: Annotated[
        tuple[str, str] | None, typer.Option("--observation", metavar="SOURCE ID", help="One observation of a source.", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="All that a source reported.", show_default=False)
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Of the source, what was observed then or later.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Of the source, what was observed before.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what it would take back, and change nothing.")] = False,
) -> None:
    """Take observations back: profiles become what they would be without them. What is sent again afterwards is new."""
    if (observation is None) == (source is None):
        raise InputError("name one observation with --observation SOURCE ID, or all of a source with --source SOURCE")
    if observation is not None and (begin or until):
        raise InputError("--from and --until choose among what a --source reported; one observation is named by its id alone")
    bounds = read_time("--from", begin), read_time("--until", until)
    with asking.client(timeout=max(asking.timeout, LONG)) as client:
        if observation is not None:
            if not observation[1]:
                raise InputError("--observation: the id is empty; --source takes back all that a source reported")
            reply = client.retract(*observation, validate_only=dry_run)
        else:
            assert source is not None
            reply = client.retract_source(source, from_=bounds[0], until=bounds[1], validate_only=dry_run)
    if asking.shown(reply):
        return
    took = "would take back" if dry_run else "took back"
    changed = "" if dry_run else f"; {reply.profiles_changed:,} profile{'s' * (reply.profiles_changed != 1)} changed"
    count = f"{reply.observations:,} observation{'s' * (reply.observations != 1)}"
    output_console().print(
        f"{took} {count} of {reply.identifiers:,} identifier{'s' * (reply.identifiers != 1)}{changed}", highlight=False, soft_wrap=True
    )
