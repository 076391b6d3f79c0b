"""Servers in this process on a log with a lease: refusals as callers see them, and a store that is restored under a running server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import pytest
from idweave.v1.admin_service_pb2 import GetStatusRequest, ServerRole
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identity_service_pb2 import IngestRequest, LookupRequest
from idweave_server.config import Config
from idweave_server.running import Running, graph_of, public

from tests.operations.leased import URL, Circle, LeasedLog, until
from tests.rpc.served import failure
from tests.server.running import health, here
from tests.server.talk import Talk, seen


@pytest.fixture
def circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Circle:
    return Circle(tmp_path, monkeypatch)


@asynccontextmanager
async def servers(folder: Path, count: int) -> AsyncIterator[tuple[tuple[Running, Talk], ...]]:
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(count):
            server = await stack.enter_async_context(here(folder, store=URL))
            found.append((server, Talk.over(await stack.enter_async_context(grpc.aio.insecure_channel(server.address)))))
        yield tuple(found)


def lookup(name: str, **consistency: str | bool) -> LookupRequest:
    request = LookupRequest(consistency=Consistency(**consistency))  # type: ignore[arg-type]
    request.identifiers.add(namespace="email", value=f"{name}@kranich-werft.de")
    return request


def test_a_standby_refuses_with_the_address_of_the_one_that_writes(circle: Circle, tmp_path: Path) -> None:
    async def test() -> None:
        async with servers(tmp_path, 2) as ((writer, to_writer), (standby, to_standby)):
            reply = await to_writer.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de")))
            for refused in (
                to_standby.identity.Ingest(IngestRequest(observation=seen("2", "email:jo@kranich-werft.de"))),
                to_standby.identity.Lookup(lookup("jo", fully_consistent=True)),
            ):
                with pytest.raises(grpc.RpcError) as caught:
                    await refused
                told = failure(caught.value)
                assert (told.code, told.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ERROR_REASON_NOT_WRITER")
                assert told.metadata["leader"] == writer.address
            found = await to_standby.identity.Lookup(lookup("jo", at_least_as_fresh=reply.revision))
            assert found.result.profile_id == reply.result.profile_id
            assert await asyncio.to_thread(health, standby.address) == "SERVING"
            for talk, role in ((to_writer, ServerRole.SERVER_ROLE_WRITER), (to_standby, ServerRole.SERVER_ROLE_STANDBY)):
                status = await talk.admin.GetStatus(GetStatusRequest())
                assert (status.role, status.leader, status.store_reachable) == (role, writer.address, True)
                assert status.HasField("lag") == (role == ServerRole.SERVER_ROLE_STANDBY)

    asyncio.run(test())


def test_a_database_that_is_away_is_told_with_when_to_come_again(circle: Circle, tmp_path: Path) -> None:
    async def test() -> None:
        async with servers(tmp_path, 1) as ((server, to_server),):
            await to_server.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de")))
            log: LeasedLog = server.store.log  # type: ignore[assignment]
            log.away = True
            with pytest.raises(grpc.RpcError) as caught:
                await to_server.identity.Ingest(IngestRequest(observation=seen("2", "email:jo@kranich-werft.de")))
            told = failure(caught.value)
            assert (told.code, told.reason, told.retry) == (grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_STORE_AWAY", 0.05)
            assert (await to_server.identity.Lookup(lookup("jo"))).result.profile_id
            assert not (await to_server.admin.GetStatus(GetStatusRequest())).store_reachable
            log.away = False

    asyncio.run(test())


def test_a_restore_under_running_servers_makes_them_load_again(circle: Circle, tmp_path: Path) -> None:
    async def known(talk: Talk, condition: Callable[[], object]) -> int:
        async with asyncio.timeout(20):
            while True:
                try:
                    found = await talk.admin.GetStatus(GetStatusRequest())
                    if condition():
                        return int(found.counts.observations)
                except grpc.RpcError as error:
                    if error.code() is not grpc.StatusCode.UNAVAILABLE:
                        raise
                await asyncio.sleep(0.01)

    async def test() -> None:
        async with servers(tmp_path, 2) as ((writer, to_writer), (standby, to_standby)):
            first, other = writer.store, standby.store
            kept = await to_writer.identity.Ingest(IngestRequest(observation=seen("1", "email:jo@kranich-werft.de")))
            backup = list(circle.database.entries)
            lost = await to_writer.identity.Ingest(IngestRequest(observation=seen("2", "email:xu@kranich-werft.de")))
            await to_standby.identity.Lookup(lookup("xu", at_least_as_fresh=lost.revision))
            circle.database.entries[:] = backup
            assert await known(to_standby, lambda: standby.store is not other) == 1
            with pytest.raises(grpc.RpcError):  # the writer learns it from its next write
                await to_writer.identity.Ingest(IngestRequest(observation=seen("3", "email:al@kranich-werft.de")))
            assert await known(to_writer, lambda: writer.store is not first) <= 2
            await until(lambda: "writer" in {server.reign.standing().role.value for server in (writer, standby)})
            for talk in (to_writer, to_standby):
                assert (await talk.identity.Lookup(lookup("jo", at_least_as_fresh=kept.revision))).result.profile_id
                with pytest.raises(grpc.RpcError) as caught:
                    await talk.identity.Lookup(lookup("xu", at_least_as_fresh=lost.revision))
                assert failure(caught.value).reason == "ERROR_REASON_REVISION_UNKNOWN"
            assert [server.fault for server in (writer, standby)] == [None, None]

    asyncio.run(test())


@pytest.mark.parametrize(
    ("listens", "told"),
    [("127.0.0.1:7", "127.0.0.1:7"), ("unix:/run/i.sock", "unix:/run/i.sock"), ("0.0.0.0:7", "here:7"), ("[::]:7", "here:7")],
)
def test_others_are_told_an_address_at_which_a_server_is_found(listens: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "here")
    assert public(listens) == told


@pytest.mark.parametrize(
    ("store", "graph", "found"),
    [
        ("sqlite:///i.db", "", ""),
        ("neo4j://db", "", "neo4j://db"),
        ("neo4j://db", "off", ""),
        ("sqlite:///i.db", "bolt://other", "bolt://other"),
    ],
)
def test_where_the_graph_is_kept(store: str, graph: str, found: str) -> None:
    assert graph_of(Config(store=store, graph=graph)) == found
