"""Write the results of a run: its tables as CSV, as Parquet or as both, and report.json; all of them appear together or none does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from idweave_server.batch.columns import Table
from idweave_server.batch.csv_table import write_csv
from idweave_server.batch.fragility import weakest_links
from idweave_server.batch.gather_report import make_report
from idweave_server.batch.output_tables import (
    identifier_table,
    issue_table,
    link_table,
    node_order,
    observation_table,
    profile_table,
)
from idweave_server.batch.parquet_table import write_parquet
from idweave_server.batch.replace import check_replaceable, replacing
from idweave_server.batch.report import Report
from idweave_server.batch.result import BatchResult

TABLES = ("observations", "identifiers", "links", "profiles", "issues")
OF_STORES = ("redirects",)  # beside those, of a store alone
FORMATS = {"csv": write_csv, "parquet": write_parquet}
REPORT = "report.json"
NAMES = (
    *(f"{table}.{suffix}" for suffix in FORMATS for table in (*TABLES, *OF_STORES)),
    REPORT,
)  # the report marks a complete set, so it comes last
CSV = frozenset({"csv"})
WRITERS = 2  # tables written at once; most of the work is done without Python's lock

Progress = Callable[[int, int], None]  # told how many rows of how many are written, all files together


def check_output(out: Path, inputs: tuple[str, ...]) -> None:
    """Raise OutputError if the results of these input files could not be put into `out`; for before the run."""
    check_replaceable(out, NAMES, inputs)


def write_outputs(
    result: BatchResult, out: Path, *, formats: frozenset[str] = CSV, progress: Progress | None = None, more: tuple[Table, ...] = ()
) -> Report:
    """Write the files into `out` and return what report.json says.

    formats: "csv", "parquet" or both; an earlier run's files go, in whichever format they are; files that aren't ours stay. more: the
    tables OF_STORES. Raises OutputError, and then `out` is as it was.
    """
    written = _Written((_row_count(result) + sum(map(len, more))) * len(formats), progress)

    def write(table: Table) -> None:
        for suffix in sorted(formats):
            with (aside / f"{table.name}.{suffix}").open("wb") as file:
                FORMATS[suffix](table, file, written.add)

    with replacing(out, NAMES, result.rows.files) as aside, ThreadPoolExecutor(WRITERS) as pool:
        weakest, order = pool.submit(weakest_links, result), pool.submit(node_order, result)  # first in, so the others can wait for them
        writing = [
            pool.submit(lambda: write(observation_table(result))),
            pool.submit(lambda: write(link_table(result, order.result()))),
            pool.submit(lambda: write(identifier_table(result, order.result()))),
            pool.submit(lambda: write(profile_table(result, weakest.result().strength))),
            pool.submit(lambda: write(issue_table(result))),
            *(pool.submit(write, table) for table in more),
        ]
        report = make_report(result, weakest.result())
        (aside / REPORT).write_bytes(report.json())
        for table in writing:
            table.result()
    return report


class _Written:
    """Adds up the rows written, from whichever thread."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._done, self._progress, self._lock = total, 0, progress, Lock()

    def add(self, rows: int) -> None:
        if self._progress is not None:
            with self._lock:
                self._done += rows
                self._progress(self._done, self._total)


def _row_count(result: BatchResult) -> int:
    resolution = result.resolution
    return (
        int(result.rows.outcome.size)
        + len(resolution.statuses.nodes)
        + int(resolution.apart.size)
        + resolution.profiles
        + int(result.issues.num_rows)
    )
