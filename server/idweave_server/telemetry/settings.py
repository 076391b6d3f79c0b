"""What the standard environment variables ask of OpenTelemetry; what is not read here, its own library reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idweave_server.errors import InputError

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SIGNALS = ("TRACES", "METRICS")
INTERVAL = "OTEL_METRIC_EXPORT_INTERVAL"
INTERVAL_MILLISECONDS = 60_000  # the standard's default


@dataclass(frozen=True, slots=True)
class Settings:
    """Which signals are exported. interval: seconds from one export of the metrics to the next."""

    traces: bool = True
    metrics: bool = True
    interval: float = INTERVAL_MILLISECONDS / 1_000


def asked(environment: Mapping[str, str]) -> bool:
    """Whether the environment alone asks for an export: it says where to."""
    return any(environment.get(name) for name in (ENDPOINT, *map(_endpoint, SIGNALS)))


def settings_of(environment: Mapping[str, str]) -> Settings | None:
    """None where the environment switches everything off. Raises InputError."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    # Where endpoints of single signals are all that is given, the others are not wanted: nobody listens at their default.
    named = [signal for signal in SIGNALS if environment.get(_endpoint(signal))]
    wanted = named if named and not environment.get(ENDPOINT) else SIGNALS
    on = {signal: signal in wanted and _exporter(environment, signal) for signal in SIGNALS}
    for signal in SIGNALS:
        if on[signal]:
            _check_protocol(environment, signal)
    if on["METRICS"] and environment.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative").strip().lower() == "delta":
        raise InputError(
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta: metrics are exported as they are counted, from the start on; "
            "write cumulative, and let the collector turn them into deltas"
        )
    return Settings(on["TRACES"], on["METRICS"], _interval(environment)) if any(on.values()) else None


def _endpoint(signal: str) -> str:
    return f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"


def _exporter(environment: Mapping[str, str], signal: str) -> bool:
    """Whether the signal is exported, by the variable that names its exporter."""
    name = f"OTEL_{signal}_EXPORTER"
    match environment.get(name, "").strip().lower():
        case "" | "otlp":
            return True
        case "none":
            return False
    raise InputError(f"{name}: otlp and none are all that is known")


def _check_protocol(environment: Mapping[str, str], signal: str) -> None:
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if given := environment.get(name, "").strip().lower():
            if given != "grpc":
                raise InputError(f"{name}={given}: the export goes over gRPC; write grpc, and the collector's port for it, mostly 4317")
            return


def _interval(environment: Mapping[str, str]) -> float:
    given = environment.get(INTERVAL, "").strip() or str(INTERVAL_MILLISECONDS)
    if not (given.isascii() and given.isdigit() and int(given)):
        raise InputError(f"{INTERVAL}={given}: milliseconds, 1 or more")
    return int(given) / 1_000
