"""The SQLite log: the contract, and what only files and processes can show."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from idweave_server.errors import (
    DeposedError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFormatError,
    StoreFullError,
    StoreReadOnlyError,
)
from idweave_server.log import sqlite_file
from idweave_server.log.base import Head, Log
from idweave_server.log.sqlite import SqliteLog

from tests.log.contract import OTHER, TERM, Door, LogContract, drafts, everything
from tests.log.writing_process import TERM as ITS_TERM
from tests.log.writing_process import body

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def door(path: Path) -> Iterator[Door]:
    SqliteLog(path, create=True).close()
    opened: list[Log] = []

    def opening(*, read_only: bool = False) -> Log:
        opened.append(SqliteLog(path, create=False, read_only=read_only))
        return opened[-1]

    yield opening
    for log in opened:
        log.close()


class TestSqliteLog(LogContract):
    pass


def writing(path: Path, term: int = TERM) -> SqliteLog:
    log = SqliteLog(path, create=True)
    log.acquire("test", "", term)
    return log


@contextlib.contextmanager
def another_process(path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.log.writing_process", str(path), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def acknowledged(process: subprocess.Popen[str], at_least: int) -> int:
    """Kill it once it has acknowledged so many entries; returns the last one that it acknowledged."""
    assert process.stdout is not None
    last = 0
    while last < at_least:
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split("\n")[:-1]  # a line that was cut is none
    return int(rest[-1]) if rest else last


# ------------------------------------------------------------ the writer's place


def test_a_writer_in_another_process_is_named_and_its_place_is_free_after_sigkill(path: Path) -> None:
    with another_process(path) as process:
        log = SqliteLog(path, create=False)
        with pytest.raises(StoreBusyError, match=rf"store\.db is being written by process {process.pid} \(127\.0\.0\.1:1234\); stop"):
            log.acquire("test", "", TERM)
        reader = SqliteLog(path, create=False, read_only=True)
        last = acknowledged(process, at_least=10)
        assert reader.head().sequence >= last  # at once, with nothing to wait for
        assert log.holder() is None
        log.acquire("test", "", TERM)
        found = everything(log)
        assert len(found) >= last
        assert len(found) % 3 == 0  # whole commits
        assert [(e.sequence, e.term, e.body) for e in found] == [(n, ITS_TERM, body(n)) for n in range(1, len(found) + 1)]
        reader.close()
        log.close()


def test_a_fork_does_not_keep_the_writer_s_place(path: Path) -> None:
    log = writing(path)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.close(write)
        os.read(read, 1)  # until the parent lets it go
        os._exit(0)
    os.close(read)
    log.close()
    again = writing(path, OTHER)
    again.close()
    os.close(write)
    assert os.waitpid(child, 0)[1] == 0


def test_a_writer_whose_lock_file_was_removed_is_deposed(path: Path) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"a"))
    path.with_name("store.db.lock").unlink()
    other = writing(path, OTHER)
    for write in (lambda: log.append(TERM, drafts(b"b")), lambda: log.rewrite(TERM, {1: b"b"}), lambda: log.renew(TERM)):
        with pytest.raises(DeposedError, match="another writer"):
            write()
    assert other.append(OTHER, drafts(b"c")) == 2
    log.close()
    other.close()


def test_a_lock_file_of_nonsense_does_no_harm(path: Path) -> None:
    writing(path).close()
    lock = path.with_name("store.db.lock")
    lock.write_bytes(random.Random(1).randbytes(500))
    log = writing(path)
    lock.write_bytes(b"\xff" * 70 + b"{")
    assert log.holder() is not None
    with pytest.raises(StoreBusyError, match="another server"):
        writing(path, OTHER)
    log.close()


def test_any_thread_may_use_it_one_after_another(path: Path) -> None:
    log = writing(path)
    for n in range(1, 4):
        found: list[int] = []
        thread = threading.Thread(target=lambda found=found: found.append(log.append(TERM, drafts(b"a"))))
        thread.start()
        thread.join()
        assert found == [n]
    log.close()


# ------------------------------------------------------------ files


def test_it_makes_a_store_only_when_told_to(path: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"store\.db is not there"):
            SqliteLog(path, create=False, read_only=read_only)
    assert not list(path.parent.iterdir())
    with pytest.raises(StoreError, match=r"the folder .*missing is not there"):
        SqliteLog(path.parent / "missing" / "store.db", create=True)
    with pytest.raises(StoreError, match="not a file"):
        SqliteLog(path.parent, create=True)
    one, two = SqliteLog(path, create=True), SqliteLog(path, create=True)
    assert one.store_id() == two.store_id() != SqliteLog(path.with_name("other.db"), create=True).store_id()
    one.close()
    two.close()


def test_a_file_that_a_killed_maker_left_is_made_whole(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreFormatError):
        SqliteLog(path, create=False)
    SqliteLog(path, create=True).close()
    path.unlink()
    half = apsw.Connection(str(path))
    half.pragma("journal_mode", "WAL")
    half.close()
    assert path.stat().st_size
    SqliteLog(path, create=True).close()
    SqliteLog(path, create=False).close()


def test_a_closed_log_says_so(path: Path) -> None:
    log = writing(path)
    log.close()
    with pytest.raises(StoreError, match="was closed"):
        log.head()


def test_other_files_are_told_from_a_store(path: Path) -> None:
    path.write_bytes(b"identifier,value\n" * 1_000)
    with pytest.raises(StoreFormatError, match=r"store\.db is not an idweave store; name another"):
        SqliteLog(path, create=True)
    path.unlink()
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE cats (name)")
    other.close()
    for create, read_only in ((True, False), (False, False), (False, True)):
        with pytest.raises(StoreFormatError, match="not an idweave store"):
            SqliteLog(path, create=create, read_only=read_only)


def test_a_store_of_a_newer_release_is_left_alone(path: Path) -> None:
    SqliteLog(path, create=True).close()
    later = apsw.Connection(str(path))
    later.pragma("user_version", 2)
    later.close()
    with pytest.raises(StoreFormatError, match=r"format 2, which a newer release made; this one reads up to 1: upgrade"):
        SqliteLog(path, create=True)


def test_reading_makes_no_file(path: Path) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"a"))
    log.close()
    before = sorted(p.name for p in path.parent.iterdir())
    assert before == ["store.db", "store.db.lock"]
    path.parent.chmod(0o500)
    reader = SqliteLog(path, create=False, read_only=True)
    assert [e.body for e in everything(reader)] == [b"a"]
    assert sorted(p.name for p in path.parent.iterdir()) == before
    path.parent.chmod(0o700)
    log = writing(path, OTHER)  # and the same reader goes on beside a writer that came later
    log.append(OTHER, drafts(b"b"))
    assert [e.body for e in everything(reader)] == [b"a", b"b"]
    log.append(OTHER, drafts(b"c"))
    assert reader.head().sequence == 3
    reader.close()
    log.close()
    assert sorted(p.name for p in path.parent.iterdir()) == before


def test_a_copy_without_its_wal_index_is_not_touched_by_a_reader(path: Path) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"a"))
    copy = path.with_name("copy.db")
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    log.close()
    with pytest.raises(StoreError, match=r"copy\.db-wal"):
        SqliteLog(copy, create=False, read_only=True)
    assert not copy.with_name("copy.db-shm").exists()
    whole = SqliteLog(copy, create=False)
    assert len(everything(whole)) == 1
    whole.close()


def test_the_files_are_written_as_promised(path: Path) -> None:
    log = writing(path)
    connection = log._connection
    assert connection is not None
    assert [connection.pragma(name) for name in ("journal_mode", "synchronous", "secure_delete")] == ["wal", 2, 1]
    assert apsw.sqlite_lib_version() >= "3.51.3"
    log.close()


def test_the_write_ahead_log_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writing(path)
    reader = apsw.Connection(str(path))
    reader.set_busy_timeout(0)
    reader.execute("BEGIN; SELECT count(*) FROM entry")  # a reader that stays: commits cannot start the write-ahead log over
    wal = path.with_name("store.db-wal")
    monkeypatch.setattr("idweave_server.log.sqlite.WAL_BYTES", 2**20)
    assert log._connection is not None
    log._connection.set_busy_timeout(1)
    for _ in range(4):
        log.append(TERM, drafts(bytes(2**20)))  # goes on whatever the reader does
    assert wal.stat().st_size > 4 * 2**20
    reader.execute("COMMIT")
    log.append(TERM, drafts(b"a"))
    assert wal.stat().st_size < 2**20
    reader.close()
    log.close()


# ------------------------------------------------------------ erasing


@pytest.mark.parametrize("seed", range(4))
def test_what_was_rewritten_is_in_no_file(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log = writing(path)
    reader = SqliteLog(path, create=False, read_only=True)
    secrets = {n: b"secret-%05d-" % n for n in range(1, 41)}
    sizes = [chance.choice((20, 300, 3_900, 4_100, 30_000)) for _ in secrets]
    bodies = [(secret * (size // 13 + 1)) for secret, size in zip(secrets.values(), sizes, strict=True)]
    for start in range(0, 40, 8):
        log.append(TERM, drafts(*bodies[start : start + 8]))
    everything(reader)
    erased = chance.sample(sorted(secrets), 15)
    log.rewrite(TERM, {n: b"." * chance.choice((0, 100, len(bodies[n - 1]), 20_000)) for n in erased})
    kept = path.read_bytes() + path.with_name("store.db-wal").read_bytes()
    for n, secret in secrets.items():
        assert (secret in kept) == (n not in erased)
    everything(reader)
    reader.close()
    log.close()


def test_a_reader_in_the_way_of_a_rewrite_is_told_of(path: Path) -> None:
    log = writing(path)
    log.append(TERM, drafts(b"secret"))
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN; SELECT * FROM entry")
    assert log._connection is not None
    log._connection.set_busy_timeout(1)
    with pytest.raises(StoreBusyError, match="a reader keeps the old ones on disk; close it, then rewrite again"):
        log.rewrite(TERM, {1: b"public"})
    reader.close()
    log.rewrite(TERM, {1: b"public"})
    assert b"secret" not in path.read_bytes() + path.with_name("store.db-wal").read_bytes()
    log.close()


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
