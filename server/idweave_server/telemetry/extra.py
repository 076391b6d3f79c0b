"""The door to OpenTelemetry: loads the exporter, which nothing else imports, or says how to install it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from idweave_server.errors import InputError
from idweave_server.rpc.journal import Journal
from idweave_server.telemetry.settings import settings_of

if TYPE_CHECKING:
    from idweave_server.telemetry.exporting import Telemetry

MISSING = (
    "OpenTelemetry is asked for, by --otel or by OTEL_EXPORTER_OTLP_ENDPOINT, and is not installed: "
    "pip install 'idweave-server[otel]', or set OTEL_SDK_DISABLED=true"
)


def open_telemetry(
    environment: Mapping[str, str], journal: Journal, *, nanoseconds: Callable[[], int], steady: Callable[[], float]
) -> Telemetry | None:
    """An exporter as the environment describes it; None where that switches it off. nanoseconds: the wall clock; steady: seconds that
    never fall back. Raises InputError."""
    settings = settings_of(environment)
    if settings is None:
        return None
    try:
        from idweave_server.telemetry.exporting import Telemetry
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise InputError(MISSING) from None
    return Telemetry(settings, journal, nanoseconds=nanoseconds, steady=steady)
