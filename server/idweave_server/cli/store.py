"""Stores that a command opens by itself, without a server: one to write, as a server would, or one to look at beside whoever writes."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idweave_server.config import DEFAULT_STORE
from idweave_server.errors import StoreBusyError
from idweave_server.policy_file import policy_text

if TYPE_CHECKING:
    from idweave_server.cli.progress import Watch
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

REPLAY = "replay"  # the stage
SHORT_LOG = 100  # entries
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", show_default=False, help=f"By default {DEFAULT_STORE}, or what IDWEAVE_STORE says."),
]


def store_url(given: str | None) -> str:
    """The store that a command is for."""
    return given or os.environ.get("IDWEAVE_STORE") or DEFAULT_STORE


@contextmanager
def opened_to_write(url: str, policy: Path | None, watch: Watch, *, create: bool = True) -> Iterator[Committer]:
    """A store with its log replayed, made where there is none if it may be.

    Raises StoreError, PolicyError; where a server has the store, the text says how to go through that.
    """
    from idweave_server.app import credentials, folders, milliseconds, steady
    from idweave_server.log.base import MAX_TERM
    from idweave_server.operations.clock import Clock
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

    try:
        store = Store.open(
            url,
            holder=f"a command, process {os.getpid()} on {platform.node()}",
            address="",
            term=secrets.randbelow(MAX_TERM) + 1,
            milliseconds=milliseconds,
            entropy=secrets.token_bytes,
            create=create,
            policy_text=None if policy is None else policy_text(policy),
            folders=folders(),
            credentials=credentials(),
            progress=replayed(watch),
        )
    except StoreBusyError as busy:
        raise _through_the_server(url, busy) from None
    with store:
        for notice in store.notices:
            typer.echo(f"idweave: {notice}", err=True)
        yield Committer(store, Clock(milliseconds, steady, store.engine.state_time), secrets.token_bytes)


@contextmanager
def opened_to_read(url: str, watch: Watch) -> Iterator[Store]:
    """A store as it is now. Raises StoreError, NotFoundError."""
    from idweave_server.app import credentials, folders
    from idweave_server.operations.store import Store

    with Store.read(url, folders=folders(), credentials=credentials(), progress=replayed(watch)) as store:
        yield store


def replayed(watch: Watch) -> Callable[[int, int], None]:
    """What to tell of how many entries of how many are replayed; of a short log nothing."""
    return lambda done, total: watch(REPLAY, done, total) if total > SHORT_LOG else None


def _through_the_server(url: str, busy: StoreBusyError) -> StoreBusyError:
    if not busy.address:
        return busy
    told = f"{url} is being served by {busy.holder} at {busy.address}: go through that with --server {busy.address}, or stop it first"
    return StoreBusyError(told, busy.holder, busy.address)
