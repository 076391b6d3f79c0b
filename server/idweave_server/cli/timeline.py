"""`idweave timeline`: what a person did and where it came from, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from idweave import GetTimelineResponse
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.connection import Asking, read_subject
from idweave_server.cli.profile import Subject
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import clock, gathered, grid, observation_line, print_all
from idweave_server.cli.wording import QUIET

PAGE = 1_000  # observations


def timeline(
    asking: Asking,
    subject: Subject,
    types: Annotated[
        list[str] | None, typer.Option("--type", "-t", metavar="TYPE", help="Only these events or evidence kinds; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="At most so many observations; 0 for all.")] = 50,
) -> None:
    """What a person did, newest first: every observation with its source, events, identifiers and traits."""
    asked = read_subject(subject)
    with asking.client() as client:
        pages = client.get_timeline(asked, types=types or (), page_size=min(limit or PAGE, PAGE))
        reply = gathered(GetTimelineResponse(), "observations", pages, limit)
    if not asking.shown(reply):
        print_all(output_console(), timeline_lines(reply))


def timeline_lines(found: GetTimelineResponse) -> Iterable[RenderableType]:
    yield Text.assemble((found.profile_id, "bold"), f"  {found.total:,} observation{'s' * (found.total != 1)}")
    table = grid("left", "left", "left", "wrap")
    for one in found.observations:
        time = clock(one.time.ToDatetime())
        kind = one.evidence_kind.lower().replace("_", " ")
        table.add_row(Text(time, QUIET), one.source.name, kind, observation_line(one))
    yield table
    if len(found.observations) < found.total:
        yield Text(f"and {found.total - len(found.observations):,} more: --limit 0 shows all", QUIET)
