"""The SQLite log: the contract, and what only files and processes can show."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from idweave_server.errors import (
    DeposedError,
    StoreBusyError,
    StoreError,
    StoreFormatError,
)
from idweave_server.log.base import Log
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


FORKING = """
import os, sys
from idweave_server.log.sqlite import SqliteLog
log = SqliteLog(sys.argv[1], create=True)
log.acquire("forks", "", 1)
if os.fork() == 0:
    print(os.getpid(), flush=True)
sys.stdin.read()
"""


def test_a_fork_does_not_keep_the_writer_s_place(path: Path) -> None:
    """Such as a helper process that outlives the server that made it: it shares the open lock file."""
    parent = subprocess.Popen([sys.executable, "-c", FORKING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin is not None
    assert parent.stdout is not None
    try:
        child = int(parent.stdout.readline())
        with pytest.raises(StoreBusyError, match="forks"):
            writing(path)
        parent.kill()
        parent.wait()
        os.kill(child, 0)  # it lives
        writing(path).close()
    finally:
        parent.kill()
        parent.stdin.close()  # which ends the child
        parent.stdout.read()
        parent.stdout.close()


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
