"""The facts of a run that its report tells, as values: what report.json holds, and what the summary is printed from.

Nothing in them differs between two runs on the same input: no clock, no duration, no path but the file names as they were given.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from idweave_server.batch.report_verdicts import VerdictLine

End = dict[str, str]  # namespace, issuer ("" without one), value


@dataclass(frozen=True, slots=True)
class IssueReason:
    """How often one reason stands in issues.csv, and where it stands first."""

    reason: str
    count: int
    file: str
    row: int
    field: str


@dataclass(frozen=True, slots=True)
class LargeProfile:
    profile_id: str
    name: str
    size: int
    observations: int
    identifiers: dict[str, int]


@dataclass(frozen=True, slots=True)
class FragileProfile:
    """A profile that would fall in two, with lasting identifiers on both sides, without one link; strength in nats."""

    profile_id: str
    size: int
    left: End
    right: End
    strength: float
    probability: float
    evidence: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    identifier: End
    reason: str
    observations: int


@dataclass(frozen=True, slots=True)
class FormatRead:
    """How one column's dates were read; fits: how many of its values each format fits. format None: not decided, see the question."""

    file: str
    field: str
    source: str
    format: str | None
    fits: dict[str, int]
    decided_by: str
    question: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """Observations whose whole content two sources report."""

    sources: tuple[str, str]
    observations: int


@dataclass(frozen=True, slots=True)
class Report:
    """What report.json holds, under these names and in this order."""

    idweave: str
    policy: str
    lists: str
    as_of: str
    files: tuple[str, ...]
    rows_read: int
    observations: int
    outcomes: dict[str, int]
    issues: int
    issue_reasons: tuple[IssueReason, ...]
    identifiers: dict[str, int]
    changed_hands: int
    shared: dict[str, int]
    most_shared: tuple[SharedIdentifier, ...]
    links: int
    refused: dict[str, int]
    profiles: int
    sizes: dict[str, int]
    largest: tuple[LargeProfile, ...]
    fragile: int
    most_fragile: tuple[FragileProfile, ...]
    formats: tuple[FormatRead, ...]
    duplicates_within: dict[str, int]
    duplicates_between: tuple[Repeated, ...]
    erasures: int
    verdicts: dict[str, int]
    verdicts_not_holding: tuple[VerdictLine, ...]

    def json(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
