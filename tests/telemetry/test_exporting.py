"""What a real collector receives of a real server, and what a bad collector does to it: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from idweave.v1.identity_service_pb2 import LookupRequest, LookupResponse
from idweave_server import __version__
from idweave_server.errors import InputError, NotFoundError
from idweave_server.rpc.calls import Ended
from idweave_server.rpc.journal import Journal
from idweave_server.rpc.lag import LagMeter
from idweave_server.rpc.metering import CallMeter
from idweave_server.rpc.metrics import Metrics, Reading
from idweave_server.telemetry import exporting
from idweave_server.telemetry.exporting import Telemetry
from idweave_server.telemetry.extra import open_telemetry
from idweave_server.telemetry.settings import Settings
from prometheus_client.core import Metric

from tests.rpc.served import IDENTITY, served
from tests.server.running import here, until
from tests.telemetry.collector import Collector, attributes, collector

LOOKUP = f"{IDENTITY}Lookup"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PERSON = "jo@example.org"


@pytest.fixture
def receiver() -> Iterator[Collector]:
    with collector() as one:
        yield one


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@contextlib.contextmanager
def telemetry(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, settings: Settings | None = None, **variables: str
) -> Iterator[Telemetry]:
    """As the server makes it; its log lines are in `log` when it has closed."""
    for name, value in receiver.environment(**variables).items():
        monkeypatch.setenv(name, value)
    journal = Journal(log, time.time)
    one = Telemetry(settings or Settings(), journal, nanoseconds=time.time_ns, steady=time.monotonic)
    try:
        yield one
    finally:
        one.close()
        journal.flush()


def ended(**fields: Any) -> Ended:
    return Ended(**{"method": LOOKUP, "code": "OK", "seconds": 0.25, "request_id": "abc-1", "items": 0, **fields})


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_call_becomes_a_span_of_the_callers_trace_and_says_nothing_of_the_person(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(request: LookupRequest) -> LookupResponse:
        if request.purpose == "fail":
            raise KeyError(PERSON)
        if request.purpose:
            raise NotFoundError(f"there is no {request.purpose}")
        return LookupResponse()

    async def test(spans: Any) -> None:
        async with served({"Lookup": answer}, spans=spans) as at:
            metadata = (
                ("traceparent", f"00-{TRACE}-{PARENT}-01"),
                ("tracestate", "who=jo-at-example"),
                ("baggage", f"email={PERSON}"),
                ("x-request-id", "abc-1"),
            )
            calling = at.channel.unary_unary(LOOKUP)
            await calling(b"", timeout=20, metadata=metadata)
            for purpose in (PERSON, "fail"):
                with pytest.raises(grpc.RpcError):
                    await calling(LookupRequest(purpose=purpose).SerializeToString(), timeout=20, metadata=metadata)
            with pytest.raises(grpc.RpcError):
                await at.channel.unary_unary(f"/{PERSON}/Find")(b"", timeout=20, metadata=metadata)
            assert all(line["event"] in ("call", "fault") for line in at.logged())

    before = time.time_ns()
    with telemetry(receiver, log, monkeypatch) as one:
        asyncio.run(test(one.spans))
    spans = {str(attributes(span.attributes)["rpc.response.status_code"]): span for span in receiver.spans()}
    assert set(spans) == {"OK", "NOT_FOUND", "INTERNAL", "UNIMPLEMENTED"}
    good = spans["OK"]
    assert (good.trace_id.hex(), good.parent_span_id.hex(), good.name, good.kind) == (TRACE, PARENT, LOOKUP[1:], 2)
    assert before <= good.start_time_unix_nano <= good.end_time_unix_nano <= time.time_ns()
    assert attributes(good.attributes) == {
        "rpc.system.name": "grpc", "rpc.method": LOOKUP[1:], "rpc.response.status_code": "OK", "idweave.request_id": "abc-1",
        "idweave.items": 0,
    }  # fmt: skip
    assert {code: span.status.code for code, span in spans.items()} == {"OK": 0, "NOT_FOUND": 0, "INTERNAL": 2, "UNIMPLEMENTED": 2}
    assert spans["UNIMPLEMENTED"].name == "other"
    sent = b"".join(request.SerializeToString() for request in [*receiver.traces, *receiver.metrics])
    assert b"example" not in sent
    said = attributes(receiver.traces[0].resource_spans[0].resource.attributes)
    assert (said["service.name"], said["service.version"]) == ("idweave", __version__)
    assert lines(log) == []


def test_the_callers_flag_and_the_sampler_of_the_environment_decide(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    with telemetry(receiver, log, monkeypatch, OTEL_TRACES_SAMPLER="parentbased_always_off") as one:
        assert one.spans is not None
        one.spans.add(ended(request_id="root"), ())
        one.spans.add(ended(request_id="wanted"), (("traceparent", f"00-{TRACE}-{PARENT}-01"),))
        one.spans.add(ended(request_id="unwanted"), (("traceparent", f"00-{TRACE}-{PARENT}-00"),))
        one.spans.add(ended(request_id="broken"), (("traceparent", "jo@example.org"), ("traceparent", f"00-{TRACE}-{PARENT}-01")))
        one.spans.add(ended(request_id="bytes"), (("traceparent", b"\xff"),))
        one.spans.add(ended(request_id="unknown version"), (("traceparent", f"ff-{TRACE}-{PARENT}-01"),))
    assert [attributes(span.attributes)["idweave.request_id"] for span in receiver.spans()] == ["wanted"]
    assert lines(log) == []


def test_spans_are_so_many_a_second_and_failures_have_their_own(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [7.0]
    with telemetry(receiver, log, monkeypatch) as one:
        assert one.spans is not None
        monkeypatch.setattr(one.spans, "_steady", lambda: now[0])
        codes = [*["OK"] * 1_000, *["UNAVAILABLE"] * 3, "later", "OK"]
        for code in codes:
            if code == "later":
                now[0] = 8.0
            elif one.spans.wants(code):
                one.spans.add(ended(code=code), ())
    sent = [attributes(span.attributes)["rpc.response.status_code"] for span in receiver.spans()]
    assert (sent.count("OK"), sent.count("UNAVAILABLE")) == (101, 3)


def plain(families: list[Metric]) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """What Prometheus sees: every sample."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def received(one: Collector) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The same of what the collector has, its histograms summed up again."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for name, metric in one.latest().items():
        for point in getattr(metric, str(metric.WhichOneof("data"))).data_points:
            labels = tuple(sorted((key, str(value)) for key, value in attributes(point.attributes).items()))
            if metric.WhichOneof("data") != "histogram":
                found.setdefault(name, {})[labels] = point.as_double or point.as_int
                continue
            found.setdefault(f"{name}_sum", {})[labels] = point.sum
            found.setdefault(f"{name}_count", {})[labels] = point.count
            bounds, upto = [*map(repr, point.explicit_bounds), "+Inf"], 0
            for bound, count in zip(bounds, point.bucket_counts, strict=True):
                upto += count
                found.setdefault(f"{name}_bucket", {})[tuple(sorted((*labels, ("le", bound))))] = upto
    return found


