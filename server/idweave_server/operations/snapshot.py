"""Make a snapshot: a helper process loads the last one, replays what came since, and saves the state; the server only renames the result.

The helper works beside the live state and shares nothing with it. An erasure may come while it works, and then what it made may hold what
must be forgotten: the server publishes nothing that was begun before the last erasure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from idweave_server.engine.snapshot import save
from idweave_server.errors import StoreError
from idweave_server.operations.process import ask, told_credentials
from idweave_server.operations.snapshots import About, SnapshotFile, SnapshotFolder
from idweave_server.operations.store import Store


class SnapshotMaker:
    """One at a time. last: entries in the newest snapshot."""

    def __init__(self, store: Store, milliseconds: Callable[[], int]) -> None:
        self._store, self._milliseconds = store, milliseconds
        self._making = False

    @property
    def last(self) -> int:
        found = self.newest()
        return found.about.sequence if found else 0

    def newest(self) -> SnapshotFile | None:
        """The newest whole snapshot, None without one."""
        folder = self._store.snapshots
        return next(iter(folder.found()), None) if folder else None

    async def make(self) -> SnapshotFile | None:
        """Make one of the present state; None where the newest has it all already. Raises StoreError."""
        store = self._store
        if store.snapshots is None:
            raise StoreError("this server was started without a folder for snapshots")
        if self._making:
            raise StoreError("a snapshot is being made already: wait for it")
        if store.unforgotten:
            raise StoreError("what was erased is not out of the log yet, and a snapshot must not hold it: make one later")
        sequence, erasures = store.engine.sequence, store.erasures
        if self.last == sequence:
            return None
        self._making = True
        try:
            request = {
                "url": store.url,
                "key": str(store.key_file),
                "credentials": store.credentials,
                "snapshots": str(store.snapshots.path),
                "until": sequence,
                "milliseconds": self._milliseconds(),
            }
            answer = await ask(f"{__name__}:task", request)
            aside = Path(answer["aside"])
            if store.erasures != erasures:
                shutil.rmtree(aside, ignore_errors=True)
                raise StoreError("something was erased while the snapshot was made, so it was thrown away: make another one")
            return store.snapshots.publish(aside)
        finally:
            self._making = False


def make_snapshot(store: Store, milliseconds: int) -> SnapshotFile | None:
    """Make one of an open store here and now, for `idweave snapshot` without a server; None where the newest has it all already."""
    folder = store.snapshots
    if folder is None:
        raise StoreError("name a folder for the snapshots")
    newest = next(iter(folder.found()), None)
    if newest is not None and newest.about.sequence == store.engine.sequence and newest.about.rules == store.rules:
        return None
    return folder.publish(_saved(store, folder, milliseconds))


def task(request: dict[str, Any]) -> dict[str, Any]:
    """In the helper process."""
    folder = SnapshotFolder(Path(request["snapshots"]))
    url, key, credentials = request["url"], Path(request["key"]), told_credentials(request["credentials"])
    with Store.read(url, key_source=key, snapshots=folder.path, credentials=credentials, until=request["until"]) as store:
        return {"aside": str(_saved(store, folder, request["milliseconds"]))}


def _saved(store: Store, folder: SnapshotFolder, milliseconds: int) -> Path:
    engine = store.engine
    aside = folder.aside(engine.sequence, os.getpid())
    try:
        save(engine, aside)
        names = (store.store_id, engine.sequence, engine.term, engine.state_time)
        folder.finish(aside, About(*names, milliseconds, store.rules, store.reigns))
    except FileNotFoundError as error:
        raise StoreError("something was erased while the snapshot was made, which took it away: make another one") from error
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise StoreError(f"the snapshot could not be written into {folder.path}: {error.strerror}; the store itself is whole") from error
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return aside
