"""What a store that is being copied into must do in every backend (base.LogCopy), as a class of tests; see LogContract."""

from __future__ import annotations

from contextlib import closing
from typing import Protocol

import pytest
from idweave_server.errors import StoreFormatError
from idweave_server.log.base import Entry, Head, Log, LogCopy
from idweave_server.model import EntryKind

OURS, THEIRS = "0123456789abcdef" * 2, "f" * 32
LARGE = bytes(range(256)) * 10_000  # more than one node of a database holds
ENTRIES = [
    Entry(1, 5, EntryKind.POLICY, 10, b"policy"),
    Entry(2, 5, EntryKind.OBSERVATIONS, 10, b""),
    Entry(3, 2**63 - 1, EntryKind.OBSERVATIONS, 11, LARGE),
    Entry(4, 9, EntryKind.TICK, 2**40, b"tick"),
]


class Place(Protocol):
    """One place for a store, with nothing in it at first."""

    def copy(self, store_id: str = OURS) -> LogCopy: ...

    def log(self, *, create: bool = False, read_only: bool = False) -> Log: ...


class CopyContract:
    def test_a_finished_copy_is_the_store(self, place: Place) -> None:
        with closing(place.copy()) as copy:
            assert copy.head() == Head(0, 0, 0)
            copy.take(ENTRIES[:1])
            copy.take([])
            copy.take(ENTRIES[1:])
            assert copy.head() == Head(4, 9, 2**40)
            assert copy.read(1, 2) == ENTRIES[1:3]
            copy.finish()
        for read_only in (False, True):
            with closing(place.log(read_only=read_only)) as log:
                assert log.store_id() == OURS
                assert log.read(0, 10) == ENTRIES
                assert log.holder() is None
        with closing(place.log()) as log:
            log.acquire("a test", "", 77)
            assert log.append(77, []) == 4

    def test_half_a_copy_is_no_store_and_is_gone_on_with(self, place: Place) -> None:
        with closing(place.copy()) as copy:
            copy.take(ENTRIES[:2])
        for create, read_only in ((False, False), (True, False), (False, True)):
            with pytest.raises(StoreFormatError, match="a copy that is not finished: run the same idweave migrate again"):
                place.log(create=create, read_only=read_only)
        with pytest.raises(StoreFormatError, match="a part of another store"):
            place.copy(THEIRS)
        with closing(place.copy()) as copy:
            assert copy.head() == Head(2, 5, 10)
            copy.take(ENTRIES[2:])
            copy.finish()
        with closing(place.log()) as log:
            assert log.read(0, 10) == ENTRIES

    def test_entries_follow_one_another(self, place: Place) -> None:
        with closing(place.copy()) as copy:
            for wrong in (ENTRIES[1:], [ENTRIES[0], ENTRIES[2]]):
                with pytest.raises(ValueError, match="does not follow entry"):
                    copy.take(wrong)
            assert copy.head() == Head(0, 0, 0)
            copy.take(ENTRIES[:1])

    def test_a_store_is_not_copied_into(self, place: Place) -> None:
        place.log(create=True).close()
        for store_id in (OURS, THEIRS):
            with pytest.raises(StoreFormatError, match="a store already"):
                place.copy(store_id)
        with closing(place.log()) as log:
            assert log.head() == Head(0, 0, 0)
