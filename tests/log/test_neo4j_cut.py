"""A connection to Neo4j that goes at the worst moment: an append has been done once, or not at all, and is known to have been."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from idweave_server.errors import DeposedError, UnavailableError
from idweave_server.log.base import Holder
from idweave_server.log.neo4j import Neo4jLog

from tests.log.contract import OTHER, TERM, drafts, everything
from tests.log.cutting_proxy import CuttingProxy, Moment
from tests.log.graph_logs import Opening, taken, until

MARKER = b"-the-marker-"


@pytest.fixture
def proxy(opening: Opening) -> Iterator[CuttingProxy]:
    parts = urlsplit(opening.database.uri)
    if not opening.database.uri.startswith("bolt://127.0.0.1"):
        pytest.skip("the proxy stands before a database of this machine, without TLS")
    with CuttingProxy(parts.port or 7687) as proxy:
        yield proxy


def through(proxy: CuttingProxy, opening: Opening, *, term: int = TERM) -> Neo4jLog:
    """A writer whose way leads through the proxy."""
    log = opening(uri=f"bolt://127.0.0.1:{proxy.port}")
    log.acquire("server one", "", term)
    log.append(term, drafts(b"first"))
    return log


def appending(log: Neo4jLog) -> tuple[threading.Thread, list[UnavailableError]]:
    """An append on a thread, and the list that gets what it raises."""
    raised: list[UnavailableError] = []

    def append() -> None:
        try:
            log.append(TERM, drafts(MARKER))
        except UnavailableError as error:
            raised.append(error)

    thread = threading.Thread(target=append)
    thread.start()
    return thread, raised


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AMID])
def test_an_append_whose_connection_goes_is_done_once(opening: Opening, proxy: CuttingProxy, moment: Moment) -> None:
    log = through(proxy, opening)
    for number in range(2, 12):
        proxy.cut(MARKER, moment)
        assert log.append(TERM, drafts(b"%d" % number + MARKER)) == number
        assert proxy.cuts == number - 1
    assert [e.body for e in everything(opening())] == [b"first", *(b"%d" % number + MARKER for number in range(2, 12))]


def test_an_append_that_is_done_but_not_answered_is_not_done_again(opening: Opening, proxy: CuttingProxy) -> None:
    log, other = through(proxy, opening), opening(read_only=True)
    proxy.cut(MARKER, Moment.AFTER)
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(log.append(TERM, drafts(MARKER, b"and"))))
    thread.start()
    until(lambda: other.head().sequence == 3)
    assert found == []
    proxy.let_go()
    thread.join()
    assert found == [3]
    assert log.append(TERM, drafts(b"last")) == 4
    assert [e.body for e in everything(other)] == [b"first", MARKER, b"and", b"last"]


@pytest.mark.parametrize(("moment", "expected"), [(Moment.BEFORE, [b"first"]), (Moment.AFTER, [b"first", MARKER])])
def test_an_append_in_doubt_while_the_database_stays_away(
    opening: Opening, proxy: CuttingProxy, moment: Moment, expected: list[bytes]
) -> None:
    """It says so; what became of it is known as soon as the database is back, whether it had been done or not."""
    log, other = through(proxy, opening), opening(read_only=True)
    proxy.cut(MARKER, moment)
    proxy.down = True  # for connections that are still to be made
    thread, raised = appending(log)
    if moment is Moment.AFTER:
        until(lambda: other.head().sequence == 2)
        proxy.let_go()
    thread.join()
    assert [error.retry_seconds > 0 for error in raised] == [True]
    begun = time.monotonic()
    with pytest.raises(UnavailableError):  # at once: it was away a moment ago
        log.append(TERM, drafts(b"no"))
    assert time.monotonic() - begun < 1
    with pytest.raises(UnavailableError):
        log.read(0, 10)
    proxy.down = False
    assert [e.body for e in log.read(0, 10)] == expected
    assert log.append(TERM, drafts(b"last")) == len(expected) + 1
    assert [e.body for e in everything(other)] == [*expected, b"last"]


def test_a_writer_that_is_deposed_while_its_append_is_in_doubt(opening: Opening, proxy: CuttingProxy) -> None:
    """What it appended is there and is told; the next one fails."""
    log = opening(uri=f"bolt://127.0.0.1:{proxy.port}", lease=0.05)
    other = opening()
    log.acquire("server one", "", TERM)
    proxy.cut(MARKER, Moment.AFTER)
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(log.append(TERM, drafts(MARKER))))
    thread.start()
    until(lambda: other.head().sequence == 1)
    until(lambda: taken(other, OTHER))
    proxy.let_go()
    thread.join()
    assert found == [1]
    with pytest.raises(DeposedError):
        log.append(TERM, drafts(b"b"))
    assert other.append(OTHER, drafts(b"c")) == 2


def test_a_place_that_was_taken_without_an_answer_is_one_s_own(opening: Opening, proxy: CuttingProxy) -> None:
    log, other = opening(uri=f"bolt://127.0.0.1:{proxy.port}"), opening()
    proxy.cut(b"server one", Moment.AFTER)
    thread = threading.Thread(target=lambda: log.acquire("server one", "", TERM))
    thread.start()
    until(lambda: other.holder() is not None)
    proxy.let_go()
    thread.join()
    assert other.holder() == Holder("server one", "", TERM)
    assert log.append(TERM, drafts(b"a")) == 1


def test_reading_goes_on_after_a_cut(opening: Opening, proxy: CuttingProxy) -> None:
    log = through(proxy, opening)
    for moment in (Moment.BEFORE, Moment.AMID):
        proxy.cut(b"MATCH", moment)
        assert [e.body for e in everything(log)] == [b"first"]
        proxy.cut(b"MATCH", moment)
        log.renew(TERM)
    assert proxy.cuts == 4
