"""`idweave demo`: an embedded server, the bundled sample, and what the one answers about the other, told as a story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pyarrow as pa
import typer
from idweave import Client, Counts, IngestResult, Observation
from rich.console import Console

from idweave_server.batch.imported import Imported
from idweave_server.batch.outputs import check_output
from idweave_server.batch.run import Stages
from idweave_server.cli.answers import Answers
from idweave_server.cli.answers import Sent as SentObservation
from idweave_server.cli.changes import changes
from idweave_server.cli.driven_clock import DrivenClock
from idweave_server.cli.embedded import embedded_server
from idweave_server.cli.export import fetch
from idweave_server.cli.findings import Checker, Finding
from idweave_server.cli.graph_demo import check_empty, left_lines, shown_by_graph
from idweave_server.cli.into_server import BATCH, OUTCOMES, import_into
from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import Watch, output_console, shown_progress
from idweave_server.cli.purchase_demo import BOUGHT, OPENED, bought
from idweave_server.cli.resolve import read_sources, read_text
from idweave_server.cli.story import Chapter, input_files, read_story, sample_folder
from idweave_server.cli.telling import Sent, Told, chapter_lines, closing_lines, opening_lines, parting_line, print_lines
from idweave_server.intake.issue_log import IssueLog
from idweave_server.kernels.warmup import warm_up

PATIENCE = 120.0  # seconds that a call may take: the machine may be busy


@dataclass(frozen=True, slots=True)
class Scene:
    """A server that has been sent the sample. issues: what was set aside on the way, as issues.csv has it."""

    client: Client
    answers: Answers
    issues: pa.Table
    sent: Sent


def demo(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Keep what the server knows here; by default it is gone afterwards.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="An empty Neo4j to leave the sample in, to be looked at; tells where, and no story."),
    ] = None,
) -> None:
    """Start a server, send it the bundled sample, and tell the sample's story from its answers: who became whom, and why.

    Every finding is checked against what the story expects; exits with 1 if one does not hold. Nothing is left behind, unless with --store.
    """
    if out is not None:
        check_output(out, ())
    terminal = Console(stderr=True)
    if store is not None:
        fill(store, out, terminal)
        return
    with ExitStack() as stack:
        folder = stack.enter_context(sample_folder())
        stack.enter_context(kernels_at_hand(terminal))
        warm_up()  # here, where Ctrl-C ends it, and not on a thread of the server
        with shown_progress(terminal) as watch:
            clock = DrivenClock(int(OPENED.timestamp()))
            scene = stack.enter_context(staged(folder, watch, clock=clock))
            told = tell(folder, scene)
            if out is not None:  # before anything is changed: the files are those of the story
                fetch(scene.client, out, PATIENCE, watch)
            changed = [*changes(scene.client, scene.answers), (BOUGHT, bought(scene.client, clock))]
            counts = scene.client.get_status(consistency="full").counts
    print_story(told, changed, counts, scene.sent, "" if out is None else str(out))
    if not all(finding.holds for _, findings in (*told, *changed) for finding in findings):
        raise typer.Exit(1)


def fill(store: str, out: Path | None, terminal: Console) -> None:
    """Leave the sample in a database, and tell what to look at there. Raises InputError, StoreError."""
    from idweave_server.app import credentials

    check_empty(store, credentials())
    with ExitStack() as stack:
        folder = stack.enter_context(sample_folder())
        stack.enter_context(kernels_at_hand(terminal))
        warm_up()
        with shown_progress(terminal) as watch:
            scene = stack.enter_context(staged(folder, watch, store))
            if out is not None:
                fetch(scene.client, out, PATIENCE, watch)
            shown = shown_by_graph(scene.client, PATIENCE)
    print_lines(output_console(), left_lines(store, shown, scene.sent, "" if out is None else str(out)))


def print_story(told: Told, changed: Told, counts: Counts, sent: Sent, out: str) -> None:
    console = output_console()
    print_lines(console, opening_lines(sent.files))
    for number, (chapter, findings) in enumerate(told, 1):
        print_lines(console, chapter_lines(number, chapter, findings))
    print_lines(console, parting_line())
    for number, (chapter, findings) in enumerate(changed, len(told) + 1):
        print_lines(console, chapter_lines(number, chapter, findings))
    print_lines(console, closing_lines([*told, *changed], counts, sent, out))


@contextmanager
def staged(folder: Path, watch: Watch, store: str = "", clock: DrivenClock | None = None) -> Iterator[Scene]:
    """A server of this process, which has been sent the sample in `folder`, by the sample's own mapping and policy. store: its URL, by
    default one of its own, which is gone afterwards; clock: that it goes by. The files go by their bare names."""
    sources = [
        (replace(file, name=file.path.name), mapping) for file, mapping in read_sources(input_files(folder), [folder / "mapping.toml"])
    ]
    imported = Imported(len(sources), 0, IssueLog())
    sent: list[tuple[Observation, IngestResult]] = []

    def note(batch: Sequence[Observation], results: Sequence[IngestResult]) -> None:
        sent.extend(zip(batch, results, strict=True))

    with (
        TemporaryDirectory(prefix="idweave-demo-") as own,
        embedded_server(Path(own), folder / "policy.toml", store, clock) as address,
        Client(address, timeout=PATIENCE) as client,
    ):
        import_into(client, sources, backfill=True, stages=Stages(watch=watch), imported=imported, told=note)
        issues = imported.issue_table()
        count = Sent(imported.observations, len(sources), issues.num_rows)
        yield Scene(client, Answers(client, _as_known(client, sent)), issues, count)


def _as_known(client: Client, sent: Sequence[tuple[Observation, IngestResult]]) -> list[SentObservation]:
    """What was sent as the server understands it, and whose it is now: sent again it is a DUPLICATE, and the answer names its profile."""
    observations = [one for one, _ in sent]
    again = client.ingest_batch(observations).results
    canonical = [
        result.observation
        for begin in range(0, len(observations), BATCH)
        for result in client.validate(observations[begin : begin + BATCH]).results
    ]
    return [
        SentObservation(understood, OUTCOMES[first.outcome], now.profile_id)
        for (_, first), understood, now in zip(sent, canonical, again, strict=True)
    ]


def tell(folder: Path, scene: Scene) -> list[tuple[Chapter, list[Finding]]]:
    """The chapters of the story with what was found for each of their expectations."""
    checker = Checker(scene.answers, scene.issues)
    return [
        (chapter, [checker.check(expected) for expected in chapter.expectations])
        for chapter in read_story(read_text(folder / "story.toml"))
    ]
