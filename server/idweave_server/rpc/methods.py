"""Every method that is served, from the descriptors, with the bounds of its requests."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from idweave.v1 import admin_service_pb2, identity_service_pb2, privacy_service_pb2, quality_service_pb2, segment_service_pb2

from idweave_server.rpc.calls import Bounds, Method
from idweave_server.rpc.reported import sent_batch

MIB = 1024 * 1024
SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    file.DESCRIPTOR.services_by_name[name]
    for file, name in (
        (identity_service_pb2, "IdentityService"),
        (segment_service_pb2, "SegmentService"),
        (privacy_service_pb2, "PrivacyService"),
        (quality_service_pb2, "QualityService"),
        (admin_service_pb2, "AdminService"),
    )
)
SMALL = Bounds(MIB // 4)
# What a request may have, where that is more than SMALL; the same figures as in the comments of the protos.
BOUNDS = {
    "Ingest": Bounds(4 * MIB),
    "IngestBatch": Bounds(4 * MIB, ("observations", 10_000)),
    "BatchLookup": Bounds(16 * MIB, ("queries", 10_000)),
    "PutSegment": Bounds(MIB),
    "PreviewSegment": Bounds(MIB),
    "ForecastSegment": Bounds(MIB),
    "BatchCheckMembership": Bounds(16 * MIB, ("subjects", 1_000)),
    "Erase": Bounds(4 * MIB),
    "Validate": Bounds(4 * MIB, ("observations", 10_000)),
    "InferFormats": Bounds(16 * MIB, ("columns", 100)),
}
LASTING = frozenset({"WatchProfiles", "WatchMembership"})  # streams that go on until somebody ends them
# How a request is read, where that is not by its message: thousands of observations are not made objects of.
PARSERS = {"IngestBatch": sent_batch}


def methods_of(service: ServiceDescriptor) -> list[Method]:
    """The methods of a service, in the order of its proto."""
    return [
        Method(
            f"/{service.full_name}/{method.name}",
            GetMessageClass(method.input_type),
            BOUNDS.get(method.name, SMALL),
            method.server_streaming,
            method.name in LASTING,
            PARSERS.get(method.name),
        )
        for method in service.methods
    ]
