"""Copy a store into another place, of the same kind or another: its key, then every entry as it is, then both compared.

Until the end the target is a copy that nobody can open as a store, so one that was interrupted is never served: the same command goes on
where it ended. Snapshots are not copied: the first start replays, and makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from idweave_server.errors import InputError, NotFoundError, StoreBusyError, StoreError
from idweave_server.log.base import Credentials, Entry, Head, Log, LogCopy
from idweave_server.log.locate import Folders, open_copy, open_log, places
from idweave_server.operations.store_key import make_key, missing, read_key

READ = 256  # entries at a time
COPY, COMPARE = "copy", "compare"  # the stages

Watch = Callable[[str, int, int], None]  # hears a stage, and how many entries of how many are done in it


@dataclass(frozen=True, slots=True)
class End:
    """One of the two stores. key_file: None for where `places` has it."""

    url: str
    credentials: Credentials | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Migrated:
    """entries: of the copy, every one compared; resumed: how many of them an earlier run had copied; bytes: of their bodies; key_file: the
    target's."""

    store_id: str
    entries: int
    resumed: int
    bytes: int
    key_file: Path


def migrate(source: End, target: End, *, holder: str, term: int, serving: bool, folders: Folders, watch: Watch) -> Migrated:
    """Copy `source` into `target`, which is empty or a copy of it that was interrupted.

    holder, term: with which the source's writer's place is taken, so that nobody writes to it meanwhile; serving: leave that place to
    whoever has it, and copy what is there now. Raises InputError, StoreError; StoreBusyError where a server writes to the source.
    """
    if source.url == target.url:
        raise InputError("--from and --to name the same store: name another place to copy it to")
    with _source(source, holder, term, serving) as log:
        head = log.head()
        if head.sequence == 0:
            raise NotFoundError(f"{source.url} has no entries: there is nothing to copy")
        key_file = source.key_file or places(source.url, log, folders).key
        key = read_key(key_file)
        if key is None:
            raise missing(key_file)
        renew = (lambda: None) if serving or log.lease_seconds is None else (lambda: log.renew(term))
        with closing(open_copy(target.url, log.store_id(), credentials=target.credentials)) as copy:
            resumed = _fitting(copy, log, target)
            placed = _place_key(target, log, key, folders)
            for entries in _parts(log, resumed, head, renew):
                copy.take(entries)
                watch(COPY, entries[-1].sequence, head.sequence)
            size = _compare(log, copy, head, target, renew, watch)
            copy.finish()
        return Migrated(log.store_id(), head.sequence, resumed, size, placed)


@contextmanager
def _source(source: End, holder: str, term: int, serving: bool) -> Iterator[Log]:
    with closing(open_log(source.url, read_only=serving, credentials=source.credentials)) as log:
        if not serving:
            try:
                log.acquire(holder, "", term)
            except StoreBusyError as busy:
                raise StoreBusyError(
                    f"{source.url} is being written by {busy.holder or 'another server'}: stop that one first, so that the copy is the "
                    "whole store, or copy what is there now with --while-serving",
                    busy.holder,
                    busy.address,
                ) from None
        yield log


def _fitting(copy: LogCopy, log: Log, target: End) -> int:
    """How many entries are there already. Raises StoreError where they are not the source's."""
    head = copy.head()
    if head.sequence and log.term_at(head.sequence) != head.term:
        raise StoreError(f"{target.url} holds a copy of another state of this store: empty it, then copy again")
    return head.sequence


def _place_key(target: End, log: Log, key: bytes, folders: Folders) -> Path:
    """The key goes first: entries without it could not be served."""
    path = target.key_file or places(target.url, log, folders).key
    if make_key(path, lambda size: key) != key:
        raise StoreError(f"{path} is there already and is the key of another store: move it away, or name another file with --to-key-file")
    return path


def _parts(log: Log, after: int, head: Head, renew: Callable[[], None]) -> Iterator[list[Entry]]:
    at = after
    while at < head.sequence and (entries := log.read(at, READ, head.sequence)):
        yield entries
        at = entries[-1].sequence
        renew()


def _compare(log: Log, copy: LogCopy, head: Head, target: End, renew: Callable[[], None], watch: Watch) -> int:
    """Bytes of all bodies. Raises StoreError where an entry of the copy is not the source's."""
    size = 0
    for entries in _parts(log, 0, head, renew):
        first, last = entries[0].sequence, entries[-1].sequence
        copied: list[Entry] = []
        while len(copied) < len(entries) and (more := copy.read(first - 1 + len(copied), len(entries) - len(copied), last)):
            copied += more
        if copied != entries:
            wrong = next((one.sequence for one, other in zip(entries, copied, strict=False) if one != other), first + len(copied))
            raise StoreError(
                f"{target.url}: entry {wrong:,} is not what the source holds: an erasure came while it was copied, or something is "
                "damaged; empty the target, then copy again"
            )
        size += sum(len(one.body) for one in entries)
        watch(COMPARE, last, head.sequence)
    if copy.head() != head:
        raise StoreError(f"{target.url} holds more than the source: empty it, then copy again")
    return size
