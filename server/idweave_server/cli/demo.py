"""`idweave demo`: the bundled sample, resolved and told as a story."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from idweave_server.batch.outputs import check_output, write_outputs
from idweave_server.batch.report import Report
from idweave_server.batch.result import BatchResult
from idweave_server.batch.run import Stages, run
from idweave_server.cli.findings import Checker
from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.cli.resolve import read_policy, read_sources, read_text
from idweave_server.cli.story import input_files, read_story, sample_folder
from idweave_server.cli.telling import Told, chapter_lines, closing_lines, opening_lines, print_lines
from idweave_server.cli.wording import Wording
from idweave_server.identifiers.lists import default_lists


def demo(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Keep the results here; by default they are removed again.")
    ] = None,
) -> None:
    """Resolve the bundled sample and tell its story: who became whom, and why.

    Every finding is checked against what the story expects; exits with 1 if one does not hold.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(sample_folder())
        written = out or Path(stack.enter_context(TemporaryDirectory(prefix="idweave-demo-")))
        terminal = Console(stderr=True)
        stack.enter_context(kernels_at_hand(terminal))
        stages = Stages(watch=stack.enter_context(shown_progress(terminal)))
        result, report = resolve_sample(folder, written, stages)
        told = tell(folder, result, written)
    console = output_console()
    print_lines(console, opening_lines(len(result.rows.files)))
    for number, (chapter, findings) in enumerate(told, 1):
        print_lines(console, chapter_lines(number, chapter, findings))
    print_lines(console, closing_lines(told, report, "" if out is None else str(out)))
    if not all(finding.holds for _, findings in told for finding in findings):
        raise typer.Exit(1)


def resolve_sample(folder: Path, out: Path, stages: Stages) -> tuple[BatchResult, Report]:
    """Resolve the sample in `folder` by its own mapping and policy, and write the results. Its files go by their bare names."""
    check_output(out, ())
    sources = [
        (replace(file, name=file.path.name), mapping) for file, mapping in read_sources(input_files(folder), [folder / "mapping.toml"])
    ]
    result = run(sources, read_policy(folder / "policy.toml"), default_lists(), as_of=None, id_key=b"", stages=stages)
    with stages.stage("write"):
        return result, write_outputs(result, out)


def tell(folder: Path, result: BatchResult, written: Path) -> Told:
    """The chapters of the story with what was found for each of their expectations."""
    checker = Checker(Wording(result), written)
    return [
        (chapter, [checker.check(expected) for expected in chapter.expectations])
        for chapter in read_story(read_text(folder / "story.toml"))
    ]
