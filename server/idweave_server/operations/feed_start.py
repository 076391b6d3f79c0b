"""The feed of a store that starts: what is left of it on disk can be gone on from where the state can be brought to its end exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from idweave_server.operations.feed import Kept, Retention
from idweave_server.operations.feed_file import load

CATCH_UP = 100_000  # entries that are applied one by one at most, so that what they changed is known
# What the log no longer holds cannot be told again as it was; so what is made again begins after the last erasure.
ERASED_SINCE = "something was erased after what is on disk of the change feed: it begins there, and older resume tokens are refused"


@dataclass(frozen=True, slots=True)
class Feeding:
    """folder: of the feed's files; retention: what is kept."""

    folder: Path
    retention: Retention


@dataclass(frozen=True, slots=True)
class Span:
    """first: the entry that the state contains; last: the one that it has to contain."""

    first: int
    last: int


def left_over(
    feeding: Feeding, store_id: str, rules: str, term_at: Callable[[int], int | None], span: Span, *, tidies: bool
) -> tuple[Kept | None, list[str]]:
    """(what to go on from, None to begin with the state as it will be; notices). The rest as for `load`.

    The state has to be replayed to the newest position of what is kept, and on from there entry by entry.
    """
    found = load(feeding.folder, store_id, rules, term_at, tidies=tidies)
    kept, notices = found.kept, list(found.notices)
    if kept is None:
        return None, notices
    until = kept.newest.sequence
    if span.first <= until and span.last - until <= CATCH_UP:
        return kept, notices
    why = (
        f"ends at entry {until:,}, before the snapshot"
        if until < span.first
        else f"is {span.last - until:,} entries behind the log, more than the {CATCH_UP:,} that are made up for"
    )
    notices.append(f"the change feed {why}: it begins anew, and older resume tokens are refused")
    return None, notices
