"""All services together: from the name of a method to what answers it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from idweave_server.operations.projecting import Projection
from idweave_server.operations.reader import Reader
from idweave_server.operations.reign import Reign
from idweave_server.operations.snapshot import SnapshotMaker
from idweave_server.operations.store import Store
from idweave_server.operations.watch import Watches
from idweave_server.operations.writer import Writer
from idweave_server.rpc.admin_service import AdminService
from idweave_server.rpc.calls import Handlers
from idweave_server.rpc.identity_service import IdentityService
from idweave_server.rpc.lag import LagMeter
from idweave_server.rpc.methods import SERVICES
from idweave_server.rpc.privacy_service import PrivacyService
from idweave_server.rpc.quality_service import QualityService
from idweave_server.rpc.segment_service import SegmentService


@dataclass(frozen=True, slots=True)
class Served:
    """What the services answer from. milliseconds: the wall clock; since: when the server began to serve, seconds UTC."""

    store: Store
    writer: Writer
    reign: Reign
    reader: Reader
    watches: Watches
    snapshots: SnapshotMaker
    projection: Projection
    lag: LagMeter
    pool: Executor
    milliseconds: Callable[[], int]
    since: int


def handlers(served: Served) -> Handlers:
    """Every method of every service."""
    one = served
    services: dict[str, object] = {
        "IdentityService": IdentityService(one.reader, one.writer, one.pool, one.watches),
        "SegmentService": SegmentService(one.reader, one.writer, one.watches),
        "PrivacyService": PrivacyService(one.reader, one.writer),
        "QualityService": QualityService(one.reader, one.store.lists, one.pool, one.milliseconds),
        "AdminService": AdminService(one.reader, one.writer, one.reign, one.projection, one.snapshots, one.lag, one.pool, one.since),
    }
    return {
        f"/{service.full_name}/{method.name}": getattr(services[service.name], method.name)
        for service in SERVICES
        for method in service.methods
    }
