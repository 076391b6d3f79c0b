"""`idweave segment watch`: who enters and leaves segments, line by line, as it happens."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToJson
from idweave import ChangeCause, MembershipChange, MembershipChangeKind, word
from rich.text import Text

from idweave_server.cli.connection import Asking, read_subject
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import print_all, when
from idweave_server.cli.wording import LOOK, QUIET

ENTERED = MembershipChangeKind.MEMBERSHIP_CHANGE_KIND_ENTERED


def watch(
    asking: Asking,
    segments: Annotated[list[str] | None, typer.Argument(metavar="[SEGMENT]...", show_default=False, help="Which ones; all else.")] = None,
    begin: Annotated[
        str, typer.Option("--from", metavar="TOKEN", show_default=False, help="Where to go on: a token of a watch, or a revision.")
    ] = "",
    profiles: Annotated[
        list[str] | None, typer.Option("--profile", "-p", metavar="WHO", help="Only of this profile or identifier; may be repeated.")
    ] = None,
    backfill: Annotated[bool, typer.Option("--backfill", help="Also what follows from history loaded late.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="End after so many changes; 0 for never.")] = 0,
) -> None:
    """Who enters and leaves segments, as it happens, until Ctrl-C. With --json one line each; --timeout counts for the first answer."""
    subjects = [read_subject(text) for text in profiles or ()]
    console, told, heard, watching = output_console(), 0, False, None
    try:
        with asking.client() as client:
            watching = client.watch_membership(*(segments or ()), resume_token=begin, profiles=subjects, include_backfill=backfill)
            for reply in watching:
                heard = True
                for change in reply.changes[: limit - told if limit else None]:
                    told += 1
                    if asking.json:
                        typer.echo(MessageToJson(change, always_print_fields_with_no_presence=True, indent=None, ensure_ascii=False))
                    else:
                        print_all(console, [line(change)])
                if limit and told >= limit:
                    break
    finally:
        if watching is not None and heard:
            typer.echo(f"goes on with --from {watching.resume_token}", err=True)


def line(change: MembershipChange) -> Text:
    entered = change.kind == ENTERED
    did = ("entered", "green") if entered else ("left", LOOK)
    until = f"  leaves {when(change, 'valid_until')}" if entered and change.HasField("valid_until") else ""
    late = "  backfilled" if change.backfilled else ""
    cause = word(ChangeCause, change.cause).lower()
    time = f"{when(change, 'effective_at')}  "
    return Text.assemble((time, QUIET), did, f"  {change.segment}  ", (change.profile_id, "bold"), (f"  {cause}{until}{late}", QUIET))
