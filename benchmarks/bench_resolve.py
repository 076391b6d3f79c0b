"""`idweave resolve` as a whole process: rate, peak memory and stages, from Parquet and from JSON lines.

Beside it, in the same run, what merely joining the same links takes: plain Python and scipy.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks import results
from benchmarks.noise import PRESETS
from benchmarks.world import write_world

NAME = "resolve"
SIZES = {"small": 100_000, "full": 1_000_000}
FORMATS = ("parquet", "jsonl")
WARM_UP = 3_000  # observations; compiles and caches every kernel before anything is timed
SEED = 7
LINKING = ("email", "phone", "device", "cookie", "social", "customer_id")
GENERATOR = ("columns", "names", "noise", "population", "sightings", "spelling", "world")
KIB_IN_MAXRSS = 1 if sys.platform != "darwin" else 1024  # ru_maxrss is in KiB, on macOS in bytes
# A child's peak counts what its parent held when it was forked, so a small process starts the program and measures it.
MEASURE = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[2:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - begun
with open(sys.argv[1], "w") as told:
    json.dump([os.waitstatus_to_exitcode(status), wall, usage.ru_maxrss], told)
"""


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows for each format, then for the context. Raises SystemExit where the program is not installed or fails."""
    idweave = Path(sys.executable).parent / "idweave"
    if not idweave.exists():
        raise SystemExit(f"{idweave} is not there: the benchmark runs the installed program; run `make setup`")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="idweave-bench-") as scratch:
        for form in FORMATS:
            small, large = world(WARM_UP), world(size)
            resolve(idweave, small, form, Path(scratch))
            runs = [resolve(idweave, large, form, Path(scratch)) for _ in range(repeats)]
            walls = [wall for wall, _, _ in runs]
            rows.append(results.row(f"{form}: rate", [size / wall for wall in walls], "obs/s", "higher"))
            rows.append(results.row(f"{form}: wall", walls, "s"))
            rows.append(results.row(f"{form}: peak memory", [peak for _, peak, _ in runs], "MiB"))
            rows += [
                results.row(f"{form}: {stage}", [stages[stage] / wall for wall, _, stages in runs], "of wall", "neither")
                for stage in runs[0][2]
            ]
            known = [sum(stages.values()) for _, _, stages in runs]
            rest = [max(0.0, 1 - stated / wall) for stated, wall in zip(known, walls, strict=True)]
            rows.append(results.row(f"{form}: rest of the process", rest, "of wall", "neither"))
    return rows + context(world(size) / "observations.parquet", repeats)


def world(size: int) -> Path:
    """The folder of a world of `size` observations, made if it is not there; its name tells the code that made it."""
    sources = [Path(__file__).with_name(f"{name}.py") for name in GENERATOR]
    digest = hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=6).hexdigest()
    folder = results.FOLDER / "worlds" / f"{size}-{digest}"
    if not folder.exists():
        building = folder.with_name(folder.name + ".part")
        shutil.rmtree(building, ignore_errors=True)
        write_world(building, size, SEED, PRESETS["mixed"], FORMATS, truth=False)
        building.rename(folder)
    return folder


def resolve(idweave: Path, folder: Path, form: str, scratch: Path) -> tuple[float, float, dict[str, float]]:
    """Wall time in seconds, peak memory in MiB and the stages' seconds of one run of the program."""
    out, measured = scratch / "out", scratch / "measured.json"
    command = [str(idweave), "resolve", str(folder / f"observations.{form}"), "--mapping", str(folder / "mapping.toml")]
    exitcode, wall, peak, said = measure([*command, "--out", str(out), "--timings"], measured)
    if exitcode:
        raise SystemExit(f"idweave resolve failed ({exitcode}):\n{said[-2000:]}")
    stages = json.loads((out / "report.json").read_text("utf-8"))["stages"]
    return wall, peak, stages


def measure(command: list[str], told: Path) -> tuple[int, float, float, str]:
    """Exit code, wall time in seconds, peak memory in MiB and the output of a command, run as a process of its own."""
    run = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, str(told), *command], capture_output=True, text=True, check=True)
    exitcode, wall, peak = json.loads(told.read_text("utf-8"))
    return exitcode, wall, peak / KIB_IN_MAXRSS / 1024, run.stderr


def context(observations: Path, repeats: int) -> list[dict[str, Any]]:
    """What joining the same links takes where nothing is refused, split or named: plain Python and scipy, links in memory already."""
    left, right, count = links(observations)
    plain, compiled = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        profiles = union_find(left.tolist(), right.tolist(), count)
        plain.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count)).tocsr()
        found, _ = connected_components(graph, directed=False)
        compiled.append(time.perf_counter() - begun)
        if found != profiles:
            raise SystemExit(f"scipy finds {found} components, union-find {profiles}")
    return [
        results.row("context: links", [float(len(left))], "links", "neither"),
        results.row("context: plain-Python union-find", plain, "s", "neither"),
        results.row("context: scipy connected_components", compiled, "s", "neither"),
    ]


def links(observations: Path) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Both ends of every distinct pair of identifiers, as spelt, that stand in one observation; and the number of identifiers."""
    table = pq.read_table(observations, columns=list(LINKING))
    codes, count = [], 0
    for column in table.columns:
        encoded = column.combine_chunks().dictionary_encode()
        code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        codes.append(np.where(code >= 0, code + count, -1))
        count += len(encoded.dictionary)
    pairs = [np.stack([a, b])[:, (a >= 0) & (b >= 0)] for a, b in combinations(codes, 2)]
    key = pa.array(np.concatenate([pair[0] * count + pair[1] for pair in pairs])).unique().to_numpy()
    key = np.random.default_rng(SEED).permutation(key)  # first-seen order flatters
    return key // count, key % count, count


def union_find(left: list[int], right: list[int], count: int) -> int:
    """The number of components, the way one writes it in an afternoon: union by index, path halving."""
    parent = list(range(count))
    for a, b in zip(left, right, strict=True):
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[max(a, b)] = min(a, b)
    return sum(node == top for node, top in enumerate(parent))
