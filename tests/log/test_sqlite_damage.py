"""The SQLite log on disks that refuse, and in files that are damaged: told, or harmless, never silent."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from idweave_server.errors import StoreCorruptError, StoreFullError, StoreReadOnlyError
from idweave_server.log import sqlite_file
from idweave_server.log.base import Head
from idweave_server.log.sqlite import SqliteLog

from tests.log.contract import TERM, drafts, everything
from tests.log.test_sqlite import writing
from tests.log.writing_process import body


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


# ------------------------------------------------------------ disks that refuse


def test_a_full_disk_changes_nothing_and_writing_works_again(path: Path) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"a"))
    connection = log._connection
    assert connection is not None
    connection.pragma("max_page_count", connection.pragma("page_count") + 2)
    for attempt in (
        lambda: log.append(TERM, drafts(b"b", bytes(100_000))),
        lambda: log.rewrite(TERM, {1: bytes(100_000)}),
    ):
        with pytest.raises(StoreFullError, match=r"store\.db: no space left.*make space"):
            attempt()
        assert [e.body for e in everything(log)] == [b"a"]
    assert log.append(TERM, drafts(b"small")) == 2
    connection.pragma("max_page_count", 2**30)
    assert log.append(TERM, drafts(b"b", bytes(100_000))) == 4
    log.close()


def as_nobody() -> contextlib.AbstractContextManager[None]:
    """Without root's right to write everything, where the tests have it."""

    @contextlib.contextmanager
    def changed() -> Iterator[None]:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return changed() if os.geteuid() == 0 else contextlib.nullcontext()


@pytest.mark.parametrize("sealed", ["file", "folder", "both"])
def test_a_store_that_must_not_be_written(sealed: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        writing(path).close()
        path.chmod(0o444 if sealed != "folder" else 0o666)
        Path(folder).chmod(0o555 if sealed != "file" else 0o777)
        with as_nobody():
            with pytest.raises(StoreReadOnlyError, match=r"store\.db.* give this user the right"):
                SqliteLog(path, create=False).acquire("test", "", TERM)
            assert SqliteLog(path, create=False, read_only=True).head() == Head(0, 0, 0)
        Path(folder).chmod(0o777)


# ------------------------------------------------------------ damage


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_told_or_does_no_harm(path: Path, seed: int) -> None:
    """After a kill the last pages of the file or of its write-ahead log are overwritten, cut off or gone: nothing is lost in silence."""
    chance = random.Random(seed)
    log = writing(path)
    bodies = [b"%d " % n * chance.choice((5, 500, 3_000)) for n in range(1, 31)]
    for start in range(0, 30, 3):
        log.append(TERM, drafts(*bodies[start : start + 3]))
        if start == 15 and seed % 2:
            assert log._connection is not None
            log._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    copy = path.with_name("copy.db")
    for end in ("", "-wal", ".lock"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")  # as a killed writer leaves them
    log.close()
    target = Path(f"{copy}-wal") if seed % 4 < 2 or copy.stat().st_size < 20_000 else copy
    size = target.stat().st_size
    match seed % 5:
        case 0:
            os.truncate(target, size - chance.randrange(1, min(size, 20_000)))
        case 1 if target != copy:
            target.unlink()
        case _:
            with target.open("r+b") as file:
                file.seek(size - chance.randrange(1, min(size, 12_000)))
                file.write(chance.randbytes(chance.choice((1, 16, 3_000))))
    found = None
    with contextlib.suppress(StoreCorruptError):
        damaged = SqliteLog(copy, create=True)
        try:
            found = [e.body for e in everything(damaged)]
        finally:
            damaged.close()
    assert found is None or found == bodies


def test_a_write_ahead_log_that_lost_its_end_is_found_out(path: Path) -> None:
    log = writing(path)
    for n in range(1, 6):
        log.append(TERM, drafts(body(n)))
    copy = path.with_name("copy.db")
    for end in ("", "-wal", ".lock"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    log.close()
    os.truncate(f"{copy}-wal", Path(f"{copy}-wal").stat().st_size - 1)
    with pytest.raises(
        StoreCorruptError, match=r"ends with entry 4, but entry 5 was acknowledged.*restored on purpose, remove copy\.db\.lock"
    ):
        SqliteLog(copy, create=False)
    copy.with_name("copy.db.lock").unlink()
    restored = SqliteLog(copy, create=False)
    assert len(everything(restored)) == 4
    restored.close()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DELETE FROM entry WHERE sequence = 2", "entry 2 is missing"),
        ("UPDATE entry SET body = x'00' WHERE sequence = 2", "entry 2 is not what was written"),
        ("UPDATE entry SET term = 78 WHERE sequence = 2", "entry 2 is not what was written"),
        ("UPDATE entry SET at = 999 WHERE sequence = 2", "entry 2 is not what was written"),
        ("DELETE FROM entry", "ends with entry 0, but entry 3"),
        ("DELETE FROM store", "whose store it is is missing"),
        ("DROP TABLE entry", "page"),
    ],
)
def test_rows_that_were_changed_behind_its_back(path: Path, damage: str, message: str) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"a", b"b", b"c"))
    log.close()
    behind = apsw.Connection(str(path))
    behind.execute(damage)
    behind.close()
    with pytest.raises(StoreCorruptError, match=message):
        everything(SqliteLog(path, create=False))


def test_a_length_that_no_body_has_is_refused_before_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writing(path)
    log.append(TERM, drafts(bytes(100_000)))
    log.close()
    monkeypatch.setattr(sqlite_file, "MAX_BODY_BYTES", 50_000)
    with pytest.raises(StoreCorruptError):
        everything(SqliteLog(path, create=False))
