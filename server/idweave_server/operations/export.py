"""All that is known as files, piece by piece: a helper process replays the log and writes them into a folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from idweave_server.operations.process import ask
from idweave_server.operations.steps import drive, one

if TYPE_CHECKING:
    from idweave_server.operations.store import Store

PIECE = 2**20  # bytes
# By its name, since the files of a result are `batch`'s business, which stands beside the services and not below them.
TASK = "idweave_server.batch.export:task"


async def export_files(store: Store, pool: Executor, task: str = TASK) -> AsyncIterator[tuple[str, bytes]]:
    """(file, at most PIECE bytes of it), all pieces of a file one after another. task: module:function of the one who writes the files.

    Raises StoreError, OutputError by its text.
    """
    with tempfile.TemporaryDirectory(prefix="idweave-export-") as folder:
        request = {
            "url": store.url,
            "key": str(store.key_file),
            "credentials": store.credentials,
            "snapshots": str(store.snapshots.path) if store.snapshots else None,
            "until": store.engine.sequence,
            "out": str(Path(folder) / "out"),
        }
        names: list[str] = (await ask(task, request))["files"]
        for name in names:
            with (Path(folder) / "out" / name).open("rb") as file:
                while piece := await drive(one(partial(file.read, PIECE)), pool):
                    yield name, piece
