"""Export a store: the files that `idweave resolve` writes, and redirects.csv, from what the log knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from idweave_server.batch.from_store import redirects, stored_result
from idweave_server.batch.outputs import CSV, Progress, write_outputs
from idweave_server.batch.report import Report
from idweave_server.engine.engine import Engine
from idweave_server.operations.process import told_credentials
from idweave_server.operations.store import Store


def export(engine: Engine, out: Path, *, formats: frozenset[str] = CSV, progress: Progress | None = None) -> Report:
    """Write the files of a state into `out`; see write_outputs. Raises OutputError."""
    return write_outputs(stored_result(engine), out, formats=formats, progress=progress, more=(redirects(engine),))


def task(request: dict[str, Any]) -> dict[str, Any]:
    """In a helper process of the server (see operations.export): the names of the files, in the order to send them."""
    snapshots = Path(request["snapshots"]) if request["snapshots"] else None
    url, key, credentials = request["url"], Path(request["key"]), told_credentials(request["credentials"])
    with Store.read(url, key_source=key, snapshots=snapshots, credentials=credentials, until=request["until"]) as store:
        export(store.engine, Path(request["out"]))
    names = sorted(path.name for path in Path(request["out"]).iterdir())
    return {"files": sorted(names, key=lambda name: name.endswith(".json"))}  # the report marks a complete set, so it comes last
