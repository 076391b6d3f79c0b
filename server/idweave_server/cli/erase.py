"""`idweave erase`: forget identifiers, and all that was observed with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import EraseResponse
from rich.text import Text

from idweave_server.cli.connection import Asking, read_identifier
from idweave_server.cli.moments import read_time
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import print_all
from idweave_server.cli.wording import QUIET
from idweave_server.errors import InputError

LONG = 3_600.0  # seconds; the log is rewritten


def erase(
    asking: Asking,
    identifiers: Annotated[
        list[str] | None, typer.Argument(metavar="[IDENTIFIER...]", show_default=False, help="What to forget: email:jo@example.org")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="ID", help="Forget what belongs to this profile alone.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Forget what was observed up to then; by default up to now.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be forgotten, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget identifiers: every observation and verdict that names one of them, in the state, the log and the snapshots. For good.

    What arrives later and was observed up to that time is forgotten, too; what is observed later starts anew.
    """
    if bool(identifiers) == bool(profile):
        raise InputError("name identifiers to forget, or one profile with --profile ID")
    named, last = [read_identifier(text) for text in identifiers or ()], read_time("--until", until)
    with asking.client(timeout=max(asking.timeout, LONG)) as client:
        if not (dry_run or yes):
            would = client.erase(*named, profile_id=profile, observed_until=last, validate_only=True)
            typer.echo(_counted(would, "would forget"), err=True)
            typer.confirm("This cannot be taken back. Forget them?", abort=True, err=True)
        reply = client.erase(*named, profile_id=profile, observed_until=last, validate_only=dry_run)
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply, dry_run))


def _counted(reply: EraseResponse, verb: str) -> str:
    return (
        f"{verb} {reply.observations:,} observation{'s' * (reply.observations != 1)} and {reply.assertions:,} "
        f"verdict{'s' * (reply.assertions != 1)}; {reply.identifiers:,} identifier{'s' * (reply.identifiers != 1)} known no more"
    )


def _lines(reply: EraseResponse, dry_run: bool) -> Iterator[Text]:
    yield Text(_counted(reply, "would forget" if dry_run else "forgot"))
    if not dry_run:
        yield Text(f"  {reply.rewritten_entries:,} log entries rewritten", QUIET)
    for split in reply.splits:
        yield Text(f"  {split.profile_id} fell into {', '.join(split.parts)}")
