"""How a server starts, is found, and ends: as a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from idweave.identifiers import identifier
from idweave.v1.admin_service_pb2 import GetPolicyRequest, GetStatusRequest, VerifyRequest
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identity_service_pb2 import IngestBatchRequest, IngestRequest, LookupRequest
from idweave.v1.lookup_pb2 import LookupOutcome
from idweave_server import app
from idweave_server.model import DAY

from tests.server.running import ENTRY, PATIENCE, address_in, health, here, launch, process, until
from tests.server.talk import Talk, seen, talk


def refused(*options: str) -> str:
    """What `idweave serve` says when it ends at once with a failure."""
    command = [sys.executable, "-c", ENTRY, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode in (1, 2), done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(said) == 1, done.stderr
    return said[0]


def test_one_line_says_that_it_is_ready(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        (line,) = server.output.read_text().splitlines()
        assert re.fullmatch(
            rf"idweave [\d.]+ is serving on 127\.0\.0\.1:\d+, store {re.escape(server.store)}: 0 observations, 0 identifiers, 0 profiles",
            line,
        )
        assert health(server.address) == health(server.address, "idweave.v1.IdentityService") == "SERVING"
        until(lambda: '"serving"' in server.log.read_text(), "the log, which is written a moment later")
        events = [json.loads(line)["event"] for line in server.log.read_text().splitlines()]
        assert [event for event in events if event != "compiling"] == ["listening", "serving"]


def test_a_second_server_on_the_same_store_is_told_who_holds_it(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        said = refused("--store", server.store)
        assert str(server.process.pid) in said
        assert server.address in said
        assert health(server.address) == "SERVING"
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with process(tmp_path, store=server.store) as again:  # the place of a killed server is free at once
        assert health(again.address) == "SERVING"


def test_a_stop_finishes_what_runs_and_waits_and_frees_the_store(tmp_path: Path) -> None:
    with process(tmp_path, "--drain", "30") as server, talk(server.address) as said:
        sent, kept, stopped, refused_with = 40, [], threading.Event(), set()

        def send(number: int) -> None:
            batch = [seen(f"{number}-{n}", f"email:p{n}.{number}@kranich-werft.de") for n in range(50)]
            try:
                reply = said.identity.IngestBatch(IngestBatchRequest(observations=batch), timeout=30)
            except grpc.RpcError as error:
                refused_with.add(error.code())
                return
            assert len(reply.results) == 50
            kept.append((number, reply.revision))
            if len(kept) == 5:
                stopped.set()
                server.process.send_signal(signal.SIGTERM)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(sent)))
        assert stopped.is_set()
        assert refused_with <= {grpc.StatusCode.UNAVAILABLE}  # nothing was cut off
        assert server.process.wait(PATIENCE) == 0
    with process(tmp_path, store=server.store) as again, talk(again.address) as said:
        known = said.admin.GetStatus(GetStatusRequest()).counts.observations
        assert known == 50 * len(kept)  # what was acknowledged, and nothing that was refused
        for number, revision in kept:
            asked = LookupRequest(consistency=Consistency(at_least_as_fresh=revision))
            asked.identifiers.add(namespace="email", value=f"p7.{number}@kranich-werft.de")
            assert said.identity.Lookup(asked).result.profile_id


def test_ctrl_c_stops_it_as_politely(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0
        assert [json.loads(line)["event"] for line in server.log.read_text().splitlines()][-2:] == ["stopping", "stopped"]


def test_a_second_signal_stops_it_at_once(tmp_path: Path) -> None:
    with process(tmp_path, "--drain", "600") as server, talk(server.address) as said:
        said.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de")))
        slow = said.admin.Verify.future(VerifyRequest())  # a helper process has to start for it
        said.identity.Lookup(LookupRequest(identifiers=[identifier("email:jo@kranich-werft.de")]))  # the call before it has arrived
        server.process.send_signal(signal.SIGTERM)
        until(lambda: health(server.address) == "NOT_SERVING", "the server to drain")
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 130
        slow.cancel()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--listen", "0.0.0.0:0"), "--insecure"),
        (("--listen", "nonsense"), "HOST:PORT"),
        (("--store", "postgres://x/y"), "sqlite"),
        (("--policy", "/nowhere/p.toml"), "/nowhere/p.toml cannot be read"),
        (("--token-file", "/nowhere/tokens"), "--token-file /nowhere/tokens"),
        (("--tls-cert", "/nowhere/cert"), "--tls-cert /nowhere/cert"),
        (("--metrics", "0.0.0.0:0"), "loopback"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in refused("--store", f"sqlite:///{tmp_path / 's.db'}", *options)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with process(tmp_path) as server:
        said = refused("--store", f"sqlite:///{tmp_path / 'other.db'}", "--listen", server.address)
        assert server.address in said
        assert "another process has it" in said


def test_prometheus_can_scrape_it(tmp_path: Path) -> None:
    with process(tmp_path, "--metrics", "127.0.0.1:0") as server, talk(server.address) as said:
        said.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de")))
        with pytest.raises(grpc.RpcError):
            said.identity.Lookup(LookupRequest())
        log = [json.loads(line) for line in server.log.read_text().splitlines()]
        address = next(line["address"] for line in log if line["event"] == "metrics")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as reply:
            text = reply.read().decode()
        lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(lines['idweave_calls_total{code="OK",method="/idweave.v1.IdentityService/Ingest"}']) == 1
        assert float(lines['idweave_calls_total{code="INVALID_ARGUMENT",method="/idweave.v1.IdentityService/Lookup"}']) == 1
        assert float(lines['idweave_ingested_total{outcome="ACCEPTED"}']) == 1
        assert float(lines["idweave_profiles"]) == float(lines["idweave_observations"]) == 1
        assert float(lines["idweave_loop_lag_seconds_count"]) > 0
        assert "kranich" not in text
        assert server.stop() == 0


def test_it_listens_but_does_not_serve_until_its_state_is_ready(tmp_path: Path) -> None:
    server = launch(tmp_path, store=f"sqlite:///{tmp_path / 's.db'}", listen="127.0.0.1:0")
    try:
        found = re.compile(r'"listening","address":"([^"]+)"')
        until(lambda: found.search(server.log.read_text()), "the server to listen")
        address = found.search(server.log.read_text())[1]  # type: ignore[index]
        until(lambda: health(address) == "SERVING", "the server to serve")
        assert address_in(server.output) == address
    finally:
        server.process.kill()
        server.process.wait()


def test_a_store_keeps_its_policy(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[namespaces.cookie]\nttl_days = 1\n")
    with process(tmp_path, "--policy", str(policy)) as server:
        assert server.stop() == 0
    with process(tmp_path, store=server.store) as server, talk(server.address) as said:
        assert said.admin.GetPolicy(GetPolicyRequest()).policy == policy.read_text()
        assert server.stop() == 0
    policy.write_text("[namespaces.cookie]\nttl_days = 2\n")
    assert "another policy" in refused("--store", server.store, "--policy", str(policy))


def test_time_passes_although_nobody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = 0
    monkeypatch.setattr(app, "milliseconds", lambda: time.time_ns() // 1_000_000 + ahead * 1_000)
    policy = tmp_path / "policy.toml"
    policy.write_text("[namespaces.cookie]\nttl_days = 1\n")
    cookie = "cookie:9b2f6c1e-aa01-4c55-9d3e-3f0c9e1b7a42"
    request = LookupRequest(identifiers=[identifier(cookie)])

    async def test() -> None:
        nonlocal ahead
        async with here(tmp_path, policy=policy) as server, grpc.aio.insecure_channel(server.address) as channel:
            identity = Talk.over(channel).identity
            now = int(time.time())
            await identity.Ingest(IngestRequest(observation=seen("1", cookie, time=now)))
            found = (await identity.Lookup(request)).result
            assert found.outcome == LookupOutcome.LOOKUP_OUTCOME_FOUND
            entries = server.store.engine.sequence
            while ahead < found.valid_until.seconds - now:
                ahead = min(ahead + DAY // 2, found.valid_until.seconds - now)
                server.writer.committer.clock.read()  # a clock that leaps further at once is not believed
            async with asyncio.timeout(PATIENCE):
                while (await identity.Lookup(request)).result.outcome != LookupOutcome.LOOKUP_OUTCOME_STALE:
                    await asyncio.sleep(0.02)
                while server.store.engine.sequence == entries:  # between two slices an answer may show more than the last whole entry
                    await asyncio.sleep(0.02)
            assert server.store.engine.sequence == entries + 1  # the tick, and nothing else
            assert server.store.engine.state_time >= found.valid_until.seconds

    asyncio.run(test())
