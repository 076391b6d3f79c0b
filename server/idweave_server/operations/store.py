"""An open store: its log, its key, the policy it was made with, and the state that its entries fold into.

A start is: take the writer's place, read the policy (or write it, into a store without entries), load the newest good snapshot, replay what
the log holds beyond it. The key is written before the first entry: killed between the two, the next start finds a key and no entry, and
goes on with that key.

Where the writer's place is a lease, a server loads first and asks for the place when it is warm (see reign): `stand_by` leaves it free.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from idweave_server import __version__
from idweave_server.engine.applied import run
from idweave_server.engine.changes import no_rows
from idweave_server.engine.engine import Engine
from idweave_server.engine.snapshot import load
from idweave_server.entries.codec import decode, encode
from idweave_server.entries.columns import ErasureEntry, PolicyEntry
from idweave_server.errors import NotFoundError, NotServingError, PolicyError, RevisionError, StoreBusyError, StoreCorruptError
from idweave_server.identifiers.lists import default_lists
from idweave_server.log.base import Credentials, Draft, Entry, Log
from idweave_server.log.locate import LEASE_SECONDS, Folders, open_log, places
from idweave_server.model import EntryKind
from idweave_server.operations.feed import Feed, Kept, Position, Retention
from idweave_server.operations.feed_file import FeedFile
from idweave_server.operations.feed_start import ERASED_SINCE, Feeding, Span, left_over
from idweave_server.operations.forgetting import forget, unforgotten
from idweave_server.operations.revision import NEVER_HAD, decode_revision, encode_revision
from idweave_server.operations.snapshots import SnapshotFolder
from idweave_server.operations.store_key import make_key, missing, read_key
from idweave_server.operations.tally import Tally
from idweave_server.resolution.policy import default_text, load_policy

READ = 256  # entries read from the log at a time when it is replayed

Progress = Callable[[int, int], None]  # hears how many entries of how many are applied


class Store:
    """Made by `open` or `read`. notices: what the one who runs it should read, in words; tally: what is counted since the start."""

    def __init__(self, url: str, log: Log, key_file: Path, term: int, credentials: Credentials | None = None) -> None:
        """For `open` and `read`: a store with entries whose state is empty yet."""
        self.url, self.log, self.key_file, self.term, self.credentials = url, log, key_file, term, credentials
        self.store_id = log.store_id()
        key = read_key(key_file)
        if key is None:
            raise missing(key_file)
        self.key = key
        policy = _policy_of(log)
        self.policy_text, self.lists_version = policy.policy, policy.lists_version
        self.lists = default_lists()
        self.engine = Engine(load_policy(policy.policy, defaults=policy.defaults), self.lists, key)
        self.snapshots: SnapshotFolder | None = None
        self.notices: list[str] = []
        self.tally = Tally()
        self.erasures = 0  # since the start
        self.unforgotten: set[int] = set()  # entries that hold what an erasure covers, until they are rewritten
        self._tidies = False  # whether the snapshots are this process's to set aside
        self._reigns: list[tuple[int, int]] = []  # (first entry, term) of every writer, ascending
        self.feed: Feed | None = None  # what its entries changed, of a store that is opened to serve
        self.saved: Position | None = None  # how far that is on disk
        self._feeding: Feeding | None = None
        self._revision = ""

    @classmethod
    def open(
        cls,
        url: str,
        *,
        holder: str,
        address: str,
        term: int,
        milliseconds: Callable[[], int],
        entropy: Callable[[int], bytes],
        create: bool = True,
        policy_text: str | None = None,
        key_source: Path | None = None,
        snapshots: Path | None = None,
        folders: Folders | None = None,
        credentials: Credentials | None = None,
        lease_seconds: float = LEASE_SECONDS,
        stand_by: bool = False,
        feed: Retention | None = None,
        progress: Progress | None = None,
    ) -> Store:
        """Open it to write.

        holder, address: shown to others that want to write; term: a random number from 1 to 2**63 - 1, another one for every opening;
        milliseconds: the wall clock, UTC; entropy: gives n random bytes; create: make the store where there is none; policy_text: the
        policy of a fresh store, which an old one must have too, None for whatever it has; key_source: the key's file, None for the one
        that `places` names; snapshots: their folder, None for the one that `places` names where `folders` are given, else to do without;
        folders: where keys and snapshots of stores in a database are; credentials, lease_seconds: for a store in a database; stand_by:
        do not take the writer's place where it is a lease (`term` is 0 then); feed: what to keep of what changes, None to do without.

        Raises StoreError, PolicyError; NotServingError where another server is about to write the first entry: try again in a moment.
        """
        log = open_log(url, create=create, credentials=credentials, lease_seconds=lease_seconds)
        try:
            stand_by = stand_by and log.lease_seconds is not None
            if not stand_by:
                log.acquire(holder, address, term)
            keys = key_source or places(url, log, folders).key
            snapshots = snapshots or (places(url, log, folders).snapshots if folders else None)
            if log.head().sequence == 0:
                if stand_by:
                    _acquire_for_a_moment(log, holder, address, term)
                if log.head().sequence == 0:  # nobody was quicker
                    _begin(log, term, policy_text or "", milliseconds() // 1000, partial(make_key, keys, entropy))
                if stand_by:
                    log.release(term)
            store = cls(url, log, keys, 0 if stand_by else term, credentials)
            if policy_text is not None and policy_text != store.policy_text:
                raise PolicyError(
                    f"{url} was made with another policy, and a store keeps its policy: leave the option out to go on with the store's, or "
                    "make another store with the new policy and import the same files into it"
                )
            if snapshots is not None:
                store.snapshots = SnapshotFolder(snapshots)
                if not stand_by:  # others may be at work there
                    store.snapshots.sweep()
            store._tidies = True
            if feed is not None:
                store._feeding = Feeding(places(url, log, folders).feed, feed)
            store._restore(None, progress)
            while stand_by and log.head().sequence > store.engine.sequence:  # what another server wrote meanwhile
                store._restore(None, progress)
            if not stand_by:
                log.renew(term)  # a lease may have run out meanwhile
            store.unforgotten = unforgotten(store.engine)
            if store.unforgotten and stand_by:
                store.erasures += 1  # for the one who follows to obey
            elif store.unforgotten:
                forget(store)
            return store
        except BaseException:
            log.close()
            raise

    @classmethod
    def read(
        cls,
        url: str,
        *,
        key_source: Path | None = None,
        snapshots: Path | None = None,
        folders: Folders | None = None,
        credentials: Credentials | None = None,
        until: int | None = None,
        exactly: bool = False,
        progress: Progress | None = None,
    ) -> Store:
        """Open it to read its state, beside a writer or without one. until: the last entry to take in; exactly: know of everybody since
        when he is in a segment, for which entries are applied one by one from the first definition on; the rest as for `open`.

        Raises StoreError, NotFoundError.
        """
        log = open_log(url, read_only=True, credentials=credentials)
        try:
            if log.head().sequence == 0:
                raise NotFoundError(f"{url} has no entries yet: start a server on it or import something first")
            store = cls(url, log, key_source or places(url, log, folders).key, 0, credentials)
            snapshots = snapshots or (places(url, log, folders).snapshots if folders else None)
            store.snapshots = SnapshotFolder(snapshots) if snapshots is not None else None
            store._restore(until, progress, exactly=exactly)
            return store
        except BaseException:
            log.close()
            raise

    def close(self) -> None:
        """Give the writer's place up and close the log; once or more often."""
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def reigns(self) -> tuple[tuple[int, int], ...]:
        return tuple(self._reigns)

    @property
    def rules(self) -> str:
        """What names the rules that fold entries into this state: another value, another state."""
        return f"{__version__} {self.engine.policy.fingerprint} {self.lists.version}"

    def advanced(self, sequence: int, term: int) -> None:
        """The state contains this entry now."""
        _reigning(self._reigns, sequence, term)
        self._revision = ""

    def feed_file(self) -> FeedFile | None:
        """Where the feed is kept, not open yet; None where there is none."""
        return None if self._feeding is None else FeedFile(self._feeding.folder, self.store_id, self.rules)

    def revision(self) -> str:
        """The token of the present state."""
        if not self._revision:
            self._revision = encode_revision(self.store_id, self.engine.term, self.engine.sequence)
        return self._revision

    def place_of(self, token: str) -> int:
        """The entry that a token of this store names, which its log may never have had. Raises RevisionError for any other token."""
        return decode_revision(token, self.store_id)[1]

    def sequence_of(self, token: str) -> int:
        """The entry that a token names. Raises RevisionError: not ours, or of a state that this store never had."""
        term, sequence = decode_revision(token, self.store_id)
        if not 1 <= sequence <= self.engine.sequence or self._term_at(sequence) != term:
            raise RevisionError(NEVER_HAD)
        return sequence

    def erased(self, held: set[int]) -> None:
        """An erasure was read in the log and applied. held: the entries that hold what it covers."""
        self.erasures += 1
        self.unforgotten |= held
        self.tally.refused.clear()  # the values that they show may be those to forget

    def _term_at(self, sequence: int) -> int:
        return self._reigns[bisect_right(self._reigns, sequence, key=lambda reign: reign[0]) - 1][1]

    def _restore(self, until: int | None, progress: Progress | None, *, exactly: bool = False) -> None:
        """Fold the log up to entry `until` into the state: an empty one from the newest good snapshot on."""
        head = self.log.head().sequence
        last = min(head, until or head)
        if not self.engine.sequence:
            self._compare_lists()
            if not exactly:
                self._from_snapshot(last)
        if self.feed is None:
            kept = self._left_over(last)
            tail = self._tail(kept.newest.sequence if kept else last, progress)
            told = kept is not None and kept.oldest.sequence <= self.engine.sequence
            self.engine.replay(takewhile(lambda entry: entry.kind != EntryKind.SEGMENT, tail) if exactly else tail, recalled=told)
            self._begin_feed(kept)
        for entry in self._tail(last, progress):
            decoded = decode(entry.kind, entry.body)
            run(self.engine.apply(decoded, sequence=entry.sequence, term=entry.term, at=entry.at))
            if isinstance(decoded, ErasureEntry) and self.feed is not None:  # which may have taken out of the log what was told before it
                self._begin_feed(None)
                self.notices.append(ERASED_SINCE)
        if self.engine.sequence != last:
            raise StoreCorruptError(f"{self.url}: the log ends at entry {self.engine.sequence} and not at {last}: restore it from a backup")

    def _left_over(self, last: int) -> Kept | None:
        """What is on disk of the feed, where it can be gone on from."""
        if self._feeding is None:
            return None
        span = Span(self.engine.sequence, last)
        kept, notices = left_over(self._feeding, self.store_id, self.rules, self.log.term_at, span, tidies=self._tidies)
        self.notices += notices
        return kept

    def _begin_feed(self, kept: Kept | None) -> None:
        """The state is where the feed goes on, or begins: what comes from now on is heard."""
        if self._feeding is None:
            return
        here = Position(self.engine.sequence, self.engine.term, self.engine.state_time)
        if kept is not None:
            self.engine.recall_since(np.concatenate([no_rows(), *(told.rows for told in kept.runs)]))
        self.feed = Feed(self.store_id, kept or Kept(here, here), self._feeding.retention)
        self.saved = self.feed.newest
        self.engine.heard = self.feed.add

    def _compare_lists(self) -> None:
        if self.lists.version != self.lists_version:
            self.notices.append(
                f"the lists of this release ({self.lists.version}) are not those that the store was made with ({self.lists_version}): "
                "identifiers stay what they are, but names may compare otherwise; to be sure, go on with the release that made the store"
            )

    def _from_snapshot(self, last: int) -> None:
        """Take the newest snapshot that is good and of this log, not beyond entry `last`."""
        for found in self.snapshots.found() if self.snapshots else ():
            about = found.about
            ours = about.store_id == self.store_id and about.sequence <= last and self.log.term_at(about.sequence) == about.term
            if not ours or about.rules != self.rules:
                continue
            engine = load(found.path, self.engine.policy, self.lists, self.key)
            if engine is not None and engine.sequence == about.sequence:
                self.engine = engine
                self._reigns[:] = about.reigns
                return
            self.notices.append(f"the snapshot {found.path.name} is damaged: it was set aside, and more of the log is replayed")
            if self._tidies and self.snapshots:
                self.snapshots.set_aside(found.path)

    def _tail(self, last: int, progress: Progress | None) -> Iterator[Entry]:
        """The entries beyond the state, up to `last`."""
        at = self.engine.sequence
        while at < last and (entries := self.log.read(at, READ, last)):
            for entry in entries:
                _reigning(self._reigns, entry.sequence, entry.term)
                yield entry
            at = entries[-1].sequence
            if progress is not None:
                progress(at, last)


