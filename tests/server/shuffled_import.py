"""Import a file into a running server in shuffled pieces, with a kill in the middle of one; compare the profiles with those of a batch run.

Run as `python -m tests.server.shuffled_import FILE MAPPING [--chunks 10]`; FILE: one row a line, as JSON Lines has it, plain or .gz.
Prints whether both give the same profiles, with counts; exits with 1 where they do not.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.csv as pcsv
from idweave import Client, UnavailableError, moment
from idweave_server.kernel_cache import use_kernel_cache

use_kernel_cache()  # before anything that imports kernels

from idweave_server.batch.imported import IMPORT, Imported  # noqa: E402
from idweave_server.batch.run import Stages  # noqa: E402
from idweave_server.cli.into_server import import_into  # noqa: E402
from idweave_server.cli.resolve import read_sources  # noqa: E402
from idweave_server.intake.issue_log import IssueLog  # noqa: E402
from idweave_server.model import Outcome  # noqa: E402

from tests.cli.running import idweave  # noqa: E402
from tests.server.running import ServerProcess, process  # noqa: E402

SEED = 7
PATIENCE = 300.0  # seconds for a request: the pieces are large and the machine may be busy
Groups = dict[tuple[str, ...], str]  # of what is grouped (an observation's name, an identifier and its epoch) the profile id, or ""


@dataclass(frozen=True, slots=True)
class Partition:
    """What a folder of results says. shared: why an identifier belongs to nobody."""

    observations: Groups
    identifiers: Groups
    shared: dict[tuple[str, ...], str]


@dataclass(slots=True)
class Comparison:
    """differences: the first of each kind in words; count: how many there are."""

    observations: int
    identifiers: int
    profiles: int
    differences: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def equal(self) -> bool:
        return self.count == 0

    def differ(self, what: str, several: Sequence[object]) -> None:
        self.count += len(several)
        if several:
            self.differences.append(f"{len(several):,} {what}, such as {several[0]}")


def compared(live: Partition, batch: Partition) -> Comparison:
    """Whether both have the same observations and identifiers, in the same groups."""
    found = Comparison(len(live.observations), len(live.identifiers), len(set(live.observations.values()) - {""}))
    for what, mine, theirs in (
        ("observations", live.observations, batch.observations),
        ("identifiers", live.identifiers, batch.identifiers),
    ):
        found.differ(f"{what} in the store alone", sorted(mine.keys() - theirs.keys()))
        found.differ(f"{what} in the batch run alone", sorted(theirs.keys() - mine.keys()))
    found.differ("identifiers shared for another reason", [k for k, why in live.shared.items() if batch.shared.get(k, why) != why])
    # One group is another where each of its members, whichever they are, is in that other one and no other is.
    to_batch: dict[str, str] = {"": ""}
    to_live: dict[str, str] = {"": ""}
    astray = []
    for mine, theirs in ((live.observations, batch.observations), (live.identifiers, batch.identifiers)):
        for name in mine.keys() & theirs.keys():
            ours, other = mine[name], theirs[name]
            if to_batch.setdefault(ours, other) != other or to_live.setdefault(other, ours) != ours:
                astray.append(name)
    found.differ("members in another group", astray)
    return found


def partition(folder: Path) -> Partition:
    """Read observations.csv and identifiers.csv. What was refused or is there twice is in no store, and is left out."""
    rows = _rows(folder / "observations.csv", "source", "observation_id", "profile_id", "outcome")
    observations: Groups = {(s, name): profile for s, name, profile, outcome in rows if outcome in ("ACCEPTED", "UNLINKED", "EXPIRED")}
    identifiers: Groups = {}
    shared: Groups = {}
    for namespace, issuer, value, begin, end, profile, why in _rows(
        folder / "identifiers.csv", "namespace", "issuer", "value", "from", "until", "profile_id", "shared"
    ):
        identifiers[namespace, issuer, value, begin, end] = profile
        shared[namespace, issuer, value, begin, end] = why
    return Partition(observations, identifiers, shared)


def _rows(path: Path, *columns: str) -> Iterator[tuple[str, ...]]:
    types = pcsv.ConvertOptions(column_types=dict.fromkeys(columns, "string"), include_columns=list(columns), strings_can_be_null=False)
    table = pcsv.read_csv(path, parse_options=pcsv.ParseOptions(newlines_in_values=True), convert_options=types)
    return zip(*(table[name].to_pylist() for name in columns), strict=True)


def lines_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines(keepends=True)


def shuffled(path: Path, folder: Path, chunks: int, seed: int) -> list[Path]:
    """Files with the rows of a file in another order."""
    lines = lines_of(path)
    random.Random(seed).shuffle(lines)
    made = []
    for number in range(chunks):
        made.append(folder / f"chunk-{number}.jsonl")
        made[-1].write_bytes(b"".join(lines[number::chunks]))
    return made


def import_shuffled(folder: Path, files: Sequence[Path], mapping: Path) -> int:
    """Import one file after the other into one store; half way through the middle one the server is killed, and that file is imported once
    more when it is back. Writes an export into folder/live; returns the time of its state, seconds UTC."""
    middle = len(files) // 2
    with process(folder) as server:
        for file in files[:middle]:
            take_in(server, file, mapping)
        with suppress(UnavailableError):
            take_in(server, files[middle], mapping, killed_half_way=True)
        assert server.process.wait(PATIENCE) < 0, "it was not killed: its part of the file is a single request"
    with process(folder) as server:
        assert take_in(server, files[middle], mapping).of(Outcome.DUPLICATE), "nothing was taken in before the kill"
        for file in files[middle + 1 :]:
            take_in(server, file, mapping)
        with Client(server.address, timeout=PATIENCE) as client:
            verified = client.verify()
            assert verified.equal, verified
            at = moment(client.get_status(), "state_time")
            export(client, folder / "live")
        assert server.stop() == 0
    assert at is not None
    return int(at.timestamp())


def take_in(server: ServerProcess, file: Path, mapping: Path, *, killed_half_way: bool = False) -> Imported:
    """What `idweave import` does. Raises UnavailableError where the server is killed."""

    def watch(stage: str, done: int, total: int) -> None:
        if killed_half_way and stage == IMPORT and total / 2 <= done < total:
            server.process.kill()

    imported = Imported(1, 0, IssueLog())
    with Client(server.address, timeout=PATIENCE) as client:
        import_into(client, read_sources([file], [mapping]), backfill=True, stages=Stages(watch=watch), imported=imported)
    return imported


def export(client: Client, folder: Path) -> None:
    folder.mkdir()
    for piece in client.export_files():
        with (folder / piece.file).open("ab") as file:
            file.write(piece.data)


def compare(file: Path, mapping: Path, folder: Path, *, chunks: int, seed: int = SEED) -> Comparison:
    """Import the file in shuffled pieces, resolve it as a whole, and compare. Works in `folder`."""
    at = import_shuffled(folder, shuffled(file, folder, chunks, seed), mapping)
    as_of, out = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), folder / "batch"
    ran = idweave("resolve", file, "--mapping", mapping, "--as-of", as_of, "--out", out, "--quiet")
    assert ran.code == 0, ran.err
    return compared(partition(folder / "live"), partition(out))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.server.shuffled_import", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("mapping", type=Path)
    parser.add_argument("--chunks", type=int, default=10)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="idweave-shuffled-") as folder:
        found = compare(asked.file, asked.mapping, Path(folder), chunks=asked.chunks, seed=asked.seed)
    counts = f"{found.observations:,} observations, {found.identifiers:,} identifiers, {found.profiles:,} profiles"
    print(f"{'equal' if found.equal else 'DIFFERENT'}: {counts}, in {time.monotonic() - begun:.0f} s")
    for line in found.differences:
        print(f"  {line}")
    return 0 if found.equal else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
