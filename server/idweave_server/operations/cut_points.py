"""Compute the cut points of recency, frequency and monetary value: where a segment reads scores, when the day of the last ones is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.operations.steps import Steps
from idweave_server.segments.expression import Expression

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer


@dataclass(frozen=True, slots=True)
class CutPoints:
    """Do it, if it is due. Writes wait meanwhile: some seconds for a million profiles; lookups do not."""

    weight: int = 1

    def steps(self, committer: Committer) -> Steps[None]:
        stamp = yield from committer.begin()
        yield from cut_if_due(committer, stamp.at)


def cut_if_due(committer: Committer, at: int, asked: Expression | None = None) -> Steps[None]:
    """asked: a condition that will be a segment's at once, already checked."""
    engine = committer.store.engine
    due = engine.cuts_due(asked)
    if due is not None and due <= at:
        entry = yield from engine.cut(at)
        yield from committer.commit(entry, at)
