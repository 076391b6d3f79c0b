"""`idweave status`: how a server is."""

from __future__ import annotations

from collections.abc import Iterator

from idweave import GetStatusResponse, ServerRole
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
    role = _role(found)
    if role:
        facts.add_row("role", role)
    if found.HasField("projection"):
        facts.add_row("graph", _graph(found))
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


def _role(found: GetStatusResponse) -> Text | None:
    """What it does for a store that several servers may share; None where it has the store for itself."""
    if not found.HasField("lease"):
        return None
    away = Text("" if found.store_reachable else "  its database cannot be reached: reads go on, writes are refused", LOOK)
    if found.role == ServerRole.SERVER_ROLE_WRITER:
        return Text.assemble(
            "writes; another server may take over ", f"{found.lease.ToTimedelta().total_seconds():g} s after it died", away
        )
    lag = f"{found.lag.entries:,} entries behind, {found.lag.time.ToTimedelta().total_seconds():.1f} s ago it had all"
    where = f"{found.leader} writes" if found.leader else "nobody writes just now"
    return Text.assemble(f"stands by; {where}; {lag}", away)


def _graph(found: GetStatusResponse) -> Text:
    graph = found.projection
    behind = f"{graph.lag_entries:,} entries, {graph.lag_observations:,} observations behind" if graph.lag_entries else "as far as the log"
    held = Text("; writes wait for it" if graph.holds_writes else "", LOOK)
    return Text.assemble(behind, held, Text(f"  {graph.error}" if graph.error else "", LOOK))


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
