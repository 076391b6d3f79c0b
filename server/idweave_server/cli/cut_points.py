"""`idweave segment cuts`: where the fifths of buyers end that scores go by."""

from __future__ import annotations

from collections.abc import Iterator

from idweave import GetCutPointsResponse
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import constant, grid, indented, print_all, when
from idweave_server.cli.wording import QUIET


def cuts(asking: Asking) -> None:
    """Where the fifths of buyers end that rfm_recency, rfm_frequency and rfm_monetary go by, and when they are computed next."""
    with asking.client() as client:
        reply = client.get_cut_points()
    if not asking.shown(reply):
        print_all(output_console(), _shown(reply))


def _shown(reply: GetCutPointsResponse) -> Iterator[RenderableType]:
    if not reply.HasField("computed_at"):
        yield Text("no cut points yet: they are computed when a segment first reads rfm_recency, rfm_frequency or rfm_monetary")
        return
    following = f"next at {when(reply, 'next_at')} UTC" if reply.HasField("next_at") else "not again while no segment reads a score"
    yield Text.assemble(f"computed at {when(reply, 'computed_at')} UTC", (f"  {following}", QUIET))
    rows = (
        ("rfm_recency", "last_purchase_time", reply.recency),
        ("rfm_frequency", "purchase_count", reply.frequency),
        ("rfm_monetary", "spend_total", reply.monetary),
    )
    if not any(points for _, _, points in rows):
        yield Text("nobody has bought anything")
        return
    table = grid("left", "left", *("right",) * 4)
    table.add_row("", Text("up to, with a score of", QUIET), *(Text(str(score), QUIET) for score in range(1, 5)))
    for name, field, points in rows:
        values = {point.score: constant(point.value) for point in points}
        table.add_row(name, field, *(values.get(score, "–") for score in range(1, 5)))
    yield indented(table)
