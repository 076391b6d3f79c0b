"""The contract of a log, which every backend keeps; tests/log/contract.py is the same in code.

Promised: entries are numbered 1, 2, 3, ... without a gap, in the order in which they were appended; an append is all or nothing, and on
disk when it returns; a reader that saw entry n has seen all before it; one writer at a time, and a deposed one's append fails; after any
crash, every entry whose append returned is there, unchanged, or the log says that it is damaged.

Not promised: that an append which raised, or never returned, left nothing behind after a crash (it is there whole or not at all: re-read
`head` to learn which); that `read` gives as many entries as it may; any meaning of a body, or that it decodes; any order of `at` against
the clock of this machine. A log is for one thread at a time (any thread), and for the process that opened it: never for its forks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from idweave_server.model import EntryKind

MAX_BODY_BYTES = 64 * 2**20  # of one entry; what is larger is refused before anything is allocated for it
MAX_READ_BYTES = 64 * 2**20  # a `read` ends with the entry that brings its bodies to this
MAX_TERM = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place. at: commit time, whole seconds UTC, never falling along the log."""

    kind: EntryKind
    at: int
    body: bytes = field(repr=False)  # personal data has no place in a message


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. sequence: from 1, gapless; term: of the writer that appended it."""

    sequence: int
    term: int
    kind: EntryKind
    at: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's sequence, term and time; all 0 for an empty log."""

    sequence: int
    term: int
    at: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is the writer, in its own words, and where it listens."""

    holder: str
    address: str
    term: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who this is to a database. The password is in no repr."""

    user: str
    password: str = field(repr=False)


class Log(Protocol):
    """Every method raises StoreError, by its subclass: StoreFullError, StoreReadOnlyError, StoreCorruptError, ... (see errors).

    UnavailableError where a database cannot be reached now: nothing is wrong with the log, and the same call may do in a while.
    """

    @property
    def lease_seconds(self) -> float | None:
        """How long the writer's place stays taken without `renew`; None where the system frees it with the process, and nobody need renew.

        Where it is a number, `renew` and `holder` may be called from another thread beside whatever else runs.
        """

    def acquire(self, holder: str, address: str, term: int) -> None:
        """Become the writer. holder, address: shown to others that try; term: a random number from 1 to MAX_TERM that no writer had before.

        Raises StoreBusyError, with the present holder, while another is the writer (this object counts as another). Where a writer ended
        without `release`, its place is free at once (SQLite) or when its lease is over (Neo4j).
        """

    def renew(self, term: int) -> None:
        """Make sure that this term is the writer's still, and lengthen a lease where there is one. Raises DeposedError.

        A lease that ran out is lengthened too, as long as nobody else has taken the place.
        """

    def release(self, term: int) -> None:
        """Stop being the writer; nothing happens where this term is not the writer's (any more)."""

    def holder(self) -> Holder | None:
        """Who is the writer now; None for nobody. Old by the time it is read."""

    def append(self, term: int, drafts: Sequence[Draft]) -> int:
        """Append all drafts or none; returns the last one's sequence (the head's, for no drafts) when they are durable.

        Raises DeposedError where the term is not the writer's, as of the commit itself; ValueError for a body over MAX_BODY_BYTES or a
        time before the head's. After any error the log is as before and can be used on, once the cause is gone.
        """

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        """Entries with after < sequence (<= until), in order, at most `limit`.

        May give fewer (MAX_READ_BYTES), but none only where there is none: ask again after the last one until the answer is empty.
        Raises StoreCorruptError where an entry is missing or is not what was written.
        """

    def rewrite(self, term: int, bodies: Mapping[int, bytes]) -> None:
        """Replace the bodies of these entries; everything else of them stays. For erasure and retention only.

        When it returns, the bodies that were there are gone from the backend's files, not from copies and backups of them; a database
        that cannot promise this (Neo4j) says what remains, and for how long. Where it raises DeposedError at once or ValueError, nothing
        was replaced; after another error some may be: do the same again. Readers see each body as it was before or as it is after.
        Raises DeposedError as `append` does; ValueError for a sequence that is not there.
        """

    def head(self) -> Head:
        """The last entry. What it names is durable."""

    def term_at(self, sequence: int) -> int | None:
        """The term of this entry, None where there is none: a revision is good where its term is the one here."""

    def store_id(self) -> str:
        """32 hexadecimal digits, made when the store was; a copy of a store has the same."""

    def close(self) -> None:
        """Release, and let go of everything; once or more often."""


class LogCopy(Protocol):
    """A store that is being filled with the entries of another one, and is no log until it is finished; see locate.open_copy.

    Nobody can open it as a log before: it is told as a copy that is not finished. Every method raises StoreError; for one thread at a time.
    """

    def head(self) -> Head:
        """The last entry taken; where it was interrupted, what is there stays."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Append entries as they are, all or none. Raises ValueError where the first does not follow the head."""

    def read(self, after: int, limit: int, until: int | None = None) -> list[Entry]:
        """As Log.read."""

    def finish(self) -> None:
        """Make it a log, with the source's id, without a writer."""

    def close(self) -> None:
        """Let go of it, finished or not; once or more often."""
