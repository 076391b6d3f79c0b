"""What every backend's log must do (log/base.py), as a class of tests.

A backend's own test module subclasses LogContract and gives it a fixture `door`, a Door to one empty store: each call opens another log
object on that store, and what was opened is closed at the end. Nothing here knows of files, processes or databases.
"""

from __future__ import annotations

from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idweave_server.errors import DeposedError, StoreBusyError, StoreReadOnlyError
from idweave_server.log.base import MAX_BODY_BYTES, MAX_TERM, Draft, Entry, Head, Holder, Log
from idweave_server.model import EntryKind

TERM, OTHER = 77, MAX_TERM


class Door(Protocol):
    def __call__(self, *, read_only: bool = False) -> Log: ...


def drafts(*bodies: bytes, at: int = 1_000) -> list[Draft]:
    return [Draft(EntryKind.OBSERVATIONS, at, body) for body in bodies]


def writer(door: Door, term: int = TERM) -> Log:
    log = door()
    log.acquire("server one", "127.0.0.1:50051", term)
    return log


def everything(log: Log, limit: int = 1_000) -> list[Entry]:
    """All entries, asked for as the contract says: until there are no more."""
    found: list[Entry] = []
    while part := log.read(found[-1].sequence if found else 0, limit):
        found += part
    return found


