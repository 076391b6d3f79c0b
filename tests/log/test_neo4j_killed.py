"""Neo4j killed (SIGKILL) amid appends: what was acknowledged is there, what was not is there whole or not at all, and the log goes on."""

from __future__ import annotations

import random
import threading

import pytest
from idweave_server.errors import UnavailableError
from idweave_server.log.neo4j import Neo4jLog

from tests.log.contract import TERM, drafts, everything
from tests.log.graph_logs import graph_log, until
from tests.neo4j_database import Database

TOGETHER = 3  # entries in an append


class Appending:
    """Appends on a thread, as a server's committer does: after an append in doubt it reads what became of it. Ends when told."""

    def __init__(self, log: Neo4jLog, size: int) -> None:
        self._log, self._size = log, size
        self.acknowledged = log.head().sequence
        self.unavailable = 0
        self.failed: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                try:
                    self._append()
                except UnavailableError:
                    self.unavailable += 1
                    self._ended.wait(0.05)
        except BaseException as error:
            self.failed = error

    def _append(self) -> None:
        at = self._log.head().sequence
        assert at in (self.acknowledged, self.acknowledged + TOGETHER)
        assert self._log.append(TERM, drafts(*(body(at + n, self._size) for n in range(1, TOGETHER + 1)))) == at + TOGETHER
        self.acknowledged = at + TOGETHER


def body(sequence: int, size: int) -> bytes:
    return (b"%d " % sequence) * (size // 8 + 1)


def killed_again_and_again(database: Database, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    log = graph_log(database, lease=3_600)
    if log.head().sequence == 0:
        log.acquire("a test", "", TERM)
    appending = Appending(log, size := 20_000)
    try:
        for _ in range(rounds):
            begun = appending.acknowledged
            at_least = begun + TOGETHER * chance.randrange(2, 40)
            until(lambda least=at_least: appending.failed is not None or appending.acknowledged >= least)  # type: ignore[misc]
            database.kill()
            known = appending.acknowledged
            unavailable = appending.unavailable
            until(lambda before=unavailable: appending.failed is not None or appending.unavailable > before)  # type: ignore[misc]
            database.start()
            reader = graph_log(database, create=False, read_only=True)
            assert reader.head().sequence >= known
            reader.close()
        last = appending.acknowledged
        until(lambda: appending.failed is not None or appending.acknowledged > last)
    finally:
        appending.end()
    assert appending.failed is None
    found = everything(log)
    assert len(found) in (appending.acknowledged, appending.acknowledged + TOGETHER)
    assert [(e.sequence, e.term, e.body) for e in found] == [(n, TERM, body(n, size)) for n in range(1, len(found) + 1)]
    log.release(TERM)
    log.close()


def test_a_database_that_is_killed_amid_appends(own_database: Database) -> None:
    own_database.wipe()
    killed_again_and_again(own_database, rounds=2, seed=1)


@pytest.mark.slow
def test_a_database_that_is_killed_many_times(own_database: Database) -> None:
    own_database.wipe()
    killed_again_and_again(own_database, rounds=12, seed=2)
