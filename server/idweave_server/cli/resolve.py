"""`idweave resolve`: files into profiles, in memory, without a store."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from rich.console import Console

from idweave_server.batch.files import SourceFile, inspect_file
from idweave_server.batch.mapping import assign_mappings, load_mapping
from idweave_server.batch.mapping_model import Mapping
from idweave_server.batch.outputs import check_output, write_outputs
from idweave_server.batch.report import Report
from idweave_server.batch.run import Stages, run
from idweave_server.batch.summary import render_summary
from idweave_server.cli.kernels import kernels_at_hand
from idweave_server.cli.progress import output_console, shown_progress
from idweave_server.errors import InputError, OutputError
from idweave_server.identifiers.dates import parse_times
from idweave_server.identifiers.lists import default_lists
from idweave_server.resolution.policy import Policy, load_policy


class Format(StrEnum):
    """How the outputs are written."""

    CSV = "csv"
    PARQUET = "parquet"
    BOTH = "both"


def resolve(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, TSV, JSONL, Parquet or XLSX; plain, .gz or .zst.", show_default=False)
    ],
    mapping: Annotated[
        list[Path],
        typer.Option("--mapping", "-m", metavar="M.toml", help="What the columns are: one for all files, or one for each, in order."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where the results go; an earlier run's files there are replaced.")
    ],
    policy: Annotated[Path | None, typer.Option(metavar="P.toml", help="Rules that differ from the defaults.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="When evidence that has a time to live is judged (ISO 8601); by default the newest time in the input."
        ),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="How the results are written.")] = Format.CSV,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any row or value was refused.")] = False,
    id_key: Annotated[
        str,
        typer.Option(envvar="IDWEAVE_ID_KEY", metavar="TEXT", show_envvar=True, help="Key of the profile ids; see below."),
    ] = "",
    timings: Annotated[bool, typer.Option("--timings", help="Add the seconds of each stage to report.json.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
) -> None:
    """Resolve files into profiles: who is who, and why.

    Writes observations, identifiers, links, profiles and issues as CSV or Parquet, and report.json. What cannot be used is in issues with
    its reason and never stops the rest.

    Profile ids: a batch has no log to remember ids in, so they are derived from what identifies each profile. The same person keeps an id
    from run to run as long as that identifier stays. Without --id-key anybody who knows an identifier can compute the id; with it only
    those who know the key can, and runs compare only under the same key.
    """
    moment = None if as_of is None else read_moment(as_of)
    rules = read_policy(policy)
    sources = read_sources(files, mapping)
    check_output(out, tuple(str(path) for path in files))
    stages = Stages(time.perf_counter)
    with ExitStack() as stack:
        terminal = Console(stderr=True)
        stack.enter_context(kernels_at_hand(terminal))
        stages.watch = stack.enter_context(shown_progress(terminal))
        key = id_key.encode("utf-8", "surrogateescape")
        result = run(sources, rules, default_lists(), as_of=moment, id_key=key, stages=stages)
        with stages.stage("write"):
            formats = frozenset({"csv", "parquet"} if output_format is Format.BOTH else {output_format.value})
            report = write_outputs(result, out, formats=formats, progress=partial(stages.watch, "write"))
    if timings:
        add_timings(out, stages)
    issues_file = str(out / f"issues.{'parquet' if output_format is Format.PARQUET else 'csv'}")
    if not quiet:
        print_summary(report, out, issues_file)
    s = "s" * (report.issues != 1)
    if report.issues and (quiet or strict):
        typer.echo(f"idweave: {report.issues:,} refused value{s} or row{s}, each listed in {issues_file}", err=True)
    if report.issues and strict:
        raise typer.Exit(1)


def print_summary(report: Report, out: Path, issues_file: str) -> None:
    """The summary on stdout. Raises OutputError where that takes no more; a reader that has gone away is typer's affair."""
    try:
        render_summary(report, output_console(), issues_file)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer would fail again at exit
        reason = error.strerror or error
        raise OutputError(f"the results are in {out}, but their summary could not be printed ({reason}); --quiet prints none") from None


def read_moment(text: str) -> int:
    """Seconds UTC of an ISO 8601 time; InputError for anything else."""
    seconds, refusal = parse_times(pa.array([text]), "iso")
    if refusal[0]:
        raise InputError(f"--as-of {text!r} is no time between 1900 and 2100; write it as in 2026-03-31 or 2026-03-31T12:00:00Z")
    return int(seconds[0])


def read_policy(path: Path | None) -> Policy:
    """The policy of a file, or the defaults; allowed_file names are looked up beside the file."""
    if path is None:
        return load_policy("")

    def read_list(name: str) -> list[str]:
        lines = read_text(path.parent / name).splitlines()
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    return load_policy(read_text(path), read_list)


def read_sources(files: list[Path], mappings: list[Path]) -> list[tuple[SourceFile, Mapping]]:
    """Every file with its mapping. Raises InputError and MappingError."""
    loaded = [load_mapping(read_text(path), str(path)) for path in mappings]
    chosen = assign_mappings(loaded, files)
    found = [(inspect_file(path, mapping.options), mapping) for path, mapping in zip(files, chosen, strict=True)]
    return [(replace(file, name=shown(file.path)), mapping) for file, mapping in found]


def shown(path: Path) -> str:
    """A path as text that UTF-8 can hold: a name may be any bytes."""
    return os.fsencode(path).decode("utf-8", "replace")


def read_text(path: Path) -> str:
    """A small text file, UTF-8; InputError says what is wrong with one that cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def add_timings(out: Path, stages: Stages) -> None:
    """Put the seconds of each stage into report.json, where they are not by default: the same input gives the same bytes."""
    path = out / "report.json"
    try:
        report = json.loads(path.read_text("utf-8"))
        report["stages"] = {name: round(seconds, 3) for name, seconds in stages.seconds.items()}
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None
