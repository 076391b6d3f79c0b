"""A real OTLP receiver over gRPC on a free port, which keeps what arrives; it can refuse, and it can hang."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """address: HOST:PORT; traces, metrics: requests as they came, of both kinds; headers: of the last one."""

    address: str = ""
    traces: list[Any] = field(default_factory=list)
    metrics: list[Any] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    refuse: grpc.StatusCode | None = None
    asked: int = 0
    hang: threading.Event | None = None

    def take(self, request: Any, context: Any, into: list[Any]) -> None:
        self.asked += 1
        if self.hang is not None:
            self.hang.wait(60)
        if self.refuse is not None:
            context.abort(self.refuse, "refused, says the test")
        self.headers = dict(context.invocation_metadata())
        into.append(request)

    def environment(self, **more: str) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.address}", "OTEL_BSP_SCHEDULE_DELAY": "50", **more}

    def spans(self) -> list[Span]:
        return [
            span for request in list(self.traces) for one in request.resource_spans for scope in one.scope_spans for span in scope.spans
        ]

    def latest(self) -> dict[str, Metric]:
        """The metrics that came last, by name."""
        request = self.metrics[-1]
        return {one.name: one for resource in request.resource_metrics for scope in resource.scope_metrics for one in scope.metrics}


def attributes(pairs: Any) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in pairs}


@contextlib.contextmanager
def collector() -> Iterator[Collector]:
    found = Collector()

    class Traces(trace_grpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
            found.take(request, context, found.traces)
            return trace_pb2.ExportTraceServiceResponse()

    class Metrics(metrics_grpc.MetricsServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
            found.take(request, context, found.metrics)
            return metrics_pb2.ExportMetricsServiceResponse()

    with ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool)
        trace_grpc.add_TraceServiceServicer_to_server(Traces(), server)  # type: ignore[no-untyped-call]
        metrics_grpc.add_MetricsServiceServicer_to_server(Metrics(), server)  # type: ignore[no-untyped-call]
        found.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield found
        finally:
            if found.hang is not None:
                found.hang.set()
            server.stop(0).wait()
