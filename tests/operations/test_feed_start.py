"""A feed that a store starts with: gone on from where the state can be brought to its end exactly, else begun anew, and said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.operations.feed import Kept
from idweave_server.operations.feed_file import FeedFile
from idweave_server.operations.feed_start import CATCH_UP, Feeding, Span, left_over

from tests.operations.made_changes import PLENTY, STORE, TERM, a_change, a_feed, entry


def on_disk(folder: Path, entries: int) -> None:
    """The feed of a store whose every entry changed something."""
    feed, file = a_feed(), FeedFile(folder, STORE, "rules")
    assert file.open(feed.newest)
    for number in range(1, entries + 1):
        feed.add(entry(number, a_change(number)))
    run = feed.after(0)
    assert run is not None
    file.append([run], feed.newest, feed.oldest)
    file.close()


def found(folder: Path, first: int, last: int) -> tuple[Kept | None, list[str]]:
    return left_over(Feeding(folder, PLENTY), STORE, "rules", lambda _: TERM, Span(first, last), tidies=True)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 5), (3, 5 + CATCH_UP)])
def test_what_reaches_up_to_the_state_is_gone_on_from(tmp_path: Path, first: int, last: int) -> None:
    on_disk(tmp_path, 5)
    kept, notices = found(tmp_path, first, last)
    assert kept is not None
    assert (kept.oldest.sequence, kept.newest.sequence, notices) == (0, 5, [])


@pytest.mark.parametrize(("first", "last", "why"), [(6, 9, "before the snapshot"), (0, 6 + CATCH_UP, "100,001 entries behind the log")])
def test_what_does_not_is_told_of(tmp_path: Path, first: int, last: int, why: str) -> None:
    on_disk(tmp_path, 5)
    kept, notices = found(tmp_path, first, last)
    assert kept is None
    assert [why in notice and "resume tokens are refused" in notice for notice in notices] == [True]


def test_the_first_start_has_nothing_to_tell(tmp_path: Path) -> None:
    assert found(tmp_path, 0, 7) == (None, [])
