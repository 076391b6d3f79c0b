"""The end of an import on a terminal: what became of the rows, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.text import Text

from idweave_server.batch.imported import Imported
from idweave_server.cli.wording import LOOK, QUIET
from idweave_server.intake.remedies import remedy
from idweave_server.model import Outcome

SHOWN = 5  # reasons
MEANING = {
    Outcome.ACCEPTED: "count, and belong to somebody",
    Outcome.UNLINKED: "count, and belong to nobody yet",
    Outcome.DUPLICATE: "were there already",
    Outcome.CONFLICT: "came before with other content, which counts",
    Outcome.REJECTED: "cannot be used",
    Outcome.EXPIRED: "are older than their time to live",
    Outcome.ERASED: "are covered by an erasure, and were not kept",
}


def print_import(console: Console, imported: Imported, issues: pa.Table, *, where: str, issues_file: str, seconds: float) -> None:
    """where: the store or the server; issues_file: where the issues are, blank where nowhere."""
    for line in _lines(imported, issues, where, issues_file, seconds):
        console.print(line, highlight=False, soft_wrap=True)


def import_json(imported: Imported, issues: pa.Table, seconds: float) -> str:
    """The same for a program."""
    reasons = {reason: count for reason, count, _ in _reasons(issues)}
    told = {
        "rows": imported.rows,
        "observations": imported.observations,
        "outcomes": {outcome.name: imported.of(outcome) for outcome in Outcome},
        "verdicts": dict(sorted(imported.standings.items())),
        "erasures": imported.erasures,
        "forgotten": imported.forgotten,
        "issues": issues.num_rows,
        "issueReasons": reasons,
        "seconds": round(seconds, 3),
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def _lines(imported: Imported, issues: pa.Table, where: str, issues_file: str, seconds: float) -> Iterator[Text]:
    files = f"{imported.files} file{'s' * (imported.files != 1)}"
    rate = f"   {seconds:,.1f} s, {imported.observations / seconds:,.0f} a second" if seconds > 0 else ""
    yield Text.assemble(" ", (f"{imported.observations:,}", "bold"), f" observations from {files} into {where}", (rate, QUIET))
    for outcome, meaning in MEANING.items():
        if imported.of(outcome):
            look = LOOK if outcome in (Outcome.CONFLICT, Outcome.REJECTED) else ""
            yield Text.assemble(f"   {outcome.name.lower():<10}", (f"{imported.of(outcome):>12,}", look), (f"  {meaning}", QUIET))
    if imported.erasures:
        forgotten = f", {imported.forgotten:,} observations forgotten" if imported.forgotten else ""
        yield Text(f" {imported.erasures:,} erasure{'s' * (imported.erasures != 1)} obeyed{forgotten}")
    if imported.standings:
        total = sum(imported.standings.values())
        others = [f"{count:,} {standing}" for standing, count in sorted(imported.standings.items()) if standing != "holds"]
        held = f"{imported.standings.get('holds', 0):,} hold"
        yield Text.assemble(f" {total:,} verdict{'s' * (total != 1)}", (f"  {', '.join([held, *others])}", QUIET))
    if issues.num_rows:
        yield from _issue_lines(issues, issues_file)


def _issue_lines(issues: pa.Table, issues_file: str) -> Iterator[Text]:
    place = f", each listed in {issues_file}" if issues_file else "; --issues FILE.csv lists each"
    count = f"{issues.num_rows:,} refused value{'s' * (issues.num_rows != 1)} or row{'s' * (issues.num_rows != 1)}"
    yield Text.assemble(" ", (count, f"bold {LOOK}"), place)
    reasons = _reasons(issues)
    for reason, many, first in reasons[:SHOWN]:
        yield Text.assemble(f"   {many:>8,}  {reason:<20}  ", (f"{remedy(reason)}; first in {first}", QUIET))
    if len(reasons) > SHOWN:
        yield Text(f"             and {len(reasons) - SHOWN} more reasons", QUIET)


def _reasons(issues: pa.Table) -> list[tuple[str, int, str]]:
    """(reason, how often, where first), the most frequent first."""
    counted = pc.value_counts(issues["reason"]).to_pylist()
    found = []
    for one in sorted(counted, key=lambda one: (-one["counts"], one["values"])):
        row = issues.slice(pc.index(issues["reason"], one["values"]).as_py(), 1).to_pylist()[0]
        place = row["file"] + (f", row {row['row']:,}" if row["row"] else "") + (f", {row['field']}" if row["field"] else "")
        found.append((one["values"], one["counts"], place))
    return found
