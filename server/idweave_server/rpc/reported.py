"""Observations of a request as reports, unread: nothing is judged here, so a bad one never fails its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from idweave.v1.identity_service_pb2 import IngestBatchRequest
from idweave.v1.observation_pb2 import Event, Observation, Trait

from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.intake.wire_reports import BACKFILL, OBSERVATION, VALIDATE_ONLY, WireReports, scanned

Stated = tuple[tuple[str, str | int | float | bool], ...]


@dataclass(frozen=True, slots=True, repr=False)
class SentBatch:
    """An IngestBatchRequest. observations: as they were sent, where they are as usual; size: bytes."""

    observations: WireReports | list[Report]
    validate_only: bool
    backfill: bool
    size: int


def sent_batch(data: bytes) -> SentBatch:
    """Raises DecodeError."""
    found = scanned(data)
    if found is None:
        request = IngestBatchRequest.FromString(data)
        return SentBatch(reports_of(request.observations), request.validate_only, request.backfill, len(data))
    count = int(found.places(OBSERVATION).size)
    return SentBatch(WireReports(data, count, _reports_in), found.flag(VALIDATE_ONLY), found.flag(BACKFILL), len(data))


def _reports_in(data: bytes) -> list[Report]:
    return reports_of(IngestBatchRequest.FromString(data).observations)


def reports_of(observations: Iterable[Observation]) -> list[Report]:
    """In the same order. About six microseconds each: most of what a batch costs outside the engine, so nothing is done twice here."""
    return [report_of(observation) for observation in observations]


def report_of(observation: Observation) -> Report:
    """One report. Seconds alone count: a fraction is dropped."""
    return Report(
        observation.observation_id,
        observation.source.name,
        observation.time.seconds if observation.HasField("time") else None,
        observation.evidence_kind,
        tuple([(one.namespace, one.issuer, one.value) for one in observation.identifiers]),
        _stated(observation.traits) if observation.traits else (),
        tuple([_event_of(event) for event in observation.events]) if observation.events else (),
    )


def _event_of(event: Event) -> ReportedEvent:
    properties = _stated(event.properties)
    if not event.HasField("amount"):
        return ReportedEvent(event.type, properties=properties)
    amount = event.amount
    return ReportedEvent(event.type, amount.units, amount.nanos, amount.currency, properties)


def _stated(traits: Iterable[Trait]) -> Stated:
    """A trait without a value states nothing, as one with an empty text does."""
    return tuple([(one.name, getattr(one, one.WhichOneof("value") or "text")) for one in traits])
