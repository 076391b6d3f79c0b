"""What the environment asks for, and what cannot be had."""

from __future__ import annotations

import pytest
from idweave_server.errors import InputError
from idweave_server.telemetry.settings import Settings, asked, settings_of

BASE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        (BASE, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4317"}, True),
    ],
)
def test_an_endpoint_asks_for_an_export(environment: dict[str, str], wanted: bool) -> None:
    assert asked(environment) is wanted


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Settings()),
        (BASE, Settings(True, True, 60.0)),
        ({"OTEL_SDK_DISABLED": "true"}, None),
        ({"OTEL_TRACES_EXPORTER": "none"}, Settings(traces=False)),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, None),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"}, Settings(metrics=False)),
        ({**BASE, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"}, Settings()),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "1500"}, Settings(interval=1.5)),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc", "OTEL_METRICS_EXPORTER": "none"},
         Settings(metrics=False)),
    ],
)  # fmt: skip
def test_the_standard_variables_say_what_is_exported(environment: dict[str, str], settings: Settings | None) -> None:
    assert settings_of(environment) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        settings_of({**BASE, name: value})
