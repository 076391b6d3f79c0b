"""Watches of a real server that is killed, damaged and started again: what was told is told again, the same and with the same ids."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from idweave import Client, ResumeTokenError, segments

from tests.server.running import ServerProcess, process
from tests.server.talk import LONG_AGO

PATIENCE = 60.0
WHEN = datetime.fromtimestamp(LONG_AGO, UTC)
NUMBERS = itertools.count()


def mail(number: int) -> str:
    return f"email:p{number}@kranich-werft.de"


def live(client: Client, chance: random.Random, writes: int) -> str:
    """People come, are united and parted, get and lose a tag, and go; the last revision."""
    revision = ""
    for _ in range(writes):
        number = next(NUMBERS)
        one, other = (mail(chance.randrange(8)) for _ in range(2))
        match chance.randrange(6):
            case 0 | 1:
                seen = client.ingest(source="web", kind="LOGIN", identifiers=[one, f"cookie:c{chance.randrange(20)}"], time=WHEN)
                revision = seen.revision
            case 2:
                if one != other:
                    verdict = {"source": "desk", "time": datetime.fromtimestamp(LONG_AGO + number, UTC)}
                    said = chance.choice([client.assert_same, client.assert_different])(one, other, **verdict)  # type: ignore[arg-type]
                    revision = said.revision
            case 3 | 4:
                tags = {"add": ["vip"]} if chance.random() < 0.6 else {"remove": ["vip"]}
                revision = client.set_tags(one, source="crm", time=datetime.fromtimestamp(LONG_AGO + number, UTC), **tags).revision
            case 5:
                revision = client.erase(f"cookie:c{chance.randrange(20)}").revision
    return revision or client.get_status().revision


def told(client: Client, token: str, until: str, kind: str) -> list[Any]:
    """All changes from a token up to a revision."""
    watch = client.watch_profiles if kind == "profiles" else client.watch_membership
    found: list[Any] = []
    answers = watch(resume_token=token, heartbeat=1, timeout=PATIENCE)
    for answer in answers:
        found += answer.changes
        if answer.resume_token == until:
            break
    answers.close()
    return found


def files(folder: Path) -> list[Path]:
    return sorted((folder / "idweave.db.feed").glob("changes-*"))


def notices(server: ServerProcess) -> list[str]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line["text"] for line in lines if line["event"] == "notice"]


def test_what_was_told_is_told_again_whatever_happens_to_the_server(tmp_path: Path) -> None:
    chance = random.Random(7)
    with process(tmp_path) as server, Client(server.address) as client:
        begin = next(client.watch_profiles()).resume_token
        client.put_segment("vips", segments.tagged("vip"))
        last = live(client, chance, 60)
        before = {kind: told(client, begin, last, kind) for kind in ("profiles", "memberships")}
        server.process.kill()
    assert {len(before[kind]) > 20 for kind in before} == {True}
    assert len({change.change_id for kind in before for change in before[kind]}) == sum(map(len, before.values()))
    assert {change.segment for change in before["memberships"]} == {"vips"}

    for harm in ("none", "cut", "wrong byte", "no snapshot"):
        if harm == "cut":  # as if a power cut took what was written last
            path = files(tmp_path)[0]
            path.write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
            for later in files(tmp_path)[1:]:
                later.unlink()
        elif harm == "wrong byte":
            path = files(tmp_path)[0]
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 4
            path.write_bytes(data)
            for later in files(tmp_path)[1:]:
                later.unlink()
        else:
            shutil.rmtree(tmp_path / "idweave.db.snapshots", ignore_errors=True)
        with process(tmp_path, "--snapshot-every", "100", store=server.store) as again, Client(again.address) as client:
            assert {kind: told(client, begin, last, kind) for kind in before} == before, harm
            assert len(notices(again)) == (harm in ("cut", "wrong byte"))
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


def test_a_watch_outlives_its_server(tmp_path: Path) -> None:
    """Stopped, killed and started again at the same address: the library goes on by itself, and nothing is left out."""
    with process(tmp_path) as server, Client(server.address) as client:
        watch = client.watch_profiles(timeout=PATIENCE)
        begin = next(watch).resume_token
        address, store = server.address, server.store
        first = live(client, random.Random(1), 20)
        assert server.stop() == 0
    with process(tmp_path, store=store, listen=address) as server, Client(address) as other:
        second = live(other, random.Random(2), 20)
        heard = []
        for answer in watch:
            heard += answer.changes
            if answer.resume_token == second:
                break
        assert begin != first != second
        assert [one.change_id for one in heard] == [one.change_id for one in told(other, begin, second, "profiles")]
        watch.close()


def test_the_feed_is_bounded_as_the_options_say(tmp_path: Path) -> None:
    with process(tmp_path, "--feed-changes", "5", "--max-watches", "1") as server, Client(server.address) as client:
        begin = next(client.watch_profiles()).resume_token
        live(client, random.Random(3), 40)
        with pytest.raises(ResumeTokenError):
            next(client.watch_profiles(resume_token=begin))
        assert client.get_status().serving if hasattr(client.get_status(), "serving") else True
