"""What Prometheus scrapes: calls, queue, lag and counts of what is known, read off at the scrape; and the port that serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from idweave_server.errors import InputError
from idweave_server.rpc.lag import LagMeter
from idweave_server.rpc.listen import is_loopback
from idweave_server.rpc.metering import CallMeter


@dataclass(frozen=True, slots=True)
class Reading:
    """One number about the server. name: without the prefix; labels: (name, value); total: it only ever grows."""

    name: str
    what: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    total: bool = False


class Metrics(Collector):
    """Collects on the scraping thread. readings: of the state; called there too, so it only reads plain numbers."""

    def __init__(self, meter: CallMeter, lag: LagMeter, readings: Callable[[], Iterable[Reading]]) -> None:
        self._meter, self._lag, self._readings = meter, lag, readings

    def collect(self) -> Iterator[Metric]:
        yield from self._calls()
        yield from self._loop()
        yield from self._state()

    def _calls(self) -> Iterator[Metric]:
        calls = CounterMetricFamily("idweave_calls", "Calls that ended", labels=["method", "code"])
        items = CounterMetricFamily("idweave_call_items", "Items that calls carried, such as observations", labels=["method"])
        running = GaugeMetricFamily("idweave_calls_running", "Calls that run now", labels=["method"])
        seconds = HistogramMetricFamily("idweave_call_seconds", "Time from a call's arrival to its answer", labels=["method"])
        for name, method in list(self._meter.methods.items()):
            for code, count in list(method.codes.items()):
                calls.add_metric([name, code], count)
            items.add_metric([name], method.items)
            running.add_metric([name], method.running)
            seconds.add_metric([name], method.seconds.cumulative(), method.seconds.total)
        yield from (calls, items, running, seconds)

    def _loop(self) -> Iterator[Metric]:
        lag = HistogramMetricFamily("idweave_loop_lag_seconds", "How late the event loop ran what was due")
        lag.add_metric([], self._lag.ever.cumulative(), self._lag.ever.total)
        yield lag
        recent = GaugeMetricFamily("idweave_loop_lag_p999_seconds", "99.9th percentile of that lag over the last minute or so")
        recent.add_metric([], self._lag.percentile())
        yield recent

    def _state(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for reading in self._readings():
            family = families.get(reading.name)
            if family is None:
                kind = CounterMetricFamily if reading.total else GaugeMetricFamily
                family = kind(f"idweave_{reading.name}", reading.what, labels=[name for name, _ in reading.labels])
                families[reading.name] = family
            family.add_metric([value for _, value in reading.labels], reading.value)
        yield from families.values()


class MetricsPort:
    """Serves /metrics on an address of this machine, from a thread of its own."""

    def __init__(self, address: str, metrics: Metrics) -> None:
        """Raises InputError where the address is open to other machines, or taken."""
        host, _, port = address.rpartition(":")
        if not (port.isascii() and port.isdigit() and is_loopback(address)):
            raise InputError(f"--metrics {address!r}: metrics have no protection, so they are served on loopback alone, as 127.0.0.1:9464")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(metrics)
        try:
            self._server, self._thread = start_http_server(int(port), host.strip("[]"), registry)
        except OSError as error:
            raise InputError(
                f"--metrics {address}: cannot be listened on ({error.strerror or error}); try another port, or 0 for none"
            ) from None
        self.address = f"{host}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
