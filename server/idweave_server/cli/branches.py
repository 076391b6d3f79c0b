"""Why identifiers are one person's, drawn: the strongest paths from the first to the others as a tree, its weakest link marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from idweave import Identifier, PathStep, Together
from rich.cells import cell_len
from rich.text import Text

from idweave_server.cli.replies import evidence, named, said_by
from idweave_server.cli.wording import LOOK, QUIET

Children = dict[str, list[PathStep]]


def branches(root: Identifier, told: Iterable[Together]) -> tuple[Text, ...]:
    """told: why the root is together with each of the others; the lines below the root, cut rather than wrapped."""
    children = _paths(root, told)
    steps = [step for below in children.values() for step in below]
    strengths = {step.link.strength for step in steps if step.HasField("link")}
    weakest = min(strengths) if len(strengths) > 1 else None
    drawn = [(lead, step, cell_len(lead + _end(step).plain)) for lead, step in _grown(children, named(root).plain, "")]
    width = max((cells for _, _, cells in drawn), default=0)
    lines, marked = [], False
    for lead, step, cells in drawn:
        weak = not marked and weakest is not None and step.HasField("link") and step.link.strength == weakest
        marked |= weak
        mark = ("  weakest", LOOK) if weak else ""
        gap = " " * (width - cells + 2)
        lines.append(Text.assemble((lead, QUIET), _end(step), gap, hold(step), mark, no_wrap=True, overflow="ellipsis"))
    return tuple(lines)


def hold(step: PathStep) -> Text:
    """What holds the two ends of a step together."""
    return Text.assemble("said  ", (said_by(step.assertion), QUIET)) if step.HasField("assertion") else evidence(step.link)


def _end(step: PathStep) -> Text:
    return named(step.to, short=True)


def _paths(root: Identifier, told: Iterable[Together]) -> Children:
    """The strongest paths together: each step leads to an identifier that none led to before, so they make a tree."""
    children: Children = {named(root).plain: []}
    for one in told:
        for step in one.path:
            if named(step.to).plain not in children:
                children[named(getattr(step, "from")).plain].append(step)
                children[named(step.to).plain] = []
    return children


def _grown(children: Children, name: str, indent: str) -> Iterator[tuple[str, PathStep]]:
    """(what to draw before it, step) from top to bottom."""
    for step in children[name]:
        last = step is children[name][-1]
        yield indent + ("└─ " if last else "├─ "), step
        yield from _grown(children, named(step.to).plain, indent + ("   " if last else "│  "))
