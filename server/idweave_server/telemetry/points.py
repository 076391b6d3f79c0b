"""What Prometheus would scrape, as OpenTelemetry sends it: the same names, the same numbers, counted once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.core import Metric as Family
from prometheus_client.samples import Sample

CUMULATIVE = AggregationTemporality.CUMULATIVE
UNITS = {"seconds": "s", "bytes": "By"}  # by a name's last word; others have none


def metrics_data(families: Iterable[Family], resource: Resource, scope: InstrumentationScope, begin: int, now: int) -> MetricsData:
    """begin: since when it is counted; now: when it was read; both nanoseconds UTC."""
    metrics = [_metric(family, begin, now) for family in families]
    return MetricsData([ResourceMetrics(resource, [ScopeMetrics(scope, metrics, "")], "")])


def _metric(family: Family, begin: int, now: int) -> Metric:
    unit = UNITS.get(family.name.rpartition("_")[2], "")
    if family.type == "histogram":
        return Metric(family.name, family.documentation, unit, Histogram(_histograms(family.samples, begin, now), CUMULATIVE))
    points = [NumberDataPoint(one.labels, begin, now, _plain(one.value)) for one in family.samples]
    if family.type == "counter":
        return Metric(f"{family.name}_total", family.documentation, unit, Sum(points, CUMULATIVE, is_monotonic=True))
    return Metric(family.name, family.documentation, unit, Gauge(points))


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)


def _histograms(samples: Iterable[Sample], begin: int, now: int) -> list[HistogramDataPoint]:
    """One for every set of labels. A family has the counts up to each bound, a point those between them."""
    bounds: dict[tuple[tuple[str, str], ...], list[tuple[float, int]]] = {}
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    for sample in samples:
        labels = tuple(pair for pair in sample.labels.items() if pair[0] != "le")
        if sample.name.endswith("_bucket"):
            bounds.setdefault(labels, []).append((float(sample.labels["le"]), int(sample.value)))
        elif sample.name.endswith("_sum"):
            sums[labels] = sample.value
    return [_histogram(dict(labels), upto, sums[labels], begin, now) for labels, upto in bounds.items()]


def _histogram(labels: dict[str, str], upto: list[tuple[float, int]], total: float, begin: int, now: int) -> HistogramDataPoint:
    counts = [after - before for before, after in pairwise([0, *(count for _, count in upto)])]
    return HistogramDataPoint(
        attributes=labels,
        start_time_unix_nano=begin,
        time_unix_nano=now,
        count=upto[-1][1],
        sum=total,
        bucket_counts=counts,
        explicit_bounds=[bound for bound, _ in upto[:-1]],
        min=None,  # type: ignore[arg-type]  # not known; optional in what is sent
        max=None,  # type: ignore[arg-type]
    )
