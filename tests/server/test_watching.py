"""Watches of a real server that is killed, damaged and started again: what was told is told again, the same and with the same ids."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from idweave import Client, ProfileChangeKind, QueueFullError, ResumeTokenError, segments, word
from idweave_server.log.locate import open_log
from idweave_server.operations.feed_frames import read
from idweave_server.operations.revision import decode_revision

from tests.server.running import ServerProcess, process, until
from tests.server.talk import LONG_AGO

PATIENCE = 60.0
WHEN = datetime.fromtimestamp(LONG_AGO, UTC)
NUMBERS = itertools.count()


def mail(number: int) -> str:
    return f"email:p{number}@kranich-werft.de"


def live(client: Client, chance: random.Random, writes: int, *, erases: bool = False) -> str:
    """People come, are united and parted, get and lose a tag, and go; the last revision."""
    revision = ""
    for number in itertools.islice(NUMBERS, writes):
        one, other = chance.sample([mail(n) for n in range(8)], 2)
        cookie = f"cookie:c{chance.randrange(20)}"
        when = datetime.fromtimestamp(LONG_AGO + number, UTC)
        match chance.randrange(6):
            case 0 | 1:  # of now, so that an erasure before it does not cover it
                revision = client.ingest(source="web", kind="LOGIN", identifiers=[one, cookie]).revision
            case 2 if chance.random() < 0.5:
                revision = client.assert_same(one, other, source="desk", time=when).revision
            case 2:
                revision = client.assert_different(one, other, source="desk", time=when).revision
            case 3:
                revision = client.set_tags(one, source="crm", time=when, add=["vip"]).revision
            case 4:
                revision = client.set_tags(one, source="crm", time=when, remove=["vip"]).revision
            case _:
                revision = client.erase(one).revision if erases else client.retract_source("web").revision
    assert revision
    return revision


def told(client: Client, token: str, last: str, kind: str) -> list[Any]:
    """All changes from a token up to a revision."""
    watch = client.watch_profiles if kind == "profiles" else client.watch_membership
    found: list[Any] = []
    answers = watch(resume_token=token, heartbeat=1, timeout=PATIENCE)
    for answer in answers:
        found += answer.changes
        if answer.resume_token == last:
            break
    answers.close()
    return found


def files(folder: Path) -> list[Path]:
    return sorted((folder / "idweave.db.feed").glob("changes-*"))


def notices(server: ServerProcess) -> list[str]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line["text"] for line in lines if line["event"] == "notice"]


def on_disk(folder: Path) -> int:
    """The entry up to which the feed is written."""
    found = read(files(folder)[-1])
    return found.end.sequence if found else 0


def entry_of(revision: str, server: ServerProcess) -> int:
    with closing(open_log(server.store, read_only=True)) as log:
        return decode_revision(revision, log.store_id())[1]


def shortened(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: 2 * len(data) // 3])


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def harm(folder: Path, how: Callable[[Path], None]) -> None:
    """As a power cut or a bad disk may: the first file is damaged, and the later ones are gone."""
    first, *later = files(folder)
    how(first)
    for path in later:
        path.unlink()


def assert_told_again(client: Client, begin: str, last: str, before: dict[str, list[Any]]) -> None:
    for kind, changes in before.items():
        assert list(map(str, told(client, begin, last, kind))) == list(map(str, changes))


def test_what_was_told_is_told_again_whatever_happens_to_the_server(tmp_path: Path) -> None:
    chance = random.Random(7)
    with process(tmp_path) as server, Client(server.address) as client:
        begin = next(client.watch_profiles()).resume_token
        client.put_segment("vips", segments.tagged("vip"))
        last = live(client, chance, 60)
        before = {kind: told(client, begin, last, kind) for kind in ("profiles", "memberships")}
        server.process.kill()
    assert [len(before[kind]) > 5 for kind in before] == [True, True]
    assert len({change.change_id for kind in before for change in before[kind]}) == sum(map(len, before.values()))
    assert {change.segment for change in before["memberships"]} == {"vips"}

    for how in (None, shortened, altered, None):
        if how is not None:
            harm(tmp_path, how)
        with process(tmp_path, "--snapshot-every", "100", store=server.store) as again, Client(again.address) as client:
            assert_told_again(client, begin, last, before)
            assert len(notices(again)) == (how is not None)
            more = live(client, chance, 10)
            for kind in before:
                before[kind] += told(client, last, more, kind)
            last = more
            again.process.kill()

    shutil.rmtree(tmp_path / "idweave.db.feed")
    with process(tmp_path, store=server.store) as anew, Client(anew.address) as client:
        with pytest.raises(ResumeTokenError) as caught:
            next(client.watch_profiles(resume_token=begin))
        assert next(client.watch_profiles(resume_token=caught.value.oldest)).resume_token == caught.value.oldest
        assert anew.stop() == 0


def test_what_was_erased_is_told_from_disk_and_never_made_up_again(tmp_path: Path) -> None:
    """The log cannot tell it again: it holds the erased no more."""
    chance = random.Random(11)
    with process(tmp_path) as server, Client(server.address) as client:
        begin = next(client.watch_profiles()).resume_token
        client.put_segment("vips", segments.tagged("vip"))
        live(client, chance, 40, erases=True)
        client.ingest(source="web", kind="LOGIN", identifiers=[mail(9)], time=WHEN)
        erased = client.erase(mail(9)).revision
        until(lambda: on_disk(tmp_path) >= entry_of(erased, server), "the feed on disk")
        last = live(client, chance, 20)
        before = {kind: told(client, begin, last, kind) for kind in ("profiles", "memberships")}
        server.process.kill()
    assert "ERASED" in {word(ProfileChangeKind, change.kind) for change in before["profiles"]}
    with process(tmp_path, store=server.store) as again, Client(again.address) as client:
        assert_told_again(client, begin, last, before)
        assert notices(again) == []
        assert again.stop() == 0
    harm(tmp_path, shortened)
    with process(tmp_path, store=server.store) as again, Client(again.address) as client:
        with pytest.raises(ResumeTokenError) as caught:
            next(client.watch_profiles(resume_token=begin))
        assert caught.value.oldest == erased
        assert "was erased" in notices(again)[-1]
        after = {kind: told(client, erased, last, kind) for kind in before}
        assert len(after["profiles"]) > 5
        assert {kind: list(map(str, changes)) for kind, changes in after.items()} == {
            kind: list(map(str, changes[len(changes) - len(after[kind]) :])) for kind, changes in before.items()
        }
        again.process.kill()
    with process(tmp_path, store=server.store) as again, Client(again.address) as client:
        assert_told_again(client, erased, last, after)
        with pytest.raises(ResumeTokenError):
            next(client.watch_profiles(resume_token=begin))


def test_a_watch_outlives_its_server(tmp_path: Path) -> None:
    """Stopped, killed and started again at the same address: the library goes on by itself, and nothing is left out."""
    with process(tmp_path) as server:
        address, store = server.address, server.store
        listening, writing = Client(address), Client(address)
        watch = listening.watch_profiles(timeout=PATIENCE)
        begin = next(watch).resume_token
        live(writing, random.Random(1), 20)
        assert server.stop() == 0
    for seed, kill in ((2, True), (3, False)):
        with process(tmp_path, store=store, listen=address) as server:
            last = live(writing, random.Random(seed), 20)
            if kill:
                server.process.kill()
                continue
            heard: list[Any] = []
            for answer in watch:
                heard += answer.changes
                if answer.resume_token == last:
                    break
            assert len(heard) > 20
            assert [one.change_id for one in heard] == [one.change_id for one in told(writing, begin, last, "profiles")]
            watch.close()
    for client in (listening, writing):
        client.close()


def test_the_feed_is_bounded_as_the_options_say(tmp_path: Path) -> None:
    with process(tmp_path, "--feed-changes", "5", "--max-watches", "1") as server, Client(server.address) as client:
        begin = next(client.watch_profiles()).resume_token
        live(client, random.Random(3), 40)
        with pytest.raises(ResumeTokenError):
            next(client.watch_profiles(resume_token=begin))
        watch = client.watch_profiles()
        next(watch)
        with pytest.raises(QueueFullError, match="--max-watches"):
            next(client.watch_profiles(timeout=2.0))
        watch.close()
