"""AdminService: how the server is, what decides, and whether the state is what the log says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import Any

from idweave.v1.admin_service_pb2 import (
    ExportFilesRequest,
    ExportFilesResponse,
    GetPolicyRequest,
    GetPolicyResponse,
    GetStatusRequest,
    GetStatusResponse,
    GraphComparison,
    ServerRole,
    VerifyRequest,
    VerifyResponse,
)

from idweave_server import __version__
from idweave_server.model import Outcome
from idweave_server.operations.export import export_files
from idweave_server.operations.projecting import Projection
from idweave_server.operations.projector import ProjectionLag
from idweave_server.operations.reader import Reader
from idweave_server.operations.reign import Reign, Role, Standing
from idweave_server.operations.snapshot import SnapshotMaker
from idweave_server.operations.verify import verify
from idweave_server.operations.verify_kept import KeptGraphReply, verify_kept
from idweave_server.operations.writer import Writer
from idweave_server.rpc.convert_questions import consistency_of
from idweave_server.rpc.convert_values import put_time
from idweave_server.rpc.lag import LagMeter

ROLES = {Role.WRITER: ServerRole.SERVER_ROLE_WRITER, Role.STANDBY: ServerRole.SERVER_ROLE_STANDBY}


class AdminService:
    """since: when the server began to serve, seconds UTC."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        reign: Reign,
        projection: Projection,
        snapshots: SnapshotMaker,
        lag: LagMeter,
        pool: Executor,
        since: int,
    ) -> None:
        self._reader, self._writer, self._reign, self._snapshots, self._lag = reader, writer, reign, snapshots, lag
        self._projection = projection
        self._pool, self._since = pool, since

    async def GetStatus(self, request: GetStatusRequest, context: Any = None) -> GetStatusResponse:  # noqa: N802
        await self._reader.fresh(consistency_of(request.consistency))
        store, engine = self._writer.store, self._reader.engine
        response = GetStatusResponse(
            version=__version__,
            store_id=store.store_id,
            store=store.url,
            revision=store.revision(),
            entries=engine.sequence,
            queued_writes=self._writer.waiting,
            policy_fingerprint=engine.policy.fingerprint,
        )
        put_time(response.state_time, engine.state_time)
        put_time(response.serving_since, self._since)
        response.loop_lag.FromMicroseconds(round(self._lag.percentile() * 1e6))
        counts = engine.counts()
        for name in counts.__slots__:
            setattr(response.counts, name, getattr(counts, name))
        for outcome in Outcome:
            response.counts.outcomes.add(outcome=outcome.name, count=store.tally.of(outcome))
        for line in engine.memory():
            response.memory.add(what=line.what, count=line.count, bytes=line.bytes, budget=line.budget)
        put_standing(response, self._reign.standing())
        put_projection(response, self._projection.lag(), self._projection.brake.slow)
        newest = self._snapshots.newest()
        if newest is not None:
            response.snapshot.entries, response.snapshot.bytes = newest.about.sequence, newest.bytes
            response.snapshot.time.FromMilliseconds(newest.about.milliseconds)
        return response

    async def GetPolicy(self, request: GetPolicyRequest, context: Any = None) -> GetPolicyResponse:  # noqa: N802
        await self._reader.fresh(consistency_of(request.consistency))
        store, policy = self._writer.store, self._reader.engine.policy
        return GetPolicyResponse(
            policy=store.policy_text,
            fingerprint=policy.fingerprint,
            lists_version=store.lists_version,
            evidence_kinds=[kind.name for kind in policy.kinds],
            namespaces=[space.name for space in policy.namespaces],
            revision=store.revision(),
        )

    async def Verify(self, request: VerifyRequest, context: Any = None) -> VerifyResponse:  # noqa: N802
        graph = await verify_kept(self._writer.store, self._projection) if request.graph else None  # first: it may be refused
        reply = await verify(self._reign)
        response = VerifyResponse(
            equal=reply.equal,
            differences=reply.differences,
            difference_count=reply.count,
            identifiers=reply.identifiers,
            entries=reply.entries,
            revision=reply.revision,
        )
        if graph is not None:
            put_graph(response.graph, graph)
        return response

    async def ExportFiles(self, request: ExportFilesRequest, context: Any = None) -> AsyncIterator[ExportFilesResponse]:  # noqa: N802
        async for file, data in export_files(self._writer.store, self._pool):
            yield ExportFilesResponse(file=file, data=data)


def put_graph(message: GraphComparison, found: KeptGraphReply) -> None:
    message.equal, message.difference_count = found.count == 0, found.count
    message.differences.extend(found.differences)
    message.nodes, message.relationships, message.entry = found.nodes, found.relationships, found.sequence


def put_standing(response: GetStatusResponse, standing: Standing) -> None:
    """Who writes, and how far this server follows."""
    response.role = ROLES[standing.role]
    response.leader = standing.leader
    response.store_reachable = standing.reachable
    if standing.lease_seconds is not None:
        response.lease.FromMicroseconds(round(standing.lease_seconds * 1e6))
    if standing.role is Role.STANDBY:
        response.lag.entries = standing.lag.entries
        response.lag.time.FromMicroseconds(round(standing.lag.seconds * 1e6))


def put_projection(response: GetStatusResponse, lag: ProjectionLag | None, holds: bool) -> None:
    """How far the graph is behind; nothing where this server keeps none."""
    if lag is None:
        return
    found = response.projection
    found.entries, found.lag_entries, found.lag_observations, found.error = lag.sequence, lag.entries, lag.observations, lag.error
    found.lag_time.FromSeconds(lag.seconds)
    found.holds_writes = holds
