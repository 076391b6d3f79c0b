"""`idweave status`: how a server is."""

from __future__ import annotations

from collections.abc import Iterator

from idweave import GetStatusResponse
from rich.console import RenderableType
from rich.filesize import decimal
from rich.text import Text

from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import grid, indented, print_all, when
from idweave_server.cli.wording import LOOK, QUIET

COUNTS = ("observations", "identifiers", "profiles", "shared_identifiers", "assertions", "retracted", "quarantined")


def status(asking: Asking) -> None:
    """How the server is: what it knows, what that costs in memory, how far its log is."""
    with asking.client() as client:
        reply = client.get_status()
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply, asking.server))


def _lines(found: GetStatusResponse, address: str) -> Iterator[RenderableType]:
    yield Text.assemble(("SERVING", "green"), f"  idweave {found.version} at {address} since {when(found, 'serving_since')} UTC")
    facts = grid("left", "wrap")
    facts.add_row("store", Text.assemble(found.store, (f"  {found.store_id}", QUIET)))
    facts.add_row("log", f"{found.entries:,} entries, the last at {when(found, 'state_time')} UTC; {found.queued_writes:,} writes wait")
    newest = found.snapshot
    made = f"of {newest.entries:,} entries, {when(newest, 'time')} UTC, {decimal(newest.bytes)}" if found.HasField("snapshot") else "none"
    facts.add_row("snapshot", made)
    facts.add_row("loop lag", f"{found.loop_lag.ToMicroseconds() / 1000:.1f} ms at the 99.9th percentile")
    facts.add_row("policy", found.policy_fingerprint)
    facts.add_row("revision", Text(found.revision, QUIET))
    yield indented(facts)
    yield Text("Known", "bold")
    counts = grid("right", "left")
    for name in COUNTS:
        counts.add_row(f"{getattr(found.counts, name):,}", name.replace("_", " "))
    yield indented(counts)
    outcomes = [one for one in found.counts.outcomes if one.count]
    if outcomes:
        yield Text("Ingested since the start", "bold")
        table = grid("right", "left")
        for one in outcomes:
            table.add_row(f"{one.count:,}", one.outcome.lower())
        yield indented(table)
    yield from _memory(found)


def _memory(found: GetStatusResponse) -> Iterator[RenderableType]:
    total = sum(line.bytes for line in found.memory)
    yield Text.assemble(("Memory of the state", "bold"), (f"  {decimal(total)}", QUIET))
    table = grid("left", "right", "right", "right", "left")
    for line in found.memory:
        each = line.bytes / line.count if line.count else 0.0
        over = line.budget and each > line.budget and line.count > 1_000  # a few hold what the arrays begin with
        budget = f"of {line.budget:,}" if line.budget else ""
        cost = Text(f"{each:,.0f} B each", LOOK if over else "")
        table.add_row(line.what, f"{line.count:,}", decimal(line.bytes), cost, Text(budget, QUIET))
    yield indented(table)
