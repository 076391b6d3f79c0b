"""Stored observations into protobuf messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idweave.v1 import observation_pb2

from idweave_server.intake.reports import ReportedEvent
from idweave_server.resolution.policy import Policy
from idweave_server.rpc.convert_values import put_identifier, put_source, put_time, put_trait

if TYPE_CHECKING:
    from idweave_server.engine.recall import StoredObservation


def put_observation(message: observation_pb2.Observation, seen: StoredObservation, policy: Policy, *, whole: bool = True) -> None:
    """whole: with traits and events."""
    message.observation_id, message.evidence_kind = seen.observation_id, seen.kind
    put_source(message.source, seen.source, policy)
    put_time(message.time, seen.time)
    for known, observed in seen.identifiers:
        put_identifier(message.identifiers.add(), known, observed)
    if whole:
        for name, value in seen.traits:
            put_trait(message.traits.add(), name, value)
        for event in seen.events:
            put_event(message.events.add(), event)


def put_event(message: observation_pb2.Event, event: ReportedEvent) -> None:
    message.type = event.type
    if event.currency:
        message.amount.currency, message.amount.units, message.amount.nanos = event.currency, event.units, event.nanos
    for name, value in event.properties:
        put_trait(message.properties.add(), name, value)
