"""`idweave segment check`, `members` and `explain`: who is in which segment, until when, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import (
    CheckMembershipResponse,
    ExplainedCondition,
    ExplainMembershipResponse,
    ListMembersResponse,
    Membership,
    Truth,
    word,
)
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.connection import Asking, read_subject
from idweave_server.cli.profile import Subject
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import gathered, grid, named, print_all, when
from idweave_server.cli.segments import Name
from idweave_server.cli.wording import LOOK, QUIET

PAGE = 1_000
LOOKS: dict[int, str] = {Truth.TRUTH_TRUE: "green", Truth.TRUTH_UNKNOWN: LOOK}
Fresh = Annotated[bool, typer.Option("--fresh", help="Wait for all that was acknowledged; by default answers at once.")]


def check(
    asking: Asking,
    subject: Subject,
    segments: Annotated[list[str] | None, typer.Argument(metavar="[SEGMENT]...", show_default=False, help="Which ones; all else.")] = None,
    fresh: Fresh = False,
) -> None:
    """Whether somebody is in segments, and until when that holds by itself."""
    with asking.client() as client:
        reply = client.check_membership(read_subject(subject), *(segments or ()), consistency="full" if fresh else None)
    if not asking.shown(reply):
        print_all(output_console(), _checked(reply))


def members(
    asking: Asking,
    name: Name,
    namespace: Annotated[
        str, typer.Option("--namespace", metavar="NAMESPACE", show_default=False, help="One row an identifier of it, such as email.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="At most so many rows; 0 for all.")] = 50,
) -> None:
    """Who is in a segment, since when and until when."""
    with asking.client() as client:
        pages = client.list_members(name, namespace=namespace, page_size=min(limit or PAGE, PAGE))
        reply = gathered(ListMembersResponse(), "members", pages, limit)
    if not asking.shown(reply):
        print_all(output_console(), _listed(reply))


def explain(asking: Asking, subject: Subject, name: Name) -> None:
    """Why somebody is in a segment or is not: each condition, and by how much it is missed."""
    with asking.client() as client:
        reply = client.explain_membership(read_subject(subject), name)
    if not asking.shown(reply):
        print_all(output_console(), explained(reply))


def _checked(reply: CheckMembershipResponse) -> Iterator[RenderableType]:
    yield Text.assemble((reply.profile_id, "bold"), (f"  at {when(reply, 'time')} UTC", QUIET))
    table = grid("left", "left", "left", "wrap")
    for one in reply.memberships:
        table.add_row(truth(one.truth), one.segment, *(Text(said, QUIET) for said in _times(one)))
    yield table


def _times(one: Membership) -> tuple[str, str]:
    member = one.truth == Truth.TRUTH_TRUE
    until = when(one, "valid_until")
    said = f"{'leaves' if member else 'changes'} {until}" if until else "does not change by itself"
    since = when(one, "since")
    return said, f"since {since}" if since else ""


def truth(number: int) -> Text:
    return Text(word(Truth, number), LOOKS.get(number, QUIET))


def _listed(found: ListMembersResponse) -> Iterator[RenderableType]:
    rows = f"{found.total:,} row{'s' * (found.total != 1)}"
    yield Text(f"{rows} at {when(found, 'time')} UTC, definition version {found.definition_version}", QUIET)
    table = grid("left", "left", "left", "left")
    for member in found.members:
        who = named(member.identifier) if member.HasField("identifier") else Text(member.profile_id, "bold")
        leaves = when(member, "valid_until")
        until = "has left" if member.left else f"leaves {leaves}" if leaves else "does not leave by itself"
        since = when(member, "since")
        whose = Text(member.profile_id, QUIET) if member.HasField("identifier") else Text("")
        table.add_row(who, Text(f"since {since}" if since else "", QUIET), Text(until, LOOK if member.left else QUIET), whose)
    yield table
    if len(found.members) < found.total:
        yield Text(f"and {found.total - len(found.members):,} more: --limit 0 shows all", QUIET)


def explained(reply: ExplainMembershipResponse) -> Iterator[Text]:
    one = reply.membership
    times = [said for said in _times(one) if said]
    yield Text.assemble(truth(one.truth), "  ", (reply.profile_id, "bold"), f" in {one.segment}", (f"  {', '.join(times)}", QUIET))
    yield from _tree(reply.condition, "  ", "  ")


def _tree(condition: ExplainedCondition, lead: str, below: str) -> Iterator[Text]:
    until = when(condition, "valid_until")
    asides = [
        f"found {condition.found}" if condition.found else "",
        f"missed by {condition.missed_by}" if condition.missed_by else "",
        f"until {until}" if until else "",
    ]
    aside = f"  {'; '.join(filter(None, asides))}" if any(asides) else ""
    mark = ("  decides", LOOK) if condition.decides else ("", "")
    yield Text.assemble((lead, QUIET), truth(condition.truth), f"  {condition.words}", (aside, QUIET), mark)
    for place, part in enumerate(condition.parts):
        last = place == len(condition.parts) - 1
        yield from _tree(part, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))