def rows_since(store: Store, sequence: int) -> int:
    """How many observations came after this entry."""
    state = store.engine.state
    seen = state.observations
    at = int(seen.entry_sequence.array.searchsorted(sequence, side="right"))
    return max(state.rows - int(seen.entry_row.array[at]), 0) if at < seen.entry_row.array.size else 0


def _acquire_for_a_moment(log: Log, holder: str, address: str, term: int) -> None:
    """Raises NotServingError where another server has the place, and is about to write the first entry."""
    try:
        log.acquire(holder, address, term)
    except StoreBusyError as busy:
        raise NotServingError(f"{busy.holder or 'another server'} is making this store: try again in a moment") from None


def _begin(log: Log, term: int, policy_text: str, at: int, key: Callable[[], bytes]) -> None:
    """Write the key, then the first entry."""
    load_policy(policy_text)  # refuse it before it is durable
    key()
    entry = PolicyEntry(policy_text, default_text(), default_lists().version)
    log.append(term, [Draft(EntryKind.POLICY, at, encode(entry))])


def _policy_of(log: Log) -> PolicyEntry:
    first = log.read(0, 1)
    entry = decode(first[0].kind, first[0].body) if first else None
    if not isinstance(entry, PolicyEntry):
        raise StoreCorruptError("the store's first entry is not its policy: restore the store from a backup")
    return entry


def _reigning(reigns: list[tuple[int, int]], sequence: int, term: int) -> None:
    if not reigns or reigns[-1][1] != term:
        reigns.append((sequence, term))
