"""OpenTelemetry, for whoever installs the extra `otel` and asks for it: the metrics and a span a call, sent to a collector."""
