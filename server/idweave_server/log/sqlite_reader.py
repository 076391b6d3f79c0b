"""Reading a log beside its writer, or without one, and making no file either way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from idweave_server.errors import StoreError
from idweave_server.log.sqlite_errors import store_error, translated
from idweave_server.log.sqlite_file import open_for_reading

T = TypeVar("T")


class SqliteReader:
    """Asks questions of a store that it does not write."""

    def __init__(self, path: Path, vfs: str | None) -> None:
        self._path, self._vfs = path, vfs
        self._wal, self._shared = path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")
        self._connection: apsw.Connection | None = None

    def ask(self, question: Callable[[apsw.Connection], T]) -> T:
        """The answer, as of one commit. Raises StoreError."""
        while (state := self._unwritten()) is not None:
            # Beside an empty write-ahead log SQLite would make one to read; told that nothing changes, it makes none, and the answer is
            # good if nothing did change.
            try:
                answer: T | StoreError = self._ask_once(question)
            except StoreError as error:
                answer = error
            if self._unwritten() == state:
                if isinstance(answer, StoreError):
                    raise answer
                return answer
        if self._connection is None:
            if not self._shared.exists():
                raise StoreError(f"{self._path} has a {self._wal.name} that nobody reads: start a server on it once, or copy it whole")
            self._connection = open_for_reading(self._path, unchanging=False, vfs=self._vfs)
        with translated(self._path):
            return question(self._connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask_once(self, question: Callable[[apsw.Connection], T]) -> T:
        connection = open_for_reading(self._path, unchanging=True, vfs=self._vfs)
        try:
            return question(connection)
        except apsw.Error as error:
            raise store_error(self._path, error) from error
        finally:
            connection.close()

    def _unwritten(self) -> tuple[int, int, int] | None:
        """What tells a state of the file from another, where all is in the file; None where some is in the write-ahead log."""
        try:
            if self._wal.stat().st_size:
                return None
        except OSError:
            pass
        try:
            found = self._path.stat()
        except OSError:
            raise StoreError(f"{self._path} is not there; name a store that is") from None
        return found.st_ino, found.st_size, found.st_mtime_ns
