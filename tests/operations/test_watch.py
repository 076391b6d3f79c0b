"""Watching: every change once, together, in order, from any token on; progress in silence; an end that is told."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import numpy as np
import pytest
from idweave_server.engine.changes import Changes
from idweave_server.errors import NotServingError, RequestError, ResumeTokenError, RevisionError, TooLargeError
from idweave_server.model import ChangeKind
from idweave_server.operations.feed import Retention
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.revision import decode_revision, encode_revision
from idweave_server.operations.watch import OF_MEMBERSHIPS, OF_PROFILES, PAUSE, TOGETHER, WatchQuestion

from tests.operations.made_changes import STORE, TERM, a_change, entry, some_entries
from tests.operations.watched import SEGMENTS, Seen, Watched, listen, settle

CHANGED, ENTERED, LEFT = ChangeKind.PROFILE_CHANGED, ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT


def wanted(entries: list[Changes], kinds: frozenset[ChangeKind], after: int = 0, backfill: bool = False) -> Seen:
    """What a watch has to tell, said plainly."""
    return [
        (one.sequence, place)
        for one in entries
        for place, row in enumerate(one.rows)
        if one.sequence > after and row["kind"] in kinds and (backfill or not row["backfill"])
    ]


@pytest.mark.parametrize("seed", range(15))
def test_all_is_told_once_together_and_in_order(seed: int) -> None:
    async def test() -> None:
        chance, watched = random.Random(seed), Watched()
        entries = some_entries(chance, 60)
        profiles = await listen(watched)
        memberships = await listen(watched, memberships=True, backfill=True)
        for one in entries:
            watched.add(one)
            if chance.random() < 0.3:
                await settle()
        await settle()
        assert profiles.seen() == wanted(entries, OF_PROFILES)
        assert memberships.seen() == wanted(entries, OF_MEMBERSHIPS, backfill=True)
        for listener in (profiles, memberships):
            revisions = [told.revision for told in listener.told if told.rows.size]
            assert len(set(revisions)) == len(revisions), "the changes of a revision come together"
            assert all(told.token == told.revision and not told.more for told in listener.told)
            for told in listener.told:
                sequence = decode_revision(told.revision, STORE)[1]
                if told.rows.size:
                    assert told.rows.tobytes() == entries[sequence - 1].rows[told.place].tobytes()
                    assert told.at == entries[sequence - 1].at
            await listener.stop()

    asyncio.run(test())


@pytest.mark.parametrize("seed", range(10))
def test_a_watch_that_is_resumed_anywhere_tells_exactly_the_rest(seed: int) -> None:
    async def test() -> None:
        chance, watched = random.Random(seed), Watched()
        entries = some_entries(chance, 40)
        for one in entries:
            watched.add(one)
        first = await listen(watched, token=watched.token(0))
        for heard in range(len(first.told) + 1):
            token = first.told[heard - 1].token if heard else watched.token(0)
            again = await listen(watched, token=token)
            rest = sum(told.place.size for told in first.told[:heard])
            assert again.seen() == first.seen()[rest:]
            await again.stop()
        for sequence in range(41):  # a revision of a write is a token too
            again = await listen(watched, token=watched.token(sequence))
            assert again.seen() == wanted(entries, OF_PROFILES, sequence)
            await again.stop()
        await first.stop()

    asyncio.run(test())


def test_without_a_token_it_begins_now_and_says_so_at_once() -> None:
    async def test() -> None:
        watched = Watched()
        watched.add(entry(1, a_change(1)))
        listener = await listen(watched)
        (told,) = listener.told
        assert (told.rows.size, told.token, told.revision, told.more) == (0, watched.token(1), watched.token(1), False)
        watched.add(entry(2, a_change(2)))
        await settle()
        assert listener.seen() == [(2, 0)]
        await listener.stop()

    asyncio.run(test())


def test_a_large_revision_comes_in_parts_and_the_token_moves_with_the_last() -> None:
    async def test() -> None:
        watched = Watched()
        watched.add(entry(1))
        watched.add(entry(2, *(a_change(number, CHANGED if number % 2 else ENTERED) for number in range(5 * TOGETHER))))
        watched.add(entry(3, a_change(1)))
        listener = await listen(watched, token=watched.token(1))
        parts = listener.told
        assert len(parts) == 1, "others get their turn after so many"
        await watched.clock.pass_by(2 * PAUSE)
        assert [told.rows.size for told in parts] == [TOGETHER, TOGETHER, TOGETHER // 2, 1]
        assert [told.more for told in parts] == [True, True, False, False]
        assert [told.token for told in parts] == [watched.token(n) for n in (1, 1, 2, 3)]
        assert [told.revision for told in parts] == [watched.token(n) for n in (2, 2, 2, 3)]
        assert np.concatenate([told.place for told in parts[:3]]).tolist() == list(range(1, 5 * TOGETHER, 2))
        await listener.stop()

    asyncio.run(test())


def test_silence_is_broken_by_progress() -> None:
    async def test() -> None:
        watched = Watched()
        listener = await listen(watched, heartbeat=10.0)
        assert len(listener.told) == 1
        await watched.clock.pass_by(9.9)
        assert len(listener.told) == 1
        await watched.clock.pass_by(0.1)
        assert len(listener.told) == 2
        watched.add(entry(1))  # changes nothing
        watched.add(entry(2, a_change(1, LEFT)))  # nothing that is watched
        await settle()
        assert len(listener.told) == 2
        await watched.clock.pass_by(9.0)
        watched.add(entry(3, a_change(1)))
        await settle()
        assert [told.token for told in listener.told] == [watched.token(n) for n in (0, 0, 3)]
        await watched.clock.pass_by(9.9)
        assert len(listener.told) == 3  # counted from the last thing told
        watched.add(entry(4, at=1_900_000_000))
        await watched.clock.pass_by(0.2)
        assert (listener.told[-1].token, listener.told[-1].at, listener.told[-1].rows.size) == (watched.token(4), 1_900_000_000, 0)
        await listener.stop()

    asyncio.run(test())


def test_progress_is_told_though_others_changes_never_stop() -> None:
    async def test() -> None:
        watched = Watched()
        listener = await listen(watched, memberships=True, heartbeat=2.0)
        for number in range(1, 21):
            watched.add(entry(number, a_change(number)))
            await watched.clock.pass_by(0.5)
        assert [told.rows.size for told in listener.told] == [0] * 6
        assert [decode_revision(told.token, STORE)[1] for told in listener.told] == [0, 4, 8, 12, 16, 20]
        await listener.stop()

    asyncio.run(test())


def test_a_token_that_is_older_than_what_is_kept_is_told_the_oldest() -> None:
    async def test() -> None:
        watched = Watched(Retention(2, 10**9))
        for number in range(1, 6):
            watched.add(entry(number, a_change(number)))
        late = await listen(watched, token=watched.token(2))
        assert isinstance(late.error, ResumeTokenError)
        assert (late.error.oldest, late.told) == (watched.token(3), [])
        last = await listen(watched, token=late.error.oldest)
        assert last.seen() == [(4, 0), (5, 0)]
        await last.stop()

    asyncio.run(test())


def test_whoever_is_left_behind_is_told_and_nothing_is_skipped() -> None:
    async def test() -> None:
        watched = Watched(Retention(3, 10**9))
        answers = watched.watches.watch_profiles(WatchQuestion())
        await anext(answers)
        for number in range(1, 3):
            watched.add(entry(number, a_change(number)))
        assert (await anext(answers)).revision == watched.token(1)  # and now it reads no more for a while
        for number in range(3, 9):
            watched.add(entry(number, a_change(number)))
        assert (await anext(answers)).revision == watched.token(2)  # it was handed over already
        with pytest.raises(ResumeTokenError) as caught:
            await anext(answers)
        assert caught.value.oldest == watched.token(5)

    asyncio.run(test())


def test_a_token_ahead_of_the_state_waits_for_it() -> None:
    async def test() -> None:
        watched = Watched()
        listener = await listen(watched, token=watched.token(2))
        assert listener.told == []
        for number in range(1, 5):
            watched.add(entry(number, a_change(number)))
        await settle()
        assert listener.seen() == [(3, 0), (4, 0)]
        await listener.stop()

    asyncio.run(test())


@pytest.mark.parametrize("token", ["nonsense", encode_revision("another store", TERM, 1), encode_revision(STORE, TERM + 1, 1)])
def test_a_token_of_elsewhere_fails_loudly(token: str) -> None:
    async def test() -> None:
        watched = Watched()
        watched.add(entry(1, a_change(1)))
        listener = await listen(watched, token=token)
        assert isinstance(listener.error, RevisionError)

    asyncio.run(test())


def test_when_the_feed_ends_watches_are_told_why() -> None:
    async def test() -> None:
        watched = Watched()
        listener = await listen(watched)
        watched.feed.end(lambda: NotServingError("the server loads its store again"))
        await settle()
        assert isinstance(listener.error, NotServingError)

    asyncio.run(test())


def test_segments_and_kinds_are_chosen() -> None:
    async def test() -> None:
        watched = Watched()
        changes = [
            a_change(n, kind, segment=segment) for n, (kind, segment) in enumerate([(ENTERED, 0), (LEFT, 1), (LEFT, 2), (ENTERED, 2)])
        ]
        gone = a_change(9, ChangeKind.PROFILE_GONE)
        watched.add(entry(1, *changes, gone))
        two = await listen(watched, memberships=True, token=watched.token(0), segments=(SEGMENTS[2], SEGMENTS[0]))
        assert two.seen() == [(1, 0), (1, 2), (1, 3)]
        some = await listen(watched, token=watched.token(0), kinds=frozenset({ChangeKind.PROFILE_GONE, ChangeKind.PROFILE_ERASED}))
        assert some.seen() == [(1, 4)]
        for listener in (two, some):
            await listener.stop()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("question", "error", "field"),
    [
        ({"heartbeat": 0.5}, RequestError, "heartbeat"),
        ({"heartbeat": 301.0}, RequestError, "heartbeat"),
        ({"segments": ("lapsed", "laped")}, RequestError, "segments[1]"),
        ({"segments": ("lapsed",) * 101}, TooLargeError, "segments"),
        ({"subjects": (("profile_ids[0]", Subject("0")),) * 101}, TooLargeError, "profile_ids"),
        ({"subjects": (("profile_ids[0]", Subject("not-an-id")),)}, RequestError, "profile_ids[0]"),
        ({"subjects": (("profile_ids[0]", Subject("")),)}, RequestError, "profile_ids[0]"),
        ({"subjects": (("identifiers[0]", Subject(identifier=("email", "", "nobody"))),)}, RequestError, "identifiers[0].value"),
    ],
)
def test_what_cannot_be_asked_names_the_field(question: dict[str, Any], error: type[RequestError], field: str) -> None:
    with pytest.raises(error) as caught:
        Watched().watches.watch_memberships(WatchQuestion(**question))
    assert [name for name, _ in caught.value.violations] == [field]
    assert "nobody" not in str(caught.value)
