"""A store's key file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from idweave_server.errors import StoreError
from idweave_server.operations.store_key import make_key, read_key


def counted(n: int) -> bytes:
    return bytes(range(n))


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "store.db.key"
    assert read_key(path) is None
    assert make_key(path, counted) == counted(32)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key(path, lambda n: b"x" * n) == counted(32)
    assert read_key(path) == counted(32)
    assert [p.name for p in path.parent.iterdir()] == ["store.db.key"]


def test_a_key_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"short")
    with pytest.raises(StoreError, match="5 bytes where a key has 32"):
        read_key(path)


def test_a_key_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        make_key(Path("/proc/absent/key"), counted)
