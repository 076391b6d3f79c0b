"""`idweave validate`: what a server would understand of a file, without taking anything in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import typer
from idweave import Issue, Observation, Outcome, RefusalReason, ValidateResponse, word
from rich.text import Text

from idweave_server.batch.mapping_check import check_mapping
from idweave_server.batch.run import Stages, read_units
from idweave_server.cli.connection import Asking
from idweave_server.cli.observation_messages import FileMessages
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import observation_line, print_all
from idweave_server.cli.resolve import read_sources
from idweave_server.cli.wording import LOOK, QUIET
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.issue_log import IssueLog
from idweave_server.resolution.policy import load_policy

MOST = 10_000  # observations in one request


def validate(
    asking: Asking,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="CSV, TSV, JSONL, Parquet or XLSX.")],
    mapping: Annotated[Path, typer.Option("--mapping", "-m", metavar="M.toml", help="What its columns are.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, metavar="N", help="Only the first so many rows.")] = 1_000,
) -> None:
    """What a server would understand of the first rows of a file, and what it would refuse; nothing is taken in.

    Exits with 1 if any row or value would be refused.
    """
    sources = read_sources([file], [mapping])
    with asking.client() as client:
        policy, lists, local = load_policy(client.get_policy().policy), default_lists(), IssueLog()
        check_mapping(sources[0][1], policy, lists)
        (unit,) = read_units(sources, local, Stages())
        messages = FileMessages(unit, policy, lists, local, today=int(datetime.now(UTC).strftime("%Y%m%d")))
        rows = list(islice(np.flatnonzero(messages.refusal == 0).tolist(), limit))
        reply = client.validate(messages.messages(rows)) if rows else ValidateResponse()
    unsent = unit.observations.row[np.flatnonzero(messages.refusal)[:limit]].tolist()
    refused = sum(len(result.issues) for result in reply.results) + len(unsent)
    if not asking.shown(reply):
        print_all(output_console(), _lines(reply, unit.observations.row[rows].tolist()))
        print_all(output_console(), _unsent(local.table(np.zeros(messages.refusal.size, bool), ()), set(unsent)))
    if refused:
        raise typer.Exit(1)


def _lines(reply: ValidateResponse, rows: list[int]) -> Iterator[Text]:
    for row, result in zip(rows, reply.results, strict=True):
        good = result.outcome == Outcome.OUTCOME_ACCEPTED
        yield Text.assemble(
            (f"row {row:<6}", QUIET), (word(Outcome, result.outcome), "green" if good else LOOK), "  ", _said(result.observation)
        )
        for issue in result.issues:
            yield Text.assemble("            ", _refused(issue))


def _unsent(issues: pa.Table, rows: set[int]) -> Iterator[Text]:
    """Rows that cannot be sent at all, such as those without a time."""
    for issue in issues.to_pylist():
        if issue["row"] in rows:
            lead = Text.assemble((f"row {issue['row']:<6}", QUIET), ("REJECTED", LOOK), f"  {issue['reason']} {issue['value']}")
            yield Text.assemble(lead, (f"  {issue['field']}: {issue['message']}", QUIET))


def _said(one: Observation) -> Text:
    kind = one.evidence_kind.lower().replace("_", " ")
    return Text.assemble(f"{one.source.name}: {kind}  ", observation_line(one))


def _refused(issue: Issue) -> Text:
    reason = word(RefusalReason, issue.reason).lower()
    return Text.assemble((reason, LOOK), f" {issue.value}", (f"  {issue.field}: {issue.message}", QUIET))
