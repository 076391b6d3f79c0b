"""The feed on local disk, so that tokens outlive a restart: a cache of the log, as snapshots are, and never the truth.

A folder of files that follow one another, each from the position on where the one before it ends; a start begins another one, and so does
one that has grown. Nothing is synced: what a kill leaves is in the page cache, what a power cut takes ends at a bad checksum. Whatever is
missing after the last good frame is made again from the log, entry by entry; so all that is asked of a frame at entry n is that it is only
there where everything up to n is.

What is kept are ids of profiles, which are random, and names of nothing: an erasure has nothing to take out of here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from idweave_server.engine.changes import no_rows
from idweave_server.log.writer_lock import WriterLock
from idweave_server.operations.feed import Kept, Position, Run
from idweave_server.operations.feed_frames import Chain, Stretch, frame, head, mark_of, read

LARGE = 8 * 1024 * 1024  # bytes, after which another file is begun
_WHOLE, _BAD = "changes-", "bad-"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Loaded:
    """kept: None where there is nothing that can be gone on from; notices: what the one who runs the server should read."""

    kept: Kept | None
    notices: tuple[str, ...]


def load(folder: Path, store_id: str, rules: str, term_at: Callable[[int], int | None], *, tidies: bool = True) -> Loaded:
    """What is left of the feed of a store by some rules. term_at: of an entry of the store's log, None where it has none such; tidies:
    whether bad files are this process's to set aside.

    The state has to be brought to the newest position in any way, and on from there entry by entry, each with its changes into the feed.
    """
    mark = mark_of(store_id, rules)
    notices: list[str] = []
    kept: list[Stretch] = []

    def refuse(path: Path, why: str) -> None:
        notices.append(f"the file {path.name} of the change feed {why}: older resume tokens are refused")
        if tidies:
            _put_aside(folder, path)

    for path in reversed(_paths(folder, _WHOLE)):
        stretch = _read(path)
        if stretch is None or stretch.mark != mark:
            refuse(path, "is damaged" if stretch is None else "is of another store, release or policy")
            continue
        if kept and stretch.end.sequence < kept[-1].begin.sequence:
            refuse(path, f"does not reach up to entry {kept[-1].begin.sequence:,}, where the next one begins")
            break  # and what is older still is passed over
        if not kept and stretch.waste:
            notices.append(f"the last {stretch.waste:,} bytes of {path.name} are not whole: those changes are made again from the log")
        kept.append(_up_to(stretch, kept[-1].begin.sequence) if kept else stretch)
    kept.reverse()
    newest = kept[-1].end if kept else None
    if newest is not None and term_at(newest.sequence) != newest.term:
        for path in _paths(folder, _WHOLE):
            refuse(path, "leads to a state that the log does not have")
        newest = None
    if newest is None:
        return Loaded(None, tuple(notices))
    return Loaded(Kept(kept[0].begin, newest, [one.run for one in kept if one.run.rows.size]), tuple(notices))


class FeedFile:
    """Writes the feed of one store, from whatever thread, one call after another. end: the position up to which all is written."""

    def __init__(self, folder: Path, store_id: str, rules: str) -> None:
        self.folder, self._mark = folder, mark_of(store_id, rules)
        self._lock = WriterLock(folder / "lock")
        self._file: int | None = None
        self._size = 0  # of the file, in bytes
        self._files: list[Path] = []  # in the order of what they hold, the last one this
        self._chain = Chain(Position(0, 0, 0), 0)

    @property
    def end(self) -> Position:
        return self._chain.position

    def open(self, begin: Position) -> bool:
        """Write from this position on; False where another process writes here. Raises StoreError, OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._lock.held and not self._lock.take():
            return False
        self._begin(begin)
        return True

    def append(self, runs: Sequence[Run], newest: Position, oldest: Position) -> None:
        """Write entries with changes that follow the end, and that there are no others up to `newest`; remove what is older than `oldest`.

        Raises OSError; what was written then is cut off again, or shows that it is not whole.
        """
        if self._file is None:
            self._begin(self.end)
        parts, chain = [], self._chain
        for run in runs:
            for place in range(run.sequence.size):
                data, chain = frame(chain, run.position(place), run.rows[run.start[place] : run.start[place + 1]])
                parts.append(data)
        if newest.sequence > chain.position.sequence:
            data, chain = frame(chain, newest, no_rows())
            parts.append(data)
        self._write(b"".join(parts))
        self._chain = chain
        if self._size >= LARGE:
            self._begin(self.end)
        self._forget(oldest)

    def skip(self, begin: Position) -> None:
        """What comes next follows this position and not the end: what is in between was not kept. Raises OSError."""
        self._begin(begin)

    def close(self) -> None:
        self._let_go()
        self._lock.give_up()

    def _begin(self, begin: Position) -> None:
        self._let_go()
        data, chain = head(self._mark, begin)
        self._chain = chain
        path = self.folder / _name(begin.sequence)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._size, self._files = 0, _paths(self.folder, _WHOLE)
        self._write(data)

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            self._let_go()  # the next call begins another file
            raise
        self._size += len(data)

    def _let_go(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.close(file)

    def _forget(self, oldest: Position) -> None:
        """Remove the files whose every change is older: those before one that begins no later."""
        while len(self._files) > 1 and _sequence(self._files[1]) <= oldest.sequence:
            with contextlib.suppress(OSError):
                self._files.pop(0).unlink()


def _up_to(stretch: Stretch, sequence: int) -> Stretch:
    """A stretch without what the next file has too."""
    count = int(np.searchsorted(stretch.run.sequence, sequence, side="right"))
    run = stretch.run
    cut = Run(run.sequence[:count], run.term[:count], run.at[:count], run.start[: count + 1], run.rows[: run.start[count]])
    return Stretch(stretch.mark, stretch.begin, stretch.end, cut, stretch.waste)


def _read(path: Path) -> Stretch | None:
    try:
        return read(path)
    except OSError:
        return None


def _put_aside(folder: Path, path: Path) -> None:
    """Keep a file for a look at it, where no start takes it; the last one alone."""
    for old in _paths(folder, _BAD):
        with contextlib.suppress(OSError):
            old.unlink()
    with contextlib.suppress(OSError):
        path.rename(folder / f"{_BAD}{path.name}")


def _name(sequence: int) -> str:
    return f"{_WHOLE}{sequence:015d}"


def _sequence(path: Path) -> int:
    return int(path.name.removeprefix(_WHOLE))


def _paths(folder: Path, beginning: str) -> list[Path]:
    """In the order of what they hold."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(beginning))
    except OSError:
        return []
