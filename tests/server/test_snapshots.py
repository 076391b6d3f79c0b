"""Snapshots of a running server: made by themselves, used at the next start, and never needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from idweave.v1.admin_service_pb2 import GetStatusRequest, VerifyRequest
from idweave.v1.identity_service_pb2 import IngestBatchRequest, LookupRequest

from tests.server.running import ServerProcess, process, until
from tests.server.talk import Talk, seen, talk


def events(server: ServerProcess, name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == name]


def send(said: Talk, begin: int, end: int) -> None:
    said.identity.IngestBatch(IngestBatchRequest(observations=[seen(str(n), f"email:p{n}@kranich-werft.de") for n in range(begin, end)]))


def profile(said: Talk, number: int) -> str:
    request = LookupRequest()
    request.identifiers.add(namespace="email", value=f"p{number}@kranich-werft.de")
    return str(said.identity.Lookup(request).result.profile_id)


def test_a_snapshot_is_made_by_itself_and_the_next_start_begins_from_it(tmp_path: Path) -> None:
    with process(tmp_path, "--snapshot-every", "100") as server, talk(server.address) as said:
        send(said, 0, 150)
        until(lambda: events(server, "snapshot"), "a snapshot")
        made = said.admin.GetStatus(GetStatusRequest()).snapshot
        assert (made.entries, made.bytes > 0, made.time.seconds > 0) == (2, True, True)
        send(said, 150, 160)
        ids = [profile(said, n) for n in (0, 149, 159)]
        assert all(ids)
        server.process.kill()
    assert (tmp_path / "idweave.db.snapshots").is_dir()
    with process(tmp_path, store=server.store) as server, talk(server.address) as said:
        assert [profile(said, n) for n in (0, 149, 159)] == ids
        assert said.admin.Verify(VerifyRequest(), timeout=60).equal
        assert events(server, "notice") == []


def test_a_damaged_snapshot_is_told_of_and_does_without(tmp_path: Path) -> None:
    with process(tmp_path, "--snapshot-every", "100") as server, talk(server.address) as said:
        send(said, 0, 150)
        until(lambda: events(server, "snapshot"), "a snapshot")
        known = profile(said, 7)
        assert server.stop() == 0
    (folder,) = [path for path in (tmp_path / "idweave.db.snapshots").iterdir() if path.name.startswith("snapshot-")]
    largest = max((file for file in folder.iterdir() if file.suffix != ".json"), key=lambda file: file.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(data)
    with process(tmp_path, store=server.store) as server, talk(server.address) as said:
        until(lambda: events(server, "notice"), "the notice, as lines are written a moment later")
        assert ["damaged" in line["text"] for line in events(server, "notice")] == [True]
        assert profile(said, 7) == known
