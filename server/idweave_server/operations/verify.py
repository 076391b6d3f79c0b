"""Compare the live state with what the log says: a helper process replays it into a state of its own and holds the two against each other.

What is compared: every node (identifier and epoch) with its profile id and with why it is shared, and which observation belongs to whom.
What differs is told without personal data: by the keyed hash of an identifier and by profile ids.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from idweave_server.errors import StoreError
from idweave_server.log.base import Credentials
from idweave_server.log.locate import Folders
from idweave_server.operations.dump import Dump, differences, dump
from idweave_server.operations.process import ask, told_credentials
from idweave_server.operations.steps import Steps
from idweave_server.operations.store import Store

if TYPE_CHECKING:
    from idweave_server.operations.committer import Change, Committer

TOLD = 100  # differences in words
TRIES = 3  # an erasure in the middle rewrites the log under the replay, and then the comparison begins again


@dataclass(frozen=True, slots=True)
class VerifyReply:
    """differences: the first ones, in words; count: how many there are; identifiers: nodes compared; entries: replayed; revision: the state
    that was compared."""

    equal: bool
    differences: tuple[str, ...]
    count: int
    identifiers: int
    entries: int
    revision: str


@dataclass(frozen=True, slots=True)
class _Copied:
    """A copy of the state between two entries. erasures: how many had been obeyed."""

    nodes: Dump
    sequence: int
    revision: str
    erasures: int


@dataclass(frozen=True, slots=True)
class _Copy:
    """Takes its turn among the writes, so that no entry is half applied."""

    weight: int = 1

    def steps(self, committer: Committer) -> Steps[_Copied]:
        store = committer.store
        taken = dump(store.engine)
        copied = _Copied(taken, store.engine.sequence, store.revision(), store.erasures)
        ordered: Dump = yield taken.ordered
        return _Copied(ordered, copied.sequence, copied.revision, copied.erasures)


class Turns(Protocol):
    """A writer, or the reign that knows who writes."""

    @property
    def store(self) -> Store: ...

    def between(self, change: Change[_Copied]) -> Awaitable[_Copied]:
        """Do something that only reads, between two entries."""


async def verify(turns: Turns) -> VerifyReply:
    """Compare the state of a running server with a replay of its whole log. Raises StoreError."""
    store = turns.store
    for _ in range(TRIES):
        copied = await turns.between(_Copy())
        with tempfile.TemporaryDirectory(prefix="idweave-verify-") as folder:
            path = Path(folder) / "live.npz"
            copied.nodes.save(path)
            request = {
                "url": store.url,
                "key": str(store.key_file),
                "credentials": store.credentials,
                "live": str(path),
                "until": copied.sequence,
            }
            told = await ask(f"{__name__}:task", request)
        if store.erasures == copied.erasures:
            return VerifyReply(revision=copied.revision, **{**told, "differences": tuple(told["differences"])})
    raise StoreError("erasures rewrote the log each time while it was replayed: verify again when they are done")


def verify_store(
    url: str,
    *,
    key_source: Path | None,
    snapshots: Path | None,
    folders: Folders | None = None,
    credentials: Credentials | None = None,
    progress: Callable[[int, int], None] | None,
) -> VerifyReply:
    """Compare a start from the newest snapshot with a replay of the whole log, for a store without a server. Raises StoreError."""
    with Store.read(url, key_source=key_source, snapshots=snapshots, folders=folders, credentials=credentials) as store:
        key_file = store.key_file
        live, sequence, revision = dump(store.engine).ordered(), store.engine.sequence, store.revision()
    with Store.read(url, key_source=key_file, credentials=credentials, until=sequence, progress=progress) as store:
        told = _compare(live, store)
    return VerifyReply(revision=revision, **told)


def task(request: dict[str, Any]) -> dict[str, Any]:
    """In the helper process."""
    url, key, credentials = request["url"], Path(request["key"]), told_credentials(request["credentials"])
    with Store.read(url, key_source=key, credentials=credentials, until=request["until"]) as store:
        return _compare(Dump.load(Path(request["live"])), store)


def _compare(live: Dump, store: Store) -> dict[str, Any]:
    said, count = differences(live, dump(store.engine).ordered(), store.key, TOLD)
    return {"equal": count == 0, "differences": tuple(said), "count": count, "identifiers": len(live), "entries": store.engine.sequence}
