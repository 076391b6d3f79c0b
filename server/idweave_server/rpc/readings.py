"""What Prometheus is told of the state. Read on the loop, which owns the state; a scrape comes every few seconds, so it may count."""

from __future__ import annotations

from idweave_server.model import Outcome
from idweave_server.operations.reign import Role
from idweave_server.rpc.metrics import Reading
from idweave_server.rpc.services import Served


def readings(served: Served) -> list[Reading]:
    """Numbers of the state as it is now."""
    store, writer = served.store, served.writer
    counts = store.engine.counts()
    found = [
        Reading("entries", "Log entries applied", store.engine.sequence),
        Reading("state_time_seconds", "The greatest commit time in the log, seconds UTC", store.engine.state_time),
        Reading("queued_writes", "Observations, or their worth, that wait for the committer", writer.waiting),
        Reading("queued_bytes", "Bytes of requests that wait for the committer", writer.waiting_bytes),
        Reading("identifiers", "Identifiers that were ever observed and are not erased", counts.identifiers),
        Reading("observations", "Observations that count", counts.observations),
        Reading("profiles", "Profiles", counts.profiles),
        Reading("shared_identifiers", "Identifiers that do not single out a person", counts.shared_identifiers),
        Reading("assertions", "Verdicts that were not withdrawn", counts.assertions),
        Reading("retracted", "Observations that were retracted", counts.retracted),
        Reading("quarantined", "Values set aside", counts.quarantined),
    ]
    became = "Observations since the start, by what became of them"
    found += [Reading("ingested", became, store.tally.of(one), (("outcome", one.name),), total=True) for one in Outcome]
    found += [Reading("memory_bytes", "What the state costs", line.bytes, (("what", line.what),)) for line in store.engine.memory()]
    found += _standing(served) + _feed(served) + _projection(served)
    newest = served.snapshots.newest()
    if newest is not None:
        age = served.milliseconds() / 1_000 - newest.about.milliseconds / 1_000
        found.append(Reading("snapshot_age_seconds", "How long ago the newest snapshot was made", age))
        found.append(Reading("snapshot_entries", "Log entries that the newest snapshot contains", newest.about.sequence))
    return found


def _standing(served: Served) -> list[Reading]:
    standing = served.reign.standing()
    return [
        Reading("writes", "1 where this server writes, 0 where it stands by", standing.role is Role.WRITER),
        Reading("role_changes", "How often this server began or ceased to write, since the start", standing.changes, total=True),
        Reading("store_reachable", "1 where the store answered when it was last asked", standing.reachable),
        Reading("follow_lag_entries", "Log entries that a server which stands by has yet to apply", standing.lag.entries),
        Reading("follow_lag_seconds", "How long ago a server which stands by last had all entries", standing.lag.seconds),
    ]


def _feed(served: Served) -> list[Reading]:
    feed = served.store.feed
    if feed is None:
        return []
    return [
        Reading("feed_changes", "Changes that are kept, so that watches can be resumed", feed.count),
        Reading("feed_entries", "Log entries since the oldest resume token that would do", feed.newest.sequence - feed.oldest.sequence),
        Reading("feed_bytes", "What they cost", feed.bytes),
    ]


def _projection(served: Served) -> list[Reading]:
    lag, kept = served.projection.lag(), served.projection
    if lag is None:
        return []
    return [
        Reading("projection_entries", "Log entries that the graph shows", lag.sequence),
        Reading("projection_lag_entries", "Log entries that the graph has yet to show", lag.entries),
        Reading("projection_lag_observations", "Observations that the graph has yet to show", lag.observations),
        Reading("projection_lag_seconds", "The time of the state less that of the graph", lag.seconds),
        Reading("projection_working", "1 while the graph is kept, 0 where that fails and is tried again", not lag.error),
        Reading("projection_rows", "Rows written to the graph since the start", kept.written(), total=True),
        Reading("projection_held_seconds", "How long writes have waited for the graph since the start", kept.brake.seconds, total=True),
    ]
