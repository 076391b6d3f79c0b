"""`idweave serve`: the server, until it is told to stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from idweave_server.config import (
    DEFAULT_LISTEN,
    DEFAULT_METRICS,
    DEFAULT_STORE,
    DRAIN_SECONDS,
    FEED_CHANGES,
    FEED_DAYS,
    LEASE_SECONDS,
    MOST_CALLS,
    MOST_WATCHES,
    PROJECTION_LAG,
    SNAPSHOT_EVERY,
    Config,
)
from idweave_server.telemetry.settings import asked

OFF = ("", "0", "off", "none")


def serve(
    store: Annotated[
        str, typer.Option(envvar="IDWEAVE_STORE", metavar="URL", help="Where everything is kept; made where there is nothing.")
    ] = DEFAULT_STORE,
    listen: Annotated[
        str, typer.Option(envvar="IDWEAVE_LISTEN", metavar="ADDR", help="HOST:PORT; port 0 takes a free one.")
    ] = DEFAULT_LISTEN,
    policy: Annotated[
        Path | None, typer.Option(metavar="P.toml", help="Rules of a new store that differ from the defaults; an old store has its own.")
    ] = None,
    metrics: Annotated[
        str, typer.Option(metavar="ADDR", help="Where Prometheus scrapes, on this machine alone; or off.")
    ] = DEFAULT_METRICS,
    otel: Annotated[
        bool,
        typer.Option(
            "--otel",
            help="Send metrics and spans to an OpenTelemetry collector, as the OTEL_ variables say; so does OTEL_EXPORTER_OTLP_ENDPOINT.",
        ),
    ] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Serve other machines without TLS and token; for networks that keep strangers out.")
    ] = False,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, PEM.")] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tokens that let callers in, one a line; sent as `authorization: Bearer TOKEN`.")
    ] = None,
    address: Annotated[
        str, typer.Option(metavar="ADDR", show_default=False, help="Where others find this server; by default where it listens.")
    ] = "",
    lease: Annotated[
        float,
        typer.Option(min=1.0, max=3600.0, metavar="SECONDS", help="On Neo4j: how long a writer that died keeps others from taking over."),
    ] = LEASE_SECONDS,
    key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The store's key; by default beside the store, or on Neo4j among this user's data."),
    ] = None,
    graph: Annotated[
        str, typer.Option(metavar="URL", show_default=False, help="A Neo4j to keep the graph in, or off; by default the store's own.")
    ] = "",
    projection_lag: Annotated[
        int, typer.Option(min=0, metavar="N", help="Observations that the graph may be behind before writes wait; 0 for any number.")
    ] = PROJECTION_LAG,
    snapshots: Annotated[Path | None, typer.Option(metavar="DIR", help="Where snapshots are kept; by default beside the store.")] = None,
    snapshot_every: Annotated[
        int, typer.Option(min=0, metavar="N", help="Make a snapshot after so many observations; 0 for never.")
    ] = SNAPSHOT_EVERY,
    max_calls: Annotated[
        int, typer.Option(min=1, metavar="N", help="Calls that may run at once; more are told to come again.")
    ] = MOST_CALLS,
    max_watches: Annotated[
        int, typer.Option(min=1, metavar="N", help="Watches that may be open at once, besides those calls.")
    ] = MOST_WATCHES,
    feed_days: Annotated[
        float, typer.Option(min=0.01, metavar="DAYS", help="How long what changed is kept, so that watches can be resumed.")
    ] = FEED_DAYS,
    feed_changes: Annotated[
        int, typer.Option(min=1, metavar="N", help="Changes that are kept at most; each takes 60 to 90 bytes.")
    ] = FEED_CHANGES,
    drain: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long calls may go on when it stops.")] = DRAIN_SECONDS,
    log_calls: Annotated[bool, typer.Option("--log-calls", help="Log every call, not only failed and slow ones.")] = False,
) -> None:
    """Serve observations and lookups over gRPC until Ctrl-C or SIGTERM; a second one stops at once.

    Prints one line when it is ready. Its log goes to standard error, a JSON object a line, without personal data.
    """
    from idweave_server.app import run  # not at the top: the server's parts take a second to import, and --help needs none of them

    run(
        Config(
            store=store,
            listen=listen,
            policy=policy,
            otel=otel or asked(os.environ),
            metrics="" if metrics.strip().lower() in OFF else metrics,
            insecure=insecure,
            certificate=tls_cert,
            key=tls_key,
            tokens=token_file,
            address=address.strip(),
            lease_seconds=lease,
            key_file=key_file,
            graph=graph.strip(),
            projection_lag=projection_lag,
            snapshots=snapshots,
            snapshot_every=snapshot_every,
            most_calls=max_calls,
            most_watches=max_watches,
            feed_days=feed_days,
            feed_changes=feed_changes,
            drain_seconds=drain,
            log_calls=log_calls,
        ),
        announce=typer.echo,
    )
