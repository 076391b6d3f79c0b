"""The feed on disk: what comes back after any stop, any cut and any wrong byte is true, and says how far it goes."""

from __future__ import annotations

import errno
import itertools
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from idweave_server.engine.changes import CHANGE, Changes
from idweave_server.operations import feed_file
from idweave_server.operations.feed import Feed, Kept, Position, Retention, Run
from idweave_server.operations.feed_file import FeedFile, Loaded, load
from idweave_server.operations.feed_frames import HEAD_BYTES

from tests.operations.made_changes import BEGIN, PLENTY, STORE, TERM, a_change, a_feed, all_after, entry, some_entries

RULES = "rules"
START = Position(0, TERM, BEGIN)


def runs_after(feed: Feed, sequence: int) -> list[Run]:
    found = []
    while (run := feed.after(sequence)) is not None:
        found.append(run)
        sequence = run.position(-1).sequence
    return found


def write(file: FeedFile, feed: Feed) -> None:
    file.append(runs_after(feed, file.end.sequence), feed.newest, feed.oldest)


def written(folder: Path, entries: Sequence[Changes], begin: Position = START) -> Feed:
    """Write each entry by itself; the feed of all."""
    file, feed = FeedFile(folder, STORE, RULES), a_feed(PLENTY, begin.sequence)
    assert file.open(begin)
    for one in entries:
        feed.add(one)
        write(file, feed)
    file.close()
    return feed


def loaded(folder: Path, *, store: str = STORE, rules: str = RULES, term: int | None = TERM, **more: bool) -> Loaded:
    return load(folder, store, rules, lambda _: term, **more)


def kept(folder: Path) -> Kept:
    found = loaded(folder).kept
    assert found is not None
    return found


def rest(one: Kept) -> list[tuple[int, bytes]]:
    return all_after(Feed(STORE, one, PLENTY), one.oldest.sequence)


def only_file(folder: Path) -> Path:
    (path,) = folder.glob("changes-*")
    return path


@pytest.mark.parametrize("seed", range(10))
def test_what_was_written_comes_back(tmp_path: Path, seed: int) -> None:
    entries = some_entries(random.Random(seed), 50)
    feed = written(tmp_path, entries)
    found = loaded(tmp_path)
    assert found.notices == ()
    assert found.kept is not None
    assert (found.kept.oldest, found.kept.newest) == (START, feed.newest)
    assert rest(found.kept) == all_after(feed, 0)


def test_nothing_is_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path / "not there", tmp_path):
        found = loaded(folder)
        assert (found.kept, found.notices) == (None, ())
    written(tmp_path, [])
    assert kept(tmp_path).newest == START


@pytest.mark.parametrize("seed", range(8))
def test_stops_and_starts_leave_one_feed(tmp_path: Path, seed: int) -> None:
    """Each start begins another file; what a kill left unwritten is made again and written then."""
    chance = random.Random(seed)
    entries = some_entries(chance, 120)
    whole, found = a_feed(entries=entries), Kept(START, START)
    while found.newest.sequence < len(entries):
        file, feed = FeedFile(tmp_path, STORE, RULES), Feed(STORE, found, PLENTY)
        begin = found.newest
        assert file.open(begin)
        until = min(begin.sequence + chance.randrange(1, 30), len(entries))
        unwritten = chance.choice((0, 0, 3))
        for one in entries[begin.sequence : until]:
            feed.add(one)
            if one.sequence <= until - unwritten:
                write(file, feed)
        file.close()
        found = kept(tmp_path)
        assert (found.oldest, found.newest.sequence) == (START, max(until - unwritten, begin.sequence))
        assert rest(found) == [one for one in all_after(whole, 0) if one[0] <= found.newest.sequence]
    assert len(list(tmp_path.glob("changes-*"))) > 3


def test_cut_at_any_byte_it_goes_as_far_as_it_says(tmp_path: Path) -> None:
    entries = some_entries(random.Random(1), 12)
    feed = written(tmp_path, entries)
    path = only_file(tmp_path)
    data = path.read_bytes()
    ends = set(itertools.accumulate((32 + CHANGE.itemsize * len(one) for one in entries), initial=HEAD_BYTES))
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        found = loaded(tmp_path, tidies=False)
        if size < HEAD_BYTES:
            assert found.kept is None
            assert len(found.notices) == 1
            continue
        assert found.kept is not None
        until = found.kept.newest.sequence
        assert rest(found.kept) == [one for one in all_after(feed, 0) if one[0] <= until]
        assert len(found.notices) == (size not in ends)
    assert until == 12


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_byte_anywhere_ends_the_good_part(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    feed = written(tmp_path, some_entries(chance, 12))
    path = only_file(tmp_path)
    data = path.read_bytes()
    for place in range(len(data)):
        wrong = bytearray(data)
        wrong[place] ^= 1 << chance.randrange(8)
        path.write_bytes(wrong)
        found = loaded(tmp_path, tidies=False)
        assert len(found.notices) == 1
        if place < HEAD_BYTES:
            assert found.kept is None
        else:
            assert found.kept is not None
            until = found.kept.newest.sequence
            assert until < 12
            assert rest(found.kept) == [one for one in all_after(feed, 0) if one[0] <= until]


def test_frames_left_out_or_out_of_place_end_it(tmp_path: Path) -> None:
    """As a power cut may leave it: a page that was never written, with what came after it."""
    written(tmp_path, [entry(n, a_change(n)) for n in range(1, 6)])
    path, one = only_file(tmp_path), 32 + CHANGE.itemsize
    data = path.read_bytes()
    assert len(data) == HEAD_BYTES + 5 * one
    first, second, third = (data[HEAD_BYTES + n * one : HEAD_BYTES + (n + 1) * one] for n in range(3))
    for wrong, until in (
        (first + third, 1),
        (second, 0),
        (first + first, 1),
        (first + bytes(one) + third, 1),
        (first + second + third, 3),
    ):
        path.write_bytes(data[:HEAD_BYTES] + wrong)
        found = loaded(tmp_path, tidies=False).kept
        assert found is not None
        assert found.newest.sequence == until


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"store": "another"}, "of another store"),
        ({"rules": "others"}, "release or policy"),
        ({"term": 99}, "the log does not have"),
        ({"term": None}, "the log does not have"),
    ],
)
def test_the_feed_of_something_else_is_set_aside(tmp_path: Path, other: dict[str, Any], said: str) -> None:
    written(tmp_path, [entry(1, a_change(1))])
    assert loaded(tmp_path, tidies=False, **other).kept is None
    assert only_file(tmp_path)
    found = loaded(tmp_path, **other)
    assert found.kept is None
    (notice,) = found.notices
    assert said in notice
    assert "resume tokens" in notice
    assert [path.name for path in tmp_path.iterdir() if path.name != "lock"] == ["bad-changes-000000000000000"]
    assert loaded(tmp_path).notices == ()


