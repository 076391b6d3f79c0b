"""A span for every call that ends, within an allowance: method, status, duration, request id, and nothing else of what a caller sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from idweave_server import __version__
from idweave_server.rpc.calls import Ended
from idweave_server.telemetry.troubles import Troubles

TRACEPARENT = "traceparent"
UNWANTED = "-00"  # how one ends whose caller does not record
# Spans a second of calls that went well, and as many again of those that did not. With its export one takes about 130 microseconds of CPU
# (on the machine of the README's numbers), so that at worst they keep 3 % of a core busy.
MOST_SPANS = 100
OK = "OK"
# What is the server's fault, by OpenTelemetry's conventions for gRPC servers.
FAULTS = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}


class Allowance:
    """So many in each second."""

    def __init__(self, most: int) -> None:
        self._most, self._second, self.left = most, -1, 0

    def renew(self, second: int) -> int:
        """How many are left in this second."""
        if second != self._second:
            self._second, self.left = second, self._most
        return self.left


class CallSpans:
    """Spans of the calls. nanoseconds: the wall clock; steady: seconds that never fall back.

    The caller's `traceparent` gives the trace and, with the sampler that the environment names, whether the call is recorded. Its
    `tracestate` and baggage are left where they are: they are free text.
    """

    def __init__(
        self,
        processor: SpanProcessor,
        resource: Resource,
        troubles: Troubles,
        *,
        nanoseconds: Callable[[], int],
        steady: Callable[[], float],
        most: int = MOST_SPANS,
    ) -> None:
        self._troubles, self._nanoseconds, self._steady = troubles, nanoseconds, steady
        self._good, self._bad = Allowance(most), Allowance(most)
        # The sampler of the environment is asked before there is a span: most calls need none, and to make one costs ten times as much.
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler
        self._follows = isinstance(self._sampler, ParentBased)  # the caller, where it does not record
        self._ids = _ChosenIds()
        provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=self._ids)
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("idweave_server", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def add(self, ended: Ended, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        try:
            self._of(ended.code).left -= self._record(ended, metadata)
        except Exception as error:  # the call has its answer; nothing that goes wrong here may change it
            self._troubles.say("a span could not be made", type(error).__name__)

    def wants(self, code: str) -> bool:
        return self._of(code).renew(int(self._steady())) > 0

    def _of(self, code: str) -> Allowance:
        return self._good if code == OK else self._bad

    def _record(self, ended: Ended, metadata: Iterable[tuple[str, str | bytes]]) -> bool:
        """Whether the sampler wanted it."""
        given = next((value for key, value in metadata if key == TRACEPARENT and isinstance(value, str)), "")
        if self._follows and given.endswith(UNWANTED):
            return False
        parent = self._propagator.extract({TRACEPARENT: given}, Context()) if given else Context()
        trace_id = get_current_span(parent).get_span_context().trace_id or self._ids.choose()
        method = ended.method.lstrip("/")
        if not self._sampler.should_sample(parent, trace_id, method, SpanKind.SERVER).decision.is_sampled():  # type: ignore[no-untyped-call]
            return False
        end = self._nanoseconds()
        span = self._tracer.start_span(
            method,
            parent,
            SpanKind.SERVER,
            {
                "rpc.system.name": "grpc",
                "rpc.method": method,
                "rpc.response.status_code": ended.code,
                "idweave.request_id": ended.request_id,
                "idweave.items": ended.items,
            },
            start_time=end - round(ended.seconds * 1e9),
        )
        if ended.code in FAULTS:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)
        return True


class _ChosenIds(RandomIdGenerator):
    """Gives a span the trace that its sampler was asked about."""

    _chosen = 0

    def choose(self) -> int:
        self._chosen = super().generate_trace_id()
        return self._chosen

    def generate_trace_id(self) -> int:
        return self._chosen
