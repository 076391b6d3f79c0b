"""The power cut: what was acknowledged is on the disk, and no commit is there by half."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from idweave_server.errors import StoreCorruptError, StoreError, StoreFullError
from idweave_server.log import sqlite_file
from idweave_server.log.sqlite import SqliteLog

from tests.log.contract import TERM, drafts, everything
from tests.log.forgetful_vfs import ForgetfulVFS, install
from tests.log.test_sqlite import acknowledged, another_process
from tests.log.writing_process import TERM as ITS_TERM
from tests.log.writing_process import body

SECOND = TERM + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def vfs() -> Iterator[ForgetfulVFS]:
    found = install("forgetful")
    yield found
    found.unregister()


def written(path: Path, vfs: ForgetfulVFS, chance: random.Random) -> tuple[SqliteLog, list[bytes]]:
    """A log with some acknowledged commits, rewrites among them, and one that is begun."""
    log = SqliteLog(path, create=True, vfs=vfs.name)
    log.acquire("test", "", TERM)
    bodies: list[bytes] = []
    for _ in range(chance.randrange(1, 12)):
        more = [chance.randbytes(chance.choice((3, 900, 9_000))) for _ in range(chance.randrange(1, 4))]
        log.append(TERM, drafts(*more))
        bodies += more
        if chance.random() < 0.3:
            at = chance.randrange(len(bodies))
            bodies[at] = b"rewritten"
            log.rewrite(TERM, {at + 1: b"rewritten"})
    connection = log._connection
    assert connection is not None
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO entry VALUES (?, 1, 2, 3, 4, ?)", (len(bodies) + 1, bytes(50_000)))
    return log, bodies


@pytest.mark.parametrize("survive", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_everything_acknowledged_survives_a_power_cut(path: Path, vfs: ForgetfulVFS, seed: int, survive: bool) -> None:
    chance = random.Random(seed)
    log, bodies = written(path, vfs, chance)
    vfs.forget(chance if survive else None)
    log.close()
    again = SqliteLog(path, create=False, vfs=vfs.name)
    assert [e.body for e in everything(again)] == bodies
    again.acquire("test", "", SECOND)
    assert again.append(SECOND, drafts(b"after")) == len(bodies) + 1
    again.close()
    plain = SqliteLog(path, create=False)  # and the file is whole for everybody
    assert len(everything(plain)) == len(bodies) + 1
    plain.close()


@pytest.mark.parametrize("seed", range(6))
def test_a_commit_that_the_power_cut_interrupts_is_there_whole_or_not_at_all(path: Path, vfs: ForgetfulVFS, seed: int) -> None:
    """The sync of the last append fails, as its acknowledgement then does; a selection of its sectors reaches the disk."""
    chance = random.Random(seed)
    log = SqliteLog(path, create=True, vfs=vfs.name)
    log.acquire("test", "", TERM)
    log.append(TERM, drafts(b"a" * 5_000, b"b" * 5_000))
    wal = next(file for file in vfs.files if file.path.endswith("-wal"))
    wal.xSync = refused  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        log.append(TERM, drafts(b"c" * 5_000, b"d" * 5_000))
    vfs.forget(chance)
    log.close()
    again = SqliteLog(path, create=False, vfs=vfs.name)
    assert [e.body[:1] for e in everything(again)] in ([b"a", b"b"], [b"a", b"b", b"c", b"d"])
    again.close()


def refused(flags: int) -> None:
    raise apsw.IOError("no sync")


def test_without_syncing_the_same_test_fails(path: Path, vfs: ForgetfulVFS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "SYNCHRONOUS", "OFF")
    lost = 0
    for seed in range(6):
        store = path.with_name(f"{seed}.db")
        log, bodies = written(store, vfs, random.Random(seed))
        assert vfs.unsynced()
        vfs.forget()
        log.close()
        try:
            again = SqliteLog(store, create=True, vfs=vfs.name)
        except StoreCorruptError:  # the last acknowledged entry is written down beside the store
            lost += 1
            continue
        lost += [e.body for e in everything(again)] != bodies
        again.close()
    assert lost >= 5


def test_a_killed_process_forgets_what_it_did_not_sync(path: Path) -> None:
    with another_process(path, "forgetful") as process:
        last = acknowledged(process, at_least=30)
    log = SqliteLog(path, create=False)
    found = everything(log)
    assert len(found) >= last
    assert [(e.term, e.body) for e in found] == [(ITS_TERM, body(n)) for n in range(1, len(found) + 1)]
    log.close()


@pytest.mark.parametrize(("fault", "raised"), [(apsw.FullError, StoreFullError), (apsw.IOError, StoreError)])
def test_a_disk_that_fails_for_a_while(path: Path, vfs: ForgetfulVFS, fault: type[apsw.Error], raised: type[StoreError]) -> None:
    log = SqliteLog(path, create=True, vfs=vfs.name)
    log.acquire("test", "", TERM)
    log.append(TERM, drafts(b"a"))
    vfs.fault = fault
    for attempt in (lambda: log.append(TERM, drafts(b"b", bytes(9_000))), lambda: log.rewrite(TERM, {1: b"b"})):
        with pytest.raises(raised, match=r"store\.db"):
            attempt()
        assert [e.body for e in everything(log)] == [b"a"]
    vfs.fault = None
    assert log.append(TERM, drafts(b"b", bytes(9_000))) == 3
    vfs.forget()
    log.close()
    again = SqliteLog(path, create=False, vfs=vfs.name)
    assert [e.body for e in everything(again)] == [b"a", b"b", bytes(9_000)]
    again.close()
