"""Two servers on one Neo4j: one writes, the other is warm; whatever befalls the first, the second goes on, with nothing lost or twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from idweave import AsyncClient, Client, IdweaveClientError, Outcome, word
from idweave.v1.admin_service_pb2 import GetStatusRequest, VerifyRequest
from idweave.v1.identity_service_pb2 import IngestRequest

from tests.neo4j_database import Database
from tests.server.running import ServerProcess, health, until
from tests.server.sharing import LEASE, Shared, seconds_until, status, writes
from tests.server.talk import seen, talk

PATIENCE = 60.0


@dataclass
class Stream:
    """Clients that report one observation after another through the SDK, whoever writes. answered: id -> outcomes; revisions: in order."""

    addresses: list[str]
    answered: dict[str, str] = field(default_factory=dict)
    revisions: list[str] = field(default_factory=list)
    failed: list[IdweaveClientError] = field(default_factory=list)
    longest: float = 0.0  # seconds that one call took

    @asynccontextmanager
    async def running(self, clients: int = 3) -> AsyncIterator[None]:
        over = asyncio.Event()
        tasks = [asyncio.create_task(self._report(number, over)) for number in range(clients)]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*tasks)

    async def _report(self, mine: int, over: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        async with AsyncClient(self.addresses, timeout=PATIENCE) as client:
            for number in range(100_000):
                if over.is_set():
                    return
                name = f"c{mine}-{number}"
                begun = loop.time()
                try:
                    reply = await client.ingest(seen(name, f"email:{name}@kranich-werft.de"))
                except IdweaveClientError as error:
                    self.failed.append(error)
                    continue
                self.longest = max(self.longest, loop.time() - begun)
                assert name not in self.answered
                self.answered[name] = word(Outcome, reply.result.outcome)
                self.revisions.append(reply.revision)


def check(stream: Stream, server: ServerProcess) -> None:
    """Everything acknowledged is there once; nothing else is but what was in doubt."""
    with Client(server.address, timeout=PATIENCE) as client:
        names = list(stream.answered)
        again = client.ingest_batch([seen(name, f"email:{name}@kranich-werft.de") for name in names])
        assert {word(Outcome, result.outcome) for result in again.results} <= {"DUPLICATE"}
        known = client.get_status(consistency="full").counts.observations
        assert len(names) <= known <= len(names) + len(stream.failed)
        assert client.verify().equal
        for revision in set(stream.revisions):  # each still names the state that it was given out for: no other entry took its place
            client.lookup("email:jo@kranich-werft.de", consistency=revision)


@pytest.fixture
def store(graph_database: Database, tmp_path: Path) -> Shared:
    return Shared(graph_database, tmp_path)


def both(one: ServerProcess, other: ServerProcess) -> tuple[ServerProcess, ServerProcess]:
    """(the one that writes, the other)."""
    until(lambda: writes(one) or writes(other), "one of them to write")
    return (one, other) if writes(one) else (other, one)


def warm(server: ServerProcess) -> bool:
    lag = status(server).lag
    return lag.entries == 0 and lag.time.ToMilliseconds() < 1_000


def killed(store: Shared, stack: ExitStack, stream: Stream, writer: ServerProcess, standby: ServerProcess) -> list[ServerProcess]:
    """One life: the writer dies under load, the standby goes on, the dead one comes back and stands by."""
    before = len(stream.answered)
    until(lambda: len(stream.answered) > before + 20, "some writes")
    until(lambda: warm(standby), "the standby to have read the log to its end")
    writer.process.kill()
    assert seconds_until(lambda: writes(standby), "the standby to write") < LEASE + 5
    before = len(stream.answered)
    assert seconds_until(lambda: len(stream.answered) > before, "a write by it") < 5
    writer.process.wait()
    again = stack.enter_context(store.server(listen=writer.address))
    assert not writes(again)
    return [standby, again]


def test_roles_are_told_and_writes_find_their_way(store: Shared) -> None:
    with store.server() as one, store.server() as other:
        writer, standby = both(one, other)
        assert health(writer.address) == health(standby.address) == "SERVING"
        with Client(standby.address) as client:
            reply = client.ingest(seen("o1", "email:jo@kranich-werft.de"))
        with talk(standby.address) as said:
            assert said.admin.GetStatus(GetStatusRequest()).leader == writer.address
            with pytest.raises(grpc.RpcError) as refused:
                said.identity.Ingest(IngestRequest(observation=seen("o2", "email:jo@kranich-werft.de")))
            assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert said.admin.Verify(VerifyRequest(), timeout=PATIENCE).equal
        with talk(standby.address) as said:
            lag = status(standby).lag
            assert lag.entries == 0
            assert lag.time.ToMilliseconds() < 10_000
        with Client(standby.address) as client:
            found = client.lookup("email:jo@kranich-werft.de", consistency=reply.revision)  # by the standby itself: it is asked first
            assert found.result.profile_id
            assert client.get_status().role == status(standby).role
        assert standby.stop() == 0
        assert writer.stop() == 0


@pytest.mark.parametrize("kills", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_a_killed_writer_is_followed_and_the_sdk_goes_on(store: Shared, kills: int) -> None:
    async def test(stack: ExitStack) -> Stream:
        servers = [stack.enter_context(store.server()) for _ in range(2)]
        stream = Stream([server.address for server in servers])
        async with stream.running():
            for _ in range(kills):
                servers = await asyncio.to_thread(killed, store, stack, stream, *await asyncio.to_thread(both, *servers))
        await asyncio.to_thread(check, stream, servers[0])
        with talk(servers[1].address) as said:
            assert said.admin.Verify(VerifyRequest(), timeout=PATIENCE).equal
        return stream

    with ExitStack() as stack:
        stream = asyncio.run(test(stack))
    assert stream.failed == []
    assert stream.longest < LEASE + 10


def test_a_writer_that_sleeps_beyond_its_lease_wakes_up_as_a_standby(store: Shared) -> None:
    with store.server() as one, store.server() as other:
        writer, standby = both(one, other)
        with Client(writer.address) as client:
            first = client.ingest(seen("o1", "email:jo@kranich-werft.de"))
        writer.process.send_signal(signal.SIGSTOP)
        try:
            assert seconds_until(lambda: writes(standby), "the standby to write") < LEASE + 5
            with Client(standby.address) as client:
                second = client.ingest(seen("o2", "email:jo@kranich-werft.de", "phone:+14156222671"))
        finally:
            writer.process.send_signal(signal.SIGCONT)
        with talk(writer.address) as said, pytest.raises(grpc.RpcError) as refused:  # at once, before it looks after its lease
            said.identity.Ingest(IngestRequest(observation=seen("o3", "email:xu@kranich-werft.de")), timeout=PATIENCE)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        until(lambda: not writes(writer), "the woken one to stand by")
        assert status(writer).leader == standby.address
        with Client(writer.address) as client:
            for revision in (first.revision, second.revision):
                assert client.lookup("phone:+14156222671", consistency=second.revision).result.profile_id == second.result.profile_id
                assert client.lookup("email:jo@kranich-werft.de", consistency=revision).result.profile_id == second.result.profile_id
            assert client.lookup("email:xu@kranich-werft.de").result.profile_id == ""
            assert client.verify().equal
        assert [server.stop() for server in (one, other)] == [0, 0]


def test_a_stop_hands_over_at_once(store: Shared) -> None:
    with store.server("--lease", "60") as one, store.server("--lease", "60") as other:
        writer, standby = both(one, other)
        assert writer.stop() == 0
        assert seconds_until(lambda: writes(standby), "the standby to write") < 10
