"""`idweave issues`: what needs a person's eye."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from idweave import IssueKind, ListedIssue, ListIssuesResponse, RefusalReason, SharedReason, word
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.command_names import in_commands
from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import day, grid, indented, named, print_all, sureness
from idweave_server.cli.wording import LOOK, QUIET
from idweave_server.errors import InputError

PAGE = 1_000
KINDS = [name.removeprefix("ISSUE_KIND_").lower() for name, number in IssueKind.items() if number]
MEANING = {
    "quarantined": "values set aside; the rest of their observations counts",
    "conflict": "observations that came again with other content",
    "rejected": "observations that could not be used",
    "shared": "identifiers that do not single out a person",
    "fragile": "profiles that hang on one weak link",
    "verdict": "verdicts without effect",
}


def issues(
    asking: Asking,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", "-k", metavar="KIND", help=f"{', '.join(KINDS)}; may be repeated; all by default.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="At most so many of each kind; 0 for all.")] = 10,
) -> None:
    """What needs a person's eye, with what to do about it."""
    wanted = [kind.lower() for kind in kinds or ()]
    for kind in wanted:
        if kind not in KINDS:
            raise InputError(f"--kind {kind!r} is none of {', '.join(KINDS)}")
    with asking.client() as client:
        parts = [_gathered(client.list_issues(kinds=[kind], page_size=min(limit or PAGE, PAGE)), limit) for kind in wanted or KINDS]
    reply = ListIssuesResponse(revision=parts[0].revision)
    for part in parts:
        reply.issues.extend(part.issues)
        reply.counts.extend(part.counts)
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply))


def _gathered(pages: Iterable[ListIssuesResponse], limit: int) -> ListIssuesResponse:
    """So many of one kind, 0 for all, as one page."""
    whole = ListIssuesResponse()
    for page in pages:
        if not whole.revision:
            whole.revision = page.revision
            whole.counts.extend(page.counts)
        whole.issues.extend(page.issues)
        if limit and len(whole.issues) >= limit:
            del whole.issues[limit:]
            break
    return whole


def _lines(found: ListIssuesResponse) -> Iterator[RenderableType]:
    counted = [one for one in found.counts if one.count]
    if not counted:
        yield Text("nothing needs an eye", "green")
    for one in counted:
        kind = word(IssueKind, one.kind).lower()
        yield Text.assemble((f"{one.count:,} {kind}", f"bold {LOOK}"), (f"  {MEANING.get(kind, '')}", QUIET))
        listed = [issue for issue in found.issues if issue.kind == one.kind]
        table = grid("left", "wrap", "wrap")
        for issue in listed:
            table.add_row(Text(day(issue, "time"), QUIET), _what(issue), Text(_remedy(issue), QUIET))
        if listed:
            yield indented(table)
        if len(listed) < one.count:
            yield Text(f"  and {one.count - len(listed):,} more: --kind {kind} --limit 0 shows what is kept", QUIET)


def _what(issue: ListedIssue) -> Text:
    where = " ".join(filter(None, (issue.source, issue.observation_id)))
    if issue.HasField("issue"):
        reason = word(RefusalReason, issue.issue.reason).lower()
        value = f" {issue.issue.value}" if issue.issue.value else ""
        field = f" in {issue.issue.field}" if issue.issue.field else ""
        return Text.assemble(f"{reason}{value}", (f"{field}  {where}", QUIET))
    if issue.HasField("weakest_link"):
        link = issue.weakest_link
        ends = Text.assemble(named(link.left), (" — ", QUIET), named(link.right), " ", sureness(link.probability))
        return Text.assemble((issue.profile_id, "bold"), "  ", ends)
    if issue.HasField("identifier"):
        shared = issue.identifier.shared_reason
        return Text.assemble(named(issue.identifier), (f"  {word(SharedReason, shared).lower()}" if shared else "", QUIET))
    return Text(where)


def _remedy(issue: ListedIssue) -> str:
    return in_commands(issue.remedy or issue.issue.message)