def test_what_is_missing_in_between_makes_older_files_useless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_file, "LARGE", 1)  # a file for each entry
    entries = [entry(n, a_change(n)) for n in range(1, 7)]
    written(tmp_path, entries)
    paths = sorted(tmp_path.glob("changes-*"))
    assert len(paths) == 7
    paths[2].write_bytes(paths[2].read_bytes()[:-1])
    found = loaded(tmp_path)
    assert found.kept is not None
    assert (found.kept.oldest.sequence, found.kept.newest.sequence) == (3, 6)
    assert [sequence for sequence, _ in rest(found.kept)] == [4, 5, 6]
    (notice,) = found.notices
    assert "does not reach up to entry 3" in notice
    paths[5].unlink()
    assert kept(tmp_path).oldest.sequence == 6
    assert kept(tmp_path).runs == []


def test_files_go_with_what_the_feed_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_file, "LARGE", 2_000)
    file, feed = FeedFile(tmp_path, STORE, RULES), a_feed(Retention(40, 10**9))
    assert file.open(START)
    for number in range(1, 500):
        feed.add(entry(number, a_change(number)))
        write(file, feed)
        found = loaded(tmp_path, tidies=False)
        assert found.kept is not None
        assert found.kept.oldest.sequence <= feed.oldest.sequence
        assert found.kept.newest == feed.newest
        assert sum(path.stat().st_size for path in tmp_path.glob("changes-*")) < 40 * 100 + 3 * 2_000
    again = Feed(STORE, kept(tmp_path), Retention(40, 10**9))
    assert (again.oldest, again.newest, again.count) == (feed.oldest, feed.newest, 40)
    assert all_after(again, again.oldest.sequence) == all_after(feed, feed.oldest.sequence)
    file.close()


def test_a_disk_that_refuses_leaves_what_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write fails half way, once with and once without the half being taken back."""
    real = os.write
    for broken in (False, True):
        folder = tmp_path / str(broken)
        entries = [entry(n, a_change(n)) for n in range(1, 9)]
        file, feed = FeedFile(folder, STORE, RULES), a_feed()
        assert file.open(START)
        for one in entries[:4]:
            feed.add(one)
            write(file, feed)
        for one in entries[4:7]:
            feed.add(one)

        def half(descriptor: int, data: bytes) -> int:
            real(descriptor, data[: 2 * (32 + CHANGE.itemsize) - 5])
            raise OSError(errno.ENOSPC, "no space")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half)
            if broken:
                patch.setattr(os, "ftruncate", refuse)
            with pytest.raises(OSError, match="no space"):
                write(file, feed)
        assert file.end.sequence == 4
        assert 4 <= kept(folder).newest.sequence <= 5
        feed.add(entries[7])
        write(file, feed)
        file.close()
        assert rest(kept(folder)) == all_after(feed, 0)


def refuse(*_: object) -> None:
    raise OSError(errno.EIO, "no")


def test_after_a_gap_the_feed_begins_behind_it(tmp_path: Path) -> None:
    file, feed = FeedFile(tmp_path, STORE, RULES), a_feed(Retention(3, 10**9))
    assert file.open(START)
    feed.add(entry(1, a_change(1)))
    write(file, feed)
    for number in range(2, 9):
        feed.add(entry(number, a_change(number)))
    file.skip(feed.oldest)
    write(file, feed)
    file.close()
    found = kept(tmp_path)
    assert (found.oldest, found.newest) == (feed.oldest, feed.newest)
    assert rest(found) == all_after(feed, feed.oldest.sequence)


def test_two_processes_do_not_write_one_feed(tmp_path: Path) -> None:
    one, two = FeedFile(tmp_path, STORE, RULES), FeedFile(tmp_path, STORE, RULES)
    assert one.open(START)
    assert not two.open(START)
    one.close()
    assert two.open(START)
    two.close()


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    written(tmp_path / "feed", [entry(1, a_change(1))])
    assert (tmp_path / "feed").stat().st_mode & 0o777 == 0o700
    assert only_file(tmp_path / "feed").stat().st_mode & 0o777 == 0o600
