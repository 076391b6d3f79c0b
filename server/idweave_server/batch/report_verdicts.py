"""The verdicts that do not hold at present, each with the reason and what would make it hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.batch.output_tables import identifier_text
from idweave_server.batch.result import BatchResult
from idweave_server.model import Shared, Verdict
from idweave_server.resolution.unite import Standing

REMEDIES = {
    Standing.OVERRULED: "a later verdict on the same two identifiers counts; nothing to do",
    Standing.CONTRADICTED: "a DIFFERENT forbids it, directly or through other SAMEs; take one of them back",
    Standing.ASLEEP: "one end does not link at present; if it is one person's, say PERSONAL of it first",
    Standing.UNSEEN: "one end was never observed; the verdict takes effect once it is",
    Standing.ERASED: "it names an erased identifier; state it again if it is meant for what was observed since",
}


@dataclass(frozen=True, slots=True)
class VerdictEnd:
    """One identifier that a verdict names, and why it is shared ("" where it is not).

    value is None where it may not be told: the verdict is erased, or what was never observed may be what was erased.
    """

    namespace: str
    issuer: str
    value: str | None
    shared: str


@dataclass(frozen=True, slots=True)
class VerdictLine:
    verdict_id: str
    file: str
    row: int
    verdict: str
    standing: str
    remedy: str
    ends: tuple[VerdictEnd, ...]


def verdict_lines(result: BatchResult) -> tuple[VerdictLine, ...]:
    """In the order of files and rows."""
    stated, standing = result.verdicts, result.resolution.standing
    failing = np.flatnonzero(standing != Standing.HOLDS)
    failing = failing[np.lexsort((stated.row[failing], stated.file[failing]))]
    ends = [_ends(result, side[failing], standing[failing]) for side in (stated.verdicts.left, stated.verdicts.right)]
    return tuple(
        VerdictLine(
            verdict_id=stated.observation_id[w],
            file=result.rows.files[stated.file[w]],
            row=int(stated.row[w]),
            verdict=Verdict(stated.verdicts.kind[w]).name,
            standing=Standing(standing[w]).name.lower(),
            remedy=REMEDIES[Standing(standing[w])],
            ends=tuple(end for end in pair if end is not None),
        )
        for w, pair in zip(failing.tolist(), zip(*ends, strict=True), strict=True)
    )


def _ends(result: BatchResult, identifier: np.ndarray, standing: np.ndarray) -> list[VerdictEnd | None]:
    """int32[w], -1 where a verdict has no such end, and int[w], the standings."""
    nodes, shared = result.resolution.statuses.nodes, result.resolution.statuses.shared
    present = np.flatnonzero(identifier >= 0)
    found: list[VerdictEnd | None] = [None] * identifier.size
    for place, text in zip(present.tolist(), identifier_text(result, identifier[present]), strict=True):
        number = int(identifier[place])
        first, after = nodes.first[number : number + 2].tolist()
        seen = after > first and standing[place] != Standing.ERASED
        reason = Shared(shared[after - 1]) if seen else Shared.NONE
        found[place] = VerdictEnd(text["namespace"], text["issuer"], text["value"] if seen else None, reason.name.lower() if reason else "")
    return found
