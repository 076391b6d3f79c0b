"""`idweave segment preview` and `forecast`: what a definition selects now and in the coming days, drawn small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from idweave import ForecastSegmentResponse, MembershipChangeKind, PreviewSegmentResponse, SizeForecast, TemplateUse
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from idweave_server.cli.connection import Asking
from idweave_server.cli.moments import TIME, read_time
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import grid, indented, print_all, when
from idweave_server.cli.segment_files import is_file
from idweave_server.cli.segments import FromTemplate, Parameters, defined, problem_lines
from idweave_server.cli.wording import LOOK, QUIET
from idweave_server.errors import InputError
from idweave_server.model import DAY

WIDTH = 40  # cells of the longest bar
BLOCKS = " ▏▎▍▌▋▊▉█"
LONG = 300.0  # seconds; the whole population is looked at several times
What = Annotated[
    str, typer.Argument(metavar="[NAME|FILE]", show_default=False, help="A segment's name, or a file with a definition (.toml, .json).")
]


def preview(
    asking: Asking,
    what: What = "",
    template: FromTemplate = "",
    parameters: Parameters = None,
    narrow: Annotated[int, typer.Option("--narrow-below", min=1, metavar="N", help="Fewer members are too narrow.")] = 100,
    sample: Annotated[int, typer.Option("--sample", "-n", min=0, max=100, metavar="N", help="How many examples.")] = 5,
) -> None:
    """What a definition selects: its size, whom it could address, overlaps, examples, and its sizes in the coming days."""
    definition = read_what(what, template, parameters)
    with asking.client(timeout=max(asking.timeout, LONG)) as client:
        reply = client.preview_segment(definition, narrow_below=narrow, sample_size=sample or -1)
    if not asking.shown(reply):
        print_all(output_console(), previewed(reply))


def forecast(
    asking: Asking,
    what: What = "",
    template: FromTemplate = "",
    parameters: Parameters = None,
    times: Annotated[
        list[str] | None, typer.Option("--at", metavar="TIME", help=f"When to tell its size ({TIME}); may be repeated.")
    ] = None,
    days: Annotated[
        int,
        typer.Option("--days", min=0, max=3_653, metavar="N", show_default=False, help="Every day or so of so many; 1, 7, 30, 90 else."),
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, max=10_000, metavar="N", help="At most so many changes.")] = 20,
) -> None:
    """How a segment will grow or shrink if nothing happens, and who enters and leaves it when."""
    definition = read_what(what, template, parameters)
    if times and days:
        raise InputError("--at and --days both say when; give one of them")
    moments = [moment for text in times or () if (moment := read_time("--at", text)) is not None]
    with asking.client(timeout=max(asking.timeout, LONG)) as client:
        if days:
            moments = _stretch(client.get_status().state_time, days)
        horizon = None if limit else timedelta(0)
        reply = client.forecast_segment(definition, times=moments, horizon=horizon, limit=limit)
    if not asking.shown(reply):
        print_all(output_console(), forecasted(reply))


def read_what(what: str, template: str, parameters: Iterable[str] | None) -> str | TemplateUse:
    """The name of a segment, or a definition. Raises InputError."""
    if what and template:
        raise InputError("a name or a file, or --template: one of them says what to look at")
    if what and not is_file(what):
        if parameters:
            raise InputError("--set fills in the parameters of a --template")
        return what
    return defined(what, template, parameters).definition


def _stretch(now: Timestamp, days: int) -> list[datetime]:
    """At most 30 instants over so many days, the last of them at their end."""
    begin = datetime.fromtimestamp(now.seconds, UTC)
    count = min(days, 30)
    return [begin + timedelta(days=round(days * n / count)) for n in range(1, count + 1)]


def previewed(reply: PreviewSegmentResponse) -> Iterator[RenderableType]:
    share = f"  {100 * reply.size / reply.population:.1f} % of {reply.population:,}" if reply.population else ""
    unknown = f"; {reply.unknown:,} unknown" if reply.unknown else ""
    yield Text.assemble((_profiles(reply.size), "bold"), (f"{share}{unknown}", QUIET))
    if reply.too_narrow:
        yield Text("  too narrow: so few may be told apart, and teach little", LOOK)
    yield from problem_lines(reply.warnings, "look at it: ")
    if reply.coverage:
        table = grid("left", "right", "right", "left")
        for one in reply.coverage:
            more = f"{one.identifiers:,} identifiers" if one.identifiers != one.profiles else ""
            table.add_row(one.namespace, f"{one.profiles:,}", _percent(one.profiles, reply.size), Text(more, QUIET))
        yield from _section("Can be addressed by", table)
    if reply.overlaps:
        table = grid("left", "right", "right")
        for other in reply.overlaps:
            table.add_row(other.segment, f"{other.both:,}", _percent(other.both, reply.size))
        yield from _section("In common with", table)
    yield Text("If nothing happens", "bold")
    yield indented(chart(reply.time, reply.size, reply.forecast))
    if reply.sample:
        table = grid("left")
        for profile_id in reply.sample:
            table.add_row(profile_id)
        yield from _section("Some of them", table)


def forecasted(reply: ForecastSegmentResponse) -> Iterator[RenderableType]:
    yield Text.assemble((_profiles(reply.size), "bold"), (f"  at {when(reply, 'time')} UTC; if nothing happens", QUIET))
    yield indented(chart(reply.time, reply.size, reply.sizes))
    if reply.changes:
        table = grid("left", "left", "left")
        for change in reply.changes:
            entered = change.kind == MembershipChangeKind.MEMBERSHIP_CHANGE_KIND_ENTERED
            said = Text("enters", "green") if entered else Text("leaves", LOOK)
            table.add_row(Text(when(change, "time"), QUIET), said, change.profile_id)
        yield indented(table)
    if reply.truncated:
        yield Text(f"  and {reply.total_changes - len(reply.changes):,} more changes: --limit shows more", QUIET)


def chart(now: Timestamp, size: int, coming: Sequence[SizeForecast]) -> Table:
    """A bar for each instant, the longest as wide as there is room."""
    rows = [("now", size), *((_ahead(now, one.time), one.size) for one in sorted(coming, key=lambda one: one.time.seconds))]
    most = max(count for _, count in rows)
    table = grid("left", "right", "left")
    for label, count in rows:
        table.add_row(Text(label, QUIET), f"{count:,}", Text(_bar(count, most), "cyan"))
    return table


def _bar(count: int, most: int) -> str:
    eighths = round(8 * WIDTH * count / most) if most else 0
    return BLOCKS[8] * (eighths // 8) + (BLOCKS[eighths % 8] if eighths % 8 else "")


def _ahead(now: Timestamp, then: Timestamp) -> str:
    seconds = then.seconds - now.seconds
    if seconds % DAY:
        return datetime.fromtimestamp(then.seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"in {seconds // DAY:,} day{'s' * (seconds != DAY)}"


def _profiles(count: int) -> str:
    return f"{count:,} profile{'s' * (count != 1)}"


def _percent(part: int, whole: int) -> Text:
    return Text(f"{100 * part / whole:.0f} %" if whole else "", QUIET)


def _section(title: str, table: Table) -> Iterator[RenderableType]:
    yield Text(title, "bold")
    yield indented(table)
