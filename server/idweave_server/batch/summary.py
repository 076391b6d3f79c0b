"""The end of a run on a terminal: what was found, what deserves a look, and what to do about the rows that were refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from idweave_server.batch.report import FragileProfile, LargeProfile, Report
from idweave_server.intake.remedies import remedy

WIDTH = 100
BAR = 22  # cells of the longest bar
SHOWN = 5  # lines of a list that report.json holds in full
TRAILING = re.compile(r" *(\x1b\[0m)? *$", re.MULTILINE)  # what rich fills lines with, which nobody wants to paste
QUIET = "bright_black"
LOOK = "yellow"

SHARED = {
    "fake": "made up: listed, a keyboard walk, repeated digits",
    "role": "role mailboxes such as info@",
    "service": "hotlines: toll-free, shared-cost, premium",
    "names": "three or more different first names, none dominant",
    "partners": "seen with more addresses than one person has",
    "asserted": "a verdict says so",
}
REFUSED = {
    "names": "the two sides have different first names",
    "birth_dates": "the two sides have different birth dates",
    "unique": "two values of which a person has at most one",
    "different": "a verdict says that they are different people",
}


def render_summary(report: Report, console: Console, issues_file: str = "issues.csv") -> None:
    """Print the summary; at most 100 columns wide, plain where the console has no colour."""
    with console.capture() as capture:
        for number, section in enumerate(_sections(report, issues_file)):
            console.print(Padding(section, (int(number > 0), 0, 0, 1)), width=min(console.width, WIDTH), highlight=False)
    console.file.write(TRAILING.sub(r"\1", capture.get()))
    console.file.flush()


def _sections(report: Report, issues_file: str) -> Iterator[RenderableType]:
    yield _headline(report)
    if report.observations:
        outcomes = _titled("Observations", _counts(report.outcomes, {}, report.observations))
        yield _beside(outcomes, _titled("Profiles by number of identifiers", _bars(report.sizes)))
    if report.largest:
        yield _titled("Largest profiles", _largest(report.largest))
    if any(report.shared.values()):
        yield _titled("Shared identifiers, which link nobody", _counts(report.shared, SHARED), _most_shared(report))
    if any(report.refused.values()):
        yield _titled("Unions refused, the reasons two identifiers are apart", _counts(report.refused, REFUSED))
    if report.most_fragile:
        yield _titled("Most fragile profiles, each held together by one link", _fragile(report), _more(report.fragile, "fragile profile"))
    if report.formats:
        yield _titled("Dates inferred", _formats(report))
    if report.duplicates_within or report.duplicates_between:
        yield _titled("Duplicates", _duplicates(report))
    if report.verdicts_not_holding:
        yield _titled("Verdicts that do not hold", _verdicts(report), _more(len(report.verdicts_not_holding), "verdict"))
    if report.issues:
        yield _issues(report, issues_file)


def _headline(report: Report) -> Text:
    files = f"{len(report.files)} file{'s' if len(report.files) != 1 else ''}"
    text = Text.assemble(
        (f"{report.observations:,}", "bold"),
        f" observations from {files} make ",
        (f"{report.profiles:,}", "bold"),
        " profile" + ("s" if report.profiles != 1 else ""),
    )
    text.append(f"   as of {_when(report.as_of)}", QUIET)
    if report.erasures:
        text.append(f"\n{report.erasures:,} erasure{'s' if report.erasures != 1 else ''} obeyed", QUIET)
    return text


def _titled(title: str, *parts: RenderableType | None) -> Group:
    return Group(Text(title, "bold"), *(Padding(part, (0, 0, 0, 2)) for part in parts if part is not None))


def _beside(left: RenderableType, right: RenderableType) -> Table:
    grid = Table.grid(padding=(0, 6, 0, 0))
    grid.add_row(left, right)
    return grid


def _grid(*columns: str) -> Table:
    """Columns "left" and "right" keep their width; "cut" gives way first, its text made with `_cut`; "wrap" gives way by wrapping."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for kind in columns:
        grid.add_column(justify="right" if kind == "right" else "left", no_wrap=kind in ("left", "right"), overflow="ellipsis")
    return grid


