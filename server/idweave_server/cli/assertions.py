"""`idweave assert`: a person's verdict on identifiers, stated or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import Assertion, AssertionStanding, AssertResponse, Verdict, word
from rich.text import Text

from idweave_server.cli.connection import Asking, asking, read_identifier
from idweave_server.cli.moments import read_time
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import print_all
from idweave_server.cli.wording import LOOK, QUIET

SOURCE = "command line"
GOOD = (AssertionStanding.ASSERTION_STANDING_HOLDS, AssertionStanding.ASSERTION_STANDING_WITHDRAWN)
Left = Annotated[str, typer.Argument(metavar="LEFT", show_default=False, help="An identifier: email:jo@example.org")]
Right = Annotated[str, typer.Argument(metavar="RIGHT", show_default=False, help="Another one.")]
One = Annotated[str, typer.Argument(metavar="IDENTIFIER", show_default=False, help="An identifier: email:info@example.org")]
Name = Annotated[str, typer.Option("--id", metavar="ID", help="A name to withdraw it by; one is made where none is given.")]
Source = Annotated[str, typer.Option(metavar="NAME", help="Who says so.")]
Time = Annotated[str | None, typer.Option("--time", metavar="TIME", help="When it was stated (ISO 8601); by default now.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and change nothing.")]


def same(
    asking: Asking, left: Left, right: Right, name: Name = "", source: Source = SOURCE, time: Time = None, dry_run: DryRun = False
) -> None:
    """Both identifiers are one person's."""
    _state(asking, Verdict.VERDICT_SAME, left, right, name, source, time, dry_run)


def different(
    asking: Asking, left: Left, right: Right, name: Name = "", source: Source = SOURCE, time: Time = None, dry_run: DryRun = False
) -> None:
    """The identifiers are two people's; they are never joined."""
    _state(asking, Verdict.VERDICT_DIFFERENT, left, right, name, source, time, dry_run)


def shared(asking: Asking, identifier: One, name: Name = "", source: Source = SOURCE, time: Time = None, dry_run: DryRun = False) -> None:
    """The identifier is used by many; it does not link."""
    _state(asking, Verdict.VERDICT_SHARED, identifier, None, name, source, time, dry_run)


def personal(asking: Asking, identifier: One, name: Name = "", source: Source = SOURCE, time: Time = None, dry_run: DryRun = False) -> None:
    """The identifier is one person's, whatever speaks against it; it links."""
    _state(asking, Verdict.VERDICT_PERSONAL, identifier, None, name, source, time, dry_run)


def withdraw(
    asking: Asking,
    assertion_id: Annotated[str, typer.Argument(metavar="ID", show_default=False, help="The id that the verdict was stated under.")],
    dry_run: DryRun = False,
) -> None:
    """Take a verdict back: what it did is undone."""
    with asking.client() as client:
        reply = client.withdraw(assertion_id, validate_only=dry_run)
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply, dry_run))


def assert_commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(name="assert", no_args_is_help=True, help="State a person's verdict on identifiers, or withdraw one.")
    for command in (same, different, shared, personal, withdraw):
        group.command()(asking(command))
    return group


def _state(asking: Asking, kind: Verdict, left: str, right: str | None, name: str, source: str, time: str | None, dry_run: bool) -> None:
    said = Assertion(verdict=kind, left=read_identifier(left), source=source)
    if right is not None:
        said.right.CopyFrom(read_identifier(right))
    stated = read_time("--time", time)
    if stated is not None:
        said.time.FromDatetime(stated)
    with asking.client() as client:
        reply = client.assert_verdict(said, assertion_id=name or None, validate_only=dry_run)
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply, dry_run))


def _lines(reply: AssertResponse, dry_run: bool) -> Iterator[Text]:
    standing = Text(word(AssertionStanding, reply.standing), "green" if reply.standing in GOOD else LOOK)
    aside = "  nothing was changed: a dry run" if dry_run else f"  id {reply.assertion_id}"
    yield Text.assemble(standing, (aside, QUIET))
    if reply.remedy:
        yield Text(f"  {reply.remedy}")
    if reply.profile_ids:
        noun = "profile" if len(reply.profile_ids) == 1 else "profiles"
        yield Text.assemble(f"  {noun} ", (" and ".join(reply.profile_ids), "bold"))
