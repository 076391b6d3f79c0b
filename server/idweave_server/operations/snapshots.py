"""The folder of a store's snapshots: which there are, which may be used, how one is put there, and how they go.

A snapshot is a cache, never the truth. It is made aside and renamed when it is whole, so a kill leaves the old ones and at most a piece
that nobody reads. It counts for one store, one release and one version of the lists, since other rules fold the same entries into another
state; any other is passed over, and the log is replayed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from idweave_server.errors import StoreError

ABOUT = "about.json"
KEPT = 2
_WHOLE, _ASIDE, _BAD, _GONE = "snapshot-", "making-", "bad-", "gone-"


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot says of itself. sequence, term, state_time: of its last entry; milliseconds: when it was made; rules: `rules_of` the
    state; reigns: (first entry, term) of every writer up to it."""

    store_id: str
    sequence: int
    term: int
    state_time: int
    milliseconds: int
    rules: str
    reigns: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    path: Path
    about: About
    bytes: int


class SnapshotFolder:
    """path: made when the first snapshot is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def found(self) -> list[SnapshotFile]:
        """Whole snapshots, newest first; what cannot be read is none."""
        known = []
        for path in self._paths(_WHOLE):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                told = orjson.loads((path / ABOUT).read_bytes())
                told["reigns"] = tuple((int(first), int(term)) for first, term in told["reigns"])
                about = About(**told)
                known.append(SnapshotFile(path, about, sum(file.stat().st_size for file in path.iterdir())))
        return sorted(known, key=lambda one: -one.about.sequence)

    def aside(self, sequence: int, maker: int) -> Path:
        """An empty folder to make a snapshot in; maker: number of the process. Raises StoreError."""
        path = self.path / f"{_ASIDE}{sequence:012d}-{maker}"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(mode=0o700)
        except OSError as error:
            raise _cannot(self.path, error) from error
        return path

    def finish(self, aside: Path, about: About) -> None:
        """Complete a snapshot made aside, and make sure that it is on disk. Raises StoreError."""
        try:
            (aside / ABOUT).write_bytes(orjson.dumps(asdict(about)))
            for file in aside.iterdir():
                _sync(file)
            _sync(aside)
        except OSError as error:
            raise _cannot(aside, error) from error

    def publish(self, aside: Path) -> SnapshotFile:
        """Give a finished snapshot its name, and let the oldest ones go. Raises StoreError."""
        sequence = int(aside.name.removeprefix(_ASIDE).split("-")[0])
        place = self.path / f"{_WHOLE}{sequence:012d}"
        try:
            shutil.rmtree(place, ignore_errors=True)
            aside.rename(place)
            _sync(self.path)
        except OSError as error:
            raise _cannot(place, error) from error
        found = self.found()
        for old in found[KEPT:]:
            shutil.rmtree(old.path, ignore_errors=True)
        return next(one for one in found if one.path == place)

    def set_aside(self, path: Path) -> None:
        """Keep a bad one for a look at it, where no start takes it."""
        with contextlib.suppress(OSError):
            place = self.path / path.name.replace(_WHOLE, _BAD)
            shutil.rmtree(place, ignore_errors=True)
            path.rename(place)

    def sweep(self) -> None:
        """Remove what interrupted makers left. For the writer alone, at its start."""
        for path in self._paths(_GONE, _ASIDE):
            with contextlib.suppress(OSError):
                _remove(path)

    def forget(self) -> None:
        """Remove all of them, the bad ones too. Raises StoreError where one stays: it may hold what must be forgotten."""
        for path in self._paths(_GONE, _WHOLE, _ASIDE, _BAD):
            try:
                _remove(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _cannot(path, error) from error
        with contextlib.suppress(FileNotFoundError):
            _sync(self.path)

    def _paths(self, *beginnings: str) -> list[Path]:
        try:
            return [path for path in sorted(self.path.iterdir()) if path.name.startswith(beginnings) and path.is_dir()]
        except OSError:
            return []


def _remove(path: Path) -> None:
    """Remove a snapshot or a piece of one. First its name goes: a maker that is still at work on it, even that of a server that was killed,
    finds no place for another file."""
    if not path.name.startswith(_GONE):
        path = path.rename(path.with_name(_GONE + path.name))
    shutil.rmtree(path)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _cannot(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be written: {error.strerror}; make space, and give this user the right to write there")
