"""The writer's place as an operating-system lock on a file beside the store, and what that file says.

The lock is an open-file-description lock (fcntl(2), Linux): unlike flock it can be asked who holds it without being taken, unlike a record
lock it also keeps two writers of one process apart, and the system frees it with the process, however that ends.

The file: 64 bytes that name the last acknowledged entry, then the holder as JSON. The first part is what a damaged write-ahead log is
found out by: SQLite reads one up to its first bad frame and calls that its end. It is written after each commit and never synced, so after
a power cut it may name an earlier entry, never a later one than is durable.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import weakref
import zlib
from pathlib import Path

from idweave_server.errors import StoreError, StoreFullError, StoreReadOnlyError
from idweave_server.log.base import Holder

_HEAD_BYTES = 64
_HOLDER_BYTES = 16_384  # of the file that are read; a holder's name and address are far shorter
_FLOCK = "hhqqi4x"  # struct flock: type, whence, start, length (0: to the end), process
_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()


class WriterLock:
    """The lock of one log object; `path` is the lock file's, which is made when it is first taken and stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Take the lock; False where somebody has it. Raises StoreReadOnlyError, StoreFullError, StoreError."""
        if self.held:
            return False
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _cannot(self.path, error) from error
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, _whole_file(fcntl.F_WRLCK))
        except OSError as error:
            os.close(file)
            if isinstance(error, BlockingIOError | PermissionError):  # EAGAIN or EACCES: taken
                return False
            raise _cannot(self.path, error) from error
        self._file = file
        _held.add(self)
        return True

    def name(self, holder: Holder) -> None:
        """Write down who has the lock, for others to read."""
        assert self._file is not None
        text = json.dumps({"holder": holder.holder, "address": holder.address, "term": holder.term, "process": os.getpid()})
        try:
            os.pwrite(self._file, text.encode()[:_HOLDER_BYTES] + b"\n", _HEAD_BYTES)
            os.ftruncate(self._file, _HEAD_BYTES + len(text.encode()) + 1)
        except OSError as error:
            raise _cannot(self.path, error) from error

    def acknowledge(self, store_id: str, sequence: int) -> None:
        """Write down the last entry that is durable."""
        if self._file is None:
            return
        text = f"{store_id} {sequence:020d}".encode()
        with contextlib.suppress(OSError):  # the entry is durable whatever becomes of this; an earlier number is not wrong
            os.pwrite(self._file, text + f" {zlib.crc32(text):08x}\n".encode(), 0)

    def acknowledged(self, store_id: str) -> int:
        """The last entry of this store that was written down; 0 where there is none or it cannot be read."""
        text, _, check = self._text(0, _HEAD_BYTES).rstrip(b"\n\0").rpartition(b" ")
        name, _, sequence = text.partition(b" ")
        if check != f"{zlib.crc32(text):08x}".encode() or name != store_id.encode():
            return 0
        return int(sequence)

    def holder(self) -> Holder | None:
        """Who has the lock; names are empty where they cannot be read (yet)."""
        try:
            file = self._file if self._file is not None else os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot(self.path, error) from error
        try:
            if not self.held:
                found = fcntl.fcntl(file, fcntl.F_OFD_GETLK, _whole_file(fcntl.F_WRLCK))
                if struct.unpack(_FLOCK, found)[0] == fcntl.F_UNLCK:
                    return None
        finally:
            if not self.held:
                os.close(file)
        try:
            told = json.loads(self._text(_HEAD_BYTES, _HOLDER_BYTES))
            return Holder(str(told["holder"]), str(told["address"]), int(told["term"]))
        except (ValueError, KeyError, TypeError):
            return Holder("", "", 0)

    def give_up(self) -> None:
        if self._file is not None:
            _held.discard(self)
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _whole_file(fcntl.F_UNLCK))
            os.close(self._file)
            self._file = None

    def forget(self) -> None:
        """Close the file without unlocking: the parent, of which this process is a fork, goes on holding the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _text(self, start: int, size: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError:
            return b""


def _whole_file(kind: int) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, 0, 0, 0)


def _cannot(path: Path, error: OSError) -> StoreError:
    if isinstance(error, PermissionError) or error.errno == 30:  # EROFS
        return StoreReadOnlyError(f"{path} cannot be written: {error.strerror}; give this user the right to write the file and its folder")
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return StoreFullError(f"{path} cannot be written: {error.strerror}; make space, then try again")
    return StoreError(f"{path} cannot be written: {error.strerror}; make sure that its folder exists and is a local file system")


def _forget_in_fork() -> None:
    # A fork shares the open file: as long as it keeps it, the lock outlives the writer.
    for lock in list(_held):
        lock.forget()


os.register_at_fork(after_in_child=_forget_in_fork)
