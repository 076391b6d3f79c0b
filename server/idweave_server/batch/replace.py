"""Files that appear together or not at all: written aside, made durable, then put in the place of an earlier run's files.

What it does not promise: a process killed in the instant between two renames leaves whole files of which some are missing. The last of the
names comes last, so a directory that has that one is a complete set.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from idweave_server.errors import OutputError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def replacing(out: Path, names: Sequence[str], inputs: Iterable[str] = ()) -> Iterator[Path]:
    """Yield an empty directory; once the body is done, the files that it left there are the only ones of `names` in `out`.

    Other files in `out` stay. When anything fails, `out` is as it was and what was written is gone. The last of `names` marks a complete
    set. inputs: files being read, which must not be replaced. Raises OutputError.
    """
    with _told_plainly(out):
        target = Path(os.path.realpath(out))
        _check_target(out, target, names, inputs)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _written_aside(target) as aside:
            yield aside
            for path in (*aside.iterdir(), aside):
                _make_durable(path)
            _put_in_place(aside, target, names)


def check_replaceable(out: Path, names: Sequence[str], inputs: Iterable[str] = ()) -> None:
    """Raise the OutputError that `replacing` would, before the work rather than after it; whether there is room only writing shows."""
    with _told_plainly(out):
        target = Path(os.path.realpath(out))
        _check_target(out, target, names, inputs)
        above = target.parent
        while not above.exists():
            above = above.parent
        with _written_aside(target if target.exists() else above / target.name) as aside:
            (aside / "probe").write_bytes(b"idweave")


def _check_target(out: Path, target: Path, names: Sequence[str], inputs: Iterable[str]) -> None:
    if target.exists() and not target.is_dir():
        raise OutputError(f"{out} is a file; name a directory for the results")
    taken = [target / name for name in names if (target / name).exists()]
    for path in taken:
        if path.is_dir():
            raise OutputError(f"{out / path.name} is a directory, and a result has that name; choose another directory for the results")
    for name in inputs:
        if any(Path(name).exists() and path.samefile(name) for path in taken):
            raise OutputError(
                f"{name} is an input and would be replaced by a result of that name; choose another directory for the results"
            )


@contextmanager
def _written_aside(target: Path) -> Iterator[Path]:
    """An empty directory on the file system of `target`, locked, gone afterwards; a killed run's leavings in it are cleared."""
    aside = _place_aside(target)
    lock = _opened_locked(aside)
    try:
        _clear(aside)
        yield aside
    finally:
        if _is_still(aside, lock):  # not once it has become the target
            shutil.rmtree(aside, ignore_errors=True)
        os.close(lock)


def _place_aside(target: Path) -> Path:
    """Beside the target; inside where that cannot be renamed from or written to (a mounted directory)."""
    beside = target.parent
    if target.is_dir() and (target.stat().st_dev != beside.stat().st_dev or not os.access(beside, os.W_OK | os.X_OK)):
        return target / ".idweave.incomplete"
    return beside / f".{target.name}.idweave.incomplete"


def _opened_locked(directory: Path) -> int:
    """The directory, made if need be, open and locked; the process's end frees the lock."""
    while True:
        directory.mkdir(exist_ok=True)
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise OutputError("another run is writing there now; wait for it or choose another directory for the results") from None
        except OSError:
            pass  # a file system without locks: two runs at once are then the user's own affair
        if _is_still(directory, lock):
            return lock
        os.close(lock)  # another run has just finished with it


def _is_still(path: Path, directory: int) -> bool:
    """Whether the open directory is the one that this path names at present."""
    try:
        return os.path.samestat(path.stat(), os.fstat(directory))
    except FileNotFoundError:
        return False


def _clear(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make_durable(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _put_in_place(aside: Path, target: Path, names: Sequence[str]) -> None:
    if not target.exists():
        aside.rename(target)
        _make_durable(target.parent)
        return
    written = [name for name in names if (aside / name).exists()]
    earlier = aside / "earlier"
    earlier.mkdir()
    done: list[tuple[Path, Path]] = []
    try:
        for name in reversed(names):  # the mark of a complete set goes first
            if os.path.lexists(target / name):
                (target / name).rename(earlier / name)
                done.append((earlier / name, target / name))
        for name in written:
            (aside / name).rename(target / name)
            done.append((target / name, aside / name))
    except BaseException:
        for now, before in reversed(done):
            now.rename(before)
        raise
    _make_durable(target)


@contextmanager
def _told_plainly(out: Path) -> Iterator[None]:
    """Translate what the operating system says into what the user can do about it."""
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in FULL:
            remedy = f"there is no room for the results in {out} ({said}); free some space or choose another directory"
        elif error.errno in FORBIDDEN:
            remedy = f"the results cannot be written to {out} ({said}); choose a directory that you may write to"
        elif error.errno in (errno.ENOTDIR, errno.EEXIST):
            remedy = f"{out} cannot be a directory, because part of its path is a file; choose another directory for the results"
        else:
            remedy = f"the results cannot be written to {out} ({said}); choose another directory for the results"
        raise OutputError(f"{remedy}. Nothing was changed there") from error
