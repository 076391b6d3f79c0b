"""What a server is started with. Built from the command line and the environment by `app` and `cli` alone; nothing below reads either."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_STORE = "sqlite:///./idweave.db"
DEFAULT_LISTEN = "127.0.0.1:50051"
DEFAULT_METRICS = "127.0.0.1:9464"
SNAPSHOT_EVERY = 1_000_000  # observations
MOST_CALLS = 2_000
DRAIN_SECONDS = 30.0
LEASE_SECONDS = 10.0
NO_GRAPH = "off"
PROJECTION_LAG = 2_000_000  # observations
FEED_DAYS = 7.0  # by the clock of the state
FEED_CHANGES = 1_000_000
MOST_WATCHES = 200


@dataclass(frozen=True, slots=True)
class Config:
    """What `idweave serve` is told. Fields that are secret, or name what is, stay out of its repr and so out of every log."""

    store: str = DEFAULT_STORE
    listen: str = DEFAULT_LISTEN
    policy: Path | None = None  # TOML; None: the store's, or the defaults on a new store
    metrics: str = DEFAULT_METRICS  # "" for none
    otel: bool = False  # metrics and spans to a collector too, as the OTEL_ variables say
    insecure: bool = False  # lets strangers in where the address is not loopback
    certificate: Path | None = None
    key: Path | None = field(default=None, repr=False)
    tokens: Path | None = field(default=None, repr=False)  # a file of tokens, one a line
    key_file: Path | None = field(default=None, repr=False)  # None: beside the store, or among this user's data
    address: str = ""  # what others are told to find this server at; "" for where it listens
    lease_seconds: float = LEASE_SECONDS  # of the writer's place, where several servers share a store
    graph: str = ""  # a Neo4j to keep the graph in, NO_GRAPH for none; "" for the store's own, where it is one
    projection_lag: int = PROJECTION_LAG  # observations that the graph may be behind before ingest waits for it; 0 for any number
    snapshots: Path | None = None  # folder; None: beside the store, or in this user's cache
    snapshot_every: int = SNAPSHOT_EVERY  # observations; 0 for none
    most_calls: int = MOST_CALLS  # at once
    most_watches: int = MOST_WATCHES  # at once; they are not among those calls
    feed_days: float = FEED_DAYS  # that what changed is kept, for watches to be resumed
    feed_changes: int = FEED_CHANGES  # that are kept at most
    drain_seconds: float = DRAIN_SECONDS  # that running calls may take when the server stops
    log_calls: bool = False  # a log line for every call, not for failed and slow ones alone
