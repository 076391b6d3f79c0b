"""The story on a terminal: each chapter with what happened, what was found, and whether it is what the story expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idweave import Counts
from rich.console import Console
from rich.text import Text

from idweave_server.cli.findings import Finding
from idweave_server.cli.story import Chapter
from idweave_server.cli.wording import LOOK, QUIET

WIDTH = 100
MARGIN = 5  # columns before a chapter's text; its number stands there
HOLDS, FAILS = Text("✓ ", "green"), Text("✗ ", "bold red")

Told = Sequence[tuple[Chapter, Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to the server: observations, from so many files, and how many values or rows were set aside."""

    observations: int
    files: int
    issues: int


def print_lines(console: Console, lines: Iterator[tuple[Text, Text]]) -> None:
    """Print (lead, text) pairs: a text that is too wide goes on below where it began. No line ends in blanks."""
    width = min(console.width, WIDTH) if console.is_terminal else max(console.width, WIDTH)
    for lead, text in lines:
        wrapped = text.wrap(console, max(width - lead.cell_len, 20)) if text.plain else [text]
        for number, line in enumerate(wrapped):
            whole = Text.assemble(lead if number == 0 else " " * lead.cell_len, line)
            whole.rstrip()
            console.print(whole, soft_wrap=True, highlight=False)


def chapter_lines(number: int, chapter: Chapter, findings: Sequence[Finding]) -> Iterator[tuple[Text, Text]]:
    indent = Text(" " * MARGIN)
    yield Text(f"{number:>{MARGIN - 2}}  "), Text(chapter.title, "bold")
    yield indent, Text(chapter.happened)
    yield Text.assemble(indent, "→ "), Text(chapter.see, "italic")
    for place, finding in enumerate(findings):
        if finding in findings[:place]:  # two expectations may have the same to say
            continue
        yield Text.assemble(indent, HOLDS if finding.holds else FAILS), finding.said
        for detail in finding.details:
            yield Text.assemble(indent, "  "), detail
    yield Text(), Text()


def opening_lines(files: int) -> Iterator[tuple[Text, Text]]:
    text = (
        f"Lark & Loom, an invented yarn shop in Portland with a sister shop in Berlin, keeps its customers in {files} systems. "
        "An idweave server has just started on this machine and been sent three years of their files; all below is what it answers. "
        "Who is who, and why?"
    )
    yield Text(" "), Text(text)
    yield Text(), Text()


def parting_line() -> Iterator[tuple[Text, Text]]:
    """Between what the files tell and what is done to a running server."""
    yield Text(" "), Text("So far what the files say. The server goes on, and takes back what turns out to be wrong:")
    yield Text(), Text()


def closing_lines(told: Told, counts: Counts, sent: Sent, out: str) -> Iterator[tuple[Text, Text]]:
    """The run in short, and what to try next. counts: of what is known at the end; out: where the files are, blank where they are gone."""
    findings = [finding for _, each in told for finding in each]
    held = sum(finding.holds for finding in findings)
    lines = (
        (sent.observations, f"observations sent from {sent.files} systems; sent twice, and each counts once"),
        (counts.observations, "of them count"),
        (counts.profiles, "profiles"),
        (counts.identifiers, "identifiers"),
        (sent.issues, "values or rows set aside, each with its reason"),
    )
    yield Text(" "), Text("In short", "bold")
    for count, what in lines:
        yield Text(f"{count:>8}  "), Text(what)
    kept = f"{held} of the story's {len(findings)} expectations hold"
    yield Text.assemble("       ", HOLDS if held == len(findings) else FAILS, " "), Text(kept, "" if held == len(findings) else LOOK)
    yield Text(), Text()
    yield Text(" "), Text("What to try next", "bold")
    where = out or "out"
    tries = [
        *([] if out else [("idweave demo --out out", "keeps all that the server knows, as files")]),
        (f"grep 5039590210 {where}/identifiers.csv", "the number with two lives, and from when to when"),
        ("idweave serve", "a server of your own, with a store in this folder"),
        ("idweave import --help", "your files into it; a mapping says what their columns are"),
        ("idweave lookup --help", "whose an address is; explain, profile and timeline tell more"),
        ("idweave resolve --help", "files into profiles, without a server"),
    ]
    width = max(len(command) for command, _ in tries)
    for command, what in tries:
        yield Text(f"   {command:<{width}}  "), Text(what, QUIET)
