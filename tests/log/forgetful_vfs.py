"""A file system for SQLite that forgets what was not synced: the power cut that a killed process cannot show.

    vfs = install("forgetful")                       # once a process; names the VFS for SqliteLog(..., vfs="forgetful")
    log = SqliteLog(path, create=True, vfs=vfs.name)
    ...
    vfs.forget()                                     # the power goes: unsynced writes are gone, every open file is dead
    log.close()
    log = SqliteLog(path, create=False, vfs=vfs.name)    # what the disk held

Writes to a database, its write-ahead log and its journal stay in memory until that file's xSync, which writes and syncs them for real. So
the files that another program sees hold only what was synced, and killing the process (SIGKILL) forgets the rest just as well.
`forget(random.Random(7))` lets a random selection of 512-byte sectors of the unsynced writes survive, as disks do.
Creating and removing files takes effect at once. The wal-index (-shm) is SQLite's shared memory, which no crash needs.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512


@dataclass
class Image:
    """One file: what it reads as, and the writes that are not synced: (offset, bytes), or (size, None) for a truncation."""

    content: bytearray
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)
    opened: int = 0

    def apply(self, at: int, data: bytes | None) -> None:
        if data is None:
            del self.content[at:]
            self.content.extend(bytes(at - len(self.content)))
        else:
            self.content.extend(bytes(max(at - len(self.content), 0)))
            self.content[at : at + len(data)] = data


class ForgetfulVFS(apsw.VFS):
    """`fault`: raised instead of any write and sync while it is set, as of a disk that is full or broken."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.images: dict[str, Image] = {}
        self.files: list[ForgetfulFile] = []
        self.syncs = 0
        self.fault: type[apsw.Error] | None = None
        super().__init__(name, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        if name is None:  # a temporary file of SQLite's own
            return super().xOpen(name, flags)
        return ForgetfulFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.images.pop(filename, None)
        super().xDelete(filename, syncdir)

    def unsynced(self) -> int:
        """How many writes a power cut would lose now."""
        return sum(len(image.unsynced) for image in self.images.values())

    def forget(self, survivors: random.Random | None = None) -> None:
        """Cut the power. Every open file of this VFS fails from now on; close them, then open again."""
        for file in self.files:
            if survivors is not None:
                file.keep_some(survivors)
            file.dead = True
        self.files.clear()
        self.images.clear()


class ForgetfulFile(apsw.VFSFile):
    def __init__(self, vfs: ForgetfulVFS, name: str | apsw.URIFilename, flags: list[int]) -> None:
        self.vfs, self.path = vfs, name if isinstance(name, str) else name.filename()
        self.dead = False
        super().__init__("", name, flags)
        image = vfs.images.get(self.path)
        if image is None:
            size = super().xFileSize()
            image = vfs.images[self.path] = Image(bytearray(super().xRead(size, 0) if size else b""))
        self.image = image
        image.opened += 1
        vfs.files.append(self)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._alive()
        return bytes(self.image.content[offset : offset + amount])

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._alive(writing=True)
        self._put(offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._alive(writing=True)
        self._put(newsize, None)

    def xFileSize(self) -> int:  # noqa: N802
        self._alive()
        return len(self.image.content)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._alive(writing=True)
        self.vfs.syncs += 1
        for at, data in self.image.unsynced:
            self._write_through(at, data)
        self.image.unsynced.clear()
        super().xSync(flags)

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        # A hint to make the file larger would make it so behind the image's back.
        return False if op == apsw.SQLITE_FCNTL_SIZE_HINT else super().xFileControl(op, ptr)

    def xClose(self) -> None:  # noqa: N802
        if not self.dead and self in self.vfs.files:
            self.vfs.files.remove(self)
            self.image.opened -= 1
            if not self.image.opened and not self.image.unsynced:
                self.vfs.images.pop(self.path, None)  # the next to open it sees what other programs did to it
        super().xClose()

    def keep_some(self, survivors: random.Random) -> None:
        """Write a random selection of the unsynced sectors, as a disk does that was not told to."""
        for at, data in self.image.unsynced:
            if data is None:
                if survivors.random() < 0.5:
                    self._write_through(at, None)
                continue
            for start in range(0, len(data), SECTOR):
                if survivors.random() < 0.5:
                    self._write_through(at + start, data[start : start + SECTOR])
        self.image.unsynced.clear()

    def _put(self, at: int, data: bytes | None) -> None:
        self.image.apply(at, data)
        self.image.unsynced.append((at, data))

    def _write_through(self, at: int, data: bytes | None) -> None:
        if data is None:
            super().xTruncate(at)
        else:
            super().xWrite(data, at)

    def _alive(self, *, writing: bool = False) -> None:
        if self.dead:
            raise apsw.IOError("the power was cut")
        if writing and self.vfs.fault is not None:
            raise self.vfs.fault("the disk fails, as it was told to")


def install(name: str) -> ForgetfulVFS:
    """Register the file system under this name; keep the object, which is the file system. `unregister()` takes it away again."""
    return ForgetfulVFS(name)
