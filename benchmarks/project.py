"""Write the graph of a whole store into an empty database, in a process of its own: `python -m benchmarks.project STORE KEY GRAPH`.

Prints what it took as JSON: seconds in all and of processor, and of each kind the rows and the seconds that their statements took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from idweave_server.kernel_cache import use_kernel_cache

KINDS = ("identifiers", "profiles", "links", "memberships", "retired ids")
# What each row of a statement is, by what its text names; the first that fits.
NAMED = (
    (("OBSERVED_WITH",), ("links",)),
    (("`Identifier`", "BELONGS_TO"), ("identifiers", "memberships")),
    (("BELONGS_TO",), ("memberships",)),
    (("`Retired`", "REDIRECTS_TO"), ("retired ids", "retired ids")),
    (("REDIRECTS_TO",), ("retired ids",)),
    (("`Retired`",), ("retired ids",)),
    (("`Profile`",), ("profiles",)),
    (("`Identifier`",), ("identifiers",)),
)
OTHER = ("other",)


@dataclass(slots=True)
class Projected:
    """seconds: from the engine's state to the whole graph; cpu: of this process; rows, writing: of each kind."""

    seconds: float = 0.0
    cpu: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    writing: dict[str, float] = field(default_factory=dict)

    def note(self, text: str, rows: int, seconds: float) -> None:
        for kind in (kinds := kinds_of(text)):
            self.rows[kind] = self.rows.get(kind, 0) + rows
            self.writing[kind] = self.writing.get(kind, 0.0) + seconds / len(kinds)

    def rate(self, kind: str) -> float:
        """Rows a second, where each kind has that share of the whole time that it has of the statements'; two are at work at once."""
        return self.rows[kind] / (self.seconds * self.writing[kind] / sum(self.writing.values()))


def projected(store: str, key: Path, graph: str) -> Projected:
    """Raises SystemExit where it fails."""
    run = subprocess.run([sys.executable, "-m", __name__, store, str(key), graph], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"the projection of {store} failed:\n{run.stderr[-2000:]}")
    return Projected(**json.loads(run.stdout))


def kinds_of(text: str) -> tuple[str, ...]:
    """What each row of a statement is: one thing or two."""
    return next((kinds for names, kinds in NAMED if all(name in text for name in names)), OTHER)


def main(store: str, key: str, graph: str) -> None:
    use_kernel_cache()
    from idweave_server.kernels.warmup import warm_up
    from idweave_server.operations.project import Projecting, open_graph
    from idweave_server.operations.store import Store
    from idweave_server.projection import graph as writing

    found, noted = Projected(), list[tuple[str, int, float]]()  # by several threads
    answer = writing._answer  # no public place knows both the statement and its time

    def timed(transaction: Any, text: str, parameters: dict[str, Any]) -> int:
        begun = time.perf_counter()
        counted = answer(transaction, text, parameters)
        if "CREATE" in text:
            noted.append((text, counted, time.perf_counter() - begun))
        return counted

    writing._answer = timed
    warm_up()
    database = open_graph(graph, None)
    with Store.read(store, key_source=Path(key)) as opened:
        projecting = Projecting(opened, database, term=1, tell=lambda _: None)
        begun, cpu = time.perf_counter(), time.process_time()
        projecting.begin(rebuild=True)
        found.seconds, found.cpu = time.perf_counter() - begun, time.process_time() - cpu
    database.close()
    for text, rows, seconds in noted:
        found.note(text, rows, seconds)
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
