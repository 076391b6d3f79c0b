"""`idweave lookup`: whom identifiers belong to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from google.protobuf.message import Message
from idweave import Identifier, LookupMatch, LookupOutcome, LookupQuery, LookupResult, Profile, word
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.connection import Asking, read_identifier
from idweave_server.cli.moments import AsOf, read_time
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import called, grid, indented, named, print_all, remarks, when
from idweave_server.cli.wording import LOOK, QUIET

IDENTIFIER = "IDENTIFIER"
GOOD = LookupOutcome.LOOKUP_OUTCOME_FOUND


def lookup(
    asking: Asking,
    identifiers: Annotated[
        list[str], typer.Argument(metavar=f"{IDENTIFIER}...", show_default=False, help="email:jo@example.org, customer_id@shop:1234, …")
    ],
    each: Annotated[bool, typer.Option("--each", help="Look each one up by itself; by default they were seen together now.")] = False,
    as_of: AsOf = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Wait for all that was acknowledged; by default answers at once.")] = False,
) -> None:
    """Whom an identifier, or several seen together, belong to."""
    asked = [read_identifier(text) for text in identifiers]
    consistency, moment = "full" if fresh else None, read_time("--as-of", as_of)
    with asking.client() as client:
        if each:
            queries = [_query(one, moment) for one in asked]
            reply: Message = (many := client.batch_lookup(queries, consistency=consistency))
            found: list[tuple[LookupResult, Profile | None]] = [(result, None) for result in many.results]
        else:
            reply = single = client.lookup(*asked, as_of=moment, consistency=consistency, include_profile=True)
            found = [(single.result, single.profile if single.HasField("profile") else None)]
    if not asking.shown(reply):
        console = output_console()
        for result, profile in found:
            print_all(console, _lines(result, profile))


def _query(one: Identifier, moment: datetime | None) -> LookupQuery:
    query = LookupQuery(identifiers=[one])
    if moment is not None:
        query.as_of.FromDatetime(moment)
    return query


def _lines(result: LookupResult, profile: Profile | None) -> Iterator[RenderableType]:
    if len(result.matches) == 1:
        match = result.matches[0]
        yield Text.assemble(_outcome(result.outcome), "  ", named(match.identifier), *_whose(result, profile))
        yield from _asides(match)
    else:
        yield Text.assemble(_outcome(result.outcome), *_whose(result, profile))
        table = grid("left", "left", "left", "wrap")
        for match in result.matches:
            table.add_row(_outcome(match.outcome), named(match.identifier), match.profile_id, _aside(match))
        yield indented(table)
    if result.HasField("valid_until"):
        yield Text(f"  holds until {when(result, 'valid_until')} UTC, if nothing else is observed", QUIET)


def _outcome(outcome: int) -> Text:
    return Text(word(LookupOutcome, outcome), "green" if outcome == GOOD else LOOK)


def _whose(result: LookupResult, profile: Profile | None) -> Iterator[str | tuple[str, str]]:
    if result.profile_id:
        yield "  "
        yield (result.profile_id, "bold")
        if profile is not None and called(profile):
            yield f"  {called(profile)}"


def _asides(match: LookupMatch) -> Iterator[Text]:
    said = _aside(match)
    if said.plain:
        yield Text.assemble("  ", said)


def _aside(match: LookupMatch) -> Text:
    people = f"; at least {match.people} people" if match.people else ""
    if match.HasField("issue"):
        return Text(match.issue.message, LOOK)
    return Text.assemble(remarks(match.identifier), (people, QUIET))
