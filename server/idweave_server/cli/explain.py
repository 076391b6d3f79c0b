"""`idweave explain`: why two identifiers are one person's, or two people's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from idweave import Apart, ApartReason, ExplainResponse, Identifier, SharedReason, Together, Unowned, UnownedReason, word
from rich.text import Text

from idweave_server.cli.branches import hold
from idweave_server.cli.connection import Asking, read_identifier
from idweave_server.cli.moments import AsOf, read_time
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import named, print_all, verdict
from idweave_server.cli.wording import LOOK, QUIET

RULES = {
    ApartReason.APART_REASON_UNSPECIFIED: "nothing that counts was ever seen with both",
    ApartReason.APART_REASON_NAMES: "their first names differ",
    ApartReason.APART_REASON_BIRTH_DATES: "their birth dates differ",
    ApartReason.APART_REASON_UNIQUE: "together they would have two of what a person has one",
    ApartReason.APART_REASON_DIFFERENT: "a verdict says that they are different people",
}
UNOWNED = {
    UnownedReason.UNOWNED_REASON_SHARED: "is shared",
    UnownedReason.UNOWNED_REASON_CONTEXT: "is context, which links nobody",
    UnownedReason.UNOWNED_REASON_UNKNOWN: "was never observed",
    UnownedReason.UNOWNED_REASON_STALE: "was observed, and nothing of that counts any more",
}


def explain(
    asking: Asking,
    left: Annotated[str, typer.Argument(metavar="LEFT", show_default=False, help="An identifier: email:jo@example.org")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", show_default=False, help="Another one.")],
    as_of: AsOf = None,
) -> None:
    """Why two identifiers are one person's, with the evidence, or two people's, with the rule that keeps them apart."""
    ends = read_identifier(left), read_identifier(right)
    with asking.client() as client:
        reply = client.explain(*ends, as_of=read_time("--as-of", as_of))
    if not asking.shown(reply):
        print_all(output_console(), explained(reply, *ends))


def explained(reply: ExplainResponse, left: Identifier, right: Identifier) -> Iterator[Text]:
    answer = reply.WhichOneof("answer")
    if answer == "together":
        yield from _together(reply.together)
    elif answer == "apart":
        yield from _apart(reply.apart)
    elif answer == "unowned":
        yield from _unowned(reply.unowned, left, right)


def _together(found: Together) -> Iterator[Text]:
    yield Text.assemble(("TOGETHER", "green"), "  one person: ", (found.profile_id, "bold"))
    if not found.path:
        yield Text("  both are one identifier", QUIET)
        return
    weakest = found.weakest if found.HasField("weakest") and len(found.path) > 1 else -1
    yield Text.assemble("  ", named(getattr(found.path[0], "from")))
    width = max(named(step.to).cell_len for step in found.path)
    for place, step in enumerate(found.path):
        gap = " " * (width - named(step.to).cell_len + 2)
        mark = ("  weakest", LOOK) if place == weakest else ""
        yield Text.assemble(("  └─ ", QUIET), named(step.to), gap, hold(step), mark)


def _apart(found: Apart) -> Iterator[Text]:
    yield Text.assemble(("APART", LOOK), "  two people: ", (found.left_profile_id, "bold"), " and ", (found.right_profile_id, "bold"))
    yield Text(f"  {found.grounds or RULES.get(found.reason, word(ApartReason, found.reason).lower())}")
    if found.HasField("assertion"):
        yield Text(f"  {verdict(found.assertion)}", QUIET)
    if found.HasField("refused"):
        step = found.refused
        yield Text.assemble("  refused: ", named(getattr(step, "from")), (" — ", QUIET), named(step.to), "  ", hold(step))


def _unowned(found: Unowned, left: Identifier, right: Identifier) -> Iterator[Text]:
    yield Text.assemble(("NOBODY'S", LOOK), "  an identifier that belongs to nobody is neither together with another nor apart from it")
    sides = ((left, found.left, found.left_shared_reason), (right, found.right, found.right_shared_reason))
    for end, reason, shared in sides:
        if reason:
            why = f" ({word(SharedReason, shared).lower()})" if shared else ""
            yield Text.assemble("  ", named(end), f" {UNOWNED.get(reason, word(UnownedReason, reason).lower())}{why}")