def _cut(*parts: str | tuple[str, str]) -> Text:
    """Text on one line, cut with an ellipsis where its column is too narrow."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def _counts(counts: dict[str, int], meaning: dict[str, str], whole: int = 0) -> Table:
    """The counts that are not zero, with what the words mean, or their share of the whole where one is given."""
    grid = _grid("left", "right", "right" if whole else "left")
    for word, count in counts.items():
        if count:
            aside = f"{100 * count / whole:.1f} %" if whole else meaning[word]
            grid.add_row(word.replace("_", " "), f"{count:,}", Text(aside, QUIET))
    return grid


def _bars(sizes: dict[str, int]) -> Table:
    grid = _grid("right", "right", "left")
    most = max(sizes.values(), default=0)
    for label, count in sizes.items():
        if count:
            grid.add_row(label, f"{count:,}", Text("█" * max(1, round(BAR * count / most)), "blue"))
    return grid


def _largest(largest: Iterable[LargeProfile]) -> Table:
    grid = _grid("left", "cut", "right", "cut")
    for profile in largest:
        kinds = ", ".join(f"{count} {namespace}" for namespace, count in profile.identifiers.items())
        seen = f"{profile.observations:,} obs."
        grid.add_row(Text(profile.profile_id[:8], QUIET), _cut(profile.name or "—"), seen, _cut(f"{profile.size}: {kinds}"))
    return grid


def _most_shared(report: Report) -> Table:
    grid = _grid("cut", "right", "left")
    for line in report.most_shared[:SHOWN]:
        grid.add_row(_end(line.identifier), f"{line.observations:,} obs.", Text(line.reason, QUIET))
    return grid


def _fragile(report: Report) -> Table:
    grid = _grid("left", "cut", "left", "cut", "right", "left")
    for line in report.most_fragile[:SHOWN]:
        grid.add_row(Text(line.profile_id[:8], QUIET), _end(line.left), Text("—", QUIET), _end(line.right), *_sureness(line))
    return grid


def _sureness(line: FragileProfile) -> tuple[Text, Text]:
    times = "once" if line.evidence == 1 else f"{line.evidence} times"
    return Text(f"{100 * line.probability:.0f} %", LOOK if line.probability < 0.5 else ""), Text(f"seen {times}", QUIET)


def _formats(report: Report) -> Table:
    grid = _grid("cut", "left", "wrap")
    for read in report.formats:
        how = Text(read.question, LOOK) if read.question else Text(read.decided_by, QUIET)
        form = read.format or ("undecided" if read.question else "several formats")
        grid.add_row(_cut(f"{read.file} · {read.field}"), Text(form, LOOK if read.question else ""), how)
    return grid


def _duplicates(report: Report) -> Table:
    grid = _grid("right", "left")
    for source, count in report.duplicates_within.items():
        grid.add_row(f"{count:,}", Text(f"sent more than once by {source}; counted once"))
    for line in report.duplicates_between:
        grid.add_row(f"{line.observations:,}", Text(f"reported by both {line.sources[0]} and {line.sources[1]}; both count"))
    return grid


def _verdicts(report: Report) -> Table:
    grid = _grid("left", "left", "cut", "wrap")
    for line in report.verdicts_not_holding[:SHOWN]:
        where = _cut((f"{line.file}:{line.row}", QUIET))
        grid.add_row(Text(line.verdict), Text(line.standing, LOOK), where, Text(line.remedy, QUIET))
    return grid


def _issues(report: Report, file: str) -> Group:
    count = f"{report.issues:,} refused value{'s' if report.issues != 1 else ''} or row{'s' if report.issues != 1 else ''}"
    title = Text.assemble((count, f"bold {LOOK}"), f", each listed in {file}")
    grid = _grid("right", "left", "wrap")
    for line in report.issue_reasons[:SHOWN]:
        place = f"first in {line.file}" + (f", row {line.row:,}" if line.row else "") + (f", {line.field}" if line.field else "")
        grid.add_row(f"{line.count:,}", line.reason, Text.assemble(remedy(line.reason), (f"\n{place}", QUIET)))
    rest = len(report.issue_reasons) - SHOWN
    return Group(title, Padding(grid, (0, 0, 0, 2)), *([Text(f"  and {rest} more reasons in report.json", QUIET)] if rest > 0 else []))


def _more(count: int, noun: str) -> Text | None:
    return Text(f"and {count - SHOWN:,} more {noun}s: see report.json", QUIET) if count > SHOWN else None


def _end(end: dict[str, str]) -> Text:
    issuer = f"@{end['issuer']}" if end["issuer"] else ""
    return _cut((f"{end['namespace']}{issuer}:", QUIET), end["value"])


def _when(iso: str) -> str:
    return f"{iso[:10]} {iso[11:19]} UTC"
