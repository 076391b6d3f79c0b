"""`idweave profile`: one person, as known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import GetProfileResponse, GoneReason, Profile, ProfileOutcome, trait_value, word
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from idweave_server.cli.connection import Asking, read_subject
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import called, constant, day, grid, indented, named, print_all, remarks, sureness, when
from idweave_server.cli.wording import LOOK, QUIET

Subject = Annotated[
    str, typer.Argument(metavar="ID|IDENTIFIER", show_default=False, help="A profile's id, or an identifier that belongs to it.")
]
GONE = {
    GoneReason.GONE_REASON_SHARED: "what gave it its id turned out to be shared",
    GoneReason.GONE_REASON_ERASED: "it was erased",
    GoneReason.GONE_REASON_RETRACTED: "its observations were retracted",
    GoneReason.GONE_REASON_EXPIRED: "its evidence expired",
}


def profile(asking: Asking, subject: Subject) -> None:
    """The profile of an id or an identifier: what belongs to it and what is known of the person. A retired id answers with its survivor."""
    asked = read_subject(subject)
    with asking.client() as client:
        reply = client.get_profile(asked)
    if not asking.shown(reply):
        print_all(output_console(), profile_lines(reply))


def profile_lines(found: GetProfileResponse) -> Iterator[RenderableType]:
    outcome = Text(word(ProfileOutcome, found.outcome), "green" if found.HasField("profile") else LOOK)
    if not found.HasField("profile"):
        yield Text.assemble(outcome, f"  {GONE.get(found.gone_reason, '')}")
        if found.former_company:
            yield Text.assemble("  what it was seen with belongs to ", (found.former_company, "bold"))
        return
    one = found.profile
    yield Text.assemble(outcome, "  ", (one.profile_id, "bold"), f"  {called(one)}")
    yield Text(f"  {one.observations:,} observations, {day(one, 'first_seen')} to {day(one, 'last_seen')}", QUIET)
    yield Text("Identifiers", "bold")
    yield indented(_identifiers(one))
    if one.traits:
        yield Text("Traits", "bold")
        yield indented(_traits(one))
    if one.attributes:
        yield Text("Attributes", "bold")
        yield indented(_attributes(one))
    if one.tags:
        yield Text.assemble(("Tags", "bold"), f"  {', '.join(one.tags)}")
    if one.segments:
        yield Text("Segments", "bold")
        yield indented(_segments(one))
    if one.HasField("weakest_link"):
        weak = one.weakest_link
        yield Text.assemble(
            ("Weakest link", "bold"), "  ", named(weak.left), (" — ", QUIET), named(weak.right), " ", sureness(weak.probability)
        )
    if one.merged_from:
        yield Text("Absorbed", "bold")
        for retired in one.merged_from:
            yield Text(f"  {retired}", QUIET)


def _identifiers(one: Profile) -> Table:
    table = grid("wrap", "right", "left", "wrap")
    for member in one.identifiers:
        spans = [f"from {day(member, 'from')}" * member.HasField("from"), f"until {day(member, 'until')}" * member.HasField("until")]
        seen = f"{day(member, 'first_seen')} to {day(member, 'last_seen')}"
        rest = "; ".join(filter(None, [*spans, remarks(member.identifier).plain]))
        table.add_row(named(member.identifier), f"{member.observations:,}", Text(seen, QUIET), Text(rest, QUIET))
    return table


def _attributes(one: Profile) -> Table:
    """Those with many values on one line."""
    said: dict[str, list[str]] = {}
    for attribute in one.attributes:
        said.setdefault(attribute.name, []).append(constant(attribute.value))
    table = grid("left", "wrap")
    for name, values in said.items():
        table.add_row(name, ", ".join(values))
    return table


def _segments(one: Profile) -> Table:
    table = grid("left", "left", "left")
    for segment in one.segments:
        since, until = when(segment, "since"), when(segment, "valid_until")
        table.add_row(segment.name, Text(f"since {since}" if since else "", QUIET), Text(f"leaves {until}" if until else "", QUIET))
    return table


def _traits(one: Profile) -> Table:
    table = grid("left", "wrap", "left")
    for stated in one.traits:
        table.add_row(stated.trait.name, str(trait_value(stated.trait)), Text(f"{stated.source.name}, {day(stated, 'time')}", QUIET))
    return table
