"""A world of made-up people as files: observations in Parquet, JSON lines or CSV, the mapping that fits them, and the truth.

The same count, seed and noise give the same files. Memory is bounded by the number of people (a fourteenth of the observations) and by
one stretch of time, half a million observations, whatever the count.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from benchmarks.noise import PRESETS, Noise
from benchmarks.population import People, people
from benchmarks.sightings import ROWS_A_SESSION, sightings
from benchmarks.spelling import observed

FORMATS = ("parquet", "jsonl", "csv")
ROWS_A_PERSON = 14
STRETCH = 500_000  # observations made at a time
TRUTH = "truth.parquet"
MAPPING = """# What the columns of a made-up world are.
[observation]
id = "obs_id"
time = { field = "ts", format = "unix" }
source = { field = "source" }
evidence = { field = "event", map = { browse = "BROWSE", app_open = "BROWSE", login = "LOGIN", app_login = "APP_LOGIN", \
social_login = "SOCIAL_LOGIN", order = "ORDER", guest_order = "GUEST_ORDER", call = "CALL", pos = "POS", wifi = "WIFI", \
preference = "PREFERENCE", share = "SHARE", append = "APPENDED" } }

[identifiers]
email = "email"
phone = { field = "phone", region = "US" }
device = "device"
cookie = "cookie"
social = { field = "social", network = "x" }
ip = "ip"
customer_id = "customer_id"

[traits]
first_name = "first_name"
last_name = "last_name"
birth_date = { field = "dob", format = "%Y-%m-%d" }
street = "street"
postcode = "zip"

[events]
type = { field = "event" }
"""


def stretches(count: int, seed: int, noise: Noise) -> Iterator[tuple[pa.Table, pa.Table]]:
    """`count` observations in the order of their arrival, cut into tables of some hundred thousand, each with its truth.

    Truth: observation_id; person, -1 nobody; mine: uint64 lists, numbers of what the report carries that only this person has.
    """
    population: People = people(max(60, count // ROWS_A_PERSON), noise, np.random.default_rng([seed, 0]))
    sessions = int(1.02 * count / ROWS_A_SESSION) + 200
    cuts = np.linspace(0, sessions, max(1, -(-count // STRETCH)) + 1).astype(int)
    made = 0
    for start, end in pairwise(cuts):
        found = sightings(population, noise, seed, made, int(end - start), start / sessions, end / sessions)
        table, mine = observed(population, noise, seed, found)
        table = table.slice(0, count - made)
        truth = pa.table({"observation_id": table["obs_id"], "person": found.person[: len(table)], "mine": _lists(mine[: len(table)])})
        made += len(table)
        yield table, truth
    if made < count:
        raise RuntimeError(f"{made} observations came of {sessions} sessions, {count} are wanted: ROWS_A_SESSION is wrong")


def _lists(mine: Any) -> pa.ListArray:
    """The numbers of each row that are not 0, as lists."""
    offsets = np.concatenate([[0], np.cumsum((mine != 0).sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(mine[mine != 0]))


def json_lines(table: pa.Table) -> bytes:
    """One object a row without the absent fields. The texts of a world need no escapes."""
    fields = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        quote = '"' if pa.types.is_string(column.type) else ""
        fields.append(pc.binary_join_element_wise(f'"{name}": {quote}', column.cast(pa.string()), quote, ""))
    lines = pc.binary_join_element_wise("{", pc.binary_join_element_wise(*fields, ", ", null_handling="skip"), "}\n", "")
    lines = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
    chunks = lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]
    return b"".join(_bytes(chunk) for chunk in chunks)


def _bytes(texts: pa.StringArray) -> bytes:
    """All texts of the array, one after another."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]].tobytes()


def write_world(folder: Path, count: int, seed: int, noise: Noise, formats: tuple[str, ...] = FORMATS, truth: bool = True) -> None:
    """Write observations.<format> for each format, mapping.toml, and truth.parquet unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    parquet = sheet = answers = lines = None
    try:
        for table, persons in stretches(count, seed, noise):
            if "parquet" in formats:
                parquet = parquet or pq.ParquetWriter(folder / "observations.parquet", table.schema, compression="zstd")
                parquet.write_table(table)
            if "csv" in formats:
                sheet = sheet or pcsv.CSVWriter(folder / "observations.csv", table.schema)
                sheet.write_table(table)
            if "jsonl" in formats:
                lines = lines or (folder / "observations.jsonl").open("wb")
                lines.write(json_lines(table))
            if truth:
                answers = answers or pq.ParquetWriter(folder / TRUTH, persons.schema, compression="zstd")
                answers.write_table(persons)
    finally:
        for writer in (parquet, sheet, answers, lines):
            if writer is not None:
                writer.close()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--observations", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--format", choices=FORMATS, action="append", help="may be given several times; jsonl by default")
    parser.add_argument("--noise", choices=sorted(PRESETS), default="mixed")


def main(arguments: argparse.Namespace) -> int:
    write_world(arguments.out, arguments.observations, arguments.seed, PRESETS[arguments.noise], tuple(arguments.format or ("jsonl",)))
    print(f"{arguments.out}: {arguments.observations:,} observations, mapping.toml, {TRUTH}")
    return 0
