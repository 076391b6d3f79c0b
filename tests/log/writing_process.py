"""A process that becomes the writer of a store and appends until it is killed; prints each sequence once it is acknowledged.

Run as `python -m tests.log.writing_process STORE [VFS]`; with a VFS's name the forgetful one is used under it.
"""

from __future__ import annotations

import os
import sys

from idweave_server.log.base import Draft
from idweave_server.log.sqlite import SqliteLog
from idweave_server.model import EntryKind

from tests.log.forgetful_vfs import install

TERM = 4_711


def body(sequence: int) -> bytes:
    return b"%d " % sequence * 700


def main(path: str, name: str | None = None) -> None:
    vfs = install(name) if name else None
    log = SqliteLog(path, create=True, vfs=vfs.name if vfs else None)
    log.acquire(f"process {os.getpid()}", "127.0.0.1:1234", TERM)
    print("writing", flush=True)
    while True:
        first = log.head().sequence + 1
        drafts = [Draft(EntryKind.OBSERVATIONS, 0, body(n)) for n in range(first, first + 3)]
        print(log.append(TERM, drafts), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
