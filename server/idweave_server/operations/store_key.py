"""The key of a store: 32 random bytes in a file outside its log (log/locate.py says where), with which births and erasures are hashed.

It is no part of the log, so that a stolen log does not tell whose data was erased; who loses it can no longer obey an erasure that was made
before, so a store with entries never gets another one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from idweave_server.errors import StoreError

KEY_BYTES = 32


def read_key(path: Path) -> bytes | None:
    """The key, None where the file is not there. Raises StoreError where it is no key."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}; give this user the right to read it") from error
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} has {len(key)} bytes where a key has {KEY_BYTES}: restore it from the backup that the store is from")
    return key


def make_key(path: Path, entropy: Callable[[int], bytes]) -> bytes:
    """A new key, on disk when this returns; a key that is there already is taken. Raises StoreError."""
    known = read_key(path)
    if known is not None:
        return known
    key, aside = entropy(KEY_BYTES), path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()
        file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, key)
            os.fsync(file)
        finally:
            os.close(file)
        aside.rename(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(
            f"the store's key cannot be written to {path}: {error.strerror}; make space and give this user the right"
        ) from error
    return key


def missing(path: Path) -> StoreError:
    return StoreError(
        f"{path} is missing: it is the key of this store, without which erasures cannot be obeyed; copy it from the server that has it, or "
        "restore it from a backup of the store"
    )
