"""Sends metrics and spans to a collector over OTLP: from threads of its own, which no call ever waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.registry import Collector

from idweave_server import __version__
from idweave_server.errors import InputError
from idweave_server.rpc.journal import Journal
from idweave_server.telemetry.points import metrics_data
from idweave_server.telemetry.settings import Settings
from idweave_server.telemetry.spans import CallSpans
from idweave_server.telemetry.troubles import Troubles

NAME = "idweave"
FLUSH_SECONDS = 3.0  # that the last spans and metrics have to leave when the server stops
CUT_SECONDS = 1.0  # for a thread to notice that they had not


class _SpanExporter(OTLPSpanExporter):
    """Its processor closes it once more, which would be complained of."""

    _closed = False

    def shutdown(self, timeout_millis: float = 0, **kwargs: Any) -> None:
        if not self._closed:
            self._closed = True
            super().shutdown(timeout_millis, **kwargs)


class Telemetry:
    """An export, from the moment it is made. spans: is told of calls; None where traces are not wanted."""

    def __init__(self, settings: Settings, journal: Journal, *, nanoseconds: Callable[[], int], steady: Callable[[], float]) -> None:
        """Raises InputError where a variable of the environment cannot be used."""
        self._settings, self._nanoseconds, self._steady = settings, nanoseconds, steady
        self._begin = nanoseconds()
        self._ends = threading.Event()
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._exporters: list[_SpanExporter | OTLPMetricExporter] = []
        self._troubles = Troubles(journal, steady)
        self._troubles.listen()
        self.spans: CallSpans | None = None
        try:
            self._resource = resource()
            if settings.metrics:
                self._metrics = OTLPMetricExporter()
                self._exporters.append(self._metrics)
            if settings.traces:
                spans = _SpanExporter()
                self._exporters.append(spans)
                self._processor = BatchSpanProcessor(spans)
                self.spans = CallSpans(self._processor, self._resource, self._troubles, nanoseconds=nanoseconds, steady=steady)
        except Exception as error:  # whatever the library makes of a variable that it cannot read
            for exporter in self._exporters:
                exporter.shutdown()
            self._troubles.cease()
            raise InputError(
                f"OpenTelemetry cannot be used as the OTEL_ variables of the environment say ({type(error).__name__}): "
                "look at their spelling, at numbers, and at files that they name"
            ) from None

    def begin(self, collector: Collector) -> None:
        """Send the metrics now, every so often, and once more at the end. collector: read from a thread."""
        if self._settings.metrics:
            thread = threading.Thread(target=self._run, args=(collector,), name="idweave-telemetry", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Send what waits, for a few seconds at most; a second time it does nothing. Blocks."""
        if self._closed:
            return
        self._closed = True
        self._ends.set()
        if self.spans is not None:
            flush = threading.Thread(target=self._processor.shutdown, name="idweave-telemetry-flush", daemon=True)
            self._threads.append(flush)
            flush.start()
        alive = self._wait(FLUSH_SECONDS)
        for exporter in self._exporters:
            exporter.shutdown()  # what is still under way is cut off
        if alive:
            self._wait(CUT_SECONDS)
            self._troubles.say("the last spans and metrics could not be sent in time")
        self._troubles.cease()

    def _wait(self, seconds: float) -> bool:
        """Whether a thread still runs after so long; all of them have the same time."""
        until = self._steady() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - self._steady()))
        return any(thread.is_alive() for thread in self._threads)

    def _run(self, collector: Collector) -> None:
        while True:
            self._send(collector)
            if self._ends.wait(self._settings.interval):
                self._send(collector)
                return

    def _send(self, collector: Collector) -> None:
        scope = InstrumentationScope("idweave_server", __version__)
        try:
            self._metrics.export(metrics_data(collector.collect(), self._resource, scope, self._begin, self._nanoseconds()))
        except Exception as error:  # the next time may do better; the server has other work
            self._troubles.say("metrics could not be sent", type(error).__name__)


def resource() -> Resource:
    """Who sends this; the environment (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) has the last word."""
    said = Resource.create({})
    ours = {"service.version": __version__}
    if str(said.attributes.get("service.name", "unknown_service")).startswith("unknown_service"):
        ours["service.name"] = NAME
    return said.merge(Resource({name: value for name, value in ours.items() if name == "service.name" or name not in said.attributes}))
