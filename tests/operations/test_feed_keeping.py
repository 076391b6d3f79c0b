"""The feed is written as it grows, off the loop; a disk that refuses or is slow costs tokens and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from idweave_server.errors import NotServingError
from idweave_server.operations import feed_keeping
from idweave_server.operations.feed import Feed, Kept, Position, Retention
from idweave_server.operations.feed_file import FeedFile, load
from idweave_server.operations.feed_keeping import FeedKeeper

from tests.operations.made_changes import BEGIN, PLENTY, STORE, TERM, a_change, a_feed, all_after, entry

START = Position(0, TERM, BEGIN)


class Noted:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, event: str, **facts: str | int | float) -> None:
        self.said.append(event)


@contextlib.asynccontextmanager
async def keeping(folder: Path, feed: Feed) -> AsyncIterator[tuple[FeedFile, Noted]]:
    file, noted = FeedFile(folder, STORE, "rules"), Noted()
    assert file.open(feed.newest)
    with ThreadPoolExecutor(2) as pool:
        keeper = FeedKeeper(feed, file, pool, noted, asyncio.get_running_loop().call_later)
        task = asyncio.ensure_future(keeper.run())
        try:
            yield file, noted
        finally:
            task.cancel()
            await asyncio.wait([task])
            await keeper.end()
    assert task.cancelled() or not task.exception()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def kept(folder: Path) -> Kept:
    found = load(folder, STORE, "rules", lambda _: TERM)
    assert found.kept is not None
    return found.kept


def rest(folder: Path) -> list[tuple[int, bytes]]:
    found = kept(folder)
    return all_after(Feed(STORE, found, PLENTY), found.oldest.sequence)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("PAUSE_SECONDS", 0.0), ("FAILED_SECONDS", 0.01), ("PROGRESS_SECONDS", 0.05)):
        monkeypatch.setattr(feed_keeping, name, seconds)


def test_what_is_added_is_written_and_what_is_left_at_the_end(tmp_path: Path) -> None:
    async def test() -> None:
        feed = a_feed()
        async with keeping(tmp_path, feed) as (file, noted):
            for number in range(1, 50):
                feed.add(entry(number, *[a_change(number)] * (number % 3)))
                await asyncio.sleep(0)
            await until(lambda: file.end.sequence == 49)
            feed.add(entry(50))
            await until(lambda: file.end.sequence == 50)  # that nothing changed is written too
            feed.add(entry(51, a_change(51)))
        assert (noted.said, kept(tmp_path).newest) == ([], feed.newest)
        assert rest(tmp_path) == all_after(feed, 0)

    asyncio.run(test())


def test_a_disk_that_refuses_is_told_of_once_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuse(descriptor: int, data: bytes) -> int:
        tries.append(descriptor)
        raise OSError(errno.ENOSPC, "no space")

    async def test() -> None:
        feed = a_feed()
        async with keeping(tmp_path, feed) as (file, noted):
            with monkeypatch.context() as patch:
                patch.setattr(os, "write", refuse)
                feed.add(entry(1, a_change(1)))
                await until(lambda: len(tries) > 3)
                assert (noted.said, file.end.sequence) == (["feed_failed"], 0)
            feed.add(entry(2, a_change(2)))
            await until(lambda: file.end.sequence == 2)
        assert rest(tmp_path) == all_after(feed, 0)

    asyncio.run(test())


def test_a_disk_that_is_too_slow_loses_the_oldest_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, writing, real = threading.Event(), threading.Event(), os.write

    def slow(descriptor: int, data: bytes) -> int:
        writing.set()
        go.wait(20)
        return real(descriptor, data)

    async def test() -> None:
        feed = a_feed(Retention(5, 10**9))
        async with keeping(tmp_path, feed) as (file, _):
            with monkeypatch.context() as patch:
                patch.setattr(os, "write", slow)
                feed.add(entry(1, a_change(1)))
                await until(writing.is_set)
                for number in range(2, 30):
                    feed.add(entry(number, a_change(number)))
                go.set()
                await until(lambda: file.end.sequence == 29)
        found = kept(tmp_path)
        assert (found.oldest.sequence, found.newest.sequence) == (24, 29)
        assert rest(tmp_path) == all_after(feed, 24)

    asyncio.run(test())


def test_a_stop_in_the_midst_of_a_write_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, writing, real = threading.Event(), threading.Event(), os.write

    def slow(descriptor: int, data: bytes) -> int:
        writing.set()
        go.wait(20)
        return real(descriptor, data)

    async def test() -> None:
        feed = a_feed()
        with monkeypatch.context() as patch:
            async with keeping(tmp_path, feed):
                patch.setattr(os, "write", slow)
                feed.add(entry(1, a_change(1)))
                await until(writing.is_set)
                feed.add(entry(2, a_change(2)))
                asyncio.get_running_loop().call_later(0.05, go.set)
        assert rest(tmp_path) == all_after(feed, 0)

    asyncio.run(test())


def test_a_feed_that_has_ended_ends_its_keeper(tmp_path: Path) -> None:
    async def test() -> None:
        feed = a_feed()
        async with keeping(tmp_path, feed):
            feed.end(lambda: NotServingError("the server loads its store again"))
            await asyncio.sleep(0)
        assert kept(tmp_path).newest == START

    asyncio.run(test())