def test_the_collector_gets_the_numbers_that_prometheus_gets(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, lag = CallMeter(), LagMeter(time.perf_counter)
    meter.method(LOOKUP).add("OK", 0.003, 2)
    meter.method(LOOKUP).add("NOT_FOUND", 20.0, 1)
    meter.method(f"{IDENTITY}Ingest").add("OK", 0.0001, 1)
    lag.add(0.004)
    readings = [Reading("profiles", "Profiles", 3), Reading("memory_bytes", "Cost", 1.5, (("what", "events"),))]
    metrics = Metrics(meter, lag, lambda: readings)
    with telemetry(receiver, log, monkeypatch) as one:
        one.begin(metrics)
        until(lambda: receiver.metrics, "the first metrics, which do not wait for an interval")
    assert received(receiver) == plain(list(metrics.collect()))
    latest = receiver.latest()
    calls, seconds = latest["idweave_calls_total"].sum, latest["idweave_call_seconds"]
    assert (calls.is_monotonic, calls.aggregation_temporality) == (True, 2)
    assert (seconds.unit, latest["idweave_memory_bytes"].unit, latest["idweave_profiles"].unit) == ("s", "By", "")
    point = seconds.histogram.data_points[0]
    assert 0 < point.start_time_unix_nano < point.time_unix_nano
    assert lines(log) == []


def test_a_collector_that_refuses_is_told_of_once_and_disturbs_nothing(
    receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.refuse = grpc.StatusCode.PERMISSION_DENIED
    metrics = Metrics(CallMeter(), LagMeter(time.perf_counter), list)
    with telemetry(receiver, log, monkeypatch, Settings(interval=0.01), OTEL_EXPORTER_OTLP_HEADERS="no header but hush") as one:
        assert one.spans is not None
        one.begin(metrics)
        one.spans.add(ended(), ())
        until(lambda: receiver.asked > 20)
    assert [line["code"] for line in lines(log)].count("PERMISSION_DENIED") == 1  # of twenty
    assert len(lines(log)) < 5
    assert "hush" not in log.getvalue()
    assert capfd.readouterr().err == ""
    assert logging.getLogger("opentelemetry").propagate
    assert logging.getLogger("opentelemetry").handlers == []


def test_metrics_that_cannot_be_read_are_told_of(receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def readings() -> list[Reading]:
        raise TimeoutError(PERSON)

    with telemetry(receiver, log, monkeypatch) as one:
        one.begin(Metrics(CallMeter(), LagMeter(time.perf_counter), readings))
    assert {(line["text"], line["code"]) for line in lines(log)} == {("metrics could not be sent", "TimeoutError")}


def test_a_collector_that_hangs_holds_up_no_stop(receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FLUSH_SECONDS", 0.3)
    receiver.hang = threading.Event()
    with telemetry(receiver, log, monkeypatch, Settings(interval=0.01)) as one:
        assert one.spans is not None
        one.begin(Metrics(CallMeter(), LagMeter(time.perf_counter), list))
        one.spans.add(ended(), ())
        until(lambda: receiver.asked == 2, "both exports to hang")
        begun = time.monotonic()
        one.close()
        assert time.monotonic() - begun < 3.0
    assert "the last spans and metrics could not be sent in time" in log.getvalue()


def test_nobody_at_the_endpoint_is_told_of_and_holds_up_no_stop(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FLUSH_SECONDS", 0.5)
    with telemetry(Collector("127.0.0.1:1"), log, monkeypatch) as one:
        assert one.spans is not None
        one.spans.add(ended(), ())
        begun = time.monotonic()
        one.close()
        assert time.monotonic() - begun < 3.0
    assert "UNAVAILABLE" in log.getvalue()


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_EXPORTER_OTLP_TIMEOUT", "hush"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "hush"), ("OTEL_BSP_MAX_QUEUE_SIZE", "-1")],
)
def test_a_variable_that_cannot_be_used_is_an_error_that_quotes_nothing(
    name: str, value: str, receiver: Collector, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="OTEL_") as caught:
        open_telemetry(receiver.environment(), Journal(log, time.time), nanoseconds=time.time_ns, steady=time.monotonic)
    assert "hush" not in str(caught.value)
    assert logging.getLogger("opentelemetry").handlers == []


def test_a_server_that_was_asked_sends_both_and_flushes_when_it_stops(
    receiver: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in receiver.environment(OTEL_SERVICE_NAME="identity", OTEL_BSP_SCHEDULE_DELAY="60000").items():
        monkeypatch.setenv(name, value)

    async def test() -> None:
        async with here(tmp_path, otel=True) as server, grpc.aio.insecure_channel(server.address) as channel:
            with pytest.raises(grpc.RpcError):
                await channel.unary_unary(LOOKUP)(b"", timeout=20)

    asyncio.run(test())
    assert [attributes(span.attributes)["rpc.response.status_code"] for span in receiver.spans()] == ["INVALID_ARGUMENT"]
    latest = receiver.latest()
    assert {"idweave_calls_total", "idweave_profiles", "idweave_memory_bytes", "idweave_loop_lag_seconds"} <= set(latest)
    (point,) = latest["idweave_calls_total"].sum.data_points
    assert attributes(point.attributes) == {"method": LOOKUP, "code": "INVALID_ARGUMENT"}
    assert attributes(receiver.metrics[-1].resource_metrics[0].resource.attributes)["service.name"] == "identity"
