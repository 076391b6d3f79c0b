"""The writer's place in Neo4j: a lease by the database's clock, and terms that fence."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import pytest
from idweave_server.errors import DeposedError, StoreBusyError
from idweave_server.log.base import Holder

from tests.log.contract import OTHER, TERM, drafts, everything
from tests.log.graph_logs import Opening, taken, until

SHORT = 0.3  # seconds


def test_a_writer_that_is_gone_is_followed_when_its_lease_is_over(opening: Opening) -> None:
    gone, other = opening(lease=SHORT), opening()
    begun = time.monotonic()
    gone.acquire("server one", "127.0.0.1:1", TERM)
    gone.append(TERM, drafts(b"a"))
    with pytest.raises(StoreBusyError, match="server one"):
        other.acquire("server two", "127.0.0.1:2", OTHER)
    until(lambda: taken(other, OTHER))
    assert time.monotonic() - begun >= SHORT
    assert other.holder() == gone.holder() == Holder("server two", "127.0.0.1:2", OTHER)
    assert other.append(OTHER, drafts(b"b")) == 2
    gone.close()  # does not take the place from its follower
    assert other.append(OTHER, drafts(b"c")) == 3
    other.close()


def test_a_writer_that_was_asleep_cannot_write(opening: Opening) -> None:
    asleep, other = opening(lease=SHORT), opening()
    asleep.acquire("server one", "", TERM)
    asleep.append(TERM, drafts(b"a"))
    until(lambda: taken(other, OTHER))
    for write in (
        lambda: asleep.append(TERM, drafts(b"b")),
        lambda: asleep.append(TERM, []),
        lambda: asleep.rewrite(TERM, {1: b"b"}),
        lambda: asleep.renew(TERM),
    ):
        with pytest.raises(DeposedError, match="another writer"):
            write()
    other.append(OTHER, drafts(b"c"))
    assert [(e.term, e.body) for e in everything(asleep)] == [(TERM, b"a"), (OTHER, b"c")]  # and it can read
    asleep.release(TERM)
    assert other.holder() is not None
    other.release(OTHER)
    asleep.acquire("server one", "", 5)  # and become the writer again
    assert asleep.append(5, drafts(b"d")) == 3
    asleep.close()
    other.close()


def test_a_lease_that_ran_out_is_lengthened_as_long_as_nobody_has_followed(opening: Opening) -> None:
    log = opening(lease=SHORT)
    log.acquire("server one", "", TERM)
    until(lambda: log.holder() is None)
    log.renew(TERM)
    assert log.holder() == Holder("server one", "", TERM)
    until(lambda: log.holder() is None)
    log.append(TERM, drafts(b"a"))  # which lengthens it, too
    assert log.holder() == Holder("server one", "", TERM)
    log.close()
    assert opening().holder() is None


def test_renewing_goes_on_beside_an_append(opening: Opening) -> None:
    log = opening()
    log.acquire("server one", "", TERM)
    failed: list[BaseException] = []

    def renew() -> None:
        try:
            for _ in range(30):
                log.renew(TERM)
                assert log.holder() is not None
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=renew)
    thread.start()
    for number in range(1, 31):
        assert log.append(TERM, drafts(b"x" * 100_000)) == number
    thread.join()
    assert failed == []
    log.close()


def test_of_many_that_want_the_place_at_once_one_gets_it(opening: Opening) -> None:
    logs = [opening() for _ in range(6)]
    won: list[int] = []

    def want(term: int) -> None:
        if taken(logs[term - 1], term):
            won.append(term)

    threads = [threading.Thread(target=want, args=(term,)) for term in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    held = logs[0].holder()
    assert held is not None
    assert held.term == won[0]


def test_a_hundred_take_overs_issue_no_sequence_twice(opening: Opening) -> None:
    """Three servers, each of which writes as long as it can and falls asleep for longer than its lease now and then."""
    chance, count = random.Random(3), 100
    terms = iter(range(1, 10_000))
    lock, ended = threading.Lock(), threading.Event()
    acknowledged: list[tuple[int, int, bytes]] = []  # sequence, term, body
    taken_over: list[int] = []
    failed: list[BaseException] = []

    def serve(number: int, seed: int) -> None:
        own = random.Random(seed)
        try:
            log = logs[number]
            while not ended.is_set():
                with lock:
                    term = next(terms)
                if not taken(log, term):
                    ended.wait(0.005)
                    continue
                with lock:
                    taken_over.append(term)
                    if len(taken_over) >= count:
                        ended.set()
                with contextlib.suppress(DeposedError):
                    for step in range(own.randrange(1, 4)):
                        body = f"{number} {term} {step}".encode()
                        sequence = log.append(term, drafts(body))
                        with lock:
                            acknowledged.append((sequence, term, body))
                    ended.wait(0.08)  # its lease runs out
                    sequence = log.append(term, drafts(b"late"))
                    with lock:
                        acknowledged.append((sequence, term, b"late"))
        except BaseException as error:
            failed.append(error)
            ended.set()

    logs = [opening(lease=0.05) for _ in range(3)]
    threads = [threading.Thread(target=serve, args=(number, chance.randrange(10**6))) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(taken_over) >= count
    found = everything(opening())
    assert sorted(acknowledged) == [(e.sequence, e.term, e.body) for e in found]
    assert [e.sequence for e in found] == list(range(1, len(found) + 1))
