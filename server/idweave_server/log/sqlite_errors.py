"""SQLite's errors as the store's: what is wrong with which file, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from idweave_server.errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFormatError,
    StoreFullError,
    StoreReadOnlyError,
)

_LOST = (apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_DATA, apsw.SQLITE_IOERR_CORRUPTFS)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise the store's errors for SQLite's."""
    try:
        yield
    except apsw.Error as error:
        raise store_error(path, error) from error


def store_error(path: Path, error: apsw.Error) -> StoreError:
    """The store's error for one of SQLite's."""
    match error:
        case apsw.FullError():
            return StoreFullError(f"{path}: no space left for the store; nothing was written; make space on its disk, then try again")
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return StoreReadOnlyError(f"{path} cannot be written; give this user the right to write the file and its folder")
        case apsw.CantOpenError():
            return _not_opened(path)
        case apsw.NotADBError():
            return foreign(path)
        case apsw.CorruptError() | apsw.TooBigError() | apsw.SQLError() | apsw.MismatchError() | apsw.ConstraintError():
            return corrupt(path, "a page of it cannot be read")
        case apsw.BusyError() | apsw.LockedError():
            return StoreBusyError(f"{path} is being used by another program; close what has it open (a database browser?), then try again")
        case apsw.IOError() if getattr(error, "extendedresult", 0) in _LOST:
            return corrupt(path, "its end is missing, or the disk lost a part of it")
        case apsw.IOError():
            return StoreError(
                f"{path}: the disk refused to read or write ({_symbol(error)}); nothing of this request was acknowledged;"
                " look for disk errors in the system's log"
            )
        case _:
            return StoreError(f"{path}: SQLite refused ({_symbol(error)}); restart, and report it if it comes again")


def foreign(path: Path) -> StoreFormatError:
    return StoreFormatError(f"{path} is not an idweave store; name another file, or restore a backup if this one was a store before")


def newer(path: Path, version: int, known: int) -> StoreFormatError:
    return StoreFormatError(
        f"{path} is a store of format {version}, which a newer release made; this one reads up to {known}: upgrade idweave"
    )


def corrupt(path: Path, what: str, otherwise: str = "") -> StoreCorruptError:
    return StoreCorruptError(f"{path} is damaged: {what}; keep the file and those beside it as they are, and restore a backup{otherwise}")


def _not_opened(path: Path) -> StoreError:
    if not path.parent.is_dir():
        return StoreError(f"{path} cannot be opened: the folder {path.parent} is not there; make it, or name another")
    if not path.exists():
        return StoreError(f"{path} cannot be made; give this user the right to write its folder, or make space on its disk")
    if not path.is_file():
        return StoreError(f"{path} is not a file; name another")
    return StoreReadOnlyError(f"{path} cannot be opened; give this user the right to read and write the file and its folder")


def _symbol(error: apsw.Error) -> str:
    """SQLite's name of what went wrong, such as SQLITE_IOERR_FSYNC; its own text may name paths and statements."""
    code = getattr(error, "extendedresult", 0)
    name = apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes.get(code & 0xFF)
    return str(name or type(error).__name__)
