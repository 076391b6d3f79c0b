"""Why identifiers are one person's, drawn: the strongest paths from the first to the others as a tree, its weakest link marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from idweave_server.cli.wording import LOOK, QUIET, Wording
from idweave_server.resolution.explain import Step, Together, explain

Children = dict[int, list[Step]]


def branches(words: Wording, nodes: Sequence[int]) -> tuple[Text, ...]:
    """nodes: of one profile, the root first; the lines below the root, cut rather than wrapped."""
    children = _paths(words, nodes)
    steps = [step for below in children.values() for step in below]
    weakest = min(steps, key=lambda step: step.strength, default=None)
    marked = weakest if len({step.strength for step in steps}) > 1 else None
    drawn = [(lead, step, cell_len(lead + words.identifier(step.right).plain)) for lead, step in _grown(children, nodes[0], "")]
    width = max((cells for _, _, cells in drawn), default=0)
    lines = []
    for lead, step, cells in drawn:
        mark = ("  weakest", LOOK) if step is marked else ""
        gap = " " * (width - cells + 2)
        line = Text.assemble((lead, QUIET), words.identifier(step.right), gap, words.reason(step), mark, no_wrap=True, overflow="ellipsis")
        lines.append(line)
    return tuple(lines)


def _paths(words: Wording, nodes: Sequence[int]) -> Children:
    """The strongest paths together: each step leads to a node that none led to before, so they make a tree."""
    children: Children = {nodes[0]: []}
    for node in nodes[1:]:
        told = explain(words.result.resolution, words.result.verdicts.verdicts, nodes[0], node)
        for step in told.steps if isinstance(told, Together) else ():
            if step.right not in children:
                children[step.left].append(step)
                children[step.right] = []
    return children


def _grown(children: Children, node: int, indent: str) -> Iterator[tuple[str, Step]]:
    """(what to draw before it, step) from top to bottom."""
    for step in children[node]:
        last = step is children[node][-1]
        yield indent + ("└─ " if last else "├─ "), step
        yield from _grown(children, step.right, indent + ("   " if last else "│  "))