class LogContract:
    def test_an_empty_log(self, door: Door) -> None:
        log = door()
        assert log.head() == Head(0, 0, 0)
        assert log.read(0, 10) == []
        assert log.term_at(0) is log.term_at(1) is log.term_at(2**80) is None
        assert log.holder() is None
        assert log.lease_seconds is None or log.lease_seconds > 0

    def test_entries_come_back_as_they_were_written(self, door: Door) -> None:
        log = writer(door)
        bodies = [b"", b"\0", bytes(range(256)) * 300, "ünï".encode()]
        kinds = [EntryKind.POLICY, EntryKind.VERDICTS, EntryKind.ERASURE, EntryKind.TICK]
        written = [Draft(kind, at, body) for kind, at, body in zip(kinds, [0, 5, 5, 2**40], bodies, strict=True)]
        assert log.append(TERM, written) == 4
        assert log.read(0, 10) == [Entry(n, TERM, d.kind, d.at, d.body) for n, d in enumerate(written, 1)]
        assert log.head() == Head(4, TERM, 2**40)
        assert [log.term_at(n) for n in range(6)] == [None, TERM, TERM, TERM, TERM, None]

    def test_sequences_have_no_gap(self, door: Door) -> None:
        log = writer(door)
        assert [log.append(TERM, drafts(*[b"x"] * n)) for n in (1, 3, 2)] == [1, 4, 6]
        assert [entry.sequence for entry in everything(log)] == [1, 2, 3, 4, 5, 6]

    def test_appending_nothing_gives_the_head(self, door: Door) -> None:
        log = writer(door)
        assert log.append(TERM, []) == 0
        log.append(TERM, drafts(b"a", b"b"))
        assert log.append(TERM, []) == 2

    def test_reading_in_parts(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, drafts(*(b"%d" % n for n in range(1, 10))))
        assert [e.body for e in log.read(3, 2)] == [b"4", b"5"]
        assert [e.body for e in log.read(3, 100, until=6)] == [b"4", b"5", b"6"]
        assert log.read(9, 10) == log.read(100, 10) == log.read(4, 10, until=4) == []
        assert [e.sequence for e in everything(log, limit=2)] == list(range(1, 10))
        with pytest.raises(ValueError, match="limit"):
            log.read(0, 0)

    def test_a_reader_sees_what_is_appended(self, door: Door) -> None:
        log = writer(door)
        reader = door(read_only=True)
        assert reader.head() == Head(0, 0, 0)
        for n in range(1, 5):
            log.append(TERM, drafts(b"a", b"b"))
            assert reader.head() == Head(2 * n, TERM, 1_000)
            assert len(everything(reader)) == 2 * n
        assert reader.store_id() == log.store_id()

    def test_a_reader_writes_nothing(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, drafts(b"a"))
        reader = door(read_only=True)
        for refused in (
            lambda: reader.acquire("me", "", OTHER),
            lambda: reader.renew(TERM),
            lambda: reader.append(TERM, drafts(b"b")),
            lambda: reader.rewrite(TERM, {1: b""}),
        ):
            with pytest.raises(StoreReadOnlyError):
                refused()
        reader.release(TERM)
        assert [e.body for e in everything(log)] == [b"a"]

    def test_what_was_written_is_there_when_opened_again(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, drafts(b"a", b"b"))
        name = log.store_id()
        log.close()
        log.close()
        again = writer(door, OTHER)
        assert again.store_id() == name
        assert len(name) == 32
        assert again.append(OTHER, drafts(b"c")) == 3
        assert [(e.term, e.body) for e in everything(again)] == [(TERM, b"a"), (TERM, b"b"), (OTHER, b"c")]

    def test_only_the_writer_appends(self, door: Door) -> None:
        log = door()
        for write in (lambda: log.append(TERM, drafts(b"a")), lambda: log.rewrite(TERM, {}), lambda: log.renew(TERM)):
            with pytest.raises(DeposedError):
                write()
        log.acquire("me", "", TERM)
        log.renew(TERM)
        with pytest.raises(DeposedError):
            log.append(OTHER, drafts(b"a"))
        with pytest.raises(DeposedError):
            log.append(OTHER, [])
        log.release(OTHER)  # not the writer's: nothing happens
        log.append(TERM, drafts(b"a"))
        log.release(TERM)
        log.release(TERM)
        with pytest.raises(DeposedError):
            log.append(TERM, drafts(b"b"))
        assert [e.body for e in everything(log)] == [b"a"]

    def test_a_second_writer_is_told_who_the_first_is(self, door: Door) -> None:
        log = writer(door)
        other = door()
        assert other.holder() == log.holder() == Holder("server one", "127.0.0.1:50051", TERM)
        with pytest.raises(StoreBusyError, match=r"server one.*127\.0\.0\.1:50051") as caught:
            other.acquire("server two", "", OTHER)
        assert (caught.value.holder, caught.value.address) == ("server one", "127.0.0.1:50051")
        with pytest.raises(StoreBusyError):
            log.acquire("server one, once more", "", OTHER)
        log.append(TERM, drafts(b"a"))
        log.release(TERM)
        assert other.holder() is None
        other.acquire("server two", "", OTHER)
        assert log.holder() == Holder("server two", "", OTHER)
        with pytest.raises(DeposedError):
            log.append(TERM, drafts(b"b"))
        assert other.append(OTHER, drafts(b"c")) == 2

    def test_closing_gives_the_place_up(self, door: Door) -> None:
        writer(door).close()
        writer(door, OTHER).append(OTHER, drafts(b"a"))

    def test_a_term_is_a_positive_number(self, door: Door) -> None:
        for term in (0, -1, MAX_TERM + 1):
            with pytest.raises(ValueError, match="term"):
                door().acquire("me", "", term)

    def test_time_never_falls(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, drafts(b"a", at=10))
        with pytest.raises(ValueError, match="9 < 10"):
            log.append(TERM, drafts(b"b", at=9))
        with pytest.raises(ValueError, match="10 < 11"):
            log.append(TERM, [*drafts(b"b", at=11), *drafts(b"c", at=10)])
        assert log.head() == Head(1, TERM, 10)
        log.append(TERM, drafts(b"b", at=10))
        assert [e.body for e in everything(log)] == [b"a", b"b"]

    def test_a_body_that_is_too_large_is_refused(self, door: Door) -> None:
        log = writer(door)
        large = bytes(MAX_BODY_BYTES + 1)
        with pytest.raises(ValueError, match="67,108,864"):
            log.append(TERM, drafts(b"a", large))
        log.append(TERM, drafts(b"a"))
        with pytest.raises(ValueError, match="67,108,864"):
            log.rewrite(TERM, {1: large})
        assert [e.body for e in everything(log)] == [b"a"]

    def test_rewriting_replaces_bodies_and_nothing_else(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, [*drafts(b"a", b"b", at=5), *drafts(b"c" * 9_000, b"d", at=6)])
        before = everything(log)
        reader = door(read_only=True)
        log.rewrite(TERM, {3: b"", 2: b"B" * 20_000})
        log.rewrite(TERM, {})
        expected = [Entry(e.sequence, e.term, e.kind, e.at, {2: b"B" * 20_000, 3: b""}.get(e.sequence, e.body)) for e in before]
        assert everything(log) == everything(reader) == expected
        assert log.append(TERM, drafts(b"e", at=6)) == 5

    def test_rewriting_is_all_or_nothing(self, door: Door) -> None:
        log = writer(door)
        log.append(TERM, drafts(b"a", b"b"))
        with pytest.raises(ValueError, match="no entry 3"):
            log.rewrite(TERM, {1: b"x", 3: b"y"})
        with pytest.raises(DeposedError):
            log.rewrite(OTHER, {1: b"x"})
        assert [e.body for e in everything(log)] == [b"a", b"b"]

    def test_bodies_are_in_no_repr(self) -> None:
        assert "secret" not in repr(drafts(b"secret")) + repr(Entry(1, 1, EntryKind.TICK, 0, b"secret"))

    @settings(
        derandomize=True,
        deadline=None,
        max_examples=15,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(steps=st.lists(st.one_of(st.lists(st.binary(max_size=9_000), max_size=3), st.integers(0, 5)), max_size=8))
    def test_it_is_a_list_of_bodies(self, door: Door, steps: list[list[bytes] | int]) -> None:
        """A list appends, a number rewrites that entry; the log ends as a plain list does. (The store grows from example to example.)"""
        log = writer(door)
        bodies = [entry.body for entry in everything(log)]
        for step in steps:
            if isinstance(step, list):
                bodies += step
                assert log.append(TERM, drafts(*step)) == len(bodies)
            elif bodies:
                bodies[step % len(bodies)] = b"rewritten"
                log.rewrite(TERM, {step % len(bodies) + 1: b"rewritten"})
        assert [entry.body for entry in everything(log, limit=3)] == bodies
        log.close()
