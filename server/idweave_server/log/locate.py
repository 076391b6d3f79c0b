"""From a store's URL to its log."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from idweave_server.errors import InputError
from idweave_server.log.base import Log
from idweave_server.log.sqlite import SqliteLog

FORMS = "sqlite:///relative/path.db or sqlite:////absolute/path.db"


def open_log(url: str, *, create: bool = False, read_only: bool = False) -> Log:
    """The log of a store. create: make the store where there is none. Raises InputError, StoreError."""
    return SqliteLog(store_path(url), create=create, read_only=read_only)


def store_path(url: str) -> Path:
    """The file that a store's URL names. Raises InputError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError(f"the store's URL cannot be read: write {FORMS}") from None
    if not parts.scheme:
        raise InputError(f"the store {url!r} has no scheme: write {FORMS}")
    if parts.scheme != "sqlite":
        raise InputError(f"the store's scheme {parts.scheme!r} is not known to this release: write {FORMS}")
    if parts.netloc:
        raise InputError(f"the store's URL names a host, {parts.hostname!r}, where a file is wanted: write three slashes or four, {FORMS}")
    if parts.query or parts.fragment:
        raise InputError(f"the store's URL takes no ? and no # (write %3F and %23 for those of a file's name): write {FORMS}")
    name = unquote(parts.path[1:])
    if not name or name.endswith("/") or name == ":memory:" or "\0" in name:
        raise InputError(f"the store's URL names no file: write {FORMS}")
    return Path(name)
